"""Whether a schedule fires. Schedulers propose; here, and in the ledger's unique firing row, it is decided.

Every time that was due becomes one row: with its run, or with the reason why there is none.
"""

from __future__ import annotations

import hashlib
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from typing import Any

from flows.data import plain
from flows.failures import Failure, FlowFailure
from flows.model import Flow
from flows.types import duration
from rpa.app.capabilities import needs
from rpa.app.compose import bundle
from rpa.app.project import Project
from rpa.ledger.errors import LedgerError
from rpa.ledger.store import Ledger
from rpa.ledger.types import NewFiring, NewRun
from rpa.schedule.due import Due, Plan
from rpa.schedule.gates import Gates
from rpa.schedule.manifest import Schedule
from rpa.schedule.plans import plan

ON_TIME = timedelta(seconds=60)  # later than this a fire counts as missed
LOOK_BACK = timedelta(days=31)
MOST_ROWS = 1000  # of one catch-up; older ones are summed up in the oldest row
FRESH = 5.0  # seconds that a flow read from its file is taken for what it says
SINCE = "schedule-since:"
FIRES = ("", "catch-up")  # reasons that are none against it
TOGETHER = 1000  # rows of one transaction: longer ones would keep the workers waiting


@dataclass(frozen=True, slots=True)
class Decision:
    """`run_id` empty: it did not fire, `reason` says why."""

    schedule: str
    occurrence: str
    run_id: str
    reason: str
    due: datetime | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """A due time by the calendar and the clock alone; `reason` says why it cannot fire."""

    name: str
    due: Due
    reason: str

    @property
    def fires(self) -> bool:
        return self.reason in FIRES


@dataclass(frozen=True, slots=True)
class Stamp:
    """Of a flow's file, and when it was read."""

    changed_ns: int
    size: int
    read: float

    def holds(self, now: Stamp) -> bool:
        same = (self.changed_ns, self.size) == (now.changed_ns, now.size)
        return same and now.read - self.read < FRESH


@dataclass(frozen=True)
class Planner:
    """Decides for the schedules of one loaded manifest."""

    project: Project
    ledger: Ledger
    _plans: dict[str, Plan | None] = field(default_factory=dict)
    _settled: dict[str, datetime] = field(default_factory=dict)
    _flows: dict[str, tuple[Stamp, Flow]] = field(default_factory=dict)

    def plan(self, name: str) -> Plan | None:
        """None for a trigger without times."""
        if name not in self._plans:
            self._plans[name] = plan(self.schedule(name), self.project.manifest.file, self.project.settings.timezone)
        return self._plans[name]

    def schedule(self, name: str) -> Schedule:
        schedules = self.project.manifest.schedules
        if name not in schedules:
            raise FlowFailure("schedule-unknown", details={"name": name, "known": ", ".join(schedules) or "–"})
        return schedules[name]

    # ── times ──
    def prepare(self, now: datetime) -> None:
        """Reads for all schedules at once up to when they are decided, and notes those seen for the first
        time."""
        names = list(self.project.manifest.schedules)
        known, decided = self.ledger.get_states(SINCE), self.ledger.last_dues(names)
        fresh: dict[str, Any] = {}
        for name in names:
            told, mark = known.get(SINCE + name), self._mark(name)
            if told is None or told["trigger"] != mark:
                told = fresh[SINCE + name] = {"trigger": mark, "since": now.isoformat()}
            since = datetime.fromisoformat(told["since"])
            self._settled[name] = max(since, decided.get(name, since))
        if fresh:
            self.ledger.put_states(fresh)

    def settled(self, name: str, now: datetime) -> datetime:
        """Up to when all is decided: the last due row, or when this trigger was first seen. Remembered; what
        another service decided since then is refused by the ledger."""
        if name not in self._settled:
            since = self.first_seen(name, now)
            self._settled[name] = max(since, self.ledger.last_dues([name]).get(name, since))
        return self._settled[name]

    def first_seen(self, name: str, now: datetime) -> datetime:
        """When the ledger first saw the schedule with its present trigger and zone: nothing before it was
        missed."""
        mark, known = self._mark(name), self.ledger.get_state(SINCE + name)
        if known is None or known["trigger"] != mark:
            known = {"trigger": mark, "since": now.isoformat()}
            self.ledger.put_state(SINCE + name, known)
        return datetime.fromisoformat(known["since"])

    def _mark(self, name: str) -> str:
        schedule = self.schedule(name)
        zone = schedule.timezone or self.project.manifest.timezone
        text = repr((schedule.trigger, zone, schedule.on_holiday))
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def tick(self, name: str, now: datetime | None = None) -> list[Decision]:
        """As `tick_all`, of one schedule."""
        return self.tick_all([name], now)

    def tick_all(self, names: Sequence[str], now: datetime | None = None) -> list[Decision]:
        """Decides all that came due of these schedules since the last decision: what is due of each up to its
        next fire in one transaction (at most `TOGETHER` rows), since a fire may be in the way of the one
        after it. What another service decided is left out."""
        now = now or datetime.now(UTC)
        waiting = {name: deque(self._overdue(name, now)) for name in dict.fromkeys(names)}
        decided: list[Decision] = []
        while turn := [judged for name, left in waiting.items() for judged in self._turn(name, left)]:
            for n in range(0, len(turn), TOGETHER):
                decided += self._decide(turn[n : n + TOGETHER])
        return decided

    def _turn(self, name: str, left: deque[Judged]) -> Iterator[Judged]:
        """Of what is left of one schedule, what may be decided together."""
        alone = self.schedule(name).on_overlap != "queue"
        while left:
            judged = left.popleft()
            yield judged
            if judged.fires and alone:
                return

    def _overdue(self, name: str, now: datetime) -> Iterator[Judged]:
        """Every due time since the last decision with why it cannot fire: empty when on time, `catch-up` when
        it fires late."""
        made, schedule = self.plan(name), self.schedule(name)
        if made is None:
            return
        start = max(self.settled(name, now), now - LOOK_BACK)
        dues: deque[Due] = deque(maxlen=MOST_ROWS)
        number = 0
        for due in takewhile(lambda d: d.at <= now, made.after(start)):
            dues.append(due)
            number += 1
        newest = next((d for d in reversed(dues) if not d.skip), None)
        for n, due in enumerate(dues):
            reason = due.skip or _lateness(schedule, due, now, is_newest=due is newest)
            if n == 0 and number > len(dues) and reason not in FIRES:
                reason = f"{reason}: and {number - len(dues)} before it"
            yield Judged(name, due, reason)

    def _decide(self, turn: Sequence[Judged]) -> list[Decision]:
        gates = self._gates(*dict.fromkeys(j.name for j in turn if j.fires))
        made = self._recorded([self._judged(j, gates) for j in turn])
        self._settled.update((j.name, j.due.at) for j in turn)
        return [m for m in made if m is not None]

    def _judged(self, judged: Judged, gates: Gates) -> NewFiring:
        name, due = judged.name, judged.due
        if not judged.fires:
            return NewFiring(name, due.occurrence, due.at, judged.reason)
        return self._firing(name, due.occurrence, due.at, judged.reason or "due", gates)

    # ── one fire ──
    def flow(self, name: str) -> Flow:
        """The schedule's flow as its file says now, stored in the ledger. Read again when the file has
        changed or `FRESH` has passed (a flow that it calls may have). Raises FlowFailure."""
        ref = self.schedule(name).flow
        stat = self.project.flow_path(ref).stat()
        kept = self._flows.get(ref)
        stamp = Stamp(stat.st_mtime_ns, stat.st_size, time.monotonic())
        if kept is None or not kept[0].holds(stamp):
            flow = self.project.flow(ref)
            self.ledger.put_revision(flow.id, flow.revision, bundle(flow), flow.title)
            kept = self._flows[ref] = (stamp, flow)
        return kept[1]

    def fire(
        self,
        name: str,
        occurrence: str,
        *,
        due: datetime | None,
        reason: str,
        given: Mapping[str, Any] | None = None,
    ) -> Decision | None:
        """Through all gates into the ledger. None when another service was first."""
        return self._recorded([self._firing(name, occurrence, due, reason, self._gates(name), given)])[0]

    def _gates(self, *names: str) -> Gates:
        return Gates(self.ledger, names, self.schedule)

    def _firing(
        self,
        name: str,
        occurrence: str,
        due: datetime | None,
        reason: str,
        gates: Gates,
        given: Mapping[str, Any] | None = None,
    ) -> NewFiring:
        """With its run, or with what stands in its way. Raises LedgerError: then nothing is decided yet."""
        try:
            flow = self.flow(name)
            stopped = gates.hindrance(name, flow)
            run = None if stopped else self.new_run(name, flow, occurrence, due, given)
        except LedgerError:
            raise
        except Failure as failure:
            stopped, run = failure.code, None
        return NewFiring(name, occurrence, due, stopped or reason, run)

    def _recorded(self, firings: Sequence[NewFiring]) -> list[Decision | None]:
        """None where another service was first."""
        return [
            None if run_id is None else Decision(f.schedule, f.occurrence, run_id, f.reason, f.due)
            for f, run_id in zip(firings, self.ledger.fire_all(firings), strict=True)
        ]

    def new_run(
        self,
        name: str,
        flow: Flow,
        occurrence: str | None,
        due: datetime | None,
        given: Mapping[str, Any] | None = None,
        **more: Any,
    ) -> NewRun:
        """The run of a schedule. Runs that may queue hold a lock of their schedule, so that
        they follow one another."""
        schedule = self.schedule(name)
        inputs = self.project.inputs(flow, {**schedule.inputs, **(given or {})}, schedule.profile)
        start = due or datetime.now(UTC)
        values: dict[str, Any] = {
            "trigger": f"schedule:{schedule.trigger.kind}",
            "actor": f"schedule:{name}",
            "priority": schedule.priority,
            "due": start + duration(schedule.due) if schedule.due else None,
            "max_duration_s": duration(schedule.max_duration).total_seconds() if schedule.max_duration else None,
            "locks": self.locks(name, flow),
            "frozen_now": datetime.now(UTC),
            "options": {"needs": self.needs(name, flow)},
        }
        return NewRun(
            flow_id=flow.id,
            revision=flow.revision,
            inputs=plain(inputs),
            profile=schedule.profile,
            schedule=name,
            occurrence=occurrence,
            **{**values, **more},
        )

    def needs(self, name: str, flow: Flow) -> tuple[str, ...]:
        """What the worker of such a run must offer."""
        return tuple(dict.fromkeys((*needs(flow, self.project.catalog), *self.schedule(name).needs)))

    def locks(self, name: str, flow: Flow) -> tuple[str, ...]:
        """Resources that no other run may hold meanwhile. A real desktop is one of them."""
        schedule = self.schedule(name)
        own = () if schedule.on_overlap == "skip" else (f"schedule:{name}",)
        real = self.project.settings.headed and "desktop" in needs(flow, self.project.catalog)
        return (*schedule.lock, *own, *(("desktop",) if real else ()))

    def run_now(self, name: str, *, actor: str) -> str:
        """A run outside the plan, at a person's wish: no gate but the flow's own. Returns the run id."""
        flow = self.flow(name)
        self.ledger.audit(actor, "schedule-run", name)
        return self.ledger.enqueue(self.new_run(name, flow, None, None, actor=actor, trigger="schedule:manual"))

    def backfill(self, name: str, start: datetime, end: datetime, *, actor: str) -> list[Decision]:
        """One run for each due time from `start` up to `end` (both aware) that never ran, in order, each with
        its due time as the frozen time. A time is filled in once. Raises FlowFailure `schedule-untimed`,
        `not-approved`."""
        flow = self.flow(name)
        if self.schedule(name).require_approval and self.ledger.approved_by(flow.revision) is None:
            raise FlowFailure("not-approved", details={"name": name, "flow": flow.id})
        self.ledger.audit(actor, "schedule-backfill", name, {"from": start.isoformat(), "to": end.isoformat()})
        own = tuple(dict.fromkeys((*self.locks(name, flow), f"schedule:{name}")))
        made = []
        for due in self.unfilled(name, start, end):
            run = self.new_run(
                name,
                flow,
                due.occurrence,
                None,
                actor=actor,
                trigger="schedule:backfill",
                frozen_now=due.at,
                locks=own,
            )
            made.append(NewFiring(name, f"{due.occurrence}/backfill", due.at, "backfill", run))
        return [d for d in self._recorded(made) if d is not None]

    def unfilled(self, name: str, start: datetime, end: datetime) -> list[Due]:
        """Due times of the span without a run, holidays left out."""
        made = self.plan(name)
        if made is None:
            raise FlowFailure("schedule-untimed", details={"name": name})
        ran = {r.occurrence.removesuffix("/backfill") for r in self.ledger.firings(name, limit=100_000) if r.run_id}
        dues = takewhile(lambda d: d.at <= end, made.after(start - timedelta(microseconds=1)))
        return [d for d in dues if not d.skip and d.occurrence not in ran]


def _lateness(schedule: Schedule, due: Due, now: datetime, *, is_newest: bool) -> str:
    late = now - due.at
    if late <= ON_TIME:
        return ""
    if schedule.if_missed == "none" or (schedule.if_missed == "last" and not is_newest):
        return "missed"
    return "catch-up" if late <= duration(schedule.grace) else "missed-beyond-grace"
