"""A reading made of given text, so that fields are measured apart from reading."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ocr.values import Box, Line, PageText, Reading, Word


def reading_of_segments(
    file: str, segments: Sequence[Mapping[str, Any]], width: float, height: float, scale: float = 1.0
) -> Reading:
    """`segments` are `{text, box: [x0, y0, x1, y1]}` in pixels of the original; `width` and `height` those of
    the stored picture; `scale` is stored / original."""
    lines = tuple(
        line_of_text(segment["text"], _box(segment["box"], width / scale, height / scale))
        for segment in segments
        if segment["text"].strip()
    )
    page = PageText(1, width / scale, height / scale, lines, "ocr")
    return Reading(file, (page,), "given", "ocr")


def _box(pixels: Sequence[float], width: float, height: float) -> Box:
    x0, y0, x1, y1 = pixels
    return Box(1, x0 / width, y0 / height, x1 / width, y1 / height)


def line_of_text(text: str, box: Box) -> Line:
    """A line whose words share its box by their numbers of letters."""
    words, at, total = [], 0, max(1, len(text))
    for token in text.split():
        start = text.index(token, at)
        at = start + len(token)
        words.append(Word(token, Box(box.page, *_part(box, start / total, at / total))))
    return Line(tuple(words), box, " ".join(word.text for word in words))


def _part(box: Box, left: float, right: float) -> tuple[float, float, float, float]:
    return box.x0 + box.width * left, box.y0, box.x0 + box.width * right, box.y1
