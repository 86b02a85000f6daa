"""Which way up a page lies.

Lines that stand say that the page lies on its side. Whether it stands on its head shows where it reads badly:
its longest lines are read the other way round too, and print read upside down scores far lower. A page that
reads well costs nothing. Korean lines are asked of the Hangul reader, whose letters they are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ocr.pages.page import Picture
from ocr.reading.crops import cut
from ocr.reading.lines import ReadLine
from ocr.reading.quads import lengths

Score = Callable[[Sequence[NDArray[np.uint8]]], float]
"""How well crops read, 0 to 1."""

_MOSTLY = 0.6
_READS_WELL = 0.8
_PROBES = 8
_BETTER = 0.1
"""How much better the lines must read the other way round."""


def quarter_turns(picture: Picture, lines: Sequence[ReadLine], scores: Sequence[Score]) -> int:
    """How many quarter turns to the left bring the page upright: 0 to 3. `scores` are readers that judge."""
    if len(lines) < 3:
        return 0
    sideways = _share(lines, lambda line: float(line.stands)) > _MOSTLY
    turns = 1 if sideways else 0
    if _share(lines, lambda line: line.score if line.spans else 0.0) >= _READS_WELL:
        return turns
    longest = sorted(lines, key=lambda line: -_length(line))[:_PROBES]
    crops = [cut(picture.pixels, line.quad) for line in longest]
    heads = [np.ascontiguousarray(np.rot90(crop, 2)) for crop in crops]
    upside_down = max(score(heads) - score(crops) for score in scores) > _BETTER
    return turns + 2 if upside_down else turns


def turned(picture: Picture, turns: int) -> Picture:
    """The page after that many quarter turns to the left."""
    return replace(picture, pixels=np.ascontiguousarray(np.rot90(picture.pixels, turns)))


def _length(line: ReadLine) -> float:
    return max(lengths(line.quad))


def _share(lines: Sequence[ReadLine], value: Callable[[ReadLine], float]) -> float:
    """The mean of a value over the lines, long ones counting more."""
    total = sum(_length(line) for line in lines)
    return sum(value(line) * _length(line) for line in lines) / max(1.0, total)
