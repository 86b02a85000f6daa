"""Telling people: one message per incident, once over all services, with the cause and how to go on.

What happened is read from the ledger. An incident is claimed there (a firing row under `alert:SCHEDULE`)
before it is told, so that one of several services tells it. In quiet hours nothing is claimed: it is told
when they end.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from datetime import time as wall
from pathlib import Path
from zoneinfo import ZoneInfo

from flows.catalogue import known, text
from flows.failures import Failure
from rpa.ledger.types import ItemStatus, RunRecord, RunStatus
from rpa.schedule.decide import Planner
from rpa.schedule.gates import ENDED_BADLY
from rpa.schedule.manifest import Notify, Schedule
from rpa.schedule.plans import zone_of
from rpa.schedule.tell import send

LOOK_S = 10.0
RETRY_S = 60.0
LOOK_BACK = timedelta(days=2)
STUCK = timedelta(minutes=30)  # running without a recorded step, or queued
CIRCUIT = ("stopped-after-failures", "login-refused")
PREFIX = "alert:"


@dataclass(frozen=True)
class Incident:
    """`mark` names it for ever; `lines` is what people read."""

    kind: str
    schedule: str
    mark: str
    lines: tuple[str, ...]
    picture: Path | None = None


@dataclass
class Alerts:
    """Looks for incidents of the schedules that want to be told of."""

    planner: Planner
    log: Callable[..., None]
    _next: float = 0.0
    _told: set[str] = field(default_factory=set)
    _unsent: list[tuple[float, Notify, Incident]] = field(default_factory=list)

    def look(self, now: datetime | None = None, *, force: bool = False) -> None:
        if not force and time.monotonic() < self._next:
            return
        self._next = time.monotonic() + LOOK_S
        now = now or datetime.now(UTC)
        self._again()
        for name, schedule in self.planner.project.manifest.schedules.items():
            if schedule.notify is not None and not self._quiet(schedule, schedule.notify, now):
                self._look(name, schedule, schedule.notify, now)

    def _look(self, name: str, schedule: Schedule, notify: Notify, now: datetime) -> None:
        since = max(self._since(name, now), now - LOOK_BACK)
        for incident in self._incidents(name, schedule, notify, since, now):
            key = f"{name}/{incident.mark}"
            if key not in self._told:
                self._told.add(key)
                claimed = self.planner.ledger.fire(
                    f"{PREFIX}{name}", incident.mark, due=None, run=None, reason=incident.kind
                )
                if claimed is not None:
                    self._send(notify, incident)

    def _since(self, name: str, now: datetime) -> datetime:
        """When this schedule first wanted to tell: older incidents are old news."""
        state = f"alerts-since:{name}"
        told = self.planner.ledger.get_state(state)
        if told is None:
            told = now.isoformat()
            self.planner.ledger.put_state(state, told)
        return datetime.fromisoformat(told)

    def _quiet(self, schedule: Schedule, notify: Notify, now: datetime) -> bool:
        if notify.quiet is None:
            return False
        start, end = (wall.fromisoformat(t) for t in notify.quiet.split("-"))
        here = now.astimezone(self._zone(schedule)).time()
        return start <= here < end if start <= end else here >= start or here < end

    def _zone(self, schedule: Schedule) -> ZoneInfo:
        project = self.planner.project
        return zone_of(schedule, project.manifest.file, project.settings.timezone)

    # ── sending ──
    def _again(self) -> None:
        waiting, self._unsent = self._unsent, []
        for at, notify, incident in waiting:
            if time.monotonic() < at:
                self._unsent.append((at, notify, incident))
            else:
                self._send(notify, incident)

    def _send(self, notify: Notify, incident: Incident) -> None:
        subject = f"[{incident.kind}] {incident.schedule}"
        try:
            send(self.planner.project.settings, notify, subject, "\n".join(incident.lines), incident.picture)
            self.log("alert-sent", schedule=incident.schedule, kind=incident.kind, incident=incident.mark)
        except (Failure, OSError) as error:
            self._unsent.append((time.monotonic() + RETRY_S, notify, incident))
            self.log("alert-failed", schedule=incident.schedule, kind=incident.kind, reason=str(error))

    # ── what happened ──
    def _incidents(
        self, name: str, schedule: Schedule, notify: Notify, since: datetime, now: datetime
    ) -> Iterator[Incident]:
        runs = self.planner.ledger.runs(schedule=name, since=since - LOOK_BACK, limit=500)
        ended = [r for r in runs if r.ended and r.ended >= since]
        if "failed" in notify.on:
            yield from (self._of_run("failed", name, r) for r in ended if _failed(r))
        if "succeeded" in notify.on:
            yield from (self._of_run("succeeded", name, r) for r in ended if r.status is RunStatus.succeeded)
        if "late" in notify.on:
            yield from (
                self._of_run("late", name, r)
                for r in runs
                if r.due and since <= r.due < min(now, r.ended or now)
            )
        if "stuck" in notify.on:
            yield from (self._of_run("stuck", name, r) for r in runs if self._stuck(r, now))
        if "missed" in notify.on or "circuit" in notify.on:
            yield from self._of_firings(name, notify, since)
        if "business" in notify.on:
            yield from self._digest(name, schedule, notify, ended, now)

    def _stuck(self, run: RunRecord, now: datetime) -> bool:
        if run.status is RunStatus.queued:
            return now - run.created > STUCK
        if run.status is not RunStatus.running or now - (run.started or now) < STUCK:
            return False
        done = self.planner.ledger.attempts(run.id)
        return now - max((a.ended for a in done), default=run.started or now) > STUCK

    def _of_run(self, kind: str, name: str, run: RunRecord) -> Incident:
        shown = self.planner.ledger.run(run.id, masked=True)
        counts = ", ".join(f"{number} {status}" for status, number in shown.counts.items() if number)
        lines = [f"{shown.flow_id}  {shown.id}  {shown.status}  {counts}".rstrip()]
        lines += [f"due {shown.due:%Y-%m-%d %H:%M}Z"] if kind == "late" and shown.due else []
        lines += self._causes(shown) if kind == "failed" else []
        lines += [f"rpa show {shown.id}", *([f"rpa replay {shown.id}"] if kind == "failed" else [])]
        return Incident(
            kind, name, f"{kind}:{run.id}", tuple(lines), self._picture(run.id) if kind == "failed" else None
        )

    def _causes(self, run: RunRecord) -> list[str]:
        """The run's own failure and the first of its items, each with what to do is in `rpa explain`."""
        lang = self.planner.project.settings.lang
        failures = {
            f.code: f
            for f in [*([run.failure] if run.failure else []), *self.planner.ledger.failures(run.id)]
        }
        told = [f"{c}: {text(c, lang, **f.details) if known(c) else f.message}" for c, f in failures.items()]
        return [
            *told[:5],
            *([f"rpa explain {next(iter(failures))}"] if failures else [str(run.reason or "")]),
        ]

    def _picture(self, run_id: str) -> Path | None:
        pictures = [a for a in self.planner.ledger.artifacts(run_id) if a.media_type.startswith("image/")]
        found = self.planner.ledger.artifact_path(pictures[-1].sha256) if pictures else None
        return found if found is not None and found.is_file() else None

    def _of_firings(self, name: str, notify: Notify, since: datetime) -> Iterator[Incident]:
        rows = [r for r in self.planner.ledger.firings(name, limit=200) if r.at >= since]
        missed = [r for r in rows if r.reason.startswith("missed")]
        if missed and "missed" in notify.on:
            told = [f"{r.occurrence}: {r.reason}" for r in missed[:10]]
            mark = hashlib.sha256(missed[0].occurrence.encode()).hexdigest()[:12]
            yield Incident(
                "missed", name, f"missed:{mark}", (*told, f"rpa schedule backfill {name} --from 1d --dry-run")
            )
        stopped = [r for r in rows if r.reason in CIRCUIT]
        if stopped and "circuit" in notify.on:
            again = self.planner.ledger.get_state(f"schedule-resumed:{name}") or ""
            lines = (f"{stopped[0].occurrence}: {stopped[0].reason}", f"rpa schedule resume {name}")
            yield Incident("circuit", name, f"circuit:{stopped[0].reason}:{again}", lines)

    def _digest(
        self, name: str, schedule: Schedule, notify: Notify, ended: list[RunRecord], now: datetime
    ) -> Iterator[Incident]:
        """What a person must decide, once a day."""
        here = now.astimezone(self._zone(schedule))
        if here.time() < wall.fromisoformat(notify.digest):
            return
        ledger, lines = self.planner.ledger, []
        for run in ended:
            if run.counts.get("failed_business") and run.ended and run.ended >= now - timedelta(days=1):
                items = ledger.items(
                    run_id=run.id, status=[ItemStatus.failed_business], limit=50, masked=True
                )
                lines += [f"{run.id}  {i.key}  {i.failure.code if i.failure else ''}" for i in items]
        if lines:
            yield Incident("business", name, f"business:{here:%Y-%m-%d}", tuple(lines))


def _failed(run: RunRecord) -> bool:
    """Ended badly for another reason than business failures, which the digest tells."""
    if run.status not in ENDED_BADLY:
        return False
    bad = any(run.counts.get(s) for s in ("failed_application", "failed_flow", "in_doubt"))
    business = bool(run.counts.get("failed_business")) and not bad and run.failure is None
    return not business
