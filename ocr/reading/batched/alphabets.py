"""Latin first: every line is read with the Latin letters alone, with the whole dictionary only what is left.

The classifier's 18,710 characters, nearly all Han, cost a sixth of the time and lend Latin print their
look-alikes (一 for -, 米 for *). The network knows the Latin ones and tells besides what its last layer is given;
a line that Latin letters do not explain goes from there through the whole last layer, not through the network again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ocr.models.onnxfile import parted
from ocr.models.paddledir import characters_of
from ocr.reading.batched.graph import Graph, Tensor
from ocr.reading.batched.recognise import ROWS, Alphabet, Glyphs, LineNetwork
from ocr.reading.batched.spaces import unread

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
_COLUMNS = 64

OpenGraph = Callable[[bytes], Graph]


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the network saw of a line: (columns, features), the pixels a column stands for, the Latin reading."""

    features: Tensor
    step: float
    latin: Glyphs


class LatinFirst:
    """Reads crops like a Recogniser. The whole last layer is opened when the first line needs it."""

    def __init__(self, weights: Path, open_graph: OpenGraph, rows: int = ROWS, lanes: int = 1) -> None:
        characters = characters_of(weights)
        kept = [i for i, char in enumerate(characters) if is_latin(char)]
        network = parted(weights, [0, *(i + 1 for i in kept), len(characters) + 1])
        self._latin, self._whole = Alphabet([characters[i] for i in kept]), Alphabet(characters)
        self._features, self._head, self._open = network.features, network.head, open_graph
        self._network = LineNetwork(open_graph(network.body), rows, lanes)

    @cached_property
    def _last_layer(self) -> Graph:
        return self._open(self._head)

    def read(self, crops: Sequence[NDArray[np.uint8]]) -> list[Glyphs]:
        """Characters of each crop, in the order given."""
        seen = self._network.run(crops, self._seen)
        made = [line.latin for line in seen]
        left = [i for i, glyphs in enumerate(made) if not _explained(crops[i], glyphs)]
        for part in (left[:_PROBE], left[_PROBE:]):
            again = {i: self._read_whole(seen[i]) for i in part}
            better = {i: glyphs for i, glyphs in again.items() if _east_asian(glyphs)}
            made = [better.get(i, glyphs) for i, glyphs in enumerate(made)]
            if not better:
                break
        return made

    def score(self, crops: Sequence[NDArray[np.uint8]]) -> float:
        """How well lines read as Latin: the mean score of all characters, 0 without any."""
        scores = [score for line in self._network.run(crops, self._seen) for score in line.latin.scores]
        return sum(scores) / max(1, len(scores))

    def _seen(self, values: Tensor, step: float) -> _Seen:
        features, chances = np.split(values, [self._features], axis=1)
        return _Seen(features.copy(), step, self._latin.glyphs(chances, step))

    def _read_whole(self, line: _Seen) -> Glyphs:
        """Piece by piece, so that the layer sees one shape and its answer, 18,710 classes wide, stays small."""
        columns = len(line.features)
        pieces = np.pad(line.features, ((0, -columns % _COLUMNS), (0, 0))).reshape(-1, 1, _COLUMNS, self._features)
        chances = [self._last_layer(piece)[0].copy() for piece in pieces]
        return self._whole.glyphs(np.concatenate(chances)[:columns], line.step)


def is_latin(char: str) -> bool:
    """Latin letters with their accents, digits, and the signs of Latin print."""
    return char in _SIGNS or (len(char) == 1 and ord(char) < _LATIN_END and char not in _LOOK_ALIKES)


def _explained(crop: NDArray[np.uint8], glyphs: Glyphs) -> bool:
    return glyphs.score > _EXPLAINED and unread(crop, glyphs) < _UNREAD


def _east_asian(glyphs: Glyphs) -> bool:
    found = _EAST_ASIAN.findall(glyphs.text)
    pattern = len(found) >= _PATTERN and len(set(found)) <= len(found) / 3
    return glyphs.score > _SURE and len(found) >= 0.2 * len(glyphs.text) and len(found) >= 2 and not pattern
