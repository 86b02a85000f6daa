"""Lines as an engine reads them, in pixels, and their way to the document's values."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from ocr.pages.order import ordered
from ocr.pages.page import Picture
from ocr.reading.quads import Quad, slope_of
from ocr.values import Box, Line, Mark, PageText, Word

_LEVEL = 0.02
"""Slope (about one degree) up to which a word counts as upright and needs no quadrilateral."""


@dataclass(frozen=True, slots=True)
class Span:
    """A word of a line: where it starts and ends along the line, as fractions of its length."""

    text: str
    start: float
    end: float
    score: float


@dataclass(frozen=True, slots=True)
class ReadLine:
    """One line as read. `spans` are its words; `stands` says that it runs down the quad's height; `unread`
    is the share of its ink that became no character; `letters` are its printed characters with their places
    and scores, where the engine tells them; `kind` marks what is not plain print."""

    quad: Quad
    spans: tuple[Span, ...]
    score: float
    stands: bool = False
    unread: float = 0.0
    letters: tuple[Span, ...] = ()
    kind: Literal["print", "handwriting", "stamp"] = "print"

    @property
    def text(self) -> str:
        return " ".join(span.text for span in self.spans)


def spans_of(text: str, score: float) -> tuple[Span, ...]:
    """Words of a text without places: they share the line by their numbers of characters."""
    spans, at, total = [], 0, max(1, len(text))
    for token in text.split():
        start = text.index(token, at)
        at = start + len(token)
        spans.append(Span(token, start / total, at / total, score))
    return tuple(spans)


@dataclass(frozen=True, slots=True)
class FoundMark:
    """A stamp or a signature: its rectangle (x0, y0, x1, y1) in pixels of the page."""

    kind: Literal["handwriting", "stamp"]
    box: tuple[int, int, int, int]


def page_text(picture: Picture, lines: Sequence[ReadLine], marks: Sequence[FoundMark] = ()) -> PageText:
    """The page's lines in reading order; lines without text are left out only here, at the very end."""
    made = [_line(line, picture) for line in lines if line.spans]
    tilt = slope_of([line.quad for line in lines if not line.stands]) * picture.width / picture.height
    return PageText(picture.number, picture.width, picture.height, ordered(made, tilt), "ocr", _marks(picture, marks))


def _marks(picture: Picture, marks: Sequence[FoundMark]) -> tuple[Mark, ...]:
    corners = [np.array([mark.box[:2], mark.box[2:]], np.float32) for mark in marks]
    return tuple(Mark(mark.kind, _box(quad, picture)) for mark, quad in zip(marks, corners, strict=True))


def _line(line: ReadLine, picture: Picture) -> Line:
    words = tuple(_word(span, line, picture) for span in line.spans)
    return Line(words, _box(line.quad, picture), line.text, line.score, line.kind)


def _word(span: Span, line: ReadLine, picture: Picture) -> Word:
    quad = part_of(line.quad, span.start, span.end, line.stands)
    run = quad[1] - quad[0]
    level = abs(float(run[1])) <= _LEVEL * abs(float(run[0])) or line.stands
    points = None if level else tuple((float(x) / picture.width, float(y) / picture.height) for x, y in quad)
    return Word(span.text, _box(quad, picture), span.score, points)


def part_of(quad: Quad, start: float, end: float, stands: bool) -> Quad:
    """The piece of a line between two fractions of its length."""
    a, b, c, d = quad
    if stands:  # read after a quarter turn to the left: its top left corner is the page's top right one
        a, b, c, d = b, c, d, a
    along_top, along_bottom = b - a, c - d
    made = [a + along_top * start, a + along_top * end, d + along_bottom * end, d + along_bottom * start]
    return np.array(made, np.float32)


def _box(quad: Quad, picture: Picture) -> Box:
    x0, y0 = quad.min(0)
    x1, y1 = quad.max(0)
    width, height = picture.width, picture.height
    return Box(
        picture.number,
        _fraction(x0, width),
        _fraction(y0, height),
        _fraction(x1, width),
        _fraction(y1, height),
    )


def _fraction(pixel: float, size: int) -> float:
    value = float(pixel) / size
    return min(1.0, max(0.0, value)) if math.isfinite(value) else 0.0
