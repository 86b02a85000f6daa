"""Stamps and signatures: found by their ink, marked, and never made into characters by guessing.

A stamp is a small ring (round or square) that holds something (`ocr/reading/stamps.py`), whatever print crosses it; a
signature is a long thin stroke that is no rule (`ocr/reading/strokes.py`). What a stamp says is kept only where the
reader is sure of it, and so is what it read of a printed line where a mark lies on it (`ocr/reading/marked_lines.py`).
Handwriting that is written like print, letter by letter, is read like print.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.pages.page import Picture
from ocr.reading.lines import FoundMark, ReadLine
from ocr.reading.marked_lines import kinded
from ocr.reading.outlines import Mask, Rectangle
from ocr.reading.stamps import overlaps, stamps
from ocr.reading.strokes import strokes

_SIDE = 1200
"""Longest side that is looked at: 100 dpi of A4, where a stamp's ring is 1 to 2 pixels thick."""
_FADED, _LEVELS = 0.35, (20.0, 55.0)
"""A pixel is ink from this share of the darkest ink's depth below the paper on, within these grey levels: less is
noise."""
_DARKEST = 0.998
"""Share of a page that is lighter than its darkest ink."""
_COARSE, _WIDER_THAN_INK = 4, 9
"""The paper is looked for at a quarter of the size, where nothing as broad as this is ink."""


def marks_of(picture: Picture, lines: Sequence[ReadLine]) -> tuple[list[ReadLine], list[FoundMark]]:
    """`lines` with their kinds (without the text of those that are not sure), and the marks of the page."""
    scale = min(1.0, _SIDE / max(picture.width, picture.height))
    pixels = _small(picture.pixels, scale)
    dark = _dark(pixels)
    stamped = stamps(pixels, dark, lines, scale)
    written = [box for box in strokes(dark, lines, scale) if not overlaps(box, stamped)]
    marks = [FoundMark("stamp", _scaled(box, 1 / scale)) for box in stamped]
    marks += [FoundMark("handwriting", _scaled(box, 1 / scale)) for box in written]
    return [kinded(line, marks) for line in lines], marks


def _small(pixels: NDArray[np.uint8], scale: float) -> NDArray[np.uint8]:
    if scale == 1.0:
        return pixels
    return np.asarray(cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)


def _scaled(box: Rectangle, factor: float) -> Rectangle:
    x0, y0, x1, y1 = (round(value * factor) for value in box)
    return x0, y0, x1, y1


def _dark(pixels: NDArray[np.uint8]) -> Mask:
    """1 where the page is darker than the paper around."""
    grey = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.uint8)
    depth = np.asarray(cv2.subtract(_paper(grey), grey), np.uint8)
    lighter = np.cumsum(cv2.calcHist([depth], [0], None, [256], [0, 256]))
    darkest = int(np.searchsorted(lighter, _DARKEST * grey.size))
    return (depth > float(np.clip(_FADED * darkest, *_LEVELS))).astype(np.uint8)


def _paper(grey: Mask) -> Mask:
    """The page without its ink: shaded cells and the shadows of a photo stay (a closing, at a coarse scale)."""
    height, width = grey.shape
    size = max(1, width // _COARSE), max(1, height // _COARSE)
    coarse = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    closed = cv2.morphologyEx(coarse, cv2.MORPH_CLOSE, np.ones((_WIDER_THAN_INK, _WIDER_THAN_INK), np.uint8))
    return np.asarray(cv2.resize(closed, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)
