"""Choosing from what a page offers: native lists, lists built by scripts, suggestions under a field."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bots.base import Context
from bots.browser.errors import failure_of
from bots.browser.filling import FOCUSED, Filling
from bots.browser.find import element_call, milliseconds
from bots.browser.target import Target, engine_selector
from flows.data import Secret
from flows.failures import ApplicationFailure

if TYPE_CHECKING:
    from playwright.sync_api import Locator

    from bots.browser.bot import Browser

POLL_MS = 60
_OFFERED = """(rpa, el) => (el.tagName === 'SELECT' ? [...el.options].map((o) => o.label)
  : rpa.select(document, '[role=option]').filter(rpa.shown).map((o) => rpa.name(o))).slice(0, 12)"""


class Choosing:
    """Chooses options in one list field."""

    def __init__(self, browser: Browser, ctx: Context, target: Target, options: list[str]) -> None:
        self.browser, self.ctx, self.target, self.options = browser, ctx, target, options

    def choose(self) -> list[str]:
        """Chooses and says what stands chosen. Raises `option-missing`, `value-not-taken`."""
        return self.browser.find.perform(self.ctx, self.target, "field", self._choose)

    def _choose(self, locator: Locator, limit: float) -> list[str]:
        wanted = [_plain(option) for option in self.options]
        try:
            chosen = locator.select_option(wanted, timeout=limit)
        except self.browser.playwright_error as error:
            if "did not find some options" in error.message:
                raise self._missing(locator, self.options[0]) from error
            if failure_of(error.message, {}, timed_out=False).code != "target-unfit":
                raise
            return self._choose_built(locator)
        if len(chosen) != len(set(wanted)):
            self._refuse(", ".join(chosen))
        return wanted

    def _choose_built(self, locator: Locator) -> list[str]:
        """A list built by a script: it is opened by a click, then the option is clicked."""
        for option in self.options:
            offered = Offered(self.browser, self.ctx, option)
            if not offered.now():
                locator.click(timeout=milliseconds(self.ctx))
            if not offered.pick():
                raise self._missing(locator, option)
        return self.options

    def _missing(self, locator: Locator, option: str) -> ApplicationFailure:
        offered = element_call(locator, _OFFERED, timeout=1000)
        return ApplicationFailure(
            "option-missing",
            details={
                "target": str(self.target),
                "option": option,
                "offered": ", ".join(f'"{o}"' for o in offered) or "-",
            },
        )

    def _refuse(self, stands: str) -> None:
        raise ApplicationFailure(
            "value-not-taken",
            details={"target": str(self.target), "value": ", ".join(self.options), "stands": stands},
        )


def _plain(option: str) -> str:
    return " ".join(option.split())


class Offered:
    """One option among those that a page offers for the field that has the keyboard."""

    def __init__(self, browser: Browser, ctx: Context, option: str) -> None:
        self.browser, self.ctx = browser, ctx
        scope = browser.find
        self._option = scope.beside(engine_selector({"role": "option", "name": option}))
        near: dict[str, Any] = {"says": option, "wants": "press", "near": {"focused": True}}
        self._near = scope.beside(engine_selector(near))
        self._before = self._near.count()

    def now(self) -> bool:
        return self._option.count() > 0

    def pick(self) -> bool:
        """Waits for the option and clicks it; False when it never shows."""
        while self.ctx.remaining() > 0.4:
            if self._option.count():
                self._option.first.click(timeout=milliseconds(self.ctx))
                return True
            if self._near.count() > self._before:
                self._near.first.click(timeout=milliseconds(self.ctx))
                return True
            self.browser.pause(POLL_MS)
        return False


def fill_and_choose(browser: Browser, ctx: Context, target: Target, text: str | Secret, choice: str) -> None:
    """Types into a field with suggestions and takes the one that reads `choice`. Raises `option-missing`."""
    filling = Filling(browser, ctx, target, text)

    def work(locator: Locator, limit: float) -> None:
        locator.click(timeout=limit)
        offered = Offered(browser, ctx, choice)
        filling.type(locator)
        if not offered.pick():
            names = element_call(browser.find.beside(FOCUSED), _OFFERED, timeout=1000)
            raise ApplicationFailure(
                "option-missing",
                details={
                    "target": str(target),
                    "option": choice,
                    "offered": ", ".join(f'"{o}"' for o in names) or "-",
                },
            )

    browser.find.perform(ctx, target, "field", work)


def set_checked(browser: Browser, ctx: Context, target: Target, on: bool) -> None:
    """Checks or unchecks a box, a switch or a radio button. Raises `value-not-taken`."""

    def work(locator: Locator, limit: float) -> None:
        try:
            locator.set_checked(on, timeout=min(limit, 4000))
        except browser.playwright_error as error:
            failure = failure_of(error.message, {}, timed_out=type(error).__name__ == "TimeoutError")
            if failure.code != "timed-out" or not locator.count():
                raise
            _through_label(browser, ctx, target, locator, on)

    browser.find.perform(ctx, target, "check", work)


_LABEL = """(el) => {
  const label = (el.labels && el.labels[0]) || el.closest('label');
  if (label) label.setAttribute('data-rpa-label', '');
  return Boolean(label);
}"""
_UNLABEL = "() => document.querySelectorAll('[data-rpa-label]').forEach((e) => e.removeAttribute('data-rpa-label'))"


def _through_label(browser: Browser, ctx: Context, target: Target, locator: Locator, on: bool) -> None:
    """A box under a drawn one cannot be clicked itself; its label can."""
    if not locator.evaluate(_LABEL):
        locator.set_checked(on, timeout=milliseconds(ctx))
        return
    try:
        browser.find.beside("[data-rpa-label]").first.click(timeout=milliseconds(ctx))
    finally:
        browser.page.evaluate(_UNLABEL)
    if locator.is_checked() is not on:
        raise ApplicationFailure(
            "value-not-taken",
            details={
                "target": str(target),
                "value": "checked" if on else "unchecked",
                "stands": "the opposite",
            },
        )
