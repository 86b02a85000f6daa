"""What stands in the way of a schedule: a pause, an approval that is missing, failures before, a run that is
still active. Read from the ledger at once for all that are decided together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flows.model import Flow
from rpa.ledger.store import Ledger
from rpa.ledger.types import RunRecord, RunStatus
from rpa.schedule.manifest import Schedule
from rpa.schedule.pauses import ALL, PAUSE, resumed_at

ACTIVE = (RunStatus.queued, RunStatus.running)
ENDED_BADLY = (RunStatus.failed, RunStatus.abandoned)


@dataclass(frozen=True)
class Gates:
    """One look at the ledger, for the schedules of these names and no others; `find` gives each."""

    ledger: Ledger
    names: tuple[str, ...]
    find: Callable[[str], Schedule]

    @cached_property
    def pauses(self) -> Mapping[str, Any]:
        return self.ledger.get_states(PAUSE)

    @cached_property
    def endings(self) -> Mapping[str, str]:
        return self.ledger.last_endings(self.names)

    @cached_property
    def active(self) -> set[str]:
        return self.ledger.active_schedules()

    @cached_property
    def _approvals(self) -> dict[str, bool]:
        return {}

    def hindrance(self, name: str, flow: Flow) -> str:
        """Why the schedule may not fire now; empty when it may. `cancel_running` asks the others to stop."""
        schedule = self.find(name)
        if PAUSE + ALL in self.pauses or PAUSE + name in self.pauses:
            return "paused"
        if schedule.require_approval and not self._approved(flow):
            return "not-approved"
        return self._past(name, schedule) or self._overlap(name, schedule)

    def _approved(self, flow: Flow) -> bool:
        if flow.revision not in self._approvals:
            self._approvals[flow.revision] = self.ledger.approved_by(flow.revision) is not None
        return self._approvals[flow.revision]

    # ── runs before ──
    def _past(self, name: str, schedule: Schedule) -> str:
        """A refused login stops a schedule at once, since accounts lock; other failures only by request."""
        if self.endings.get(name) not in ENDED_BADLY:
            return ""
        wanted = schedule.stop_after_failures
        runs = [r for r in self._since_resumed(name, wanted or 1) if r.ended]
        if runs and runs[0].failure is not None and runs[0].failure.code == "login-refused":
            return "login-refused"
        last = runs[:wanted] if wanted else []
        stopped = wanted and len(last) == wanted and all(r.status in ENDED_BADLY for r in last)
        return "stopped-after-failures" if stopped else ""

    def _since_resumed(self, name: str, number: int) -> list[RunRecord]:
        return self.ledger.runs(schedule=name, since=resumed_at(self.ledger, name), limit=number + 10)

    def _overlap(self, name: str, schedule: Schedule) -> str:
        if schedule.on_overlap == "queue" or name not in self.active:
            return ""
        if schedule.on_overlap == "skip":
            return "overlap"
        for other in active_runs(self.ledger, name):
            self.ledger.request_cancel(other.id, actor=f"schedule:{name}")
        return ""


def active_runs(ledger: Ledger, name: str) -> list[RunRecord]:
    return ledger.runs(schedule=name, status=ACTIVE, limit=None)
