"""Finding a target on the desktop: down the ladder, one and only one, ready to be acted on."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from bots.base import Context
from bots.desktop.accessible import TreeSearch, on_line
from bots.desktop.driver import Application, DriverFrozen, DriverGone, Node, Tree
from bots.desktop.geometry import Box
from bots.desktop.target import Target, Wants
from bots.desktop.words import same
from bots.desktop.xserver import Window
from flows.failures import ApplicationFailure, Failure, FlowFailure

if TYPE_CHECKING:
    from bots.desktop.bot import Desktop
    from bots.desktop.onscreen import OnScreen
    from bots.desktop.screen import Pixels

POLL = 0.05
AMBIGUOUS_FOR = 0.4
SHOWN_CANDIDATES = 8
DARK_AFTER = 2.0
"""Seconds that a program with a window may take to tell about itself before its words are read from the
screen."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a target was found. `look` is what its surroundings looked like then, `window` the X window it
    is in (0: unknown), `top` the accessible window."""

    rung: str
    box: Box
    words: str
    node: Node | None = None
    application: Application | None = None
    tree: Tree | None = None
    top: Node | None = None
    window: int = 0
    score: float = 1.0
    look: Pixels | None = None

    def __str__(self) -> str:
        where = f"at {self.box.x}, {self.box.y} ({self.box.width} × {self.box.height})"
        inside = f' in "{self.top.name}"' if self.top is not None and self.top.name else ""
        return f"{self.words} {where}{inside}"


class Finder:
    """Looks for targets. Remembers why the last look found nothing."""

    def __init__(self, desktop: Desktop) -> None:
        self.desktop = desktop
        self.why = ""
        self._trees: list[Tree] = []
        self._dark_since: dict[int, float] = {}

    @cached_property
    def on_screen(self) -> OnScreen:
        from bots.desktop.onscreen import OnScreen  # numpy: only where something is looked at

        return OnScreen(self.desktop)

    # ---- all that fit, now ----
    def all(self, target: Target, wants: Wants = "any") -> list[Place]:
        """Everything that fits this way of naming it; does not wait and does not try `or`."""
        self.why = ""
        if target.cell is None and target.row is None and _only_window(target):
            return self._windows(target)
        found = self._by_rung(target, wants)
        found = self._anchored(target, found)
        return _nth(target, found)

    def _by_rung(self, target: Target, wants: Wants) -> list[Place]:
        if target.rung == "text":
            return self.on_screen.text(target, self._area(target), wants)
        if target.rung == "image":
            return self.on_screen.image(target, self._area(target))
        if target.rung == "point":
            return self.on_screen.point(target)
        found = self._accessible(target, wants)
        if not found and target.readable is not None and target.role is None and target.path is None:
            dark = self._dark_windows(target)
            return self.on_screen.text(target, self._area(target), wants, dark) if dark else []
        return found

    def _windows(self, target: Target) -> list[Place]:
        """A target that is only a window's title."""
        found = [w for w in self.desktop.windows(target.window) if not w.minimised]
        return [Place("window", w.box, f'window "{w.title}"', window=w.id) for w in found]

    # ---- accessible ----
    def trees(self, title: str | None = None) -> list[Tree]:
        """The trees of the programs in scope. A program that does not answer is left out and told in
        `why`."""
        driver = self.desktop.driver
        if driver is None:
            return []
        found: list[Tree] = []
        for application in driver.applications():
            if self.desktop.in_scope(application.pid, title):
                try:
                    found.append(driver.tree(application))
                except DriverFrozen:
                    self.why = "frozen"
                except DriverGone:
                    continue
        return found

    def _accessible(self, target: Target, wants: Wants) -> list[Place]:
        driver = self.desktop.driver
        if driver is None:
            return []
        found: list[Place] = []
        self._trees = self.trees(target.window)
        for tree in self._trees:
            try:
                nodes = TreeSearch(driver, tree).find(target, wants)
                found += [p for n in nodes if (p := self._place(tree, n, wants)) is not None]
            except DriverFrozen:
                self.why = "frozen"
            except DriverGone:
                self.why = "changing"
        return self._in_front(found)

    def _place(self, tree: Tree, node: Node, wants: Wants) -> Place | None:
        """None for what has no place on the screen, unless it shall only be read."""
        driver = self.desktop.driver
        assert driver is not None
        holder = node if node.ref in tree.by_ref else tree.by_ref.get(node.parent or node.ref, node)
        top = tree.window(holder)
        box = driver.box(tree.application, top, node)
        if box is None and wants != "read":
            return None
        box = box or Box(0, 0, 0, 0)
        return Place("accessible", box, str(node), node, tree.application, tree, top)

    def _in_front(self, found: list[Place]) -> list[Place]:
        """While a modal dialog shows, a person can only use what is in it."""
        modal = {w.ref for tree in self._trees for w in tree.windows() if "modal" in w.states}
        inside = [p for p in found if p.top is not None and p.top.ref in modal]
        if inside and len(found) > 1:
            return inside
        return self._really_there(found) if len(found) > 1 else found

    def _really_there(self, found: list[Place]) -> list[Place]:
        """Some programs tell of a thing twice (LibreOffice of its menu bar): the one that its own window
        knows nothing of at its place is a ghost."""
        there = [p for p in found if self._known_at_its_place(p)]
        return there if len(there) == 1 else found

    def _known_at_its_place(self, place: Place) -> bool:
        driver = self.desktop.driver
        if driver is None or place.top is None or place.tree is None or place.node is None:
            return False
        inner = driver.at(place.top, *place.box.center)
        inner = place.tree.by_ref.get(inner.ref) if inner is not None else None
        return inner is not None and place.node.ref in {inner.ref, *(n.ref for n in place.tree.above(inner))}

    def _dark_windows(self, target: Target) -> list[Window]:
        """Windows in scope of programs that tell nothing about themselves."""
        driver = self.desktop.driver
        lit: set[int] = set()
        if driver is not None:
            lit = {a.pid for a in driver.applications() if a.pid}
        now = time.monotonic()
        shown = [w for w in self.desktop.windows(target.window) if not w.minimised and w.pid not in lit]
        return [w for w in shown if now - self._dark_since.setdefault(w.pid, now) >= DARK_AFTER]

    # ---- narrowing ----
    def _area(self, target: Target) -> Box | None:
        """Where `in` says to look on the screen. None: everywhere in the windows in scope."""
        if target.in_ is None:
            return None
        found = self.all(target.in_)
        if len(found) != 1:
            return Box(0, 0, 0, 0)
        return found[0].box

    def _anchored(self, target: Target, found: list[Place]) -> list[Place]:
        if target.in_ is not None and (target.rung != "accessible" or target.in_.rung != "accessible"):
            area = self._area(target)
            found = [p for p in found if area is not None and area.holds(*p.box.center)]
        for side, anchor in target.anchors().items():
            posts = self.all(anchor)
            if len(posts) != 1:
                self.why = f"the anchor {anchor} shows {len(posts)} times"
                return []
            found = _nearest(side, posts[0].box, [p for p in found if p.box != posts[0].box])
        return found

    # ---- one, with waiting ----
    def one(self, ctx: Context, target: Target, wants: Wants = "any", seconds: float | None = None) -> Place:
        """The only thing that fits, waiting for it. Raises not-on-screen, target-ambiguous, program-ended,
        program-frozen."""
        limit = ctx.remaining() - 0.1 if seconds is None else min(seconds, ctx.remaining() - 0.1)
        deadline = time.monotonic() + max(0.0, limit)
        ambiguous_since: float | None = None
        start = time.monotonic()
        while True:
            self.desktop.check()
            found = self._first_way(ctx, target, wants, time.monotonic() - start)
            if len(found) == 1:
                return found[0]
            now = time.monotonic()
            ambiguous_since = (ambiguous_since or now) if found else None
            if ambiguous_since is not None and now - ambiguous_since > AMBIGUOUS_FOR:
                raise ambiguous(target, found)
            if now >= deadline:
                raise ambiguous(target, found) if found else self._missing(target)
            time.sleep(POLL)

    def _first_way(self, ctx: Context, target: Target, wants: Wants, waited: float) -> list[Place]:
        """What the first way that shows anything finds; later ways are tried only after some patience."""
        patience = self.desktop.settings.patience_seconds
        for number, way in enumerate(target.ways()):
            if number and waited < patience * number:
                break
            found = self.all(way, wants)
            if found:
                if number:
                    ctx.note("target_way", {"rung": way.rung, "target": str(way)})
                    ctx.warn("target-other-way", target=str(target), used=str(way))
                return found
        return []

    def count(self, target: Target, wants: Wants = "any") -> int:
        """How many show now, by the first way that shows any."""
        return next((len(found) for way in target.ways() if (found := self.all(way, wants))), 0)

    def _missing(self, target: Target) -> Failure:
        if self.why == "frozen":
            return ApplicationFailure("program-frozen", details={"program": self.desktop.program_name()})
        details = {
            "target": str(target),
            "window": self.desktop.window_title(),
            "similar": self.similar(target),
            "why": self.why or "-",
        }
        if target.image is not None:
            details["why"] = self.on_screen.unlike(target.image)
        return ApplicationFailure("not-on-screen", details=details)

    def similar(self, target: Target) -> str:
        """Names that read alike, for the message."""
        from rapidfuzz import fuzz, process

        words = target.readable
        if words is None:
            return "-"
        names = {n.name for tree in self._trees for n in tree.nodes if n.shows and n.name}
        names |= {s.text for s in self.on_screen.last_lines}
        found = process.extract(words, names, scorer=fuzz.WRatio, limit=5, score_cutoff=60)
        return ", ".join(f'"{name}"' for name, *_ in found) or "-"

    def fresh(self, place: Place) -> Place | None:
        """The same thing as it is now; None when it has gone or changed its look."""
        driver = self.desktop.driver
        if place.node is None or place.application is None or driver is None:
            return self.on_screen.fresh(place)
        try:
            node = driver.look(place.node)
            box = driver.box(place.application, place.top, node)
        except DriverGone:
            return None
        return None if box is None or not node.shows else replace(place, node=node, box=box)


def ambiguous(target: Target, found: Sequence[Place]) -> Failure:
    """`target-ambiguous` with the candidates."""
    shown = "\n".join(f"  {i}. {p}" for i, p in enumerate(in_reading_order(found)[:SHOWN_CANDIDATES], 1))
    details = {"target": str(target), "count": len(found), "candidates": shown}
    return FlowFailure("target-ambiguous", details=details)


def in_reading_order(found: Sequence[Place]) -> list[Place]:
    """Line by line, left to right."""
    rest, lines = sorted(found, key=lambda p: (p.box.y, p.box.x)), []
    while rest:
        line = [p for p in rest if on_line(rest[0].box, p.box)]
        lines.append(sorted(line, key=lambda p: p.box.x))
        rest = [p for p in rest if p not in line]
    return [p for line in lines for p in line]


def _nth(target: Target, found: list[Place]) -> list[Place]:
    if target.nth is None or not found:
        return found
    ordered = in_reading_order(found)
    number = {"first": 1, "last": -1}.get(str(target.nth), target.nth)
    index = int(number) - 1 if int(number) > 0 else int(number)
    return [ordered[index]] if -len(ordered) <= index < len(ordered) else []


def _only_window(target: Target) -> bool:
    return target.window is not None and set(target.parts()) <= {"window", "nth"}


_SLACK = 4
_CLEARLY = 6


def _nearest(side: str, post: Box, found: list[Place]) -> list[Place]:
    """The nearest on that side of the anchor; two equally near stay two."""
    fits: dict[str, Callable[[Box], bool]] = {
        "right_of": lambda b: on_line(post, b) and b.x >= post.right - _SLACK,
        "left_of": lambda b: on_line(post, b) and b.right <= post.x + _SLACK,
        "below": lambda b: b.y >= post.bottom - _SLACK and b.x < post.right and b.right > post.x,
        "above": lambda b: b.bottom <= post.y + _SLACK and b.x < post.right and b.right > post.x,
        "near": lambda _: True,
    }
    ranked = sorted(((post.distance(p.box), i, p) for i, p in enumerate(found) if fits[side](p.box)))
    return [p for d, _, p in ranked if d <= ranked[0][0] + _CLEARLY] if ranked else []


def place_of(node: Node, box: Box) -> Place:
    """An accessible thing at a known place."""
    return Place("accessible", box, str(node), node)


def window_called(pattern: str, window: Window) -> bool:
    """Whether a window's title fits a pattern."""
    return same(pattern, window.title)
