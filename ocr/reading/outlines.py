"""Outlines of stamps in the ink of a page: rings that stand alone, and circles and frames that print crosses.

An outline that print crosses has no hole of its own, but the largest piece of its inside still has edges that lie
on it: a circle is fitted to them (least squares, Kåsa 1976), or a frame, and then the ink is followed around.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

Rectangle: TypeAlias = tuple[int, int, int, int]
Mask: TypeAlias = NDArray[np.uint8]
Points: TypeAlias = NDArray[np.float64]
Contour: TypeAlias = NDArray[np.int32]

_RING_SIDES, _WIDEST = (0.028, 0.25), 0.4
_SMALLEST = 24
_ROOM = 0.5
"""Share of a ring's rectangle that is one hole; its next hole (a table has many) stays below a fifth."""
_FULL = 0.65
"""Share of the tightest rectangle that a ring's inside fills: a circle 0.79, a triangle 0.5."""
_PIECE = 0.25
"""Of an outline's smallest side: how high and how wide the piece must be that print leaves of its inside."""
_FOLLOWED, _DEEPER = 0.9, 0.5
"""Share of the way round that must show ink, and may show it a fifth of the way to the middle."""
_GOES_ON = 1
"""Of the eight places behind a frame's corners this may show ink; more are the rules of a table, which go on."""
_BEHIND = (4, 8)
"""Pixels behind a corner that must both show ink."""
_NEAR_SQUARE = 2.5
"""A piece up to this much longer than high may be of a square."""
_AROUND = np.linspace(0, 2 * math.pi, 96, endpoint=False)
_ALONG = np.linspace(-1, 1, 24)[:, None]


@dataclass(frozen=True, slots=True)
class _Outline:
    """The rectangle of an outer edge in the ink, and the edges of the holes inside it."""

    rectangle: Rectangle
    holes: list[Contour]


def rings(ink: Mask) -> Iterator[Rectangle]:
    """Rectangles of rings: an outline of a stamp's size with one large hole."""
    for outline in _outlines(ink):
        x0, y0, x1, y1 = outline.rectangle
        largest = max(outline.holes, key=_area)
        next_to_it = max((_area(hole) for hole in outline.holes if hole is not largest), default=0)
        alone = _area(largest) >= _ROOM * (x1 - x0) * (y1 - y0) > 5 * next_to_it
        if alone and _stamp_sized(x1 - x0, y1 - y0, ink.shape[1]) and _is_full(largest):
            yield outline.rectangle


def crossed_outlines(ink: Mask) -> Iterator[Rectangle]:
    """Rectangles of circles and frames whose ink goes all the way round, whatever crosses or touches them."""
    thick = np.asarray(cv2.dilate(ink, np.ones((3, 3), np.uint8)), np.uint8)
    for hole in (hole for outline in _outlines(ink) for hole in outline.holes):
        if _may_be_a_piece(hole, ink.shape[1]):
            edge = np.asarray(cv2.convexHull(hole)[:, 0], np.float64)
            found = _circle(edge, thick) or _frame(edge, thick)
            if found:
                yield found


def _outlines(ink: Mask) -> Iterator[_Outline]:
    contours, tree = cv2.findContours(ink, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    holes: dict[int, list[Contour]] = {}
    for index, contour in enumerate(contours):
        outer = int(tree[0][index][3])
        if outer >= 0:
            holes.setdefault(outer, []).append(np.asarray(contour, np.int32))
    for outer, inside in holes.items():
        yield _Outline(_rectangle(contours[outer]), inside)


def _rectangle(contour: object) -> Rectangle:
    x, y, width, height = cv2.boundingRect(np.asarray(contour))
    return x, y, x + width, y + height


def _area(contour: object) -> int:
    x0, y0, x1, y1 = _rectangle(contour)
    return (x1 - x0) * (y1 - y0)


def _is_full(contour: Contour) -> bool:
    hull = cv2.convexHull(contour)
    _, (width, height), _ = cv2.minAreaRect(hull)
    return bool(cv2.contourArea(hull) >= _FULL * width * height)


def _stamp_sized(width: float, height: float, page: int) -> bool:
    low, high = (share * page for share in _RING_SIDES)
    low = max(low, _SMALLEST)
    return low <= min(width, height) and height <= high and width <= min(8 * height, _WIDEST * page)


def _may_be_a_piece(contour: Contour, page: int) -> bool:
    x0, y0, x1, y1 = _rectangle(contour)
    low = max(_RING_SIDES[0] * page, _SMALLEST)
    long, short = max(x1 - x0, y1 - y0), min(x1 - x0, y1 - y0)
    return 0.6 * low <= long <= _WIDEST * page and _PIECE * low <= short <= _RING_SIDES[1] * page


def _circle(edge: Points, thick: Mask) -> Rectangle | None:
    """The circle on which most of `edge` lies, where ink follows it."""
    fitted = _fitted_circle(edge)
    if fitted is None:
        return None
    x, y, radius = fitted
    around = radius * np.stack([np.cos(_AROUND), np.sin(_AROUND)], 1)
    middle = np.array([x, y])
    sized = _stamp_sized(2 * radius, 2 * radius, thick.shape[1])
    return _box_around(middle, around) if sized and _follows(middle, around, thick) else None


def _fitted_circle(edge: Points) -> tuple[float, float, float] | None:
    """Middle and radius in pixels; points off the circle (edges of print) are left out step by step."""
    for _ in range(3):
        if len(edge) < 6:
            return None
        system = np.c_[2 * edge, np.ones(len(edge))]
        (x, y, rest), *_ = np.linalg.lstsq(system, (edge**2).sum(1), rcond=None)
        radius = math.sqrt(max(0.0, rest + x * x + y * y))
        off = np.abs(np.hypot(edge[:, 0] - x, edge[:, 1] - y) - radius)
        edge = edge[off <= max(1.0, 1.5 * float(np.median(off)))]
    return float(x), float(y), radius + 1


def _frame(edge: Points, thick: Mask) -> Rectangle | None:
    """The frame that `edge` fills, or the square that it is a part of, where ink follows it and ends at the corners."""
    for middle, across, down in _frames(edge):
        sides = np.concatenate([across + _ALONG * down, down + _ALONG * across])
        around = np.concatenate([sides, -sides])
        sized = _stamp_sized(2 * float(np.abs(across).max()), 2 * float(np.abs(down).max()), thick.shape[1])
        if sized and _follows(middle, around, thick) and _ends(middle, across, down, thick):
            return _box_around(middle, around)
    return None


def _frames(edge: Points) -> Iterator[tuple[Points, Points, Points]]:
    """(middle, half its width, half its height) of the rectangle around the points, and of the squares on its
    sides."""
    (x, y), (width, height), degrees = cv2.minAreaRect(edge.astype(np.float32))
    if degrees > 45:  # the longer way round to an upright frame
        width, height, degrees = height, width, degrees - 90
    along = np.array([math.cos(math.radians(degrees)), math.sin(math.radians(degrees))])
    upright, middle = np.array([-along[1], along[0]]), np.array([x, y])
    width, height = width + 1, height + 1
    yield middle, along * width / 2, upright * height / 2
    long, short = max(width, height), min(width, height)
    if long <= _NEAR_SQUARE * short:
        moved = (upright if width > height else along) * (long - short) / 2
        yield middle + moved, along * long / 2, upright * long / 2
        yield middle - moved, along * long / 2, upright * long / 2


def _follows(middle: Points, around: Points, thick: Mask) -> bool:
    return _inked(middle + around, thick) >= _FOLLOWED and _inked(middle + 0.8 * around, thick) <= _DEEPER


def _ends(middle: Points, across: Points, down: Points, thick: Mask) -> bool:
    """Whether no rule of a table goes on behind the corners."""
    sizes = np.array([np.hypot(*across), np.hypot(*down)])
    goes_on = np.ones(8, bool)
    for pixels in _BEHIND:
        right, below = 1 + pixels / sizes
        steps = [(a * x, b * y) for x, y in ((right, 1.0), (1.0, below)) for a in (-1, 1) for b in (-1, 1)]
        goes_on &= _ink_at(np.array([middle + x * across + y * down for x, y in steps]), thick).astype(bool)
    return int(goes_on.sum()) <= _GOES_ON


def _inked(points: Points, thick: Mask) -> float:
    """Share of the points that lie on ink."""
    return float(_ink_at(points, thick).mean())


def _ink_at(points: Points, thick: Mask) -> Mask:
    """1 where there is ink, 0 elsewhere and beyond the page."""
    height, width = thick.shape
    places = np.round(points).astype(int)
    inside = np.all((places >= 0) & (places < (width, height)), axis=1)
    x, y = np.where(inside[:, None], places, 0).T
    return np.asarray(thick[y, x] * inside, np.uint8)


def _box_around(middle: Points, around: Points) -> Rectangle:
    low, high = np.floor(middle + around.min(0)), np.ceil(middle + around.max(0)) + 1
    return int(low[0]), int(low[1]), int(high[0]), int(high[1])
