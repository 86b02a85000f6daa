"""Text recognition: crops of lines into characters with places, in batches of like widths."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ocr.reading.batched.graph import Graph, Tensor
from ocr.reading.crops import LINE_HEIGHT

BLANK = 0
_BUCKET = 32
"""Widths are padded up to multiples of this, so that a batch holds little besides lines."""
_LONG = 640
ROWS = 4
"""Lines at once: more gains nothing on a processor (measured), and the output stays below 40 MB."""
GPU_ROWS = 64


@dataclass(frozen=True, slots=True)
class Glyphs:
    """The characters of one line. `columns` are (start, end) of each in pixels of the crop, `spaces` the
    chance of a space that the network saw between character i and i + 1."""

    text: str
    scores: tuple[float, ...]
    columns: tuple[tuple[float, float], ...]
    spaces: tuple[float, ...]

    @property
    def score(self) -> float:
        return sum(self.scores) / len(self.scores) if self.scores else 0.0


class Recogniser:
    """A CTC recogniser (Graves et al. 2006) with greedy decoding."""

    def __init__(self, graph: Graph, characters: Sequence[str], rows: int = ROWS, lanes: int = 1) -> None:
        self._graph, self._rows, self._lanes = graph, rows, lanes
        self._characters = ["", *characters, " "]
        self._space = len(self._characters) - 1

    def read(self, crops: Sequence[NDArray[np.uint8]]) -> list[Glyphs]:
        """Characters of each crop (LINE_HEIGHT high, RGB), in the order given."""
        made: dict[int, Glyphs] = {}
        for read in self._each(crops, list(batches([crop.shape[1] for crop in crops], self._rows))):
            made.update(read)
        return [made[i] for i in range(len(crops))]

    def _each(
        self, crops: Sequence[NDArray[np.uint8]], parts: list[tuple[list[int], int]]
    ) -> Iterator[dict[int, Glyphs]]:
        """One batch after the other, or on several lanes, the dearest first."""
        if self._lanes == 1 or len(parts) == 1:
            yield from (self._batch(crops, *part) for part in parts)
            return
        parts.sort(key=lambda part: -len(part[0]) * part[1])
        with ThreadPoolExecutor(self._lanes) as pool:
            yield from pool.map(lambda part: self._batch(crops, *part), parts)

    def _batch(self, crops: Sequence[NDArray[np.uint8]], indices: list[int], width: int) -> dict[int, Glyphs]:
        output = self._graph(_stack([crops[i] for i in indices], width))
        return {i: self._decode(output[row], width, crops[i].shape[1]) for row, i in enumerate(indices)}

    def _decode(self, chances: Tensor, padded: int, width: int) -> Glyphs:
        step = padded / chances.shape[0]
        chances = chances[: max(1, int(np.ceil(width / step)) + 1)]
        best = chances.argmax(1)
        starts = np.flatnonzero(np.r_[True, best[1:] != best[:-1]])
        ends = np.r_[starts[1:], len(best)]
        runs = [(s, e) for s, e in zip(starts, ends, strict=True) if best[s] != BLANK]
        scores = tuple(float(chances[s:e, best[s]].max()) for s, e in runs)
        return Glyphs(
            "".join(self._characters[best[s]] for s, _ in runs),
            scores,
            tuple((s * step, e * step) for s, e in runs),
            self._spaces(chances, runs),
        )

    def _spaces(self, chances: Tensor, runs: list[tuple[int, int]]) -> tuple[float, ...]:
        column = chances[:, self._space]
        return tuple(float(column[a[0] : b[1]].max()) for a, b in itertools.pairwise(runs))


def batches(widths: Sequence[int], rows: int = ROWS) -> Iterator[tuple[list[int], int]]:
    """(indices, padded width): lines of like width together, `rows` at a time. What is left goes one by one
    where `rows` is few (on a processor), all together where it is many.

    Few distinct shapes matter more than full batches: a graph runner prepares itself anew for each shape, and
    keeps what it prepared.
    """
    by_width: dict[int, list[int]] = {}
    for index, width in enumerate(widths):
        by_width.setdefault(_padded(width), []).append(index)
    for width, members in sorted(by_width.items()):
        full = len(members) // rows * rows if rows <= ROWS else len(members)
        for start in range(0, full, rows):
            yield members[start : start + rows], width
        for index in members[full:]:
            yield [index], width


def _padded(width: int) -> int:
    step = _BUCKET if width <= _LONG else 4 * _BUCKET
    return -(-width // step) * step


def _stack(crops: Sequence[NDArray[np.uint8]], width: int) -> Tensor:
    """(n, 3, 48, width), BGR in [-1, 1]; padding is 0, the network's idea of grey nothing."""
    made = np.zeros((len(crops), 3, LINE_HEIGHT, width), np.float32)
    for row, crop in enumerate(crops):
        made[row, :, :, : crop.shape[1]] = crop[:, :, ::-1].transpose(2, 0, 1) / np.float32(127.5) - np.float32(1)
    return made
