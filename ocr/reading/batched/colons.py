"""Colons at the ends of lines: two dots with room before them, which the detector often leaves outside its box
(«Total sales :»). A box is drawn out over one that lies within a line's height and in no other box."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.reading.crops import LINE_HEIGHT, cut, stands
from ocr.reading.ink import level
from ocr.reading.lines import part_of
from ocr.reading.quads import Quad, lengths

_REACH = 1.4
"""Heights of a line that are looked at beyond its ends."""
_DARK = 40
"""Grey levels below the paper from which a pixel is ink."""
_DOT = (2, 13)
_APART = (9, 26)
"""Pixels at crop height 48: sides of a dot, distance of the two."""
_ROOM = 5


def with_colons(pixels: NDArray[np.uint8], quads: Sequence[Quad]) -> list[Quad]:
    """`quads`, drawn out where a colon stands beside them."""
    return [quad if stands(quad, 1.0) else _drawn_out(pixels, quad, quads) for quad in quads]


def _drawn_out(pixels: NDArray[np.uint8], quad: Quad, quads: Sequence[Quad]) -> Quad:
    width, height = lengths(quad)
    unit = height / max(width, 1.0)
    reach = _REACH * unit
    start, end = 0.0, 1.0
    right = _colon(_seen(pixels, part_of(quad, 1.0, 1.0 + reach, stands=False)))
    if right is not None and _alone(part_of(quad, 1.0, 1.0 + 2 * right * unit, stands=False), quad, quads):
        end += right * unit + _ROOM / LINE_HEIGHT * unit
    left = _colon(_seen(pixels, part_of(quad, -reach, 0.0, stands=False))[:, ::-1])
    if left is not None and _alone(part_of(quad, -2 * left * unit, 0.0, stands=False), quad, quads):
        start -= left * unit + _ROOM / LINE_HEIGHT * unit
    return quad if (start, end) == (0.0, 1.0) else part_of(quad, start, end, stands=False)


def _seen(pixels: NDArray[np.uint8], quad: Quad) -> NDArray[np.uint8]:
    """Ink (0 or 1) of a piece of paper, as high as a crop."""
    grey = np.asarray(cv2.cvtColor(cut(pixels, quad, standing=np.inf), cv2.COLOR_RGB2GRAY), np.uint8)
    return (grey < max(0, level(grey, 0.9) - _DARK)).astype(np.uint8)


def _colon(ink: NDArray[np.uint8]) -> float | None:
    """Where the colon ends that comes first from the left, in heights; None where something else does."""
    count, _, stats, middles = cv2.connectedComponentsWithStats(np.ascontiguousarray(ink), connectivity=8)
    found = [(stats[i], middles[i]) for i in range(1, count) if stats[i][0] > 0 and stats[i][4] > _DOT[0] ** 2]
    found.sort(key=lambda one: int(one[0][0]))
    if len(found) < 2 or not all(_is_dot(box) for box, _ in found[:2]):
        return None
    (upper, a), (lower, b) = found[:2]
    ends = max(int(upper[0] + upper[2]), int(lower[0] + lower[2]))
    level = abs(float(a[0] - b[0])) <= _DOT[1] / 3 and _APART[0] <= abs(float(a[1] - b[1])) <= _APART[1]
    free = all(int(box[0]) > ends + _ROOM for box, _ in found[2:])
    return ends / LINE_HEIGHT if level and free and ends < ink.shape[1] else None


def _is_dot(box: NDArray[np.int32]) -> bool:
    return all(_DOT[0] <= int(side) <= _DOT[1] for side in box[2:4])


def _alone(piece: Quad, own: Quad, quads: Sequence[Quad]) -> bool:
    """Whether no other box holds the middle of `piece`, where the colon ends."""
    x, y = (float(value) for value in piece.mean(0))
    return not any(
        other is not own and cv2.pointPolygonTest(other.astype(np.float32), (x, y), False) >= 0 for other in quads
    )
