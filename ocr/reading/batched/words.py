"""Characters with places into words with places."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ocr.reading.batched.recognise import Glyphs
from ocr.reading.batched.spaces import Spaced, spaced
from ocr.reading.crops import stands
from ocr.reading.lines import ReadLine, Span
from ocr.reading.quads import Quad


def line_of(quad: Quad, crop: NDArray[np.uint8], glyphs: Glyphs) -> ReadLine:
    """One line as read, with the places of its words as fractions of its length."""
    line, width = spaced(crop, glyphs), crop.shape[1]
    letters = tuple(
        Span(glyphs.text[i], glyphs.columns[i][0] / width, glyphs.columns[i][1] / width, glyphs.scores[i])
        for i in line.printed
    )
    return ReadLine(quad, _spans(glyphs, line, width), glyphs.score, stands(quad), line.unread, letters)


def _spans(glyphs: Glyphs, line: Spaced, width: int) -> tuple[Span, ...]:
    if not line.printed:
        return ()
    spans, members, left = [], [line.printed[0]], line.left
    for index, boundary in zip(line.printed[1:], line.boundaries, strict=True):
        if boundary.parts:
            spans.append(_span(glyphs, members, left / width, boundary.start / width))
            members, left = [], boundary.end
        members.append(index)
    return (*spans, _span(glyphs, members, left / width, line.right / width))


def _span(glyphs: Glyphs, members: list[int], start: float, end: float) -> Span:
    text = "".join(glyphs.text[i] for i in members)
    return Span(text, max(0.0, start), min(1.0, end), sum(glyphs.scores[i] for i in members) / len(members))
