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
from rpa.replay.plan import plan_replay
from rpa.replay.select import UNFINISHED, Selected


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
    _refuse_a_finished_item(project, flow, selected, from_step=from_step, fresh=fresh, latest=latest)
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


def _refuse_a_finished_item(project: Project, flow: Flow, selected: Selected, **how: Any) -> None:
    """An item that was finished stays so when it cannot be done again: told before anything happens. An unfinished
    one is told by its run, beside those that can."""
    finished = Selected(selected.run, tuple(i for i in selected.items if i.status not in UNFINISHED))
    for planned in plan_replay(project.ledger, project.catalog, flow, finished, **how):
        if planned.doing == "refuse":
            raise FlowFailure(
                "replay-refused", details={"item": planned.item, "step": planned.step_path, "why": planned.told()}
            )


def check_from(flow: Flow, from_step: str) -> None:
    known = [s.id or s.segment for s in flow.steps]
    if from_step not in known and from_step not in {s.id for s in flow.walk() if s.id}:
        raise FlowFailure("step-unknown", details={"step": from_step, "known": ", ".join(known)})
