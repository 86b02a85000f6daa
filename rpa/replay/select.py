"""Which runs and items a replay takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flows.failures import FlowFailure
from rpa.ledger.port import LedgerPort
from rpa.ledger.types import ItemRecord, ItemStatus, RunRecord, RunStatus

UNFINISHED = (
    ItemStatus.failed_business, ItemStatus.failed_application, ItemStatus.failed_flow,
    ItemStatus.in_doubt, ItemStatus.new, ItemStatus.cancelled,
)
#: what bulk replay takes by itself: a business failure was a person's or the rules' word, not a fault
FAULTS = tuple(s for s in UNFINISHED if s is not ItemStatus.failed_business)


@dataclass(frozen=True)
class Selected:
    """One original run and the items of it that are done again (empty: the run had listed none yet)."""

    run: RunRecord
    items: tuple[ItemRecord, ...]


def of_run(ledger: LedgerPort, run_id: str, *, item: str | None = None,
           statuses: Sequence[ItemStatus] = UNFINISHED) -> Selected:
    """The unfinished items of one run, or the named one whatever its status."""
    run = ledger.run(run_id)
    if item is not None:
        found = [i for i in ledger.items(flow_id=run.flow_id, profile=run.profile, masked=False)
                 if i.key == item or i.data.get("name") == item]
        if not found:
            raise FlowFailure("item-unknown", details={"key": item})
        return Selected(run, tuple(found))
    return Selected(run, tuple(ledger.items(run_id=run.id, status=statuses, masked=False)))


def failed(ledger: LedgerPort, *, since: datetime | None, flow_id: str | None = None) -> list[Selected]:
    """Every failed or abandoned run since then that still has faults, oldest first. Expired leases are swept
    before, so that a run whose worker died a moment ago is among them."""
    ledger.sweep()
    runs = ledger.runs(flow_id=flow_id, status=[RunStatus.failed, RunStatus.abandoned], since=since, limit=None)
    selected = [_last_held(of_run(ledger, run.id, statuses=FAULTS)) for run in reversed(runs)]
    return [s for s in selected if s.items or _listed_nothing(ledger, s.run)]


def _last_held(selected: Selected) -> Selected:
    """Without what a later run (a replay of this one, say) took over: that run answers for it now."""
    return Selected(selected.run, tuple(i for i in selected.items if i.run_id == selected.run.id))


def _listed_nothing(ledger: LedgerPort, run: RunRecord) -> bool:
    """It failed before it had items, and no replay of it followed."""
    if ledger.runs(replay_of=run.id, limit=1):
        return False
    return not any(run.counts.values()) and not ledger.items(run_id=run.id, limit=1)
