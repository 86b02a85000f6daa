"""Which outlines on a page are stamps: rings of coloured ink, and rings of any ink that are not long."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.reading.lines import ReadLine
from ocr.reading.outlines import Mask, Rectangle, crossed_outlines, rings
from ocr.reading.quads import Quad

_RED, _BLUE = 55, 55
"""Levels by which one channel stands out."""
_SMALLEST, _SQUARE, _BROADEST = 0.03, 6.0, 0.25
"""A ring that is not coloured must be larger, and its sides not too unlike: a letter O is smaller, a box of a
form is longer or broader."""
_FAINT = 25
"""Grey levels below the middle one of a ring's inside: the letters of a seal are fainter than its ring."""
_SOMETHING, _FULL = 0.015, 0.6
_LINES_OF_A_STAMP = 4
_WORD = (0.7, 0.45)
"""Of a broad frame's width and height: a line that fills so much of it is a stamp's word."""


def stamps(pixels: NDArray[np.uint8], dark: Mask, lines: Sequence[ReadLine], scale: float) -> list[Rectangle]:
    """Rectangles of stamps: rings of one colour first, then those of any ink, then those that print crosses.

    `dark` is the ink of `pixels` (RGB); `scale` takes the lines' pixels to those of the picture."""
    quads = [line.quad * scale for line in lines if line.spans]
    coloured = list(_coloured(pixels))
    found = [box for ink in coloured for box in rings(ink) if _few(box, quads)]
    every = closed(np.asarray(dark | coloured[0] | coloured[1], np.uint8))
    for boxes in (rings(closed(dark)), crossed_outlines(every)):
        for box in boxes:
            if not overlaps(box, found) and _is_stamp(box, pixels, quads) and _few(box, quads):
                found.append(box)
    return found


def _coloured(pixels: NDArray[np.uint8]) -> Iterator[Mask]:
    """Where the page shows red ink, and where blue; small breaks closed."""
    red, green, blue = cv2.split(pixels)
    for more, level in ((cv2.subtract(red, cv2.max(green, blue)), _RED), (cv2.subtract(blue, red), _BLUE)):
        yield closed((np.asarray(more) > level).astype(np.uint8))


def closed(ink: Mask) -> Mask:
    """Without breaks of a pixel or two."""
    return np.asarray(cv2.morphologyEx(ink, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8)), np.uint8)


def overlaps(box: Rectangle, others: Sequence[Rectangle]) -> bool:
    return any(box[0] < other[2] and other[0] < box[2] and box[1] < other[3] and other[1] < box[3] for other in others)


def _few(box: Rectangle, quads: Sequence[Quad]) -> bool:
    """A frame around many lines is a box of the form."""
    middles = (quad.mean(0) for quad in quads)
    return sum(bool(box[0] <= x <= box[2] and box[1] <= y <= box[3]) for x, y in middles) <= _LINES_OF_A_STAMP


def _is_stamp(box: Rectangle, pixels: NDArray[np.uint8], quads: Sequence[Quad]) -> bool:
    """Large enough, not long, not broad but for a word that fills it, and something inside: an empty square is a
    box to tick."""
    width, height, page = box[2] - box[0], box[3] - box[1], pixels.shape[1]
    if min(width, height) < _SMALLEST * page or max(width, height) > _SQUARE * min(width, height):
        return False
    return _holds_something(box, pixels) and (width <= _BROADEST * page or any(_fills(quad, box) for quad in quads))


def _holds_something(box: Rectangle, pixels: NDArray[np.uint8]) -> bool:
    x0, y0, x1, y1 = box
    width, height = x1 - x0, y1 - y0
    inner = pixels[y0 + height // 6 : y1 - height // 6, x0 + width // 6 : x1 - width // 6]
    grey = np.asarray(cv2.cvtColor(np.ascontiguousarray(inner), cv2.COLOR_RGB2GRAY), np.float32)
    return bool(_SOMETHING < (grey < np.median(grey) - _FAINT).mean() < _FULL)


def _fills(quad: Quad, box: Rectangle) -> bool:
    """Whether a line is a stamp's word: inside the box, and nearly as large."""
    (x0, y0), (x1, y1) = quad.min(0), quad.max(0)
    width, height = box[2] - box[0], box[3] - box[1]
    inside = box[0] <= (x0 + x1) / 2 <= box[2] and box[1] <= (y0 + y1) / 2 <= box[3]
    return bool(inside and _WORD[0] * width <= x1 - x0 <= width and _WORD[1] * height <= y1 - y0 <= height)
