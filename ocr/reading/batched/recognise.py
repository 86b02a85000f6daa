"""Text recognition: crops of lines into characters with places, in batches of like widths."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from ocr.reading.batched.graph import Graph, Tensor
from ocr.reading.crops import LINE_HEIGHT

T = TypeVar("T")
Taken: TypeAlias = Callable[[Tensor, float], T]
Part: TypeAlias = tuple[list[int], int]
"""A batch: indices of lines, and the width they are padded to."""
BLANK = 0
_STEPS = ((256, 32), (640, 64), (1 << 30, 128))
"""(up to this width, padded to multiples of this): a batch holds little besides lines, and the shapes are few. For each
shape OpenVINO keeps 2 to 5 MB; steps of 32 up to 640 had a quarter more of them and took no less time."""
ROWS = 4
"""Lines at once on a processor: more gains nothing (measured)."""
_TOGETHER = 320
"""Widths up to which lines go `ROWS` at a time there: above, one by one takes no longer (measured: 8.5 ms a line of
320 pixels alone, 7.4 in four; 14.7 and 13.8 at 640), needs half the shapes, and the output stays below 30 MB."""
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


class LineNetwork:
    """A network over lines, run in batches of like widths."""

    def __init__(self, graph: Graph, rows: int = ROWS, lanes: int = 1) -> None:
        self._graph, self._rows, self._lanes = graph, rows, lanes

    def run(self, crops: Sequence[NDArray[np.uint8]], taken: Taken[T]) -> list[T]:
        """`taken` of each crop (LINE_HEIGHT high, RGB), in the order given: it gets the network's output for that
        line as (columns, n), padding left out, and how many pixels of the crop a column stands for. The next
        batch writes over the output."""
        parts = list(batches([crop.shape[1] for crop in crops], self._rows))
        made: dict[int, T] = {}
        for read in self._each(parts, partial(self._batch, crops, taken)):
            made.update(read)
        return [made[i] for i in range(len(crops))]

    def _each(self, parts: list[Part], batch: Callable[[Part], dict[int, T]]) -> Iterator[dict[int, T]]:
        """One batch after the other, or on several lanes, the dearest first."""
        if self._lanes == 1 or len(parts) == 1:
            yield from map(batch, parts)
            return
        parts.sort(key=lambda part: -len(part[0]) * part[1])
        with ThreadPoolExecutor(self._lanes) as pool:
            yield from pool.map(batch, parts)

    def _batch(self, crops: Sequence[NDArray[np.uint8]], taken: Taken[T], part: Part) -> dict[int, T]:
        indices, width = part
        output = self._graph(lines_input([crops[i] for i in indices], width))
        step = width / output.shape[1]
        ends = [max(1, int(np.ceil(crops[i].shape[1] / step)) + 1) for i in indices]
        return {i: taken(output[row, :end], step) for row, (i, end) in enumerate(zip(indices, ends, strict=True))}


class Alphabet:
    """The characters a CTC network knows (Graves et al. 2006), and greedy decoding: class 0 is the blank, the last
    one the space."""

    def __init__(self, characters: Sequence[str]) -> None:
        self._characters = ["", *characters, " "]
        self._space = len(self._characters) - 1

    def glyphs(self, chances: Tensor, step: float) -> Glyphs:
        """The characters of one line from its (columns, classes)."""
        best = chances.argmax(1)
        starts = np.flatnonzero(np.r_[True, best[1:] != best[:-1]])
        ends = np.r_[starts[1:], len(best)]
        runs = [(s, e) for s, e in zip(starts, ends, strict=True) if best[s] != BLANK]
        return Glyphs(
            "".join(self._characters[best[s]] for s, _ in runs),
            tuple(float(chances[s:e, best[s]].max()) for s, e in runs),
            tuple((s * step, e * step) for s, e in runs),
            self._spaces(chances, runs),
        )

    def _spaces(self, chances: Tensor, runs: list[tuple[int, int]]) -> tuple[float, ...]:
        column = chances[:, self._space]
        return tuple(float(column[a[0] : b[1]].max()) for a, b in itertools.pairwise(runs))


class Recogniser:
    """A network that gives the chance of each class, and its alphabet."""

    def __init__(self, graph: Graph, characters: Sequence[str], rows: int = ROWS, lanes: int = 1) -> None:
        self._network, self._alphabet = LineNetwork(graph, rows, lanes), Alphabet(characters)

    def read(self, crops: Sequence[NDArray[np.uint8]]) -> list[Glyphs]:
        """Characters of each crop (LINE_HEIGHT high, RGB), in the order given."""
        return self._network.run(crops, self._alphabet.glyphs)


def batches(widths: Sequence[int], rows: int = ROWS) -> Iterator[Part]:
    """(indices, padded width): lines of like width together, `rows` at a time. Where `rows` is few (on a
    processor), long lines and what is left go one by one; where it is many, what is left goes together.

    Few distinct shapes matter more than full batches: a graph runner prepares itself anew for each shape, and
    keeps what it prepared.
    """
    by_width: dict[int, list[int]] = {}
    for index, width in enumerate(widths):
        by_width.setdefault(_padded(width), []).append(index)
    for width, members in sorted(by_width.items()):
        few, together = rows <= ROWS, width <= _TOGETHER
        full = len(members) // rows * rows * together if few else len(members)
        for start in range(0, full, rows):
            yield members[start : start + rows], width
        for index in members[full:]:
            yield [index], width


def _padded(width: int) -> int:
    step = next(step for most, step in _STEPS if width <= most)
    return -(-width // step) * step


def lines_input(crops: Sequence[NDArray[np.uint8]], width: int) -> Tensor:
    """(n, 3, 48, width), BGR in [-1, 1]; padding is 0, the network's idea of grey nothing."""
    made = np.zeros((len(crops), 3, LINE_HEIGHT, width), np.float32)
    for row, crop in enumerate(crops):
        made[row, :, :, : crop.shape[1]] = crop[:, :, ::-1].transpose(2, 0, 1) / np.float32(127.5) - np.float32(1)
    return made
