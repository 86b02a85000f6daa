"""The recorder: what a person does on a display becomes the text of a flow.

The display is looked at a few times a second, and right after everything that was done, so that a click finds
its target in what stood there *before* the click: a look that was still under way when the click came does not
count. Typed text is taken from the field itself, where there is one: an input method's letters never pass as
keys.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any

from bots.desktop.driver import FIELDS, Driver, DriverFrozen, DriverGone, Node, Ref, Tree
from bots.desktop.geometry import Box
from bots.desktop.listening import Listener, Sign
from bots.desktop.naming import Naming, shown_boxes
from bots.desktop.xserver import Window

if TYPE_CHECKING:
    from bots.desktop.bot import Desktop
    from bots.desktop.screen import Pixels

LOOK_EVERY = 0.25
LOOK_SOON = 0.03
"""Seconds without a sign after which the display is looked at, ordinarily and after something was done."""
DOUBLE = 0.4
CROP = 24


@dataclass(slots=True)
class Event:
    """One thing that was done. `crop` is the picture around it, `at` the point within the picture."""

    verb: str
    target: dict[str, Any] | None = None
    value: str = ""
    button: str = "left"
    count: int = 1
    secret: bool = False
    crop: Pixels | None = None
    at: tuple[int, int] = (0, 0)
    moment: float = 0.0
    ref: Ref | None = None
    window: str = ""


@dataclass(slots=True)
class Look:
    """The display at one moment: `began` is when the look at it did, `told` when the programs had told all about
    themselves."""

    began: float
    told: float
    pixels: Pixels
    trees: list[tuple[Tree, dict[Ref, Box]]]
    windows: list[Window]
    focus: tuple[Tree, Node] | None
    focus_text: str


@dataclass(slots=True)
class _Typed:
    """Text that is being typed: where, the text there at the last look, and the keys as they came."""

    tree: Tree | None
    node: Node | None
    now: str = ""
    keys: list[str] = field(default_factory=list)
    last: float = 0.0
    settled: bool = False
    """The last look saw what the last key did."""


class Recorder:
    """Records on an open desktop. `program` is what was started for it, if anything."""

    def __init__(self, desktop: Desktop, program: str | None = None) -> None:
        self.desktop, self.program = desktop, program
        self.events: list[Event] = []
        self._typed: _Typed | None = None
        self._before = self._look = self._see()
        self._done = 0.0
        """When something was done last."""

    # ---- listening ----
    def listen(self, over: Callable[[], bool], tell: Callable[[str], Any]) -> None:
        """Until it is over or the started program has ended."""
        signs: SimpleQueue[Sign] = SimpleQueue()
        with Listener(self.desktop.display, signs):
            while not over() and self._alive():
                count = len(self.events)
                try:
                    self.take(signs.get(timeout=LOOK_SOON if self._stale() else LOOK_EVERY))
                except Empty:
                    self._again()
                for event in self.events[count:]:
                    tell(
                        f"  {event.verb} {event.target or ''} {'' if event.secret else event.value}".rstrip()
                    )
        self.end()

    def _alive(self) -> bool:
        current = self.desktop.current
        return current is None or current.process is None or current.running

    def interrupted(self) -> None:
        """Ends with Control+C, which itself is no part of the recording."""
        self.end()
        if self.events and (self.events[-1].verb, self.events[-1].value) == ("press", "Control+c"):
            self.events.pop()

    def end(self) -> None:
        """Writes down what is still being typed."""
        self._flush()

    # ---- looking ----
    def _stale(self) -> bool:
        """Whether something was done since the last look began."""
        return self._look.began <= self._done

    def _again(self) -> None:
        self._before, self._look = self._look, self._see()
        typed, focus = self._typed, self._look.focus
        if typed is None or typed.node is None or focus is None or focus[1].ref != typed.node.ref:
            return
        typed.now, typed.settled = self._look.focus_text, self._look.began > typed.last

    def _at(self, moment: float) -> Look:
        """The display as it was before `moment`."""
        return self._look if self._look.told <= moment else self._before

    def _see(self) -> Look:
        driver, began = self.desktop.driver, time.monotonic()
        self.desktop.catch_up(always=True)
        trees: list[tuple[Tree, dict[Ref, Box]]] = []
        focus: tuple[Tree, Node] | None = None
        for tree in self.desktop.find.trees():
            try:
                trees.append((tree, shown_boxes(driver, tree) if driver is not None else {}))
            except (DriverGone, DriverFrozen):
                continue
            focused = [n for n in tree.nodes if "focused" in n.states and n.role in FIELDS and n.shows]
            focus = (tree, focused[-1]) if focused else focus
        text = self._text(focus[1]) if focus is not None else ""
        pixels, windows = self.desktop.screen.grab(), self.desktop.server.windows()
        return Look(began, time.monotonic(), pixels, trees, windows, focus, text)

    def _text(self, node: Node) -> str:
        driver = self.desktop.driver
        try:
            return driver.text(node) if driver is not None and "text" in node.can else ""
        except (DriverGone, DriverFrozen):
            return ""

    # ---- what was done ----
    def take(self, sign: Sign) -> None:
        """One click or key. Notches of the wheel are left out: targets are scrolled to by what they are."""
        if not self._ours(sign):
            return
        if sign.button in ("left", "middle", "right"):
            self._flush()
            self._click(sign)
        elif sign.key:
            self._key(sign)
        self._done = sign.moment

    def _ours(self, sign: Sign) -> bool:
        """Whether it went to the program that is recorded, and not, say, to the terminal beside it."""
        current, look = self.desktop.current, self._at(sign.moment)
        if current is None:
            return True
        if sign.button:
            window = _window_at(look, sign.x, sign.y)
        else:
            window = next((w for w in look.windows if w.active), None)
        return window is None or not window.pid or current.owns(window.pid)

    def _click(self, sign: Sign) -> None:
        last = self.events[-1] if self.events else None
        near = last is not None and abs(last.at[0] - sign.x) + abs(last.at[1] - sign.y) < 6
        if last is not None and near and last.verb == "click" and sign.moment - last.moment < DOUBLE:
            last.count += 1
            last.moment = sign.moment
            return
        event = Event("click", button=sign.button, at=(sign.x, sign.y), moment=sign.moment)
        look = self._at(sign.moment)
        node, box = self._under(look, event, sign.x, sign.y)
        event.crop = self._crop(look, box or Box(sign.x - CROP, sign.y - CROP // 2, 2 * CROP, CROP))
        event.ref = node.ref if node is not None else None
        if not (node is not None and node.role in FIELDS and event.button == "left"):
            self.events.append(event)
            return
        event.verb = "focus"  # kept only if nothing is typed there: typing clicks by itself
        self.events.append(event)

    def _under(self, look: Look, event: Event, x: int, y: int) -> tuple[Node | None, Box | None]:
        """What stood at a point before the click, its target written into `event`."""
        window = _window_at(look, x, y)
        event.window = window.title if window is not None else ""
        for tree, boxes in reversed(look.trees):
            node = Naming(self._driver, tree).at(x, y, boxes)
            if node is not None and (window is None or window.pid in (0, tree.application.pid)):
                event.target = self._named(tree, node)
                return node, boxes[node.ref]
        return None, None

    @property
    def _driver(self) -> Driver:
        assert self.desktop.driver is not None
        return self.desktop.driver

    def _named(self, tree: Tree, node: Node) -> dict[str, Any] | None:
        try:
            return Naming(self._driver, tree).target(node)
        except (DriverGone, DriverFrozen):
            return {"role": node.role, "name": node.name} if node.name else None

    def _crop(self, look: Look, box: Box) -> Pixels:
        part = box.common(self.desktop.screen.size)
        return look.pixels[part.y : part.bottom, part.x : part.right].copy()

    def _key(self, sign: Sign) -> None:
        if sign.text or sign.key in ("BackSpace", "Delete") or sign.key.startswith("Hangul"):
            if self._typed is None:
                if self._stale():  # a click or key right before may have moved the keyboard elsewhere
                    self._again()
                tree, node = self._look.focus or (None, None)
                self._typed = _Typed(tree, node)
            self._typed.last, self._typed.settled = sign.moment, False
            if sign.text:
                self._typed.keys.append(sign.text)
            elif sign.key == "BackSpace" and self._typed.keys:
                self._typed.keys.pop()
            return
        self._flush()
        self.events.append(Event("press", value=sign.key, moment=sign.moment))

    def _flush(self) -> None:
        """What was typed, as one step: the field's whole text, where it can be read."""
        typed, self._typed = self._typed, None
        if typed is None:
            return
        if typed.tree is None or typed.node is None:
            target = self._clicked_last()
            self.events += [
                Event("type", value="".join(typed.keys), target=target)
                if target is not None
                else Event("press", value=key)
                for key in (["".join(typed.keys)] if target is not None else typed.keys)
            ]
            return
        secret = typed.node.role == "password"
        if not typed.settled and not secret:
            self.desktop.catch_up(always=True)
            typed.now = self._text(typed.node) or typed.now
        value = "" if secret else typed.now or "".join(typed.keys)
        if self.events and self.events[-1].verb == "focus" and self.events[-1].ref == typed.node.ref:
            self.events.pop()
        target = self._named(typed.tree, typed.node)
        self.events.append(Event("type", target, value.removesuffix("\n"), secret=secret, ref=typed.node.ref))

    def _clicked_last(self) -> dict[str, Any] | None:
        """Where nothing tells what has the keyboard: what was clicked last, by its words."""
        last = self.events[-1] if self.events else None
        return last.target if last is not None and last.verb in ("click", "focus") else None

    # ---- writing ----
    def write(self, out: Path) -> Path:
        """The flow, and beside it the pictures of what was clicked."""
        from bots.desktop.recorded import Writing

        return Writing(self.desktop, self.events, self.program).write(out)


def _window_at(look: Look, x: int, y: int) -> Window | None:
    """The uppermost window at a point, as a look saw it."""
    shown = [w for w in look.windows if not w.minimised and w.box.holds(x, y)]
    return shown[-1] if shown else None
