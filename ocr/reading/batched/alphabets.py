"""Latin first: the recogniser narrowed to Latin letters reads every line, the whole one only what is left.

The classifier's 18,710 characters, nearly all Han, cost a sixth of the time and lend Latin print their
look-alikes (一 for -, 米 for *). A line that Latin letters do not explain is read again with all of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ocr.models.onnxfile import narrowed
from ocr.models.paddledir import characters_of
from ocr.reading.batched.graph import Graph
from ocr.reading.batched.recognise import ROWS, Glyphs, Recogniser
from ocr.reading.batched.spaces import spaced

_SIGNS = frozenset("ȘșȚț–—‘’“”•…€₩™℃")
_LATIN_END = 0x180
_LOOK_ALIKES = frozenset("×¦¨¬¯´¶¸¤ŉſ")
"""Latin-1 signs that business papers hardly print, and that stains, bars and the letter x look like."""
_EAST_ASIAN = re.compile("[\u2e80-\u9fff\uf900-\ufaff\u3040-\u30ff]")
_EXPLAINED = 0.9
"""Score that 98 of 100 lines of scanned Latin receipts exceed; Korean and Chinese lines stay far below."""
_UNREAD = 0.15
_SURE = 0.6
_PATTERN = 9
"""Han characters from which a line of hardly any different ones is a drawn rule (rows of stars look like 家家冰家)."""
_PROBE = 6

OpenGraph = Callable[[Path | bytes], Graph]


class LatinFirst:
    """Reads crops like a Recogniser. The whole dictionary's graph is opened when the first line needs it."""

    def __init__(self, weights: Path, open_graph: OpenGraph, rows: int = ROWS, lanes: int = 1) -> None:
        self._weights, self._open, self._rows, self._lanes = weights, open_graph, rows, lanes
        self._characters = characters_of(weights)
        kept = [i for i, char in enumerate(self._characters) if is_latin(char)]
        classes = [0, *(i + 1 for i in kept), len(self._characters) + 1]
        latin = [self._characters[i] for i in kept]
        self._latin = Recogniser(open_graph(narrowed(weights, classes)), latin, rows, lanes)

    @cached_property
    def _whole(self) -> Recogniser:
        return Recogniser(self._open(self._weights), self._characters, self._rows, self._lanes)

    def read(self, crops: Sequence[NDArray[np.uint8]]) -> list[Glyphs]:
        """Characters of each crop, in the order given."""
        made = self._latin.read(crops)
        left = [i for i, glyphs in enumerate(made) if not _explained(crops[i], glyphs)]
        for part in (left[:_PROBE], left[_PROBE:]):
            again = self._whole.read([crops[i] for i in part]) if part else []
            better = {i: glyphs for i, glyphs in zip(part, again, strict=True) if _east_asian(glyphs)}
            made = [better.get(i, glyphs) for i, glyphs in enumerate(made)]
            if not better:
                break
        return made

    def score(self, crops: Sequence[NDArray[np.uint8]]) -> float:
        """How well lines read as Latin: the mean score of all characters, 0 without any."""
        scores = [score for glyphs in self._latin.read(crops) for score in glyphs.scores]
        return sum(scores) / max(1, len(scores))


def is_latin(char: str) -> bool:
    """Latin letters with their accents, digits, and the signs of Latin print."""
    return char in _SIGNS or (len(char) == 1 and ord(char) < _LATIN_END and char not in _LOOK_ALIKES)


def _explained(crop: NDArray[np.uint8], glyphs: Glyphs) -> bool:
    return glyphs.score > _EXPLAINED and spaced(crop, glyphs).unread < _UNREAD


def _east_asian(glyphs: Glyphs) -> bool:
    found = _EAST_ASIAN.findall(glyphs.text)
    pattern = len(found) >= _PATTERN and len(set(found)) <= len(found) / 3
    return glyphs.score > _SURE and len(found) >= 0.2 * len(glyphs.text) and len(found) >= 2 and not pattern
