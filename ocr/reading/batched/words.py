"""Characters with places into words."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ocr.reading.batched.recognise import Glyphs
from ocr.reading.crops import stands
from ocr.reading.lines import ReadLine, Span
from ocr.reading.quads import Quad


def line_of(quad: Quad, crop: NDArray[np.uint8], glyphs: Glyphs) -> ReadLine:
    """One line as read, with the places of its words as fractions of its length."""
    edges = _edges(glyphs, crop.shape[1])
    spans = []
    start = 0
    for end in range(len(glyphs.text) + 1):
        if end < len(glyphs.text) and not glyphs.text[end].isspace():
            continue
        if end > start:
            scores = glyphs.scores[start:end]
            left, right = edges[start][0] / crop.shape[1], edges[end - 1][1] / crop.shape[1]
            spans.append(Span(glyphs.text[start:end], left, right, sum(scores) / len(scores)))
        start = end + 1
    return ReadLine(quad, tuple(spans), glyphs.score, stands(quad))


def _edges(glyphs: Glyphs, width: int) -> list[tuple[float, float]]:
    """(left, right) of each character: half way to its neighbours, as far outwards as inwards at the ends."""
    middles = [(a + b) / 2 for a, b in glyphs.columns]
    halves = [(a + b) / 2 for a, b in zip(middles, middles[1:], strict=False)]
    if not halves:
        return [(0.0, float(width))] * len(middles)
    lefts = [max(0.0, 2 * middles[0] - halves[0]), *halves]
    rights = [*halves, min(float(width), 2 * middles[-1] - halves[-1])]
    return list(zip(lefts, rights, strict=True))
