"""Moving a slider by its arrow keys until it stands where it should."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from bots.base import Context
from bots.browser.find import element_call, milliseconds
from bots.browser.target import Target
from flows.failures import ApplicationFailure

if TYPE_CHECKING:
    from playwright.sync_api import Locator

    from bots.browser.bot import Browser

ROUNDS = 4
PRESSES = 1000
SETTLE_MS = 30
_VALUE = """(rpa, el) => {
  const said = el.getAttribute('aria-valuenow');
  return el.matches('input') ? el.value : said;
}"""
_TEXT = "(rpa, el) => String(rpa.valueOf(el) ?? '')"


class Sliding:
    """One slider on its way to one value."""

    def __init__(self, browser: Browser, ctx: Context, target: Target, to: Decimal, shown: Target | None) -> None:
        self.browser, self.ctx, self.target, self.to, self.shown = browser, ctx, target, to, shown

    def slide(self) -> None:
        """Slides and proves it. Raises `value-not-taken`, `target-unfit`."""
        self.browser.find.perform(self.ctx, self.target, "field", self._slide)

    def _slide(self, locator: Locator, limit: float) -> None:
        locator.focus(timeout=limit)
        now = self._now(locator)
        for _ in range(ROUNDS):
            if now == self.to:
                return
            now = self._go(locator, now)
        if now != self.to:
            self._refuse(now)

    def _go(self, locator: Locator, now: Decimal) -> Decimal:
        """As many presses as the way is long, by the size of the first one."""
        before = now
        now = self._pressed(locator, "ArrowRight" if self.to > now else "ArrowLeft", 1)
        step = abs(now - before)
        if not step or now == self.to:
            return now
        times = min(PRESSES, int(abs(self.to - now) / step))
        return self._pressed(locator, "ArrowRight" if self.to > now else "ArrowLeft", times) if times else now

    def _pressed(self, locator: Locator, key: str, times: int) -> Decimal:
        for _ in range(times):
            locator.press(key, timeout=milliseconds(self.ctx))
        self.browser.page.wait_for_timeout(SETTLE_MS)
        return self._now(locator)

    def _now(self, locator: Locator) -> Decimal:
        from ocr.fields.typed.money import parse_number

        limit = milliseconds(self.ctx)
        if self.shown is not None:
            place = self.browser.find.beside(self.shown.selector("any"))
            text = str(element_call(place, _TEXT, timeout=limit))
        else:
            text = str(element_call(locator, _VALUE, timeout=limit) or "")
        number = parse_number(text)
        if number is None:
            raise ApplicationFailure(
                "value-unreadable", details={"target": str(self.shown or self.target), "text": text, "type": "number"}
            )
        return number

    def _refuse(self, now: Decimal) -> None:
        raise ApplicationFailure(
            "value-not-taken",
            details={"target": str(self.target), "value": str(self.to), "stands": str(now)},
        )
