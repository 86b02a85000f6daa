"""Pen strokes of signatures: long thin ink that no line of print holds and that is no rule."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.reading.lines import ReadLine
from ocr.reading.outlines import Mask, Rectangle

_SIDES = (0.04, 0.4)
_HEIGHTS = (0.006, 0.12)
_THIN = 0.4
_STRAIGHT = 0.5
"""Share of a stroke's width in one row, or height in one column: then it is a rule."""
_RULE = 25
"""Pixels without a bend that a pen does not draw at this scale."""
_ENCLOSED, _RIM = 0.25, 6
"""Share of a stroke's rectangle in one loop: then it is a drawn shape. The rim around it, in pixels, may hold the
rules that were taken away."""
_NEAR = 0.02
_BELIEVED, _BELIEVED_ALONE = 0.7, 0.97
"""Signatures of made pages were read as letters with scores of 0.2 to 0.63, as one letter with up to 0.75."""


def strokes(dark: Mask, lines: Sequence[ReadLine], scale: float) -> list[Rectangle]:
    """Rectangles of signatures in the page's ink; `scale` takes the lines' pixels to those of the ink."""
    left = _without_lines(dark, lines, scale)
    return _merged((box for box in _strokes(left) if not _encloses(left, box)), dark.shape[1])


def _without_lines(ink: Mask, lines: Sequence[ReadLine], scale: float) -> Mask:
    """The ink that no line holds whose reading can be believed: a signature may be read as an unsure letter."""
    rest = ink.copy()
    for line in lines:
        if line.spans and line.score >= (_BELIEVED if len(line.text) > 1 else _BELIEVED_ALONE):
            cv2.fillPoly(rest, [np.round(line.quad * scale).astype(np.int32)], (0,))
    return rest


def _without_rules(ink: Mask) -> Mask:
    """Without straight runs, level or upright; a tilted rule is made of such runs too."""
    rules = np.zeros_like(ink)
    for size in ((_RULE, 1), (1, _RULE)):
        kernel = cv2.getStructuringElement(cv2.MORPH_RECT, size)
        rules |= np.asarray(cv2.morphologyEx(ink, cv2.MORPH_OPEN, kernel), np.uint8)
    thick = np.asarray(cv2.dilate(rules, np.ones((3, 3), np.uint8)), np.uint8)
    return np.asarray(ink & (1 - thick), np.uint8)


def _strokes(ink: Mask) -> Iterator[Rectangle]:
    """Rectangles of pen strokes among what is left of the page."""
    height, width = ink.shape
    left = cv2.morphologyEx(_without_rules(ink), cv2.MORPH_CLOSE, np.ones((5, 11), np.uint8))
    count, places, stats, _ = cv2.connectedComponentsWithStats(left, connectivity=8)
    for index in range(1, count):
        x, y, w, h, area = (int(value) for value in stats[index])
        sized = _SIDES[0] * width <= w <= _SIDES[1] * width
        tall = _HEIGHTS[0] * height <= h <= _HEIGHTS[1] * height
        thin = sized and tall and area < _THIN * w * h
        if thin and not _ruled(np.asarray(places[y : y + h, x : x + w] == index)):
            yield x, y, x + w, y + h


def _ruled(stroke: NDArray[np.bool_]) -> bool:
    height, width = stroke.shape
    return bool(stroke.sum(1).max() > _STRAIGHT * width or stroke.sum(0).max() > 0.85 * height)


def _encloses(ink: Mask, box: Rectangle) -> bool:
    """Whether one loop holds much of the rectangle, its straight sides included."""
    x0, y0, x1, y1 = box
    around = ink[max(0, y0 - _RIM) : y1 + _RIM, max(0, x0 - _RIM) : x1 + _RIM]
    contours, tree = cv2.findContours(np.ascontiguousarray(around), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    loops = [cv2.contourArea(contours[index]) for index in range(len(contours)) if tree[0][index][3] >= 0]
    return max(loops, default=0.0) > _ENCLOSED * (x1 - x0) * (y1 - y0)


def _merged(boxes: Iterable[Rectangle], width: int) -> list[Rectangle]:
    """Pieces of one signature as one."""
    reach = max(2, round(_NEAR * width))
    made: list[Rectangle] = []
    for box in sorted(boxes):
        x0, y0, x1, y1 = made[-1] if made else (0, 0, 0, 0)
        if made and box[0] <= x1 + reach and box[1] < y1 and y0 < box[3]:
            made[-1] = x0, min(y0, box[1]), max(x1, box[2]), max(y1, box[3])
        else:
            made.append(box)
    return made
