"""Samples as tensors."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from random import Random
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ocr.layout.encode import LIMIT, Encoded, encode
from ocr.layout.page import PageView, Token, arrange
from ocr.layout.samples import IGNORE, Sample
from ocr.layout.tags import TAGS


@dataclass(frozen=True, slots=True)
class Example:
    """An encoded page with its labels in the encoded order. `allowed` (n, tags): what each word may be."""

    encoded: Encoded
    allowed: NDArray[np.bool_]
    begins: NDArray[np.int64]
    rows: NDArray[np.int64]
    roles: NDArray[np.int64]
    parts: NDArray[np.int64]


def view_of(sample: Sample) -> PageView:
    """The sample's words as stretches; `Token.key` is the word's place in the sample."""
    lines: dict[int, list[Token]] = {}
    for i, (text, (x0, y0, x1, y1)) in enumerate(zip(sample.texts, sample.boxes.tolist(), strict=True)):
        lines.setdefault(int(sample.lines[i]), []).append(Token(text, x0, y0, x1, y1, i))
    return arrange(lines.values())


def example(sample: Sample) -> Example:
    """The first window of a page with its labels."""
    encoded = encode(view_of(sample), sample.doctype, first=sample.first, last=sample.last)
    keys = np.array([t.key for t in encoded.tokens[:LIMIT]], dtype=np.int64)
    short = Encoded(
        encoded.ids[:LIMIT], encoded.boxes[:LIMIT], encoded.stretch[:LIMIT], encoded.tokens[:LIMIT]
    )
    return Example(
        short,
        _allowed(sample)[keys],
        sample.begins[keys],
        sample.rows[keys],
        sample.roles[keys],
        sample.parts[keys],
    )


def _allowed(sample: Sample) -> NDArray[np.bool_]:
    """Words that say nothing (IGNORE) allow nothing and are left out of the loss."""
    allowed = np.zeros((len(sample.texts), len(TAGS)), dtype=np.bool_)
    labelled = sample.tags >= 0
    allowed[np.nonzero(labelled)[0], sample.tags[labelled]] = True
    if sample.known is not None:
        hidden = np.ones(len(TAGS), dtype=np.bool_)
        hidden[list(sample.known)] = False
        allowed[sample.tags == 0] |= hidden
    return allowed


@dataclass(frozen=True, slots=True)
class Batch:
    """Padded tensors of several pages."""

    ids: Tensor
    boxes: Tensor
    allowed: Tensor
    begins: Tensor
    rows: Tensor
    roles: Tensor
    parts: Tensor

    def to(self, device: torch.device) -> Batch:
        """The same tensors on another device."""
        return Batch(*(getattr(self, f.name).to(device) for f in fields(Batch)))


def batch(examples: Sequence[Example]) -> Batch:
    """Pages side by side, padded to the longest."""
    longest = max(len(e.encoded.ids) for e in examples)

    def padded(name: Callable[[Example], NDArray[Any]], fill: int) -> Tensor:
        values = [name(e) for e in examples]
        out = np.full((len(values), longest, *values[0].shape[1:]), fill, dtype=values[0].dtype)
        for i, value in enumerate(values):
            out[i, : len(value)] = value
        return torch.from_numpy(out)

    return Batch(
        padded(lambda e: e.encoded.ids, 0),
        padded(lambda e: e.encoded.boxes, 0),
        padded(lambda e: e.allowed, 0),
        padded(lambda e: e.begins, IGNORE),
        padded(lambda e: e.rows, IGNORE),
        padded(lambda e: e.roles, IGNORE),
        padded(lambda e: e.parts, IGNORE),
    )


def stream(
    draw: Callable[[Random], Sample], rng: Random, words: int, change: Callable[[Sample, Random], Sample]
) -> Iterator[Batch]:
    """Endless batches of about `words` words, pages of like length together."""
    while True:
        pool = sorted((example(change(draw(rng), rng)) for _ in range(64)), key=lambda e: len(e.encoded.ids))
        ready: list[list[Example]] = [[]]
        for item in pool:
            if ready[-1] and (len(ready[-1]) + 1) * len(item.encoded.ids) > words:
                ready.append([])
            ready[-1].append(item)
        rng.shuffle(ready)
        yield from (batch(group) for group in ready)
