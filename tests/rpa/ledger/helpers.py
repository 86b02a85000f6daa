"""Short ways to say what every ledger test needs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from flows.data import simple
from rpa.ledger.store import Ledger
from rpa.ledger.types import (
    AttemptRecord,
    Claim,
    EventRecord,
    FailureRecord,
    ItemRecord,
    ItemStatus,
    NewRun,
    OutcomeKind,
    WriteRecord,
)

KEY = bytes(range(32))
START = datetime(2026, 11, 21, 7, 0, tzinfo=UTC)


class FakeClock:
    """A clock that tests move."""

    def __init__(self, at: datetime = START) -> None:
        self.at, self.boot, self.offset = at, "boot-1", timedelta()

    def now(self) -> datetime:
        return self.at + self.offset

    def boot_us(self) -> int:
        return (self.at - START) // timedelta(microseconds=1) + 1_000_000

    def boot_id(self) -> str:
        return self.boot

    def advance(self, **time: float) -> None:
        self.at += timedelta(**time)


def open_ledger(folder: Path, clock: Any = None, **more: Any) -> Ledger:
    return Ledger.open(folder / "rpa.db", key=more.pop("key", KEY), clock=clock, **more)


def enqueue(ledger: Ledger, flow: str = "bills", **more: Any) -> str:
    ledger.put_revision(flow, f"{flow}-1", {flow: f"flow: {flow}"}, flow.title())
    inputs = more.pop("inputs", {})
    return ledger.enqueue(NewRun(flow, f"{flow}-1", inputs, **more))


def claimed(ledger: Ledger, worker: str = "w1", **more: Any) -> Claim:
    found = ledger.claim(worker, run_id=enqueue(ledger, **more))
    assert found is not None
    return found[0]


def add(
    ledger: Ledger,
    claim: Claim,
    key: str,
    data: Mapping[str, Any] | None = None,
    hashed: str = "h1",
    n: int = 1,
    **more: Any,
) -> Any:
    return ledger.add_item(
        claim,
        flow_id="bills",
        profile="default",
        key=key,
        data=data or {"name": key},
        data_hash=hashed,
        n=n,
        **more,
    )


def taken(ledger: Ledger, claim: Claim, key: str = "a", n: int = 1) -> ItemRecord:
    item = ledger.take_item(claim, add(ledger, claim, key, n=n).item.id, from_status=[ItemStatus.new])
    assert item is not None
    return item


def attempt(claim: Claim, item: ItemRecord | None = None, path: str = "read", **more: Any) -> AttemptRecord:
    values: dict[str, Any] = {
        "run_id": claim.run_id,
        "item_id": item.id if item else None,
        "item_try": item.tries if item else 1,
        "step_path": path,
        "step_try": 1,
        "action": "document.read",
        "params": {"file": "a.pdf"},
        "outcome": OutcomeKind.succeeded,
        "outputs": {"total": 3},
        "failure": None,
        "started": START,
        "ended": START,
    }
    return AttemptRecord(**{**values, **more})


def failure(code: str = "page-changed", **more: Any) -> FailureRecord:
    return FailureRecord(**{"kind": "application", "code": code, "message": "the page changed", **more})


def event(claim: Claim, message: str = "hello") -> EventRecord:
    return EventRecord(claim.run_id, None, "read", "info", "", message, {}, START)


def intend(
    ledger: Ledger, claim: Claim, item: ItemRecord | None, key: str = "k1", what: str = "bill"
) -> WriteRecord:
    return ledger.intend(
        claim,
        profile="default",
        what=what,
        key=key,
        flow_id="bills",
        item_id=item.id if item else None,
        step_path="post",
    )


def same(value: Any) -> Any:
    return simple(value)
