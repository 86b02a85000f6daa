"""What the keyboard does beyond filling fields: typing where the cursor is, moving sliders, marking text."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from bots.base import Context
from bots.browser.bot import Browser
from bots.browser.failures_of import ACTED, GONE, TAKEN
from bots.browser.find import element_call
from bots.browser.sliding import Sliding
from bots.browser.target import Target
from bots.browser.values import Text, shown
from flows.action import action
from flows.data import Secret
from flows.failures import ApplicationFailure

if TYPE_CHECKING:
    from playwright.sync_api import Locator

KEY_DELAY_MS = 10
# Marks the whole text of an element, or one part of it, as a mouse drawn over it would; says what is marked.
_MARK_TEXT = """(rpa, el, part) => {
  if (el.matches('input,textarea')) {
    el.focus();
    const at = part === null ? 0 : el.value.indexOf(part);
    if (at >= 0) el.setSelectionRange(at, part === null ? el.value.length : at + part.length);
    return at < 0 ? null : el.value.slice(el.selectionStart, el.selectionEnd);
  }
  const walker = document.createTreeWalker(el, NodeFilter.SHOW_TEXT);
  const nodes = [];
  for (let n = walker.nextNode(); n; n = walker.nextNode()) nodes.push(n);
  const text = nodes.map((n) => n.data).join('');
  const from = part === null ? 0 : text.indexOf(part);
  if (from < 0 || !nodes.length) return null;
  const to = part === null ? text.length : from + part.length;
  const place = (offset, last) => {
    let before = 0;
    for (const n of nodes) {
      if (offset < before + n.length || (last && offset === before + n.length)) return [n, offset - before];
      before += n.length;
    }
    return [nodes[nodes.length - 1], nodes[nodes.length - 1].length];
  };
  const home = rpa.closest(el, (e) => e.isContentEditable && !(e.parentElement || {}).isContentEditable);
  if (home) home.focus();
  const range = document.createRange();
  range.setStart(...place(from, false));
  range.setEnd(...place(to, true));
  const marked = getSelection();
  marked.removeAllRanges();
  marked.addRange(range);
  return marked.toString();
}"""


@action(
    "browser.type",
    main="text",
    acts="screen",
    fails=GONE,
    examples=('browser.type: "ls -l"', "browser.type: {text: '4711', enter: true}"),
)
def type_(browser: Browser, ctx: Context, *, text: Text, enter: bool = False) -> None:
    """Types key by key into whatever has the keyboard now; with `enter` the Enter key follows.

    For terminals, games and drawn surfaces that have no field. Fields are filled with browser.fill, which
    reads back what it typed.
    """
    browser.use(ctx)
    keyboard = browser.page.keyboard
    if isinstance(text, Secret):
        browser.secret_typed(browser.find.locator(ctx, Target(focused=True), "any"), text.reveal())
        with browser.evidence_of.untraced():
            keyboard.type(shown(text), delay=KEY_DELAY_MS)
    else:
        keyboard.type(shown(text), delay=KEY_DELAY_MS)
    if enter:
        keyboard.press("Enter")


@action(
    "browser.slide",
    acts="screen",
    fails={**TAKEN, "value-unreadable": "application"},
    timeout="60s",
    examples=(
        "browser.slide: {target: Volume, to: 40}",
        "browser.slide: {target: {role: slider}, to: 7, shown: {pattern: '-?[0-9]+', near: {role: slider}}}",
    ),
)
def slide(browser: Browser, ctx: Context, *, target: Target, to: int | Decimal, shown: Target | None = None) -> None:
    """Moves a slider to a value with the arrow keys and reads it back.

    `shown` is the text that shows the value, for sliders that do not tell it themselves. A value between two
    steps of the slider, or outside its range, is `value-not-taken`.
    """
    Sliding(browser, ctx, target, Decimal(to), shown).slide()


@action(
    "browser.select_text",
    acts="screen",
    fails={**ACTED, "text-missing": "application"},
    examples=(
        "browser.select_text: {target: {role: paragraph, nth: 2}}",
        "browser.select_text: {target: {role: textbox}, part: overdue}",
    ),
)
def select_text(browser: Browser, ctx: Context, *, target: Target, part: str | None = None) -> str:
    """Marks the text of something, or one `part` of it, as a mouse drawn over it would. Returns the text."""

    def mark(locator: Locator, limit: float) -> str:
        locator.scroll_into_view_if_needed(timeout=limit)
        marked = element_call(locator, _MARK_TEXT, part, timeout=limit)
        if marked is None:
            raise ApplicationFailure("text-missing", details={"target": str(target), "part": part or "-"})
        return str(marked)

    return browser.find.perform(ctx, target, "any", mark)
