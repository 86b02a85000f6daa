"""Which days are holidays and which are worked: a country's public holidays and the company's own closed
days."""

from __future__ import annotations

from collections.abc import Collection, Container
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rpa.schedule.manifest import Calendar

ONE_DAY = timedelta(days=1)
LONGEST_CLOSURE = 60  # days; a longer one has no next working day


@dataclass(frozen=True)
class WorkCalendar:
    """`public` answers `day in public`; `weekend` holds Python's weekday numbers (5 Saturday, 6 Sunday)."""

    public: Container[date] = frozenset()
    closed: Collection[date] = frozenset()
    weekend: Collection[int] = field(default=frozenset({5, 6}))

    def holiday(self, day: date) -> bool:
        """A public holiday or a closed day. A weekend alone is none."""
        return day in self.closed or day in self.public

    def working(self, day: date) -> bool:
        return day.weekday() not in self.weekend and not self.holiday(day)

    def shifted_onto(self, day: date, direction: int) -> list[date]:
        """The days whose work falls on the working day `day` when it moves forward (+1) or back (-1): itself
        and the unbroken row of days off on the other side. Empty when `day` is not worked."""
        if not self.working(day):
            return []
        found, other = [day], day - direction * ONE_DAY
        while not self.working(other) and len(found) <= LONGEST_CLOSURE:
            found.append(other)
            other -= direction * ONE_DAY
        return sorted(found)


def work_calendar(calendar: Calendar | None) -> WorkCalendar:
    """Raises ValueError for an unknown country, subdivision or date."""
    if calendar is None:
        return WorkCalendar()
    closed = frozenset(date.fromisoformat(text) for text in calendar.closed)
    if calendar.country is None:
        return WorkCalendar(closed=closed)
    public = _public(calendar.country, calendar.subdivision)
    return WorkCalendar(public, closed, frozenset(public.weekend))


@cache
def _public(country: str, subdivision: str | None) -> Any:
    import holidays

    try:
        return holidays.country_holidays(country, subdiv=subdivision)
    except NotImplementedError as error:
        raise ValueError(str(error)) from None
