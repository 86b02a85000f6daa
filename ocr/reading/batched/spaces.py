"""Where words part: the room between glyphs, seen in the picture, beside what the network thinks and which
characters stand there.

A CTC recogniser often swallows spaces («TAXINVOICE») and sometimes sees one in wide tracking. The blank columns
between two glyphs tell better, but a point before a capital parts words at little room, a colon at none. A small
network weighs all of it (`ocr/training/spaces.py`; model card beside the weights).
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ocr.reading.batched.recognise import Glyphs
from ocr.reading.ink import Columns, ink_columns, widest_blanks

WEIGHTS = Path(__file__).parents[1] / "weights" / "spaces.npz"
_MARGIN = 4
"""Rows at the top and bottom of a crop that may show the neighbouring lines."""
_REACH = 36
"""Pixels a glyph may reach from its middle at crop height 48, the network's own imprecision included."""
_ONE_NUMBER = re.compile(r"(?<=\d)(?:[.,](?=\d{3}(?!\d))|:(?=[0-5]\d(?!\d)))")
"""What parts the thousands of an amount, and the hours and minutes of a time."""
_GROUP_ROOM = 14.0
"""Pixels at crop height 48: less room does not part a number there."""

_SIGNS = ".,:;-/()'\"#*%&@=+_|<>[]!?"
_LOWER, _UPPER, _DIGIT, _SYLLABLE, _LETTER, _COIN, _OTHER, _NONE = range(len(_SIGNS), len(_SIGNS) + 8)
_CLASSES = _NONE + 1
FEATURES = 9 + 4 * _CLASSES
_FAR = 3.0
"""No measure in units of a letter's pitch counts for more."""


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


@dataclass(frozen=True, slots=True)
class Seen:
    """What a line shows between its printed characters: the blank runs, and (n - 1, FEATURES) for the network."""

    printed: tuple[int, ...]
    middles: list[float]
    ink: Columns
    blanks: list[tuple[float, float]]
    features: NDArray[np.float32]


def spaced(crop: NDArray[np.uint8], glyphs: Glyphs) -> Spaced:
    """Spaces of a recognised line, decided anew; also where its ink begins and ends."""
    line = seen(crop, glyphs)
    if not line.printed:
        return Spaced((), (), 0.0, 0.0, 1.0 if line.ink.any() else 0.0)
    parts = _network().parts(line.features) & ~_in_numbers(line, glyphs)
    boundaries = tuple(Boundary(*blank, bool(part)) for blank, part in zip(line.blanks, parts, strict=True))
    return Spaced(line.printed, boundaries, *_ends(line.ink, line.middles), _unread(line.ink, line.middles))


def unread(crop: NDArray[np.uint8], glyphs: Glyphs) -> float:
    """The share of inked columns far from every character of a recognised line."""
    middles = [sum(glyphs.columns[i]) / 2 for i, char in enumerate(glyphs.text) if not char.isspace()]
    ink = ink_columns(crop, _MARGIN)
    return _unread(ink, middles) if middles else 1.0 if ink.any() else 0.0


def seen(crop: NDArray[np.uint8], glyphs: Glyphs) -> Seen:
    """What tells the spaces of a recognised line."""
    printed = tuple(i for i, char in enumerate(glyphs.text) if not char.isspace())
    ink = ink_columns(crop, _MARGIN)
    middles = [sum(glyphs.columns[i]) / 2 for i in printed]
    blanks = widest_blanks(ink, middles)
    return Seen(printed, middles, ink, blanks, _features(glyphs, printed, middles, blanks))


def _features(
    glyphs: Glyphs, printed: tuple[int, ...], middles: list[float], blanks: list[tuple[float, float]]
) -> NDArray[np.float32]:
    """(n - 1, FEATURES): measures of each boundary, then the classes of the two characters on either side."""
    if len(printed) < 2:
        return np.zeros((0, FEATURES), np.float32)
    pairs = list(itertools.pairwise(printed))
    room = np.array([end - start for start, end in blanks])
    tight = np.array([j == i + 1 for i, j in pairs])
    steps = np.diff(middles)
    usual, pitch = (float(np.median(x[tight] if tight.any() else x)) for x in (room, steps))
    relative = np.clip(room / max(pitch, 1.0), 0, _FAR)
    around = np.r_[_FAR, relative, _FAR]
    chance = np.log10([max(glyphs.spaces[i:j]) + 1e-6 for i, j in pairs])
    sure = [min(glyphs.scores[i], glyphs.scores[j]) for i, j in pairs]
    step = np.clip(steps / max(pitch, 1.0), 0, 2 * _FAR)
    measures = (room / 16, (room - usual) / 16, relative, chance / 3 + 1, ~tight, step, sure, around[:-2], around[2:])
    classes = [_NONE, *(_class_of(glyphs.text[i]) for i in printed), _NONE]
    return np.asarray(np.c_[np.stack(measures, 1), _told_apart(classes)], np.float32)


def _told_apart(classes: list[int]) -> NDArray[np.float32]:
    """(n - 1, 4 * _CLASSES): one-hot classes of the two characters before a boundary and of the two behind."""
    around = np.lib.stride_tricks.sliding_window_view(np.array(classes), 4)
    return np.asarray(np.eye(_CLASSES)[around].reshape(len(around), -1), np.float32)


@lru_cache(maxsize=4096)
def _class_of(char: str) -> int:
    if char in _SIGNS:
        return _SIGNS.index(char)
    if "가" <= char <= "힣":
        return _SYLLABLE
    if char.isdigit():
        return _DIGIT
    if char.isalpha():
        return _UPPER if char.isupper() else _LOWER if char.islower() else _LETTER
    return _COIN if char in "$€£¥₩" else _OTHER


class _Network:
    """Two layers: weights (FEATURES, h), (h,) and (h,), ()."""

    def __init__(self, file: Path) -> None:
        with np.load(file, allow_pickle=False) as kept:
            self._first, self._bias, self._second, self._last = (kept[k] for k in ("first", "bias", "second", "last"))

    def parts(self, features: NDArray[np.float32]) -> NDArray[np.bool_]:
        """Whether words part at each boundary."""
        hidden = np.maximum(features @ self._first + self._bias, 0)
        return np.asarray(hidden @ self._second + self._last > 0)


@lru_cache(maxsize=1)
def _network() -> _Network:
    return _Network(WEIGHTS)


def _in_numbers(line: Seen, glyphs: Glyphs) -> NDArray[np.bool_]:
    """Boundaries within an amount, 19,400, where neither room nor recogniser part them, or a time, 13:32, where the
    room does not (the Hangul recogniser writes spaces behind colons)."""
    text = "".join(glyphs.text[i] for i in line.printed)
    signs = {found.start(): found[0] for found in _ONE_NUMBER.finditer(text)}
    close = [b - a < _GROUP_ROOM for a, b in line.blanks]
    tight = [j == i + 1 for i, j in itertools.pairwise(line.printed)]
    return np.array([k in signs and close[k] and (tight[k] or signs[k] == ":") for k in range(len(close))], bool)


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
