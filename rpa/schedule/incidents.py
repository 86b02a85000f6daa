"""What happened that somebody wants to be told: read from the ledger for all schedules at once."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path

from flows.catalogue import known, text
from rpa.ledger.store import Ledger
from rpa.ledger.types import FiringRecord, ItemStatus, RunRecord, RunStatus
from rpa.schedule.gates import ENDED_BADLY
from rpa.schedule.manifest import Notify

STUCK = timedelta(minutes=30)  # running without a recorded step, or queued
CIRCUIT = ("stopped-after-failures", "login-refused")
MISSED = "missed"
DAY = timedelta(days=1)
LOOK_BACK = timedelta(days=2)
MOST_TOLD = 10  # lines of one kind in a message


@dataclass(frozen=True)
class Incident:
    """`mark` names it for ever; `lines` is what people read."""

    kind: str
    schedule: str
    mark: str
    lines: tuple[str, ...]
    picture: Path | None = None


@dataclass(frozen=True)
class News:
    """By schedule: what ended since a moment (aware), what is late or stuck, and what did not fire after a
    firing."""

    ledger: Ledger
    since: datetime
    now: datetime
    after: int = 0  # firings up to this number are old
    succeeded: bool = False  # whether somebody wants to hear of success

    @cached_property
    def ended(self) -> dict[str, list[RunRecord]]:
        status = (*ENDED_BADLY, RunStatus.succeeded) if self.succeeded else ENDED_BADLY
        return _by_schedule(self.ledger.ended_runs(self.since, status, late=True))

    @cached_property
    def open(self) -> dict[str, list[RunRecord]]:
        """Runs that are not over and should be, or were made long ago."""
        return _by_schedule(self.ledger.overdue_runs(due=self.now, made=self.now - STUCK))

    @cached_property
    def silent(self) -> dict[str, list[FiringRecord]]:
        """Newest first."""
        found: defaultdict[str, list[FiringRecord]] = defaultdict(list)
        for row in self._silent[0]:
            found[row.schedule].append(row)
        return found

    @cached_property
    def newest(self) -> int:
        """The number of the last firing that was looked at."""
        return self._silent[1]

    @cached_property
    def _silent(self) -> tuple[list[FiringRecord], int]:
        return self.ledger.silent_firings(self.after, since=self.now - LOOK_BACK, reasons=CIRCUIT, beginning=MISSED)


def _by_schedule(runs: Sequence[RunRecord]) -> dict[str, list[RunRecord]]:
    found: defaultdict[str, list[RunRecord]] = defaultdict(list)
    for run in runs:
        found[run.schedule or ""].append(run)
    return found


@dataclass(frozen=True)
class Finder:
    """Makes incidents of news; texts in `lang`."""

    ledger: Ledger
    lang: str

    def found(self, name: str, notify: Notify, news: News, since: datetime) -> Iterator[Incident]:
        """What the schedule wants to be told; `since` is when it first wanted to: older is no news."""
        ended = [r for r in news.ended.get(name, ()) if r.ended and r.ended >= since]
        if "failed" in notify.on:
            yield from (self._of_run("failed", name, r) for r in ended if _failed(r))
        if "succeeded" in notify.on:
            yield from (self._of_run("succeeded", name, r) for r in ended if r.status is RunStatus.succeeded)
        still = news.open.get(name, ())
        if "late" in notify.on:
            late = [r for r in (*ended, *still) if r.due and since <= r.due < min(news.now, r.ended or news.now)]
            yield from (self._of_run("late", name, r) for r in late)
        if "stuck" in notify.on:
            yield from (self._of_run("stuck", name, r) for r in still if self._stuck(r, news.now))
        yield from self._of_firings(name, notify, [r for r in news.silent.get(name, ()) if r.at >= since])

    def _stuck(self, run: RunRecord, now: datetime) -> bool:
        if run.status is RunStatus.queued:
            return now - run.created > STUCK
        if run.status is not RunStatus.running or now - (run.started or now) < STUCK:
            return False
        return now - (self.ledger.last_step(run.id) or run.started or now) > STUCK

    def _of_run(self, kind: str, name: str, run: RunRecord) -> Incident:
        shown = self.ledger.run(run.id, masked=True)
        counts = ", ".join(f"{number} {status}" for status, number in shown.counts.items() if number)
        lines = [f"{shown.flow_id}  {shown.id}  {shown.status}  {counts}".rstrip()]
        lines += [f"due {shown.due:%Y-%m-%d %H:%M}Z"] if kind == "late" and shown.due else []
        lines += self._causes(shown) if kind == "failed" else []
        lines += [f"rpa show {shown.id}", *([f"rpa replay {shown.id}"] if kind == "failed" else [])]
        picture = self._picture(run.id) if kind == "failed" else None
        return Incident(kind, name, f"{kind}:{run.id}", tuple(lines), picture)

    def _causes(self, run: RunRecord) -> list[str]:
        """The run's own failure and the first of its items, each with what to do is in `rpa explain`."""
        failures = {f.code: f for f in [*([run.failure] if run.failure else []), *self.ledger.failures(run.id)]}
        told = [f"{c}: {text(c, self.lang, **f.details) if known(c) else f.message}" for c, f in failures.items()]
        return [
            *told[:5],
            *([f"rpa explain {next(iter(failures))}"] if failures else [str(run.reason or "")]),
        ]

    def _picture(self, run_id: str) -> Path | None:
        pictures = [a for a in self.ledger.artifacts(run_id) if a.media_type.startswith("image/")]
        found = self.ledger.artifact_path(pictures[-1].sha256) if pictures else None
        return found if found is not None and found.is_file() else None

    def _of_firings(self, name: str, notify: Notify, rows: Sequence[FiringRecord]) -> Iterator[Incident]:
        missed = [r for r in rows if r.reason.startswith(MISSED)]
        if missed and "missed" in notify.on:
            told = [f"{r.occurrence}: {r.reason}" for r in missed[:MOST_TOLD]]
            mark = hashlib.sha256(missed[0].occurrence.encode()).hexdigest()[:12]
            command = f"rpa schedule backfill {name} --from 1d --dry-run"
            yield Incident("missed", name, f"missed:{mark}", (*told, command))
        stopped = [r for r in rows if r.reason in CIRCUIT]
        if stopped and "circuit" in notify.on:
            again = self.ledger.get_state(f"schedule-resumed:{name}") or ""
            lines = (f"{stopped[0].occurrence}: {stopped[0].reason}", f"rpa schedule resume {name}")
            yield Incident("circuit", name, f"circuit:{stopped[0].reason}:{again}", lines)

    def digest(self, name: str, runs: Sequence[RunRecord], mark: str) -> Iterator[Incident]:
        """What a person must decide: the items of these runs that failed for business reasons."""
        lines: list[str] = []
        for run in runs:
            if run.counts.get("failed_business"):
                failed = [ItemStatus.failed_business]
                items = self.ledger.items(run_id=run.id, status=failed, limit=50, masked=True)
                lines += [f"{run.id}  {i.key}  {i.failure.code if i.failure else ''}" for i in items]
        if lines:
            yield Incident("business", name, mark, tuple(lines))


def _failed(run: RunRecord) -> bool:
    """Ended badly for another reason than business failures, which the digest tells."""
    if run.status not in ENDED_BADLY:
        return False
    bad = any(run.counts.get(s) for s in ("failed_application", "failed_flow", "in_doubt"))
    business = bool(run.counts.get("failed_business")) and not bad and run.failure is None
    return not business
