"""When a schedule is due: our own function over local dates.

The rule. A *fixed* hour means wall times of a local date, each once: one that the clock skips is due at the
first valid moment after the gap, one that comes twice is due the first time. A *wildcard or stepped* hour
follows elapsed time: due at each real moment at which the wall clock shows a matching time, so never inside a
gap and twice in a fold. Several times that fall on one moment are one.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Literal, Protocol
from zoneinfo import ZoneInfo

from rpa.schedule.calendars import ONE_DAY, WorkCalendar

OnHoliday = Literal["run", "skip", "next_working_day", "previous_working_day"]
HORIZON_DAYS = 366 * 9  # 29 February can be eight years away (2096 to 2104)
ANCHOR = datetime(2000, 1, 1)


@dataclass(frozen=True, slots=True)
class Due:
    """`at` is aware UTC. `occurrence` names it in the ledger: local wall time for fixed hours, else UTC.
    `skip` is why it does not fire: `holiday`, `moved`, or empty."""

    at: datetime
    occurrence: str
    skip: str = ""


class WallRule(Protocol):
    """Wall times by date; `fixed` as in the module's rule."""

    @property
    def fixed(self) -> bool: ...

    def times_on(self, day: date) -> Sequence[time]:
        """In order, whole minutes or seconds."""


@dataclass(frozen=True)
class At:
    """Times of every day, and single wall moments."""

    daily: tuple[time, ...] = ()
    moments: tuple[datetime, ...] = ()
    fixed: bool = True

    def times_on(self, day: date) -> Sequence[time]:
        return sorted({*self.daily, *(m.time() for m in self.moments if m.date() == day)})


@dataclass(frozen=True)
class Every:
    """Elapsed time, counted from the zone's midnight of 2000-01-01, so that all processes agree."""

    period: timedelta


Rule = WallRule | Every


@dataclass(frozen=True)
class Plan:
    """A rule in its zone with its calendar."""

    rule: Rule
    zone: ZoneInfo
    calendar: WorkCalendar = field(default_factory=WorkCalendar)
    on_holiday: OnHoliday = "run"

    def after(self, moment: datetime) -> Iterator[Due]:
        """All that is due strictly after `moment` (aware), in order, without end unless the rule ends. What a
        holiday stops or moves is told too, with `skip`."""
        if isinstance(self.rule, Every):
            return self._every(self.rule.period, moment.astimezone(UTC))
        return self._wall(self.rule, moment.astimezone(UTC))

    def next(self, moment: datetime) -> Due | None:
        return next(self.after(moment), None)

    # ── elapsed time ──
    def _every(self, period: timedelta, moment: datetime) -> Iterator[Due]:
        start = ANCHOR.replace(tzinfo=self.zone).astimezone(UTC)
        at = start + ((moment - start) // period + 1) * period
        while True:
            closed = self.on_holiday != "run" and self.calendar.holiday(at.astimezone(self.zone).date())
            yield Due(at, utc_name(at), "holiday" if closed else "")
            at += period

    # ── wall time ──
    def _wall(self, rule: WallRule, moment: datetime) -> Iterator[Due]:
        local = moment.astimezone(self.zone)
        last, day, empty = moment, local.date() - ONE_DAY, 0
        while empty < HORIZON_DAYS:
            times, skip = self._times(rule, day)
            empty = 0 if times else empty + 1
            for due in _on(day, times, self.zone, rule.fixed, last):
                if due.at > last:
                    last = due.at
                    yield Due(due.at, due.occurrence, skip)
            day += ONE_DAY

    def _times(self, rule: WallRule, day: date) -> tuple[Sequence[time], str]:
        """The wall times of a date under the holiday policy, and why they do not fire."""
        own = rule.times_on(day)
        if self.on_holiday == "run":
            return own, ""
        if self.on_holiday == "skip":
            return own, "holiday" if own and self.calendar.holiday(day) else ""
        onto = self.calendar.shifted_onto(day, 1 if self.on_holiday == "next_working_day" else -1)
        if not onto:
            return own, "moved"
        return (own if onto == [day] else sorted({t for d in onto for t in rule.times_on(d)})), ""


def _on(day: date, times: Sequence[time], zone: ZoneInfo, fixed: bool, after: datetime) -> Iterator[Due]:
    """The moments of one local date, in order; those up to `after` may be left out."""
    if not times:
        return
    offset = _steady_offset(day, zone)
    if offset is not None:
        floor = after.replace(tzinfo=None) + offset
        first = (
            bisect_left(times, floor.time())
            if floor.date() == day
            else len(times)
            if floor.date() > day
            else 0
        )
        for wall in (datetime.combine(day, t) for t in times[first:]):
            yield _due((wall - offset).replace(tzinfo=UTC), wall, fixed)
    elif fixed:
        for wall in (datetime.combine(day, t) for t in times):
            yield _due(first_valid(wall, zone), wall, fixed)
    else:
        for at in sorted({m for t in times for m in real_moments(datetime.combine(day, t), zone)}):
            yield Due(at, utc_name(at))


def _due(at: datetime, wall: datetime, fixed: bool) -> Due:
    return Due(
        at, wall.isoformat(timespec="seconds" if wall.second else "minutes") if fixed else utc_name(at)
    )


@lru_cache(maxsize=4096)
def _steady_offset(day: date, zone: ZoneInfo) -> timedelta | None:
    """The day's offset from UTC; None when it changes within it."""
    start = datetime.combine(day, time())
    offsets = {
        (start + timedelta(hours=h)).replace(tzinfo=zone, fold=fold).utcoffset()
        for h in (0, 12, 24)
        for fold in (0, 1)
    }
    return offsets.pop() if len(offsets) == 1 else None


def real_moments(wall: datetime, zone: ZoneInfo) -> list[datetime]:
    """The UTC moments at which the zone's clock shows `wall`: none in a gap, two in a fold."""
    found = {wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)}
    return sorted(m for m in found if m.astimezone(zone).replace(tzinfo=None, fold=0) == wall)


def first_valid(wall: datetime, zone: ZoneInfo) -> datetime:
    """The first UTC moment at which the zone's clock shows `wall`, or, when it skips it, the end of the
    gap."""
    real = real_moments(wall, zone)
    return real[0] if real else _end_of_gap(wall, zone)


def _end_of_gap(wall: datetime, zone: ZoneInfo) -> datetime:
    """In a gap, fold=1 reads with the offset after it (so lies before the change) and fold=0 with the one
    before (PEP 495); the change is between them, to the second."""
    low, high = sorted(wall.replace(tzinfo=zone, fold=f).astimezone(UTC) for f in (1, 0))
    while high - low > timedelta(seconds=1):
        middle = low + timedelta(seconds=int((high - low).total_seconds()) // 2)
        before = middle.astimezone(zone).replace(tzinfo=None, fold=0) < wall
        low, high = (middle, high) if before else (low, middle)
    return high


def utc_name(at: datetime) -> str:
    """`2026-11-01T05:30:00Z`."""
    return (
        at.astimezone(UTC)
        .isoformat(timespec="milliseconds" if at.microsecond else "seconds")
        .replace("+00:00", "Z")
    )
