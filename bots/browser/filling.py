"""Putting a value into a field and making sure that it stands there.

1. Playwright's fill, which sets the value at once; then the field that has the keyboard is read back.
2. Where that shows something else (fields that swap when entered, masks, scripts that watch each key), the
value
   is typed like a person would, into whatever has the keyboard after a click; and read back again.
"""

from __future__ import annotations

import re
from contextlib import nullcontext
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from bots.base import Context
from bots.browser.calendar import Calendar, shows_day
from bots.browser.errors import failure_of
from bots.browser.find import milliseconds
from bots.browser.target import Target, engine_selector
from bots.browser.values import Text, shown, taken
from flows.data import Secret
from flows.failures import ApplicationFailure, FlowFailure

if TYPE_CHECKING:
    from playwright.sync_api import Locator

    from bots.browser.bot import Browser

READ_MS = 1000
KEY_DELAY_MS = 15
FOCUSED = engine_selector({"focused": True})
# The value of a field as it stands; `editable` is false for what takes no text.
READ = """(el) => {
  const field = el.closest('input,textarea,select') || el;
  const rich = el.isContentEditable;
  const text = 'value' in field && !rich ? field.value : el.innerText;
  return { value: text === undefined ? '' : String(text), editable: rich ||
      (/^(INPUT|TEXTAREA)$/.test(field.tagName) &&
    !field.readOnly && !field.disabled), type: field.type || '', tag: field.tagName,
    readonly: Boolean(field.readOnly) };
}"""

# Puts text into a plain field and says what has the keyboard then holds; null where it is not as plain as
# that.
QUICK = """(el, text) => {
  const plain = el.tagName === 'TEXTAREA' || (el.tagName === 'INPUT' &&
      /^(text|search|email|tel|url|password|number)$/.test(el.type));
  if (!plain || el.disabled || el.readOnly || el.getAttribute('aria-disabled') === 'true' ||
      el.closest('fieldset:disabled')) return null;
  el.focus();
  if (el.getRootNode().activeElement !== el) return null;
  el.select();
  document.execCommand(text === '' ? 'delete' : 'insertText', false, text);
  let now = document.activeElement;
  while (now && now.shadowRoot && now.shadowRoot.activeElement) now = now.shadowRoot.activeElement;
  return now && 'value' in now ? { value: String(now.value), editable: true, type: now.type || '',
      tag: now.tagName } : null;
}"""


class Filling:
    """One value for one field."""

    def __init__(self, browser: Browser, ctx: Context, target: Target, value: Text) -> None:
        self.browser, self.ctx, self.target = browser, ctx, target
        self.secret = isinstance(value, Secret)
        self.text = shown(value)
        self.day = _day(value)

    def fill(self, *, typed: bool = False, check: bool = True) -> None:
        """Fills. Raises `value-not-taken` with what stands in the field instead."""
        if not (self.secret or typed) and check and self._stands(self._at_once()):
            return
        with self.browser.evidence_of.untraced() if self.secret else nullcontext():
            self.browser.find.perform(self.ctx, self.target, "field", lambda loc, ms: self._fill(loc, ms, typed, check))

    def _at_once(self) -> dict[str, Any] | None:
        """What stands in a plain field after one turn; None where it takes more than that."""
        state = self.browser.find.try_now(self.ctx, self.target, "field", QUICK, self.text)
        return dict(state) if state else None

    def _fill(self, locator: Locator, limit: float, typed: bool, check: bool) -> None:
        if self.secret:
            self.browser.secret_typed(locator, self.text)
        if not typed and check and self._stands(locator.evaluate(QUICK, self.text, timeout=limit)):
            return
        if self.day is not None and self._pick(locator, self.day):
            return
        if not typed and self._set(locator, limit) and (not check or self._shows(locator)):
            return
        self.type(locator)
        if check:
            self._prove(locator)

    def _pick(self, locator: Locator, day: date) -> bool:
        """Picks a day in the calendar of a field that takes no typing."""
        state = self._state(locator)
        if state is None or not state["readonly"] or not Calendar(self.browser, self.ctx).pick(locator, day):
            return False
        now = self._state(locator)
        if now is None or not shows_day(now["value"], day):
            self._refuse(now)
        return True

    def _set(self, locator: Locator, limit: float) -> bool:
        """Sets the value at once; False for an element that is no field itself (a label, a cell to be
        clicked)."""
        try:
            locator.fill(self.text, timeout=limit)
        except self.browser.playwright_error as error:
            failure = failure_of(error.message, {}, timed_out=False)
            if failure.code == "target-unfit" and "Malformed value" not in error.message:
                return False
            raise
        return True

    def type(self, locator: Locator) -> None:
        """Types the value key by key into what has the keyboard after a click."""
        locator.click(timeout=milliseconds(self.ctx))
        focused = self._focused()
        state = self._state(focused)
        if state is None or not state["editable"]:
            raise FlowFailure("target-unfit", details={"target": str(self.target), "reason": "it takes no text"})
        if self.secret:
            self.browser.secret_typed(focused, self.text)
        focused.press("ControlOrMeta+a", timeout=READ_MS)
        if state["value"]:
            focused.press("Delete", timeout=READ_MS)
        self.browser.page.keyboard.type(self.text, delay=KEY_DELAY_MS)

    def _prove(self, locator: Locator) -> None:
        """Reads back after typing: the field with the keyboard, then the target itself once it was left."""
        states = [self._read_focused()]
        if not self._stands(states[0]):
            self.browser.page.keyboard.press("Tab")
            states.append(self._read(locator))
        if not any(map(self._stands, states)):
            self._refuse(states[-1] or states[0])

    def _refuse(self, state: dict[str, Any] | None) -> None:
        got = state["value"] if state else "nothing that can be read"
        hidden = self.secret or (state is not None and state["type"] == "password")
        raise ApplicationFailure(
            "value-not-taken",
            details={
                "target": str(self.target),
                "value": "[secret]" if hidden else self.text[:200],
                "stands": "something else" if hidden else got[:200],
            },
        )

    def _shows(self, locator: Locator) -> bool:
        """Whether what has the keyboard, or else the target, shows the value."""
        return self._stands(self._read_focused()) or self._stands(self._read(locator))

    def _stands(self, state: dict[str, Any] | None) -> bool:
        return state is not None and taken(self.text, state["value"])

    def _focused(self) -> Locator:
        """What has the keyboard, in the document of the target."""
        return self.browser.find.beside(FOCUSED)

    def _read_focused(self) -> dict[str, Any] | None:
        return self._state(self._focused())

    def _read(self, locator: Locator) -> dict[str, Any] | None:
        return self._state(locator)

    def _state(self, locator: Locator) -> dict[str, Any] | None:
        """{value, editable, type, tag}, or None where nothing can be read."""
        try:
            return dict(locator.evaluate(READ, timeout=READ_MS))
        except self.browser.playwright_error:
            return None


def _day(value: Text) -> date | None:
    """The day that a value names: a date, or its ISO text."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        return date.fromisoformat(value)
    return None
