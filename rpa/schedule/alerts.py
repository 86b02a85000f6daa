"""Telling people: one message per incident, once over all services, with the cause and how to go on.

An incident is claimed in the ledger (a firing row under `alert:SCHEDULE`) before it is told, so that one of
several services tells it. In quiet hours nothing is claimed: it is told when they end.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from datetime import time as wall
from functools import cached_property
from zoneinfo import ZoneInfo

from flows.failures import Failure
from rpa.ledger.types import NewFiring
from rpa.schedule.decide import Planner
from rpa.schedule.gates import ENDED_BADLY
from rpa.schedule.incidents import DAY, LOOK_BACK, Finder, Incident, News
from rpa.schedule.manifest import Notify, Schedule
from rpa.schedule.plans import zone_of
from rpa.schedule.tell import send

LOOK_S = 10.0
DIGEST_S = 60.0
RETRY_S = 60.0
AGAIN = timedelta(seconds=60)  # two looks overlap by this: what ended is written a moment after it ended
SINCE = "alerts-since:"
PREFIX = "alert:"
Told = list[tuple[Notify, Incident]]


@dataclass
class Alerts:
    """Looks for incidents of the schedules that want to be told of: a few questions to the ledger for all of
    them."""

    planner: Planner
    log: Callable[..., None]
    _next: float = 0.0
    _next_digest: float = 0.0
    _told: dict[str, datetime] = field(default_factory=dict)
    _unsent: list[tuple[float, Notify, Incident]] = field(default_factory=list)
    _first: Mapping[str, datetime] | None = None
    _behind: set[str] | None = None  # those that were quiet, at first all: they look back
    _read: tuple[datetime, int] | None = None  # up to when, and up to which firing, all others were told

    def look(self, now: datetime | None = None, *, force: bool = False) -> None:
        if not force and time.monotonic() < self._next:
            return
        self._next = time.monotonic() + LOOK_S
        now = now or datetime.now(UTC)
        self._again()
        if self._wanted:
            self._tell(self._found(now, force=force), now)

    @cached_property
    def _wanted(self) -> Mapping[str, tuple[Schedule, Notify]]:
        """Schedules that want to tell something."""
        told = self.planner.project.manifest.schedules.items()
        return {name: (s, s.notify) for name, s in told if s.notify is not None}

    def _found(self, now: datetime, *, force: bool) -> Told:
        since = self._since(now)
        loud = {n for n, (s, notify) in self._wanted.items() if not self._quiet(s, notify, now)}
        behind = set(self._wanted) if self._behind is None else self._behind
        found: Told = []
        if back := loud & behind:
            news = self._news(now - LOOK_BACK, now, 0)
            found += self._of(back, news, since)
            self._read = self._read or (now, news.newest)
        if (fresh := loud - behind) and self._read is not None:
            news = self._news(self._read[0] - AGAIN, now, self._read[1])
            found += self._of(fresh, news, since)
            self._read = (now, news.newest)
        self._behind = (behind | set(self._wanted)) - loud if loud else behind
        return [*found, *self._digests(loud, now, force=force)]

    def _news(self, since: datetime, now: datetime, after: int) -> News:
        succeeded = any("succeeded" in notify.on for _, notify in self._wanted.values())
        return News(self.planner.ledger, since, now, after, succeeded)

    def _of(self, names: Iterable[str], news: News, since: Mapping[str, datetime]) -> Iterator[tuple[Notify, Incident]]:
        touched = {*news.ended, *news.open, *news.silent}
        for name in (n for n in names if n in touched):
            notify = self._wanted[name][1]
            yield from ((notify, i) for i in self._finder.found(name, notify, news, since[name]))

    @cached_property
    def _finder(self) -> Finder:
        return Finder(self.planner.ledger, self.planner.project.settings.lang)

    def _since(self, now: datetime) -> Mapping[str, datetime]:
        """When each schedule first wanted to tell: older incidents are old news."""
        if self._first is None:
            known = self.planner.ledger.get_states(SINCE)
            fresh = {SINCE + n: now.isoformat() for n in self._wanted if SINCE + n not in known}
            if fresh:
                self.planner.ledger.put_states(fresh)
            told = {**known, **fresh}
            self._first = {n: datetime.fromisoformat(told[SINCE + n]) for n in self._wanted}
        return self._first

    def _quiet(self, schedule: Schedule, notify: Notify, now: datetime) -> bool:
        if notify.quiet is None:
            return False
        start, end = (wall.fromisoformat(t) for t in notify.quiet.split("-"))
        here = now.astimezone(self._zone(schedule)).time()
        return start <= here < end if start <= end else here >= start or here < end

    def _zone(self, schedule: Schedule) -> ZoneInfo:
        project = self.planner.project
        return zone_of(schedule, project.manifest.file, project.settings.timezone)

    # ── the digest ──
    def _digests(self, loud: Iterable[str], now: datetime, *, force: bool) -> Told:
        """What people must decide, once a day for each schedule."""
        if not force and time.monotonic() < self._next_digest:
            return []
        self._next_digest = time.monotonic() + DIGEST_S
        marks = {n: mark for n in loud if (mark := self._digest_mark(n, now))}
        if not marks:
            return []
        ended = News(self.planner.ledger, now - DAY, now).ended
        return [
            (self._wanted[name][1], incident)
            for name, mark in marks.items()
            for incident in self._finder.digest(name, [r for r in ended.get(name, ()) if _bad(r.status)], mark)
        ]

    def _digest_mark(self, name: str, now: datetime) -> str:
        """Of today's digest; empty when it is not wanted, not time, or told."""
        schedule, notify = self._wanted[name]
        if "business" not in notify.on:
            return ""
        here = now.astimezone(self._zone(schedule))
        mark = f"business:{here:%Y-%m-%d}"
        late_enough = here.time() >= wall.fromisoformat(notify.digest)
        return mark if late_enough and f"{name}/{mark}" not in self._told else ""

    # ── telling ──
    def _tell(self, found: Told, now: datetime) -> None:
        """Claims what is new, and tells what no other service has claimed."""
        fresh = {f"{i.schedule}/{i.mark}": (notify, i) for notify, i in found}
        fresh = {key: told for key, told in fresh.items() if key not in self._told}
        claims = [NewFiring(PREFIX + i.schedule, i.mark, None, i.kind) for _, i in fresh.values()]
        claimed = self.planner.ledger.fire_all(claims)
        self._told = {k: at for k, at in self._told.items() if now - at < 2 * LOOK_BACK}
        self._told.update(dict.fromkeys(fresh, now))
        mine = [told for told, claim in zip(fresh.values(), claimed, strict=True) if claim is not None]
        self._send_all(mine)

    def _again(self) -> None:
        waiting, self._unsent = self._unsent, []
        self._unsent = [w for w in waiting if time.monotonic() < w[0]]
        self._send_all([(notify, i) for at, notify, i in waiting if time.monotonic() >= at])

    def _send_all(self, told: Sequence[tuple[Notify, Incident]]) -> None:
        """What goes to a channel that just failed waits without being tried: each try may take seconds."""
        failed: set[object] = set()
        for notify, incident in told:
            channels = (tuple(notify.to), notify.webhook, notify.file)
            if channels in failed or not self._send(notify, incident):
                failed.add(channels)
                self._unsent.append((time.monotonic() + RETRY_S, notify, incident))

    def _send(self, notify: Notify, incident: Incident) -> bool:
        subject = f"[{incident.kind}] {incident.schedule}"
        try:
            send(self.planner.project.settings, notify, subject, "\n".join(incident.lines), incident.picture)
        except (Failure, OSError) as error:
            self.log("alert-failed", schedule=incident.schedule, kind=incident.kind, reason=str(error))
            return False
        self.log("alert-sent", schedule=incident.schedule, kind=incident.kind, incident=incident.mark)
        return True


def _bad(status: object) -> bool:
    return status in ENDED_BADLY
