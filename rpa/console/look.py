"""What the pages show, asked of the ledger in masked form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any, Protocol

from flows.catalogue import known, text
from rpa.ledger.types import FiringRecord, ItemRecord, ItemStatus, ReviewRecord, RunRecord, RunStatus
from rpa.report.wording import failure_text
from rpa.schedule.alerts import PREFIX
from rpa.schedule.decide import Planner
from rpa.schedule.due import Due
from rpa.schedule.gates import ENDED_BADLY
from rpa.schedule.manifest import Schedule
from rpa.schedule.pauses import ALL, PAUSE, paused
from rpa.schedule.plans import zone_of
from rpa.schedule.timing import Timing
from rpa.schedule.wording import describe, local_time, reason
from rpa.worker.orphans import lost

DAY = timedelta(days=1)
FEW, MANY = 15, 100


class Served(Protocol):
    """What a console asks of the service beside which it runs."""

    ready: bool
    timing: Timing
    planner: Planner


@dataclass(frozen=True)
class Told:
    """A failed run: what happened in words, what to do, the command that does it again, and the newest run that
    did."""

    run: RunRecord
    replay: RunRecord | None
    code: str
    message: str
    fix: str
    command: str


@dataclass(frozen=True)
class Incident:
    kind: str
    schedule: str
    at: datetime
    run: str


@dataclass(frozen=True)
class Coming:
    name: str
    flow: str
    when: str
    skip: str


@dataclass(frozen=True)
class Row:
    """A schedule in plain words."""

    name: str
    schedule: Schedule
    reading: str
    next: str
    paused: Mapping[str, Any] | None


@dataclass(frozen=True)
class Firing:
    """A due time or event of a schedule, and what was decided."""

    record: FiringRecord
    due: str
    decided: str
    reason: str


@dataclass(frozen=True)
class Look:
    """One look at a service; every page makes its own."""

    served: Served
    lang: str
    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def planner(self) -> Planner:
        return self.served.planner

    # ── runs ──
    def counts(self) -> dict[str, int]:
        """{status: runs}, of the last day and those not over."""
        return self.planner.ledger.run_counts(self.now - DAY)

    def runs(self, *status: RunStatus, words: str | None = None, number: int = FEW) -> list[RunRecord]:
        return self.planner.ledger.runs(status=status, text=words, limit=number)

    def failed(self) -> list[Told]:
        """Runs of the last day that ended badly, newest first."""
        found = self.planner.ledger.runs(status=ENDED_BADLY, since=self.now - DAY, limit=MANY)
        return [self.told(run) for run in found]

    def told(self, run: RunRecord) -> Told:
        failures = [run.failure] if run.failure else self.planner.ledger.failures(run.id)[:1]
        message, fix = failure_text(failures[0], self.lang) if failures else (self.word(run.reason or ""), "")
        code = failures[0].code if failures else run.reason or ""
        replay = next(iter(self.planner.ledger.runs(replay_of=run.id, limit=1)), None)
        return Told(run, replay, code, message, fix, f"rpa replay {run.id}")

    def word(self, code: str) -> str:
        return text(code, self.lang) if known(code) else code

    # ── what waits for a person ──
    def reviews(self) -> Sequence[ReviewRecord]:
        return self.planner.ledger.reviews()[:MANY]

    def doubts(self) -> Sequence[ItemRecord]:
        """Items of which nobody knows whether their write happened."""
        return self.planner.ledger.items(status=[ItemStatus.in_doubt], limit=MANY)

    def incidents(self) -> list[Incident]:
        """What was told as a message in the last day."""
        rows = self.planner.ledger.firings(beginning=PREFIX, since=self.now - DAY, limit=MANY)
        return [Incident(r.reason, r.schedule.removeprefix(PREFIX), r.at, _run_of(r)) for r in rows]

    # ── the service ──
    def workers(self) -> list[Mapping[str, Any]]:
        """Services that were seen in the last day; `lost` when their process is no more."""
        seen = [w for w in self.planner.ledger.workers() if self.now - w["seen"] < DAY]
        return [{**w, "lost": lost(w["name"])} for w in seen]

    def paused(self) -> Mapping[str, Any] | None:
        return paused(self.planner.ledger)

    # ── schedules ──
    def coming(self) -> list[Coming]:
        return [self._coming(name, at) for at, name in self.served.timing.agenda.coming(FEW)]

    def _coming(self, name: str, at: datetime) -> Coming:
        plan = self.planner.plan(name)
        due = plan.next(at - timedelta(microseconds=1)) if plan else None
        skip = reason(due.skip, self.lang) if due and due.skip else ""
        return Coming(name, self.planner.schedule(name).flow, self.local(name, at), skip)

    def names(self, words: str = "") -> list[str]:
        """Schedules whose name or flow holds `words`."""
        told = self.planner.project.manifest.schedules
        return [n for n, s in told.items() if words.lower() in f"{n} {s.flow}".lower()]

    def rows(self, names: Sequence[str]) -> list[Row]:
        pauses = self.planner.ledger.get_states(PAUSE)
        return [self._row(name, pauses.get(PAUSE + ALL) or pauses.get(PAUSE + name)) for name in names]

    def row(self, name: str) -> Row:
        return self._row(name, paused(self.planner.ledger, name))

    def _row(self, name: str, stopped: Mapping[str, Any] | None) -> Row:
        schedule, due = self.planner.schedule(name), next(iter(self.dues(name, 1)), None)
        coming = self.local(name, due.at) if due else "–"
        return Row(name, schedule, describe(schedule, self._zone(name), self.lang), coming, stopped)

    def dues(self, name: str, number: int) -> list[Due]:
        plan = self.planner.plan(name)
        return [] if plan is None else list(islice(plan.after(self.now), number))

    def history(self, name: str) -> list[Firing]:
        """Newest first."""
        return [
            Firing(
                r,
                self.local(name, r.due) if r.due else "",
                self.local(name, r.at),
                reason(r.reason, self.lang),
            )
            for r in self.planner.ledger.firings(name, limit=MANY)
        ]

    def local(self, name: str, at: datetime) -> str:
        return local_time(at, self._zone(name), self.lang)

    def _zone(self, name: str) -> Any:
        project = self.planner.project
        return zone_of(self.planner.schedule(name), project.manifest.file, project.settings.timezone)


def _run_of(incident: FiringRecord) -> str:
    """The run that an incident names: `failed:r-…`; empty for others."""
    _, _, rest = incident.occurrence.partition(":")
    return rest if rest.startswith("r-") else ""
