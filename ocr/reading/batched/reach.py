"""Lines drawn out to print that the detector left at their ends: a first letter, a colon, a sign."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.reading.crops import LINE_HEIGHT, cut, stands
from ocr.reading.lines import part_of
from ocr.reading.quads import Quad, lengths

_LOOK = 1.3
"""How far beyond an end is looked, in heights of the line."""
_GAP = 0.75
_RULE = 0.85
"""Ink over this share of the height is a table's rule, not print."""


def reached(pixels: NDArray[np.uint8], quads: Sequence[Quad]) -> list[Quad]:
    """Each line, longer where unclaimed ink stands close to its ends."""
    boxes = np.array([[*quad.min(0), *quad.max(0)] for quad in quads], np.float32).reshape(-1, 4)
    return [_longer(pixels, quad, np.delete(boxes, index, 0)) for index, quad in enumerate(quads)]


def _longer(pixels: NDArray[np.uint8], quad: Quad, others: NDArray[np.float32]) -> Quad:
    width, height = lengths(quad)
    if stands(quad) or height < 6:
        return quad
    look = _LOOK * height / width
    start = -look if _free(quad, -look, 0.0, others) else 0.0
    end = 1 + look if _free(quad, 1.0, 1 + look, others) else 1.0
    if (start, end) == (0.0, 1.0):
        return quad
    crop = cut(pixels, part_of(quad, start, end, False))
    per_column = (end - start) / crop.shape[1]
    ink = _print(crop)
    left, right = round(-start / per_column), round((1 - start) / per_column)
    before = _run(ink[:left][::-1]) * per_column
    after = _run(ink[right:]) * per_column
    return part_of(quad, -before, 1 + after, False) if before or after else quad


def _free(quad: Quad, start: float, end: float, others: NDArray[np.float32]) -> bool:
    """Whether no other line claims this stretch."""
    part = part_of(quad, start, end, False)
    level, left, right = part[:, 1].mean(), part[:, 0].min(), part[:, 0].max()
    beside = (others[:, 1] < level) & (level < others[:, 3])
    return not bool((beside & (others[:, 0] < right) & (others[:, 2] > left)).any())


def _run(ink: NDArray[np.bool_]) -> int:
    """Columns outwards up to the last ink that follows without a wide gap; 0 where there is none."""
    last = blank = 0
    for column, inked in enumerate(ink):
        blank = 0 if inked else blank + 1
        if blank > _GAP * LINE_HEIGHT:
            break
        last = column + 1 if inked else last
    return last + 3 if last >= 4 else 0


def _print(crop: NDArray[np.uint8]) -> NDArray[np.bool_]:
    grey = np.asarray(cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY), np.float32)
    contrast = np.abs(grey - np.median(grey))
    strong = max(30.0, 0.5 * float(np.percentile(contrast, 97)))
    count = (contrast[6:-6] > strong).sum(0)
    return np.asarray((count >= 3) & (count < _RULE * (len(crop) - 12)), np.bool_)
