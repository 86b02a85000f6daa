"""What a hand does: clicking, dragging, scrolling, pressing keys, going through menus."""

from __future__ import annotations

import time
from typing import Any, Literal

from bots.base import Context
from bots.desktop.bot import Desktop
from bots.desktop.conditions import await_condition, remember, sees, target_of, wait_until
from bots.desktop.driver import MENU_ROLES
from bots.desktop.failures_of import ACTED
from bots.desktop.find import Place
from bots.desktop.target import Target
from flows.action import action
from flows.failures import ApplicationFailure

Button = Literal["left", "right", "middle"]
Key = Literal["Alt", "Control", "Meta", "Shift"]
INVOKED = ("button", "togglebutton", "link")


@action(
    "desktop.click",
    main="target",
    acts="screen",
    fails={**ACTED, "no-effect": "application"},
    examples=(
        "desktop.click: Save",
        "desktop.click: {target: {role: button, name: OK, in: {role: dialog}}}",
        "desktop.click: {target: {screen_text: Delete, right_of: Invoice 4711}, button: right}",
        "desktop.click: {target: New, until: {window: 'New invoice*'}}",
    ),
)
def click(
    desktop: Desktop,
    ctx: Context,
    *,
    target: Target,
    count: int = 1,
    button: Button = "left",
    hold: list[Key] | None = None,
    by: Literal["hand", "invoke"] = "hand",
    until: dict[str, Any] | str | None = None,
) -> None:
    """Clicks what a person would click, once it shows, stands still, is enabled and nothing covers it.

    `count: 2` is a double click, `button: right` opens its menu. `by: invoke` asks a plain button's program
    to press it, without the mouse. `until` is a condition (as in `expect`) that the click must bring about,
    else `no-effect`; `until: {changed: …}` names what must read otherwise than before.
    """

    def press(place: Place) -> None:
        remember(desktop, until)
        if by == "invoke" and _invoked(desktop, place):
            return
        with desktop.hand.held([k.lower() if k != "Meta" else "win" for k in _held(hold)]):
            desktop.act.click(place, button, count)

    desktop.act.perform(ctx, target, "press", press, by_hand=by == "hand")
    if until is not None:
        await_condition(desktop, ctx, until, str(target))


def _held(hold: list[Key] | None) -> list[str]:
    return [{"Control": "ctrl"}.get(k, k) for k in hold or []]


def _invoked(desktop: Desktop, place: Place) -> bool:
    """Presses by accessibility: only plain buttons, since a menu item that opens a dialog freezes its
    program."""
    driver = desktop.driver
    if place.node is None or driver is None or place.node.role not in INVOKED:
        return False
    name = next((a for a in driver.actions(place.node) if a in ("click", "press", "activate", "jump")), None)
    return name is not None and driver.do(place.node, name)


@action("desktop.hover", main="target", acts="screen", fails=ACTED)
def hover(desktop: Desktop, ctx: Context, *, target: Target) -> None:
    """Rests the mouse on something, so that its hint or submenu shows."""
    desktop.act.perform(ctx, target, "any", desktop.act.reach)


@action(
    "desktop.drag",
    main="target",
    acts="screen",
    fails=ACTED,
    examples=("desktop.drag: {target: {role: cell, name: a.pdf}, to: {role: treeitem, name: Archive}}",),
)
def drag(desktop: Desktop, ctx: Context, *, target: Target, to: Target) -> None:
    """Drags something onto something else."""
    goal = desktop.find.one(ctx, to)

    def move(place: Place) -> None:
        reached = desktop.act.reach(place)
        desktop.hand.drag(reached.box.center, goal.box.center)

    desktop.act.perform(ctx, target, "any", move)


@action(
    "desktop.scroll",
    main="to",
    acts="screen",
    fails={**ACTED, "end-reached": "application"},
    examples=("desktop.scroll: {to: {text: Invoice 250}}", "desktop.scroll: {by: -3, inside: {role: table}}"),
)
def scroll(
    desktop: Desktop,
    ctx: Context,
    *,
    to: Target | None = None,
    by: int = -5,
    inside: Target | None = None,
    sideways: bool = False,
) -> None:
    """Turns the wheel over the window (or `inside` something): `by` notches, down for negative numbers,
    until `to` shows. `end-reached` when nothing moves any more."""
    desktop.use(ctx)
    place = desktop.find.one(ctx, inside) if inside is not None else _whole_window(desktop, ctx)
    desktop.act.reach(place)
    if to is None:
        desktop.hand.scroll(by, sideways=sideways)
        return
    last, still = "", 0
    while not desktop.find.count(to):
        desktop.hand.scroll(by, sideways=sideways)
        time.sleep(0.12)
        now = desktop.screen_mark(place.box)
        still = still + 1 if now == last else 0
        last = now
        if still >= 3 or ctx.remaining() < 0.5:
            raise ApplicationFailure("end-reached", details={"target": str(to)})


def _whole_window(desktop: Desktop, ctx: Context) -> Place:
    found = desktop.windows()
    if not found:
        return desktop.find.one(ctx, Target(window="*"))
    top = next((w for w in found if w.active), found[-1])
    return Place("window", top.box, f'window "{top.title}"', window=top.id)


@action(
    "desktop.press",
    main="keys",
    acts="screen",
    fails={**ACTED, "keys-unknown": "flow", "window-missing": "application"},
    examples=(
        "desktop.press: Enter",
        "desktop.press: {keys: Control+s}",
        "desktop.press: {keys: Tab, times: 2}",
    ),
)
def press(desktop: Desktop, ctx: Context, *, keys: str, target: Target | None = None, times: int = 1) -> None:
    """Presses a key or a combination (`Enter`, `Tab`, `Down`, `Control+s`, `F2`, `Alt+F4`) on `target`, or
    on what has the keyboard in the current program's window, which comes to the front first."""
    desktop.use(ctx)
    desktop.hand.key_names(keys)
    if target is not None:
        desktop.act.perform(ctx, target, "any", desktop.act.click)
    else:
        desktop.front(ctx)
    for _ in range(times):
        desktop.hand.press(keys)
    desktop.pause()


@action(
    "desktop.menu",
    main="path",
    acts="screen",
    fails={**ACTED, "no-effect": "application"},
    examples=(
        "desktop.menu: File > Save As...",
        "desktop.menu: {path: Edit > Preferences, until: {role: dialog}}",
    ),
)
def menu(desktop: Desktop, ctx: Context, *, path: str, until: dict[str, Any] | str | None = None) -> None:
    """Goes through the menus of the current window: `File > Save As...`. Each entry is clicked like by a
    hand."""
    steps = [s.strip() for s in path.split(">")]
    _close_menus(desktop)
    remember(desktop, until)
    for number, step in enumerate(steps):
        last = number == len(steps) - 1
        desktop.act.perform(ctx, _entry(step, top=number == 0), "press", desktop.act.click)
        if not last:
            _await_open(desktop, ctx, step, steps[number + 1])
    if until is not None:
        await_condition(desktop, ctx, until, path)


def _entry(step: str, *, top: bool) -> Target:
    """An entry of the menu bar, or of an open menu; where a program tells nothing, the words on the
    screen."""
    bar = {"in": {"role": "menubar"}} if top else {}
    return target_of({"name": step, "role": "menuitem", **bar, "or": {"screen_text": step}})


def _await_open(desktop: Desktop, ctx: Context, step: str, following: str) -> None:
    """A menu that did not open gets one more click."""

    def open_() -> bool:
        return desktop.find.count(_entry(following, top=False)) > 0

    if not wait_until(desktop, ctx, open_, seconds=1.5) and not desktop.popups():
        desktop.act.perform(ctx, Target(name=step, role="menuitem"), "press", desktop.act.click)


def _close_menus(desktop: Desktop) -> None:
    """A menu left open from before would swallow the first click."""
    driver = desktop.driver
    if driver is None or not desktop.popups():
        return
    shown = [n for tree in desktop.find.trees() for n in tree.nodes if n.shows and n.role in MENU_ROLES]
    if any(n.role != "menu" for n in shown) or sees(desktop, {"role": "popupmenu"}):
        desktop.hand.press("Escape")
