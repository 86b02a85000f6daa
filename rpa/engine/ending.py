"""How a run ends: its status from its items, and the names `${items.…}` that outputs use."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from rpa.ledger.port import LedgerPort
from rpa.ledger.types import ItemStatus, RunStatus

FAILED = (
    ItemStatus.failed_business, ItemStatus.failed_application, ItemStatus.failed_flow, ItemStatus.in_doubt,
)


def run_status(ledger: LedgerPort, run_id: str, touched: Iterable[int], *, stopped: bool) -> RunStatus:
    """waiting while any item waits, else failed if any failed, is in doubt or the run was stopped, else
    succeeded."""
    statuses = {ledger.item(i).status for i in set(touched)}
    statuses |= {i.status for i in ledger.items(run_id=run_id, status=[ItemStatus.waiting])}
    if not stopped and ItemStatus.waiting in statuses:
        return RunStatus.waiting
    return RunStatus.failed if stopped or statuses & set(FAILED) else RunStatus.succeeded


class ItemNames(Mapping[str, Any]):
    """`items.all`, `items.succeeded`, `items.failed`, `items.waiting`, …: lists of item data, read when
    asked."""

    GROUPS: Mapping[str, tuple[ItemStatus, ...]] = {
        "all": (), "succeeded": (ItemStatus.succeeded,), "waiting": (ItemStatus.waiting,), "failed": FAILED,
        **{str(s): (s,) for s in ItemStatus if s not in (ItemStatus.succeeded, ItemStatus.waiting)},
    }

    def __init__(self, ledger: LedgerPort, run_id: str) -> None:
        self._ledger, self._run_id = ledger, run_id

    def __getitem__(self, name: str) -> list[dict[str, Any]]:
        found = self._ledger.items(run_id=self._run_id, status=self.GROUPS[name], masked=False)
        return [{**item.data, "key": item.key, "status": str(item.status)} for item in found]

    def __iter__(self) -> Iterator[str]:
        return iter(self.GROUPS)

    def __len__(self) -> int:
        return len(self.GROUPS)
