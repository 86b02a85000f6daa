"""Dates and business days. `now()` and `today()` are the run's frozen time."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from flows.values import BadValue, Missing, kind_of, to_text

MAX_DAYS = 40_000
MAX_WORKING_DAYS = 2_000
_FORM = re.compile(r"(?:%[YymdHMSjUWabAB%]|[^%])*")
_KOREAN = re.compile(
    r"(\d{4})\s*[년./-]\s*(\d{1,2})\s*[월./-]\s*(\d{1,2})\s*[일.]?(?:\s*\(?[월화수목금토일]\)?)?"
)
_WEEKDAYS = "월화수목금토일"


def to_date(value: Any, form: str = "") -> date:
    """A date from ISO text, `2026. 11. 21.`, `2026년 11월 21일`, or by `form` such as `%d.%m.%Y`."""
    if value is None:
        raise Missing("a date")
    if isinstance(value, date):
        return value.date() if isinstance(value, datetime) else value
    if not isinstance(value, str | int):
        raise TypeError(f"{kind_of(value)} is not a date")
    text = str(value).strip()
    try:
        return datetime.strptime(text, _checked(form)).date() if form else _written(text)
    except ValueError:
        raise BadValue(f"{text[:40]!r} is not a date{f' of the form {form}' if form else ''}") from None


def _written(text: str) -> date:
    korean = _KOREAN.fullmatch(text)
    if korean:
        year, month, day = (int(g) for g in korean.groups())
        return date(year, month, day)
    return datetime.fromisoformat(text).date() if "T" in text or " " in text else date.fromisoformat(text)


def _checked(form: str) -> str:
    if len(form) > 100 or not _FORM.fullmatch(form):
        raise BadValue(f"the date form {form[:40]!r} has an unknown part")
    return form


def date_text(value: Any, form: str = "%Y-%m-%d") -> str:
    """A date as text: `%d.%m.%Y`, `ko` for 2026년 11월 21일, `ko-weekday` with (토)."""
    day = value if isinstance(value, date) else to_date(value)
    if form in ("ko", "ko-weekday"):
        weekday = f" ({_WEEKDAYS[day.weekday()]})" if form == "ko-weekday" else ""
        return f"{day.year}년 {day.month}월 {day.day}일{weekday}"
    return day.strftime(_checked(form).replace("%Y", f"{day.year:04d}"))


def days(count: int) -> timedelta:
    """A span to add to a date: `date + days(30)`."""
    if not isinstance(count, int) or abs(count) > MAX_DAYS:
        raise ValueError(f"days takes a whole number, at most {MAX_DAYS}")
    return timedelta(days=count)


def days_between(start: Any, end: Any) -> int:
    """Days from `start` to `end`, negative when `end` is earlier."""
    return (to_date(end) - to_date(start)).days


def now(scope: Mapping[str, Any]) -> datetime:
    """The run's frozen time."""
    moment: datetime = scope["run"]["now"]
    return moment


def today(scope: Mapping[str, Any]) -> date:
    """The date of the run's frozen time."""
    return now(scope).date()


# ── business days ──
@lru_cache(maxsize=256)
def _holidays(country: str, year: int) -> frozenset[date]:
    import holidays

    try:
        return frozenset(holidays.country_holidays(country, years=year))
    except NotImplementedError:
        raise ValueError(f"there is no holiday calendar {country!r}; use a code such as KR or DE") from None


def _calendar(scope: Mapping[str, Any], country: str | None) -> tuple[str, frozenset[date]]:
    """The country and the closed days: as given, else those of the project's `calendar:`."""
    of_run = scope.get("run") or {}
    own = (of_run.get("calendar") if "calendar" in of_run else None) or {}
    chosen = country or own.get("country")
    if not chosen:
        raise ValueError(
            "name the country, such as working_days(day, 5, 'KR'), or set calendar: in flows.yaml"
        )
    return str(chosen), frozenset(to_date(d) for d in own.get("closed") or ())


def is_working_day(scope: Mapping[str, Any], value: Any, country: str | None = None) -> bool:
    """Whether a date is neither weekend nor holiday (of `country`, else of the project's calendar)."""
    return _works(to_date(value), *_calendar(scope, country))


def _works(day: date, country: str, closed: frozenset[date]) -> bool:
    return day.weekday() < 5 and day not in closed and day not in _holidays(country, day.year)


def working_days(scope: Mapping[str, Any], value: Any, count: int, country: str | None = None) -> date:
    """The day that is `count` working days after a date (before it, when negative)."""
    day, calendar = to_date(value), _calendar(scope, country)
    if not isinstance(count, int) or abs(count) > MAX_WORKING_DAYS:
        raise ValueError(f"working_days takes a whole number, at most {MAX_WORKING_DAYS}")
    step = timedelta(days=1 if count >= 0 else -1)
    left = abs(count)
    while left:
        day += step
        left -= _works(day, *calendar)
    return day


def month_end(value: Any) -> date:
    """The last day of a date's month."""
    day = to_date(value)
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def add_months(value: Any, count: int) -> date:
    """The same day `count` months on, or that month's last day."""
    day = to_date(value)
    months = day.year * 12 + day.month - 1 + int(count)
    if not 12 <= months < 12 * 9999:
        raise BadValue(f"{to_text(value)} and {count} months leave the calendar")
    first = date(months // 12, months % 12 + 1, 1)
    return first.replace(day=min(day.day, month_end(first).day))
