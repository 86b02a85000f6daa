"""Triggers without times: files that stopped growing, another flow's success, items that wait.

An event is never lost to an overlap: while a run of the schedule is active the events wait and the next look
starts one run for all of them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path

from flows.types import duration
from rpa.app.secrets import secret_source
from rpa.ledger.types import RunStatus
from rpa.schedule.decide import Decision, Planner
from rpa.schedule.gates import active_runs
from rpa.schedule.mailbox import waiting_mails
from rpa.schedule.manifest import After, Folder, Mail

SETTLE = timedelta(seconds=2)  # two looks this far apart must see the same size and time
REST = timedelta(seconds=60)  # after a look that failed
FULL = timedelta(seconds=30)  # a run that ended before another may be written after it
BAD = (RunStatus.failed, RunStatus.abandoned)
ENDINGS = {"success": (RunStatus.succeeded,), "failure": BAD, "any": (RunStatus.succeeded, *BAD)}
UNFINISHED = (".part", ".tmp", ".crdownload", ".partial", ".filepart")
Look = dict[str, tuple[int, int]]


@dataclass
class Watcher:
    """Looks at what triggers without times depend on. One per loaded manifest."""

    planner: Planner
    _looks: dict[str, tuple[datetime, Look, Look]] = field(default_factory=dict)
    _ends: dict[str, tuple[datetime | None, datetime]] = field(default_factory=dict)
    _resting: dict[str, datetime] = field(default_factory=dict)

    @cached_property
    def names(self) -> list[str]:
        """Schedules that wait for something that is looked for; calls come by themselves."""
        told = self.planner.project.manifest.schedules
        return [n for n, s in told.items() if s.trigger.kind in ("folder", "mail", "after", "queue")]

    def rest(self, name: str, now: datetime | None = None) -> None:
        """After a look that failed."""
        self._resting[name] = (now or datetime.now(UTC)) + REST

    def look(self, name: str, now: datetime | None = None) -> list[Decision]:
        """Fires the schedule when there is a reason; one run for all that is there."""
        trigger, now = self.planner.project.manifest.schedules[name].trigger, now or datetime.now(UTC)
        if now < self._resting.get(name, now):
            return []
        if trigger.followed is not None:
            return self._after(name, trigger.followed, now)
        if active_runs(self.planner.ledger, name):
            return []
        if trigger.watched is not None:
            return self._folder(name, trigger.watched, now)
        if trigger.mail is not None:
            return self._mail(name, trigger.mail, now)
        return self._queue(name, trigger.queue) if trigger.queue is not None else []

    def _after(self, name: str, other: After, now: datetime) -> list[Decision]:
        """One firing per run that ended as wished, named by it; the oldest first. Looked for when some run has
        ended since the last look, and now and then."""
        ledger = self.planner.ledger
        newest, (before, at) = ledger.last_end(), self._ends.get(name, (None, now - FULL))
        if newest == before and now - at < FULL:
            return []
        if active_runs(ledger, name):
            return []
        since = self.planner.first_seen(name, now)
        flow = Path(other.flow).stem if "/" in other.flow else other.flow
        done = ledger.runs(flow_id=flow, status=ENDINGS[other.on], limit=200)
        known = {row.occurrence for row in ledger.firings(name, limit=1000)}
        fresh = sorted((r for r in done if r.ended and r.ended > since and r.id not in known), key=lambda r: r.created)
        if not fresh:
            self._ends[name] = (newest, now)
        return _made(self.planner.fire(name, run.id, due=None, reason="after") for run in fresh[:1])

    def _mail(self, name: str, mail: Mail, now: datetime) -> list[Decision]:
        """One run for all mails above the highest UID that a run was started for."""
        self._resting[name] = now + duration(mail.every)
        state, ledger = f"schedule-mails:{name}", self.planner.ledger
        seen = ledger.get_state(state) or {"validity": "", "uid": 0}
        password = secret_source(self.planner.project.settings)(mail.password)
        found = waiting_mails(mail, password, above=int(seen["uid"]))
        if found.validity != seen["validity"]:
            found = waiting_mails(mail, password)
        if not found.uids:
            return []
        made = _made([self.planner.fire(name, f"mail-{found.validity}-{found.uids[-1]}", due=None, reason="mail")])
        if not made or made[0].run_id:
            ledger.put_state(state, {"validity": found.validity, "uid": found.uids[-1]})
        return made

    def _queue(self, name: str, flow: str) -> list[Decision]:
        """When the set of new items has changed since the last firing."""
        return self._once(name, [str(i) for i in self.planner.ledger.new_items(flow)], "queue")

    def _folder(self, name: str, watched: Folder, now: datetime) -> list[Decision]:
        """With `claim` the files there count: also those that were moved before a service died."""
        stable = self._stable(name, watched.path, now)
        if watched.claim is not None:
            folder = self.planner.project.settings.project / watched.claim
            claim(stable, folder)
            stable = files_of(folder, ".")
        state = f"schedule-files:{name}"
        seen = {k: tuple(v) for k, v in (self.planner.ledger.get_state(state) or {}).items()}
        fresh = {path: mark for path, mark in stable.items() if seen.get(path) != mark}
        made = self._once(name, [f"{path}\0{size}\0{time}" for path, (size, time) in sorted(fresh.items())], "folder")
        if any(d.run_id for d in made):
            self.planner.ledger.put_state(state, {k: list(v) for k, v in stable.items()})
        return made

    def _stable(self, name: str, where: str, now: datetime) -> Look:
        """Files whose size and time were the same in two looks at least SETTLE apart."""
        seen = files_of(self.planner.project.settings.project, where)
        before, older, stable = self._looks.get(name, (now, {}, {}))
        if not older or now - before >= SETTLE:
            stable = {path: mark for path, mark in seen.items() if older.get(path) == mark}
            self._looks[name] = (now, seen, stable)
        return {path: mark for path, mark in stable.items() if seen.get(path) == mark}

    def _once(self, name: str, lines: list[str], reason: str) -> list[Decision]:
        if not lines:
            return []
        mark = hashlib.sha256("\n".join(lines).encode()).hexdigest()[:20]
        return _made([self.planner.fire(name, f"{reason}-{mark}", due=None, reason=reason)])


def _made(decisions: Iterable[Decision | None]) -> list[Decision]:
    return [d for d in decisions if d is not None]


def claim(files: Iterable[str], folder: Path) -> None:
    """Moves each by a rename, which only one of several services can do, also over a network share. A name
    that is taken gets a number."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in map(Path, files):
        target, number = folder / path.name, 2
        while target.exists():
            target, number = folder / f"{path.stem} ({number}){path.suffix}", number + 1
        with suppress(FileNotFoundError):  # another service was first
            path.rename(target)


def files_of(project: Path, where: str) -> Look:
    """{path: (bytes, modification time in ns)} of a folder or pattern, without hidden and unfinished
    files."""
    place = project / where
    found = place.iterdir() if place.is_dir() else place.parent.glob(place.name)
    looks: Look = {}
    for path in found:
        if not path.name.startswith((".", "~$")) and path.suffix.lower() not in UNFINISHED and path.is_file():
            stat = path.stat()
            looks[str(path)] = (stat.st_size, stat.st_mtime_ns)
    return looks
