"""Whether a schedule fires. Schedulers propose; here, and in the ledger's unique firing row, it is decided.

Every time that was due becomes one row: with its run, or with the reason why there is none.
"""

from __future__ import annotations

import hashlib
import time
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
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
from rpa.ledger.store import Ledger
from rpa.ledger.types import NewRun, RunRecord, RunStatus
from rpa.schedule.due import Due, Plan
from rpa.schedule.manifest import Schedule
from rpa.schedule.pauses import paused, resumed_at
from rpa.schedule.plans import plan

ON_TIME = timedelta(seconds=60)  # later than this a fire counts as missed
LOOK_BACK = timedelta(days=31)
MOST_ROWS = 1000  # of one catch-up; older ones are summed up in the oldest row
FRESH = 5.0  # seconds that a flow read from its file is taken for what it says
SINCE = "schedule-since:"
ACTIVE = (RunStatus.queued, RunStatus.running)
ENDED_BADLY = (RunStatus.failed, RunStatus.abandoned)


@dataclass(frozen=True, slots=True)
class Decision:
    """`run_id` empty: it did not fire, `reason` says why."""

    schedule: str
    occurrence: str
    run_id: str
    reason: str
    due: datetime | None = None


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
            self._plans[name] = plan(
                self.schedule(name), self.project.manifest.file, self.project.settings.timezone
            )
        return self._plans[name]

    def schedule(self, name: str) -> Schedule:
        schedules = self.project.manifest.schedules
        if name not in schedules:
            raise FlowFailure(
                "schedule-unknown", details={"name": name, "known": ", ".join(schedules) or "–"}
            )
        return schedules[name]

    # ── times ──
    def prepare(self, now: datetime) -> None:
        """Reads for all schedules at once up to when they are decided, and notes those seen for the first
        time."""
        known, decided = self.ledger.get_states(SINCE), self.ledger.last_dues(now - LOOK_BACK)
        fresh: dict[str, Any] = {}
        for name in self.project.manifest.schedules:
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
            rows = self.ledger.firings(name, limit=50)
            since = self.first_seen(name, now)
            self._settled[name] = max([since, *(r.due for r in rows if r.due is not None)])
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
        """Decides all that came due since the last decision. Those another service decided are left out."""
        now = now or datetime.now(UTC)
        made = self.plan(name)
        if made is None:
            return []
        start = max(self.settled(name, now), now - LOOK_BACK)
        dues: deque[Due] = deque(maxlen=MOST_ROWS)
        number = 0
        for due in takewhile(lambda d: d.at <= now, made.after(start)):
            dues.append(due)
            number += 1
        decided = []
        for due, reason in self._sorted_out(name, dues, now, number):
            decided.append(self._decide(name, due, reason))
            self._settled[name] = due.at
        return [d for d in decided if d is not None]

    def _sorted_out(
        self, name: str, dues: Sequence[Due], now: datetime, number: int
    ) -> Iterable[tuple[Due, str]]:
        """Each due time with why it cannot fire: empty when on time, `catch-up` when it fires late."""
        schedule = self.schedule(name)
        candidates = [d for d in dues if not d.skip]
        newest = candidates[-1] if candidates else None
        for n, due in enumerate(dues):
            reason = due.skip or _lateness(schedule, due, now, is_newest=due is newest)
            if n == 0 and number > len(dues) and reason not in ("", "catch-up"):
                reason = f"{reason}: and {number - len(dues)} before it"
            yield due, reason

    def _decide(self, name: str, due: Due, reason: str) -> Decision | None:
        if reason not in ("", "catch-up"):
            return self._record(name, due.occurrence, due.at, None, reason)
        return self.fire(name, due.occurrence, due=due.at, reason=reason or "due")

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
        try:
            flow = self.flow(name)
            stopped = self.hindrance(name, flow)
            run = None if stopped else self.new_run(name, flow, occurrence, due, given)
        except Failure as failure:
            stopped, run = failure.code, None
        return self._record(name, occurrence, due, run, stopped or reason)

    def _record(
        self, name: str, occurrence: str, due: datetime | None, run: NewRun | None, reason: str
    ) -> Decision | None:
        run_id = self.ledger.fire(name, occurrence, due=due, run=run, reason=reason)
        return None if run_id is None else Decision(name, occurrence, run_id, reason, due)

    def hindrance(self, name: str, flow: Flow) -> str:
        """Why the schedule may not fire now; empty when it may. `cancel_running` asks the others to stop."""
        schedule = self.schedule(name)
        if paused(self.ledger, name):
            return "paused"
        if schedule.require_approval and self.ledger.approved_by(flow.revision) is None:
            return "not-approved"
        return self._past(name, schedule) or self._overlap(name, schedule)

    def _past(self, name: str, schedule: Schedule) -> str:
        """A refused login stops a schedule at once, since accounts lock; other failures only by request."""
        runs = [r for r in self._since_resumed(name, schedule.stop_after_failures or 1) if r.ended]
        if runs and runs[0].failure is not None and runs[0].failure.code == "login-refused":
            return "login-refused"
        wanted = schedule.stop_after_failures
        last = runs[:wanted] if wanted else []
        return (
            "stopped-after-failures"
            if wanted and len(last) == wanted and all(r.status in ENDED_BADLY for r in last)
            else ""
        )

    def _since_resumed(self, name: str, number: int) -> list[RunRecord]:
        return self.ledger.runs(schedule=name, since=resumed_at(self.ledger, name), limit=number + 10)

    def active(self, name: str) -> list[RunRecord]:
        return self.ledger.runs(schedule=name, status=ACTIVE, limit=None)

    def _overlap(self, name: str, schedule: Schedule) -> str:
        others = self.active(name) if schedule.on_overlap != "queue" else []
        if others and schedule.on_overlap == "skip":
            return "overlap"
        for other in others:
            self.ledger.request_cancel(other.id, actor=f"schedule:{name}")
        return ""

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
            "max_duration_s": duration(schedule.max_duration).total_seconds()
            if schedule.max_duration
            else None,
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
        return self.ledger.enqueue(
            self.new_run(name, flow, None, None, actor=actor, trigger="schedule:manual")
        )

    def backfill(self, name: str, start: datetime, end: datetime, *, actor: str) -> list[Decision]:
        """One run for each due time from `start` up to `end` (both aware) that never ran, in order, each with
        its due time as the frozen time. A time is filled in once. Raises FlowFailure `schedule-untimed`,
        `not-approved`."""
        flow = self.flow(name)
        if self.schedule(name).require_approval and self.ledger.approved_by(flow.revision) is None:
            raise FlowFailure("not-approved", details={"name": name, "flow": flow.id})
        self.ledger.audit(
            actor, "schedule-backfill", name, {"from": start.isoformat(), "to": end.isoformat()}
        )
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
            made.append(self._record(name, f"{due.occurrence}/backfill", due.at, run, "backfill"))
        return [d for d in made if d is not None]

    def unfilled(self, name: str, start: datetime, end: datetime) -> list[Due]:
        """Due times of the span without a run, holidays left out."""
        made = self.plan(name)
        if made is None:
            raise FlowFailure("schedule-untimed", details={"name": name})
        ran = {
            r.occurrence.removesuffix("/backfill")
            for r in self.ledger.firings(name, limit=100_000)
            if r.run_id
        }
        dues = takewhile(lambda d: d.at <= end, made.after(start - timedelta(microseconds=1)))
        return [d for d in dues if not d.skip and d.occurrence not in ran]


def _lateness(schedule: Schedule, due: Due, now: datetime, *, is_newest: bool) -> str:
    late = now - due.at
    if late <= ON_TIME:
        return ""
    if schedule.if_missed == "none" or (schedule.if_missed == "last" and not is_newest):
        return "missed"
    return "catch-up" if late <= duration(schedule.grace) else "missed-beyond-grace"
