"""Picking a day in the calendar that a date field opens, for fields that take no typing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bots.base import Context
from bots.browser.find import engine_call, milliseconds
from bots.browser.waiting import wait_until
from flows.failures import ApplicationFailure

if TYPE_CHECKING:
    from playwright.sync_api import Locator

    from bots.browser.bot import Browser

MARK = "data-rpa-calendar"
OPENS_S = 2.0
MONTHS = 1200
_FILE = (Path(__file__).parent / "js" / "calendar.js").read_text("utf-8")
_SHOWS = (
    f"(rpa) => {{ const c = ({_FILE})(rpa); return c && {{ year: c.year, month: c.month, next: !!c.next, "
    "back: !!c.back }; }"
)
# Marks one part of the calendar, so that a real click can reach it: an arrow, or a day by its number.
_POINT = f"""(rpa, part) => {{
  const c = ({_FILE})(rpa);
  const day = c && typeof part === 'number' ? (c.days.find(([, n]) => n === part) || [])[0] : null;
  const el = c && (typeof part === 'number' ? day && (rpa.select(day, 'a,button,[role=button]')[0] || day) : c[part]);
  document.querySelectorAll('[{MARK}]').forEach((e) => e.removeAttribute('{MARK}'));
  if (el) el.setAttribute('{MARK}', '');
  return Boolean(el);
}}"""


class Calendar:
    """The calendar of one date field."""

    def __init__(self, browser: Browser, ctx: Context) -> None:
        self.browser, self.ctx = browser, ctx

    def pick(self, field: Locator, day: date) -> bool:
        """Opens the calendar by a click on the field, turns to the month, clicks the day. False when no
        calendar opens. Raises `option-missing` for a day that cannot be reached."""
        field.click(timeout=milliseconds(self.ctx))
        if not wait_until(self.browser, self.ctx, lambda: self._shows() is not None, OPENS_S):
            return False
        self._turn(day)
        if not self._point(day.day):
            raise self._missing(day)
        self._click()
        return True

    def _turn(self, day: date) -> None:
        for _ in range(MONTHS):
            shows = self._shows()
            if shows is None:
                raise self._missing(day)
            away = (day.year - shows["year"]) * 12 + day.month - shows["month"]
            if not away:
                return
            part = "next" if away > 0 else "back"
            if not shows[part]:
                raise self._missing(day)
            self._point(part)
            self._click()
            if not wait_until(self.browser, self.ctx, lambda was=shows: self._shows() != was, OPENS_S):  # type: ignore[misc]
                raise self._missing(day)

    def _shows(self) -> Mapping[str, Any] | None:
        found: Mapping[str, Any] | None = engine_call(self.browser.page, _SHOWS)
        return found

    def _point(self, part: str | int) -> bool:
        return bool(engine_call(self.browser.page, _POINT, part))

    def _click(self) -> None:
        self.browser.page.locator(f"[{MARK}]").click(timeout=milliseconds(self.ctx))

    def _missing(self, day: date) -> ApplicationFailure:
        shows = self._shows()
        offered = f"{shows['year']}-{shows['month']:02}" if shows else "-"
        return ApplicationFailure(
            "option-missing",
            details={"target": "the calendar", "option": day.isoformat(), "offered": offered},
        )


def shows_day(text: str, day: date) -> bool:
    """Whether a field that shows `text` shows this day, in whatever order and with whatever words."""
    numbers = sorted(int(n) for n in re.findall(r"\d+", text))
    years = (day.year, day.year % 100)
    if any(numbers == sorted((year, day.month, day.day)) for year in years):
        return True
    worded = re.search(r"[^\W\d_]", text) is not None
    return worded and any(numbers == sorted((year, day.day)) for year in years)
