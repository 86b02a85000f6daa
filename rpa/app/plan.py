"""`rpa plan`: what a run would do. Nothing is executed, nothing recorded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flows.failures import Failure
from flows.model import Flow
from rpa.app.project import Project
from rpa.app.secrets import secret_source


def plan_flow(project: Project, flow: Flow, given: Mapping[str, Any]) -> dict[str, Any]:
    """Inputs, secrets present, where items come from, steps that write, the most step attempts for one item."""
    steps = [s for s in flow.walk() if s.kind == "action"]
    return {
        "flow": flow.id, "title": flow.title, "revision": flow.revision,
        "inputs": project.inputs(flow, given, project.settings.profile),
        "secrets": {name: _present(project, name) for name in flow.secrets},
        "items": {"from": flow.items.source, "attempts": flow.items.attempts} if flow.items else None,
        "steps": len(steps),
        "writes": [{"what": s.writes.what, "line": s.mark.line, "probed": bool(s.writes.done_if)} for s in flow.walk() if s.writes],
        "attempts_at_most": (flow.items.attempts if flow.items else 1) * sum(s.retry.tries if s.retry else 1 for s in steps),
    }


def _present(project: Project, name: str) -> bool:
    try:
        secret_source(project.settings)(name)
    except Failure:
        return False
    return True
