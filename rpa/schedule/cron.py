"""Five cron fields, as cron reads them: names or numbers, 0 and 7 are Sunday, two day fields mean *or*."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time
from functools import cached_property, lru_cache

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
SHORT = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
_FIELDS = ("minute", "hour", "day", "month", "weekday")
_RANGES = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))


@dataclass(frozen=True)
class Cron:
    """A parsed line. `weekdays` holds 0 = Sunday to 6. `text` is the line as written."""

    text: str
    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    any_day: bool
    any_weekday: bool
    fixed: bool

    @cached_property
    def times(self) -> tuple[time, ...]:
        """The wall times of a matching day, in order."""
        return tuple(time(hour, minute) for hour in self.hours for minute in self.minutes)

    def on(self, day: date) -> bool:
        """Whether the date fields match. When both day fields are restricted either suffices (cron's
        rule)."""
        if day.month not in self.months:
            return False
        by_day, by_weekday = day.day in self.days, day.isoweekday() % 7 in self.weekdays
        return by_day and by_weekday if self.any_day or self.any_weekday else by_day or by_weekday

    def times_on(self, day: date) -> Sequence[time]:
        return self.times if self.on(day) else ()


@lru_cache(maxsize=4096)
def parse_cron(text: str) -> Cron:
    """Raises ValueError with the field and what is wrong with it."""
    fields = SHORT.get(text.strip().lower(), text).split()
    if len(fields) != len(_FIELDS):
        raise ValueError(f"five fields are expected (minute hour day month weekday), not {len(fields)}")
    minutes, hours, days, months, weekdays = (
        _field(field.lower(), name, *bounds)
        for field, name, bounds in zip(fields, _FIELDS, _RANGES, strict=True)
    )
    return Cron(
        text.strip(),
        tuple(sorted(minutes)),
        tuple(sorted(hours)),
        frozenset(days),
        frozenset(months),
        frozenset(d % 7 for d in weekdays),
        any_day=fields[2].startswith("*"),
        any_weekday=fields[4].startswith("*"),
        fixed=not ("*" in fields[1] or "/" in fields[1]),
    )


def _field(text: str, name: str, low: int, high: int) -> set[int]:
    found: set[int] = set()
    for part in text.split(","):
        found |= _part(part, name, low, high)
    return found


def _part(text: str, name: str, low: int, high: int) -> set[int]:
    span, slash, step = text.partition("/")
    if slash and (not step.isdecimal() or int(step) < 1):
        raise ValueError(f"{name}: the step in {text} is not a number from 1")
    first, dash, last = span.partition("-")
    if span == "*":
        start, end = low, 6 if name == "weekday" else high
    else:
        start = _number(first, name, low, high)
        end = _number(last, name, low, high) if dash else (high if slash else start)
    if dash and name == "weekday" and end == 0:
        end = 7  # sat-sun
    if end < start:
        raise ValueError(f"{name}: {span} runs backwards")
    return set(range(start, end + 1, int(step) if slash else 1))


def _number(text: str, name: str, low: int, high: int) -> int:
    names: Sequence[str] = {"month": MONTHS, "weekday": WEEKDAYS}.get(name, ())
    if text in names:
        return names.index(text) + (name == "month")
    if not text.isascii() or not text.isdecimal() or not low <= int(text) <= high:
        raise ValueError(f"{name}: {text or 'nothing'} is not between {low} and {high}")
    return int(text)
