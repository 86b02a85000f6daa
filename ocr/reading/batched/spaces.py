"""Where words part: the room between glyphs, seen in the picture, beside what the network thinks.

A CTC recogniser often swallows spaces («TAXINVOICE») and sometimes sees one in wide tracking. The blank
columns between two glyphs tell better; a logistic model weighs both.
"""

from __future__ import annotations

import itertools
import math
import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ocr.reading.batched.recognise import Glyphs
from ocr.reading.ink import Columns, ink_columns, widest_blank

_MARGIN = 4
"""Rows at the top and bottom of a crop that may show the neighbouring lines."""
_REACH = 36
"""Pixels a glyph may reach from its middle at crop height 48, the network's own imprecision included."""

# Logistic regression on 26,145 boundaries of 2,659 lines of ICDAR 2019 SROIE training receipts (CC BY 4.0),
# whose
# reference text tells the spaces: pixels of room at crop height 48, the same relative to the line's median,
# the network's chance of a space as log10, and whether it wrote one.
_GAP, _LOOSER, _CHANCE, _WRITTEN, _BIAS = 0.071, 0.080, 1.55, 2.25, -0.10

_THOUSANDS = re.compile(r"(?<=\d)[.,](?=\d{3}(?!\d))")
_GROUP_ROOM = 14.0
"""Pixels at crop height 48: less room does not part the thousands of an amount unless the network wrote a space."""


@dataclass(frozen=True, slots=True)
class Boundary:
    """Between two printed characters: the blank run (start, end) in pixels of the crop, and whether words
    part."""

    start: float
    end: float
    parts: bool


@dataclass(frozen=True, slots=True)
class Spaced:
    """The printed characters of a line (no spaces) by index into its text, and the boundaries between them.

    `left` and `right` are where its ink begins and ends; `unread` is the share of inked columns far from
    every character: script that the network does not know leaves them.
    """

    printed: tuple[int, ...]
    boundaries: tuple[Boundary, ...]
    left: float
    right: float
    unread: float


def spaced(crop: NDArray[np.uint8], glyphs: Glyphs) -> Spaced:
    """Spaces of a recognised line, decided anew; also where its ink begins and ends."""
    printed = tuple(i for i, char in enumerate(glyphs.text) if not char.isspace())
    ink = ink_columns(crop, _MARGIN)
    if not printed:
        return Spaced((), (), 0.0, 0.0, 1.0 if ink.any() else 0.0)
    middles = [sum(glyphs.columns[i]) / 2 for i in printed]
    pairs = list(itertools.pairwise(printed))
    blanks = [widest_blank(ink, a, b) for a, b in itertools.pairwise(middles)]
    rooms = [end - start for start, end in blanks]
    tight = [room for room, (i, j) in zip(rooms, pairs, strict=True) if j == i + 1]
    usual = float(np.median(tight)) if tight else 0.0
    groups = _thousands("".join(glyphs.text[i] for i in printed))
    boundaries = tuple(
        Boundary(
            start,
            end,
            _parts(end - start, usual, max(glyphs.spaces[i:j]), j > i + 1)
            and not (k in groups and j == i + 1 and end - start < _GROUP_ROOM),
        )
        for k, ((start, end), (i, j)) in enumerate(zip(blanks, pairs, strict=True))
    )
    return Spaced(printed, boundaries, *_ends(ink, middles), _unread(ink, middles))


def _thousands(text: str) -> set[int]:
    """Places of the points and commas before three digits within a number: 19,400."""
    return {found.start() for found in _THOUSANDS.finditer(text)}


def _parts(room: float, usual: float, chance: float, written: bool) -> bool:
    return _GAP * room + _LOOSER * (room - usual) + _CHANCE * math.log10(chance + 1e-6) + _WRITTEN * written + _BIAS > 0


def _unread(ink: Columns, middles: list[float]) -> float:
    columns = np.flatnonzero(ink)
    if not len(columns):
        return 0.0
    distance = np.abs(columns[:, None] - np.asarray(middles)[None, :]).min(1)
    return float((distance > _REACH).mean())


def _ends(ink: Columns, middles: list[float]) -> tuple[float, float]:
    """Where the line's ink begins and ends, never inside its first and last character."""
    inked = np.flatnonzero(ink)
    if not len(inked):
        return 0.0, float(len(ink))
    return min(float(inked[0]), middles[0]), max(float(inked[-1]) + 1, middles[-1])
