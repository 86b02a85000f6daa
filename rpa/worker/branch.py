"""One branch of a `parallel` step, in a child process with bots of its own."""

from __future__ import annotations

from typing import Any

from flows.data import decode, encode
from flows.failures import Failure
from flows.model import Flow, Step
from rpa.engine.signals import Suspended
from rpa.engine.state import RunState
from rpa.engine.steps import Steps, ids_below
from rpa.ledger.types import Claim
from rpa.settings import Settings


def _branch_steps(flow: Flow, mark_line: int, branch: str) -> tuple[Step, ...]:
    for step in flow.walk():
        if step.kind == "parallel" and step.mark.line == mark_line:
            for name, steps in step.branches:
                if name == branch:
                    return steps
    raise LookupError(f"no branch {branch} at line {mark_line}")


def execute_branch(work: dict[str, Any]) -> dict[str, Any]:
    """Runs the branch; its step outputs or its failure as plain JSON-able data."""
    from rpa.app.compose import open_run

    settings = Settings(**work["settings"])
    services, flow, record = open_run(settings, Claim(**work["claim"]))
    state = RunState(services, flow, Claim(**work["claim"]), record)
    if work.get("item_id"):
        state.item = services.ledger.item(int(work["item_id"]))
    steps = _branch_steps(flow, work["line"], work["branch"])
    scope = {**decode(work["scope"]), "secrets": state.secrets(flow)}
    try:
        Steps(state, flow).all(steps, scope, work["path"])
        return {"outputs": encode({name: scope.get(name) for name in ids_below(steps)})}
    except Suspended as wait:
        return {"failure": {"kind": "suspended", "review": wait.review_id}}
    except Failure as f:
        details = state.masker.show(f.details)
        return {
            "failure": {"kind": f.kind, "code": f.code, "message": f.message, "details": details, "effect": f.effect}
        }
    finally:
        state.close_bots()
        services.ledger.close()
