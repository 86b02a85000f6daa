"""Finding by looking: text and pictures on the screen, and points of a window."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bots.desktop.accessible import on_line
from bots.desktop.geometry import Box
from bots.desktop.images import LEAST, best, best_score, field_boxes
from bots.desktop.screen import Pixels
from bots.desktop.target import Target, Wants
from bots.desktop.texts import Seen, phrase, twins
from bots.desktop.xserver import Window
from flows.failures import FlowFailure

if TYPE_CHECKING:
    from bots.desktop.bot import Desktop
    from bots.desktop.find import Place

MARGIN = 6
SAME_LOOK = 12.0


@dataclass(frozen=True, slots=True)
class _Picture:
    """A picture file: when it was changed, its pixels, the resolution and theme it was made with (0, empty:
    unknown)."""

    changed: float
    pixels: Pixels
    dpi: float
    theme: str


class OnScreen:
    """The rungs below the accessible one."""

    def __init__(self, desktop: Desktop) -> None:
        self.desktop = desktop
        self.last_lines: list[Seen] = []
        self.best_score = 0.0
        self._pictures: dict[Path, _Picture] = {}

    # ---- text ----
    def text(
        self, target: Target, area: Box | None, wants: Wants, windows: Sequence[Window] | None = None
    ) -> list[Place]:
        """Text that reads so. For a field: the field that stands beside or under it."""
        self.last_lines = []
        words = target.readable or ""
        found: list[Place] = []
        for region, window in self._regions(target, area, windows):
            pixels = self.desktop.screen.grab(region)
            lines = self.desktop.screen_text.look(pixels)
            self.last_lines += [s.moved(region.x, region.y) for s in lines]
            found += self._read(target, words, pixels, lines, region, window, wants)
        return _unique(found)

    def _read(
        self,
        target: Target,
        words: str,
        pixels: Pixels,
        lines: list[Seen],
        region: Box,
        window: int,
        wants: Wants,
    ) -> list[Place]:
        seen = phrase(lines, words, contains=target.contains is not None and target.screen_text is None)
        if target.label is not None or (wants == "field" and target.screen_text is None):
            boxes = [(s, b) for s in seen if (b := _field_beside(pixels, s.box)) is not None]
        else:
            boxes = [(s, s.box) for s in seen]
            if len(seen) == 1 and target.contains is None and not target.anchors() and target.nth is None:
                boxes += [(seen[0], twin) for twin in twins(pixels, seen[0], lines)]
        return [self._place("text", f'text "{s.text}"', pixels, b, region, window, s.score) for s, b in boxes]

    def _place(
        self, rung: str, words: str, pixels: Pixels, box: Box, region: Box, window: int, score: float
    ) -> Place:
        from bots.desktop.find import Place

        look = _cut(pixels, box.grown(MARGIN))
        return Place(rung, box.moved(region.x, region.y), words, window=window, score=score, look=look)

    def _regions(
        self, target: Target, area: Box | None, windows: Sequence[Window] | None = None
    ) -> list[tuple[Box, int]]:
        """Which parts of the screen to look at, each with its window: menus and lists that popped up
        first."""
        given = windows if windows is not None else self.desktop.windows(target.window)
        shown = [w for w in given if not w.minimised]
        popups = self.desktop.popups() if target.window is None else []
        parts = [(w.box, w.id) for w in reversed(shown)] + [(p.box, p.id) for p in popups]
        if area is not None:
            parts = [(b.common(area), id_) for b, id_ in parts]
        return [
            (b.common(self.desktop.screen.size), id_)
            for b, id_ in parts
            if b.common(self.desktop.screen.size).area
        ]

    # ---- pictures ----
    def image(self, target: Target, area: Box | None) -> list[Place]:
        """The best match in each window; several only where they cannot be told apart."""
        picture, scale = self._picture(target.image or "")
        self.best_score, found = 0.0, []
        single = not target.anchors() and target.nth is None
        for region, window in self._regions(target, area):
            pixels = self.desktop.screen.grab(region)
            matches = best(pixels, picture, first_scale=scale) if single else _every(pixels, picture, scale)
            if not matches:
                self.best_score = max(self.best_score, best_score(pixels, picture))
            words = f'image "{target.image}"'
            found += [self._place("image", words, pixels, m.box, region, window, m.score) for m in matches]
        places = _unique(found)
        self.best_score = max([self.best_score, *(p.score for p in places)])
        self.desktop.note("image_score", round(self.best_score, 4))
        return places

    def _picture(self, name: str) -> tuple[Pixels, float]:
        """The picture file and the scale to try first. Raises `image-missing`, `image-unreadable`."""
        from PIL import Image, UnidentifiedImageError

        path = self.desktop.path(name)
        try:
            changed = path.stat().st_mtime
        except FileNotFoundError:
            raise FlowFailure("image-missing", details={"image": name}) from None
        known = self._pictures.get(path)
        if known is None or known.changed != changed:
            try:
                opened = Image.open(path)
                pixels = np.asarray(opened.convert("RGB"), np.uint8)
            except (UnidentifiedImageError, OSError) as error:
                raise FlowFailure(
                    "image-unreadable", details={"image": name, "reason": str(error)}
                ) from error
            dpi = float(opened.info.get("dpi", (0, 0))[0])
            known = _Picture(changed, pixels, dpi, str(opened.info.get("theme", "")))
            self._pictures[path] = known
        return known.pixels, round(self.desktop.settings.dpi / known.dpi, 2) if known.dpi >= 50 else 1.0

    def unlike(self, name: str) -> str:
        """What to tell when a picture was not found: the best score, and what is different now."""
        known, settings = self._pictures.get(self.desktop.path(name)), self.desktop.settings
        told = f"the best match scores {self.best_score:.2f}"
        if known is not None and known.theme and known.theme != settings.theme:
            told += f"; it was made with the theme {known.theme}, this display has {settings.theme}"
        return told

    # ---- points ----
    def point(self, target: Target) -> list[Place]:
        """A point of the window, or of the screen when no window is said."""
        from bots.desktop.find import Place

        x, y = target.point or (0, 0)
        if target.window is None:
            return [Place("point", Box(x, y, 1, 1), f"point {x}, {y}")]
        found = [w for w in self.desktop.windows(target.window) if not w.minimised]
        return [
            Place("point", Box(w.box.x + x, w.box.y + y, 1, 1), f"point {x}, {y}", window=w.id) for w in found
        ]

    # ---- again ----
    def fresh(self, place: Place) -> Place | None:
        """`place` if it still looks the same there, moved along when its window moved."""
        if place.look is None:
            return place
        there = self.desktop.screen.grab(_around(place.box, place.look))
        return place if alike(place.look, there) else None


def alike(first: Pixels, other: Pixels) -> bool:
    """Whether two pictures show the same: a blinking cursor may differ, a word may not."""
    if first.shape != other.shape:
        return False
    difference = np.abs(first.astype(np.int16) - other.astype(np.int16))
    return bool((difference.max(axis=2) > SAME_LOOK).mean() < 0.02) if difference.size else True


def _around(box: Box, look: Pixels) -> Box:
    """The part of the screen that `look` was cut from."""
    return Box(
        box.center[0] - look.shape[1] // 2, box.center[1] - look.shape[0] // 2, look.shape[1], look.shape[0]
    )


def _cut(pixels: Pixels, box: Box) -> Pixels:
    """A box cut evenly on both sides, so that its middle stays the middle."""
    left = min(box.x, pixels.shape[1] - box.right, 0)
    top = min(box.y, pixels.shape[0] - box.bottom, 0)
    part = Box(box.x - left, box.y - top, box.width + 2 * left, box.height + 2 * top)
    return pixels[part.y : part.bottom, part.x : part.right].copy()


def _every(pixels: Pixels, picture: Pixels, scale: float) -> list:  # type: ignore[type-arg]
    """All places that fit well enough: an anchor or a number chooses among them."""
    from bots.desktop.images import Match, peaks

    if scale != 1.0:
        return best(pixels, picture, first_scale=scale)
    found: list[Match] = peaks(pixels, picture, LEAST, 40)
    return found


def _field_beside(pixels: Pixels, label: Box) -> Box | None:
    """The field right of a label on its line, else the one right under it."""
    fields = field_boxes(pixels)
    right = [b for b in fields if on_line(label, b) and b.x >= label.right - 2]
    under = [
        b
        for b in fields
        if 0 <= b.y - label.bottom + 3 <= 2 * label.height and b.x < label.right and b.right > label.x
    ]
    return min(right, key=lambda b: b.x, default=None) or min(under, key=lambda b: b.y, default=None)


def _unique(found: list[Place]) -> list[Place]:
    """One thing seen through two overlapping windows is one thing; the upper window (first) counts."""
    kept: list[Place] = []
    for place in found:
        if not any(k.box.common(place.box).area * 2 > place.box.area for k in kept):
            kept.append(place)
    return [replace(p) for p in kept]
