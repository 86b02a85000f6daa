"""The stable JSON of readings (`"schema": 1`)."""

from __future__ import annotations

from typing import Any

from ocr.reading.failed import FailedReading
from ocr.values import Line, PageText, Reading, Word

SCHEMA = 1


def reading_to_json(reading: Reading) -> dict[str, Any]:
    """`{schema, file, engine, seconds, load_seconds, pages: [{page, width, height, rung, lines: […]}]}`.

    A page that was turned has `turned` (degrees to the left; boxes are those of the page as turned).
    A page with stamps or signatures has `marks: [{kind, box}]`, a line that stands in one a `kind`.
    Boxes are [x0, y0, x1, y1] in fractions of the page; pages count from 1; `seconds` is this document, warm.
    """
    return {
        "schema": SCHEMA,
        "file": reading.file,
        "engine": reading.engine,
        "source": reading.rung,
        "seconds": round(reading.seconds, 4),
        "load_seconds": round(reading.load_seconds, 4),
        "pages": [_page(page) for page in reading.pages],
    }


def failure_to_json(failed: FailedReading) -> dict[str, Any]:
    """`{schema, file, error: {code, message, fix}}`."""
    error = failed.error
    return {
        "schema": SCHEMA,
        "file": failed.file,
        "error": {"code": error.code, "message": error.message, "fix": error.fix},
    }


def _page(page: PageText) -> dict[str, Any]:
    made: dict[str, Any] = {
        "page": page.number,
        "width": page.width,
        "height": page.height,
        "source": page.rung,
        "lines": [_line(line) for line in page.lines],
    }
    marks = [{"kind": mark.kind, "box": mark.box.as_list()} for mark in page.marks]
    more = {"marks": marks, "turned": page.turned}
    return made | {name: value for name, value in more.items() if value}


def _line(line: Line) -> dict[str, Any]:
    made = {
        "text": line.text,
        "score": round(line.score, 4),
        "box": line.box.as_list(),
        "words": [_word(word) for word in line.words],
    }
    return made if line.kind == "print" else {**made, "kind": line.kind}


def _word(word: Word) -> dict[str, Any]:
    return {"text": word.text, "score": round(word.score, 4), "box": word.box.as_list()}
