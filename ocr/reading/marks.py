"""Stamps and signatures: found by their ink, marked, and never made into characters by guessing.

A stamp is a small ring (round or square) that holds something: of coloured ink, or of any ink
where it is not long (`ocr/reading/outlines.py`); a signature is a long thin stroke that is no rule. What a stamp
says is kept only where the reader is sure of it, and so is what it read of a printed line where a mark lies on it.
Handwriting that is written like print, letter by letter, is read like print.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.pages.page import Picture
from ocr.reading.lines import FoundMark, ReadLine
from ocr.reading.marked_lines import kinded
from ocr.reading.outlines import Mask, Rectangle, crossed_outlines, rings

_SIDE = 1200
"""Longest side that is looked at: 100 dpi of A4, where a stamp's ring is 1 to 2 pixels thick."""
_RED, _BLUE = 55, 30
_DARK = 55
"""Grey levels below the paper from which a pixel is ink."""
_SOMETHING = 0.015
"""Share of ink inside a ring: grey letters of a seal are faint."""
_GREY_RINGS, _SQUARE, _BROADEST = 0.03, 6.0, 0.25
"""A ring that is not coloured must be larger, and its sides not too unlike: a letter O is smaller, a box of a
form is longer."""
_STROKE_SIDES = (0.04, 0.4)
_STROKE_HEIGHTS = (0.006, 0.12)
_THIN = 0.4
_STRAIGHT = 0.5
"""Share of a stroke's width in one row, or height in one column: then it is a rule."""
_RULE = 25
"""Pixels without a bend that a pen does not draw at this scale."""
_NEAR = 0.02
_LINES_OF_A_STAMP = 4
_BELIEVED = 0.7
"""Signatures of made pages were read as letters with scores of 0.2 to 0.63."""


def marks_of(picture: Picture, lines: Sequence[ReadLine]) -> tuple[list[ReadLine], list[FoundMark]]:
    """`lines` with their kinds (without the text of those that are not sure), and the marks of the page."""
    scale = min(1.0, _SIDE / max(picture.width, picture.height))
    pixels = _small(picture.pixels, scale)
    dark = _dark(pixels)
    stamps = [box for box in _stamps(pixels, dark) if _few_lines(box, lines, scale)]
    strokes = _merged(_strokes(_without_lines(dark, lines, scale)), pixels.shape[1])
    strokes = [box for box in strokes if not _overlaps(box, stamps)]
    marks = [FoundMark("stamp", _scaled(box, 1 / scale)) for box in stamps]
    marks += [FoundMark("handwriting", _scaled(box, 1 / scale)) for box in strokes]
    return [kinded(line, marks) for line in lines], marks


def _stamps(pixels: NDArray[np.uint8], dark: Mask) -> list[Rectangle]:
    """Rings of one colour first, then those of any ink, then those that print crosses."""
    coloured = list(_coloured(pixels))
    found = [box for ink in coloured for box in rings(ink)]
    every = _closed(np.asarray(dark | coloured[0] | coloured[1], np.uint8))
    for boxes in (rings(_closed(dark)), crossed_outlines(every)):
        for box in boxes:
            if _is_grey_stamp(box, every) and not _overlaps(box, found):
                found.append(box)
    return found


def _few_lines(box: Rectangle, lines: Sequence[ReadLine], scale: float) -> bool:
    """A frame around many lines is a box of the form."""
    middles = [line.quad.mean(0) * scale for line in lines if line.spans]
    return sum(_holds(box, float(x), float(y)) for x, y in middles) <= _LINES_OF_A_STAMP


def _overlaps(box: Rectangle, others: Sequence[Rectangle]) -> bool:
    return any(box[0] < other[2] and other[0] < box[2] and box[1] < other[3] and other[1] < box[3] for other in others)


def _is_grey_stamp(box: Rectangle, ink: Mask) -> bool:
    """Large enough, not long, and something inside: an empty square is a box to tick."""
    x0, y0, x1, y1 = box
    width, height = x1 - x0, y1 - y0
    small = min(width, height) < _GREY_RINGS * ink.shape[1]
    if small or width > _BROADEST * ink.shape[1] or max(width, height) > _SQUARE * min(width, height):
        return False
    inner = ink[y0 + height // 6 : y1 - height // 6, x0 + width // 6 : x1 - width // 6]
    return bool(_SOMETHING < inner.mean() < 0.6)


def _holds(box: Rectangle, x: float, y: float) -> bool:
    return box[0] <= x <= box[2] and box[1] <= y <= box[3]


def _small(pixels: NDArray[np.uint8], scale: float) -> NDArray[np.uint8]:
    if scale == 1.0:
        return pixels
    return np.asarray(cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)


def _scaled(box: Rectangle, factor: float) -> Rectangle:
    x0, y0, x1, y1 = (round(value * factor) for value in box)
    return x0, y0, x1, y1


def _coloured(pixels: NDArray[np.uint8]) -> Iterator[Mask]:
    """Where the page shows red ink, and where blue; small breaks closed."""
    red, green, blue = (pixels[:, :, i].astype(np.int16) for i in range(3))
    for ink in (np.minimum(red - blue, red - green) > _RED, blue - red > _RED):
        yield _closed(ink.astype(np.uint8))


def _closed(ink: Mask) -> Mask:
    return np.asarray(cv2.morphologyEx(ink, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8)), np.uint8)


def _dark(pixels: NDArray[np.uint8]) -> Mask:
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY).astype(np.int16)
    return (grey < np.median(grey) - _DARK).astype(np.uint8)


def _without_lines(ink: Mask, lines: Sequence[ReadLine], scale: float) -> Mask:
    """The ink that no line holds whose reading can be believed: a signature may be read as an unsure letter."""
    rest = ink.copy()
    for line in lines:
        if line.spans and line.score >= _BELIEVED:
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
        sized = _STROKE_SIDES[0] * width <= w <= _STROKE_SIDES[1] * width
        tall = _STROKE_HEIGHTS[0] * height <= h <= _STROKE_HEIGHTS[1] * height
        if sized and tall and area < _THIN * w * h and not _ruled(places[y : y + h, x : x + w] == index):
            yield x, y, x + w, y + h


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


def _ruled(stroke: NDArray[np.bool_]) -> bool:
    height, width = stroke.shape
    return bool(stroke.sum(1).max() > _STRAIGHT * width or stroke.sum(0).max() > 0.85 * height)
