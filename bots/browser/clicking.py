"""Clicks that must have an effect: opening a tab, or bringing a condition about."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from bots.base import Context
from bots.browser import conditions
from bots.browser.target import Target
from bots.browser.waiting import wait_until
from flows.failures import ApplicationFailure

if TYPE_CHECKING:
    from playwright.sync_api import Locator

    from bots.browser.bot import Browser

Press = Callable[["Locator", float], None]
LOST_AFTER_MS = 1200
SETTLES_S = 2.0
POLL_MS = 60
# What a person would see change: the text, the values, the address, what has the keyboard, how much there is.
_LOOK = """() => {
  let h = 0;
  const add = (s) => { for (let i = 0; i < s.length; i += 1) h = (h * 31 + s.charCodeAt(i)) | 0; };
  add(location.href + (document.body ? document.body.innerText : '') + document.querySelectorAll('*').length);
  for (const e of document.querySelectorAll('input,textarea,select')) add(e.value + (e.checked ? 1 : 0));
  const looks = ['class', 'style', 'aria-expanded', 'open', 'disabled'];
  for (const e of document.querySelectorAll(looks.map((a) => '[' + a + ']').join())) {
    add(looks.map((a) => e.getAttribute(a)).join());
  }
  return h;
}"""


def click_with_tab(browser: Browser, ctx: Context, target: Target, press: Press) -> None:
    """Clicks and goes on in the tab that opens. Raises `tab-missing` when none does."""
    before = list(browser.pages)
    browser.find.perform(ctx, target, "press", press)
    while True:
        new = [p for p in browser.pages if p not in before]
        if new:
            browser.page = new[-1]
            browser.page.wait_for_load_state("domcontentloaded", timeout=max(1.0, ctx.remaining() * 1000))
            return
        if ctx.remaining() < 0.2:
            raise ApplicationFailure("tab-missing", details={"tab": "opened by the click", "tabs": str(len(before))})
        browser.pause(POLL_MS)


def click_until(browser: Browser, ctx: Context, target: Target, press: Press, until: Any) -> None:
    """Clicks until the condition holds; again only while nothing has changed and nothing was sent.

    Raises `no-effect` when the time is up.
    """
    if conditions.sees(browser, until):
        return
    clicks = 0
    while ctx.remaining() > 0.3:
        # What an earlier step has set going must not look like an effect of this click, nor move the page under it.
        wait_until(browser, ctx, lambda: not browser.watch.underway, min(SETTLES_S, ctx.remaining() / 2))
        if clicks and _took_the_target(browser, ctx, target, until):
            return
        looked, order = _look(browser), browser.watch.latest()
        browser.find.perform(ctx, target, "press", press)
        clicks += 1
        if clicks > 1:
            ctx.warn("click-repeated", target=str(target), clicks=clicks)
        if _comes_true(browser, ctx, until, looked, order):
            return
    raise ApplicationFailure(
        "no-effect", details={"target": str(target), "until": str(until), "clicks": clicks}, effect="maybe"
    )


def _took_the_target(browser: Browser, ctx: Context, target: Target, until: Any) -> bool:
    """Whether the condition holds after all. While the target is gone the click was not lost: its effect is slow
    to show, as when a busy machine opens a form."""
    while not conditions.sees(browser, until):
        if ctx.remaining() <= 0.3 or browser.find.count(target, "press"):
            return False
        browser.pause(POLL_MS)
    return True


def _comes_true(browser: Browser, ctx: Context, until: Any, looked: int | None, order: int) -> bool:
    """True once the condition holds; False when the click seems lost: time passed and nothing happened."""
    waited = 0
    while ctx.remaining() > 0.3:
        if conditions.sees(browser, until):
            return True
        browser.pause(POLL_MS)
        waited += POLL_MS
        if waited >= LOST_AFTER_MS and browser.watch.latest() == order and _unchanged(browser, looked):
            return False
    return conditions.sees(browser, until)


def _unchanged(browser: Browser, looked: int | None) -> bool:
    return looked is not None and _look(browser) == looked


def _look(browser: Browser) -> int | None:
    """A number that changes when the page does; None while a new page is being built."""
    try:
        return int(browser.page.evaluate(_LOOK))
    except browser.playwright_error:
        return None
