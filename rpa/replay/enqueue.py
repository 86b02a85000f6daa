"""Queues the replay of what was selected."""

from __future__ import annotations

from typing import Any

from flows.failures import FlowFailure
from flows.loader import load_bundle
from flows.model import Flow
from rpa.app.compose import bundle
from rpa.app.project import Project
from rpa.engine.services import utc_now
from rpa.ledger.types import NewRun
from rpa.replay.select import Selected


def flow_of(project: Project, selected: Selected, *, latest: bool) -> Flow:
    """The revision that ran, or today's text of the flow under `latest`."""
    if latest:
        return project.flow(selected.run.flow_id)
    return load_bundle(project.ledger.revision(selected.run.revision), catalog=project.catalog)


def enqueue_replay(project: Project, selected: Selected, *, from_step: str | None = None, fresh: bool = False,
                   latest: bool = False, actor: str = "", options: dict[str, Any] | None = None) -> str:
    """A new run that takes exactly the selected items. Frozen time is the original's unless `fresh`."""
    flow = flow_of(project, selected, latest=latest)
    if from_step is not None:
        check_from(flow, from_step)
    run = selected.run
    if latest:
        project.ledger.put_revision(flow.id, flow.revision, bundle(flow), flow.title)
    new = NewRun(
        flow_id=run.flow_id, revision=flow.revision, inputs=run.inputs, profile=run.profile, trigger="replay",
        frozen_now=utc_now() if fresh else run.frozen_now, replay_of=run.id, actor=actor,
        options={
            **(options or {}), "item_ids": [i.id for i in selected.items], "from_step": from_step,
            "fresh": fresh, "latest": latest,
        },
    )
    run_id = project.ledger.enqueue(new)
    project.ledger.audit(actor, "replay", run_id, {"of": run.id, "items": len(selected.items), "fresh": fresh})
    return run_id


def check_from(flow: Flow, from_step: str) -> None:
    known = [s.id or s.segment for s in flow.steps]
    if from_step not in known and from_step not in {s.id for s in flow.walk() if s.id}:
        raise FlowFailure("step-unknown", details={"step": from_step, "known": ", ".join(known)})
