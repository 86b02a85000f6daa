"""Letters that stand below each other, each upright, as in the narrow boxes of Korean forms (공급받는자).

The detector takes such a column for one standing line, and turning it would lay its letters on their sides. It
is parted into its letters; print that really runs up or down has no such room between its letters.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ocr.reading.crops import LINE_HEIGHT, cut, stands
from ocr.reading.ink import ink_columns
from ocr.reading.lines import part_of
from ocr.reading.quads import Quad, upright

_MARGIN = 8
"""Pixels at both sides of the column that may show the rules of its box."""
_RULE = 0.12
_APART = 0.3
_LETTER = (0.25, 1.3)
"""In widths of the column: what is a rule of the table, the least room between letters, how high they are."""
_COLUMN = 1.5
"""Widths: two letters below each other are as high as this; so is a lone digit's box, which has nothing to part."""
_SIDEWAYS = 0.5
"""Share of standing lines from which the page itself lies on its side."""


def parted(pixels: NDArray[np.uint8], quads: Sequence[Quad]) -> list[Quad]:
    """`quads` with every column of stacked letters replaced by its letters."""
    standing = [quad for quad in quads if stands(quad, _COLUMN)]
    if len(standing) > _SIDEWAYS * len(quads):
        return list(quads)
    return [piece for quad in quads for piece in (_letters(pixels, quad) if stands(quad, _COLUMN) else [quad])]


def _letters(pixels: NDArray[np.uint8], quad: Quad) -> list[Quad]:
    crop = cut(pixels, quad, standing=_COLUMN)
    runs = _joined([run for run in _runs(ink_columns(crop, _MARGIN)) if run[1] - run[0] >= _RULE * LINE_HEIGHT])
    low, high = (share * LINE_HEIGHT for share in _LETTER)
    if len(runs) < 2 or not all(low <= end - start <= high for start, end in runs):
        return [quad]
    room, length = _APART * LINE_HEIGHT / 2, crop.shape[1]
    ends = [(max(0.0, start - room), min(float(length), end + room)) for start, end in runs]
    return [upright(part_of(quad, start / length, end / length, stands=True)) for start, end in ends]


def _runs(ink: NDArray[np.bool_]) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.r_[False, ink, False].astype(np.int8))).reshape(-1, 2)
    return [(int(start), int(end)) for start, end in edges]


def _joined(runs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Strokes of one letter together."""
    made: list[tuple[int, int]] = []
    for start, end in runs:
        if made and start - made[-1][1] < _APART * LINE_HEIGHT:
            made[-1] = (made[-1][0], end)
        else:
            made.append((start, end))
    return made
