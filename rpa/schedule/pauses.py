"""What is paused, by whom and why: kept in the ledger, so that every service sees it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from rpa.ledger.port import LedgerPort
from rpa.ledger.types import RunStatus

ALL = "*"
PAUSE = "schedule-pause:"  # of the names of their states


def paused(ledger: LedgerPort, schedule: str = ALL) -> Mapping[str, Any] | None:
    """{by, at, why} of the pause of this schedule or of everything; None when it may fire."""
    found: Mapping[str, Any] | None = ledger.get_state(PAUSE + ALL) or ledger.get_state(PAUSE + schedule)
    return found


def pause(ledger: LedgerPort, schedule: str, *, by: str, why: str = "") -> None:
    """Nothing fires from now on; audited. `ALL` also asks every running run to stop at its next safe
    point."""
    running = ledger.runs(status=[RunStatus.running], limit=None) if schedule == ALL else []
    told = {"by": by, "at": datetime.now(UTC).isoformat(), "why": why, "runs": [r.id for r in running]}
    ledger.put_state(PAUSE + schedule, told)
    ledger.audit(by, "pause", schedule, {"why": why})
    for run in running:
        ledger.request_cancel(run.id, actor=by)


def stopped_by_pause(ledger: LedgerPort, run_id: str) -> bool:
    """Whether the pause of everything asked this run to stop: its rest is done after the pause."""
    told = ledger.get_state(PAUSE + ALL)
    return told is not None and run_id in told.get("runs", ())


def resume(ledger: LedgerPort, schedule: str, *, by: str) -> None:
    """Ends the pause; failures up to now no longer count for `stop_after_failures`. Audited."""
    ledger.put_state(PAUSE + schedule, None)
    ledger.put_state(f"schedule-resumed:{schedule}", datetime.now(UTC).isoformat())
    ledger.audit(by, "resume", schedule)


def resumed_at(ledger: LedgerPort, schedule: str) -> datetime | None:
    told = [ledger.get_state(f"schedule-resumed:{name}") for name in (schedule, ALL)]
    moments = [datetime.fromisoformat(t) for t in told if t]
    return max(moments, default=None)
