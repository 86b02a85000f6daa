"""What a hand does: clicking, pressing keys, dragging, scrolling, answering dialogs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from bots.base import Context
from bots.browser.bot import Browser
from bots.browser.clicking import click_until, click_with_tab
from bots.browser.errors import obstacle
from bots.browser.failures_of import ACTED, GONE
from bots.browser.find import element_call, milliseconds
from bots.browser.target import Target
from bots.browser.watch import DialogAnswer
from flows.action import action
from flows.failures import ApplicationFailure, FlowFailure

if TYPE_CHECKING:
    from playwright.sync_api import Locator

COVERED_AFTER_MS = 2500.0
READ_MS = 1000.0
# Where a partly covered element can still be reached, from its corner; null where nothing of it is free.
_FREE_POINT = """(rpa, el) => {
  const b = rpa.box(el);
  for (const y of [0.5, 0.25, 0.75, 0.1, 0.9]) {
    for (const x of [0.5, 0.25, 0.75, 0.1, 0.9]) {
      const at = el.getRootNode().elementFromPoint(b.left + b.width * x, b.top + b.height * y);
      if (at && rpa.contains(el, at)) return { x: b.width * x, y: b.height * y };
    }
  }
  return null;
}"""
Key = Literal["Alt", "Control", "ControlOrMeta", "Meta", "Shift"]


@action(
    "browser.click",
    main="target",
    acts="screen",
    fails={**ACTED, "no-effect": "application", "tab-missing": "application"},
    examples=(
        "browser.click: Save",
        "browser.click: {target: {role: button, name: Open, in: {row: {Number: '4711'}}}}",
        "browser.click: {target: Next, until: {text: Page 2}}",
    ),
)
def click(
    browser: Browser,
    ctx: Context,
    *,
    target: Target,
    count: int = 1,
    button: Literal["left", "right", "middle"] = "left",
    hold: list[Key] | None = None,
    opens_tab: bool = False,
    until: dict[str, Any] | str | None = None,
) -> None:
    """Clicks what a person would click, once it shows, stands still, is enabled and nothing covers it.

    `count: 2` is a double click, `hold` keys held meanwhile. `opens_tab` waits for the tab that the click
    opens and goes on in it. `until` is a condition (as in `expect`) that the click must bring about: a
    click that the page missed, because its script had not started yet, is repeated as long as nothing on
    the page has changed.
    """

    def press(locator: Locator, limit: float) -> None:
        how: dict[str, Any] = {"click_count": count, "button": button, "modifiers": hold}
        try:
            locator.click(**how, timeout=min(limit, COVERED_AFTER_MS))
        except browser.playwright_error as error:
            if limit <= COVERED_AFTER_MS or type(error).__name__ != "TimeoutError":
                raise
            covered = obstacle(error.message).startswith("covered")
            point = element_call(locator, _FREE_POINT, timeout=READ_MS) if covered else None
            locator.click(**how, position=point, timeout=milliseconds(ctx))

    if until is not None:
        click_until(browser, ctx, target, press, until)
    elif opens_tab:
        click_with_tab(browser, ctx, target, press)
    else:
        browser.find.perform(ctx, target, "press", press)


@action("browser.hover", main="target", acts="screen", fails=ACTED)
def hover(browser: Browser, ctx: Context, *, target: Target) -> None:
    """Rests the mouse on something, so that its menu or hint shows."""
    browser.find.perform(ctx, target, "press", lambda locator, limit: locator.hover(timeout=limit))


@action(
    "browser.press",
    main="keys",
    acts="screen",
    fails={**ACTED, "key-unknown": "flow"},
    examples=(
        "browser.press: Enter",
        "browser.press: {keys: Control+s}",
        "browser.press: {keys: Tab, target: Amount}",
    ),
)
def press(browser: Browser, ctx: Context, *, keys: str, target: Target | None = None, times: int = 1) -> None:
    """Presses a key or a combination on `target`, or on what has the keyboard now.

    Keys: `Enter`, `Tab`, `Escape`, `ArrowDown`, `F2`, `Control+s`, …
    """
    browser.use(ctx)
    if target is not None:
        for _ in range(times):
            browser.find.perform(ctx, target, "field", lambda locator, limit: locator.press(keys, timeout=limit))
        return
    try:
        for _ in range(times):
            browser.page.keyboard.press(keys)
    except browser.playwright_error as error:
        raise FlowFailure("key-unknown", details={"keys": keys, "reason": str(error)[:200]}) from error


@action(
    "browser.drag",
    main="target",
    acts="screen",
    fails=ACTED,
    examples=(
        "browser.drag: {target: {text: Task 1}, to: {in: Done, role: list}}",
        "browser.drag: {target: {role: separator}, toward: left}",
    ),
)
def drag(
    browser: Browser,
    ctx: Context,
    *,
    target: Target,
    to: Target | None = None,
    toward: Literal["left", "right", "up", "down"] | None = None,
) -> None:
    """Drags something onto something else, slowly enough for pages that watch every movement.

    `toward` instead of `to` drags it that way by its own size, such as a divider or a corner to resize by.
    """
    if (to is None) == (toward is None):
        raise FlowFailure(
            "parameter-invalid",
            details={"action": "browser.drag", "parameter": "to", "reason": "give either to or toward", "value": "-"},
        )
    if to is not None:
        goal = browser.find.locator(ctx, to, "any")
        browser.find.perform(ctx, target, "any", lambda locator, limit: _drag_onto(browser, locator, goal, limit))
    else:
        browser.find.perform(
            ctx, target, "any", lambda locator, limit: _drag_toward(browser, locator, limit, str(toward))
        )


STEPS = 8
OVERSHOOT_PX = 5


def _drag_onto(browser: Browser, locator: Locator, goal: Locator, limit: float) -> None:
    """What is dragged must be free to be taken; where it is dropped something may lie above.

    A little beyond the middle, as a hand does: lists that make room do it once the middle is passed.
    """
    goal.scroll_into_view_if_needed(timeout=limit)
    locator.hover(timeout=limit)
    start, end = _middle(locator, limit), _middle(goal, limit)
    mouse = browser.page.mouse
    mouse.down()
    mouse.move(*end, steps=STEPS)
    mouse.move(end[0] + _beyond(start[0], end[0]), end[1] + _beyond(start[1], end[1]), steps=2)
    mouse.up()


def _beyond(start: float, end: float) -> float:
    return 0 if abs(end - start) < OVERSHOOT_PX else OVERSHOOT_PX if end > start else -OVERSHOOT_PX


def _middle(locator: Locator, limit: float) -> tuple[float, float]:
    """Where the middle of an element is in the window, in CSS pixels."""
    box = locator.bounding_box(timeout=limit)
    if box is None:
        raise ApplicationFailure("target-not-ready", details={"target": str(locator), "reason": "not visible"})
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


_WAYS = {"left": (-1, 0), "right": (1, 0), "up": (0, -1), "down": (0, 1)}
_LEAST_DRAG_PX = 12


def _drag_toward(browser: Browser, locator: Locator, limit: float, way: str) -> None:
    """Takes the middle of an element that shows and nothing covers, and moves it by its own size."""
    locator.hover(timeout=limit)
    x, y = _middle(locator, limit)
    box = locator.bounding_box(timeout=limit) or {"width": 0.0, "height": 0.0}
    across, down = _WAYS[way]
    mouse = browser.page.mouse
    mouse.down()
    mouse.move(
        x + across * max(box["width"], _LEAST_DRAG_PX),
        y + down * max(box["height"], _LEAST_DRAG_PX),
        steps=STEPS,
    )
    mouse.up()


@action(
    "browser.scroll",
    main="to",
    acts="screen",
    fails={**ACTED, "end-reached": "application"},
    examples=(
        "browser.scroll: {to: {text: Invoice 250}}",
        "browser.scroll: {by: page}",
        "browser.scroll: bottom",
    ),
)
def scroll(
    browser: Browser,
    ctx: Context,
    *,
    to: Target | Literal["top", "bottom"] | None = None,
    by: Literal["page", "half"] | None = None,
    inside: Target | None = None,
) -> None:
    """Scrolls the page, or the area `inside`: to something, to the `top` or `bottom`, or by a page.

    Scrolling `to` a target that is not there yet goes on scrolling down, as in lists that load while one
    scrolls; `end-reached` when nothing more comes.
    """
    browser.use(ctx)
    area = browser.find.locator(ctx, inside, "any") if inside is not None else None
    if isinstance(to, Target):
        _scroll_to(browser, ctx, to, area)
    else:
        _scroll_by(browser, area, to or by or "page")


_SCROLL = """(rpa, el, how) => {
  let area = el;
  const scrolls = (e) => e.scrollHeight > e.clientHeight + 4 &&
      /auto|scroll/.test(getComputedStyle(e).overflowY);
  if (area) { area = rpa.closest(area, scrolls) || rpa.select(area, '*').find(scrolls) || area; }
  else area = document.scrollingElement.scrollHeight > innerHeight + 4 ? document.scrollingElement
    : [...document.querySelectorAll('*')].filter((e) => scrolls(e) && rpa.shown(e)).sort((a, b) =>
        b.clientHeight - a.clientHeight)[0]
      || document.scrollingElement;
  const by = { page: area.clientHeight * 0.9, half: area.clientHeight / 2, top: -1e9, bottom: 1e9 }[how];
  area.scrollBy(0, by);
  return [Math.round(area.scrollTop), area.scrollHeight];
}"""
END_WAIT_MS = 1500


def _scroll_by(browser: Browser, area: Locator | None, how: str) -> list[int]:
    """Scrolls and says [position, height]."""
    if area is not None:
        return list(element_call(area, _SCROLL, how, timeout=5000))
    return list(
        element_call(
            browser.page.locator("html"),
            _SCROLL.replace("let area = el;", "let area = null;"),
            how,
            timeout=5000,
        )
    )


def _scroll_to(browser: Browser, ctx: Context, target: Target, area: Locator | None) -> None:
    last: list[int] = []
    while not browser.find.count(target):
        now = _scroll_by(browser, area, "page")
        if now == last:
            _wait_for_more(browser, ctx, target, area, now)
        last = now
        browser.page.wait_for_timeout(50)
    browser.find.perform(ctx, target, "any", lambda locator, limit: locator.scroll_into_view_if_needed(timeout=limit))


def _wait_for_more(browser: Browser, ctx: Context, target: Target, area: Locator | None, now: list[int]) -> None:
    """At the end of the list: more may be on its way. Raises `end-reached` when nothing comes."""
    waited = 0
    while waited < END_WAIT_MS and ctx.remaining() > 0.3:
        browser.page.wait_for_timeout(100)
        waited += 100
        if browser.find.count(target) or _scroll_by(browser, area, "page") != now:
            return
    raise ApplicationFailure("end-reached", details={"target": str(target)})


@action(
    "browser.dialog",
    main="answer",
    acts="screen",
    fails=GONE,
    examples=("browser.dialog: accept", "browser.dialog: {answer: accept, contains: really delete}"),
)
def dialog(
    browser: Browser,
    ctx: Context,
    *,
    answer: Literal["accept", "dismiss"],
    text: str | None = None,
    contains: str | None = None,
) -> None:
    """Says beforehand how the browser's next own dialog (alert, confirm, prompt) is answered.

    Stands before the step that makes it appear. `text` is typed into a prompt; `contains` limits it to a
    dialog with these words. A dialog that nobody announced is dismissed and recorded as `dialog-dismissed`.
    """
    browser.use(ctx)
    browser.watch.answers.append(DialogAnswer(answer == "accept", text, contains))
