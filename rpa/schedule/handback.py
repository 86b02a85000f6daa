"""A run that its worker gave up at a safe point goes on in another process: as a run of its own, of what was
not done yet."""

from __future__ import annotations

from rpa.app.capabilities import needs
from rpa.ledger.types import ItemStatus, NewRun, RunRecord
from rpa.replay.enqueue import flow_of
from rpa.replay.select import Selected, of_run
from rpa.schedule.decide import Planner

NOT_DONE = (ItemStatus.new, ItemStatus.cancelled)


def hand_back(planner: Planner, run: RunRecord, *, why: str) -> str | None:
    """Queues the rest of a run: its own inputs, text and frozen time; recorded steps are reused, writes never
    repeated. The new run's id; None when nothing is left."""
    ledger = planner.ledger
    exact = ledger.run(run.id)
    rest = _rest(planner, run)
    if not rest and ledger.items(run_id=run.id, limit=1):
        return None
    flow = flow_of(planner.project, Selected(run, ()), latest=False)
    name = run.schedule if run.schedule in planner.project.manifest.schedules else None
    asked = planner.needs(name, flow) if name else needs(flow, planner.project.catalog)
    run_id = ledger.enqueue(
        NewRun(
            flow_id=run.flow_id,
            revision=run.revision,
            inputs=exact.inputs,
            profile=run.profile,
            trigger="handed-back",
            frozen_now=run.frozen_now,
            replay_of=run.id,
            actor=why,
            options={**run.options, "item_ids": rest, "needs": asked},
            priority=run.priority,
            due=run.due,
            max_duration_s=run.max_duration_s,
            schedule=run.schedule,
            occurrence=run.occurrence,
            locks=planner.locks(name, flow) if name else (),
        )
    )
    ledger.audit(why, "handed-back", run_id, {"of": run.id, "items": len(rest)})
    return run_id


def _rest(planner: Planner, run: RunRecord) -> list[int]:
    """Ids of what the run was given, or found, and did not do."""
    given = [planner.ledger.item(int(i)) for i in run.options.get("item_ids") or ()]
    found = of_run(planner.ledger, run.id, statuses=NOT_DONE).items
    return list(dict.fromkeys(i.id for i in (*given, *found) if i.status in NOT_DONE))
