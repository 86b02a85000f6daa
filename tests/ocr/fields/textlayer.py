"""A small reader of PDF text layers for these tests: characters of pypdfium2, grouped by gaps."""

from __future__ import annotations

from pathlib import Path

import pypdfium2 as pdfium

from ocr.values import Box, Line, PageText, Reading, Word


def read_text_layer(path: Path) -> Reading:
    document = pdfium.PdfDocument(str(path))
    pages = tuple(_page(document[index], index + 1) for index in range(len(document)))
    return Reading(str(path), pages, "text-layer", "text")


def _page(page: pdfium.PdfPage, number: int) -> PageText:
    width, height = page.get_size()
    text = page.get_textpage()
    words: list[Word] = []
    letters: list[tuple[str, tuple[float, float, float, float]]] = []
    for index in range(text.count_chars()):
        char = text.get_text_range(index, 1)
        box = text.get_charbox(index, loose=True)
        if not char.strip() or (letters and _apart(letters[-1][1], box)):
            words += _word(letters, number, width, height)
            letters = []
        if char.strip():
            letters.append((char, box))
    words += _word(letters, number, width, height)
    return PageText(number, width, height, tuple(Line((w,), w.box, w.text) for w in words), "text")


def _apart(a: tuple[float, ...], b: tuple[float, ...]) -> bool:
    size = max(a[3] - a[1], b[3] - b[1], 3.0)
    return b[0] - a[2] > 0.15 * size or b[0] < a[0] - size or abs(a[1] - b[1]) > size


def _word(letters: list[tuple[str, tuple[float, float, float, float]]], number: int, width: float, height: float) -> list[Word]:
    if not letters:
        return []
    x0 = min(box[0] for _, box in letters)
    x1 = max(box[2] for _, box in letters)
    y0 = min(box[1] for _, box in letters)
    y1 = max(box[3] for _, box in letters)
    text = "".join(char for char, _ in letters)
    return [Word(text, Box(number, x0 / width, 1 - y1 / height, x1 / width, 1 - y0 / height))]
