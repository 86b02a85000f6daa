"""The line that heads a document and says it all: `Rechnung Nr. 4711 vom 05.03.2024`, `Facture n°56
du 2 juillet 2015`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ocr.doctypes.model import FieldSpec
from ocr.fields.binding import Marked
from ocr.fields.finder import Candidate
from ocr.fields.sheet import Segment, fold
from ocr.fields.typed import find_dates
from ocr.values import Value, Word

_NUMBER = re.compile(
    r"(?:\b(?:nr|no|num|numero|nummer|number|n)\b\s*[.:°#]*|[#№°]|번호)\s*[:.]?\s*(?P<id>[a-z]{0,6}[-/ ]?\d[\w./-]*)"
)
_PLAIN_NUMBER = re.compile(r"^\s*[:#]?\s*(?P<id>[a-z]{0,5}[-/]?\d[\w./-]{3,})")
_DATED = re.compile(
    r"(?:\b(?:vom|von|du|dated|of|issued (?:at|on)|van|del|de|from|date[dn]?|le)\b|[,;|/]|^)\s*:?\s*$"
)
_LONGEST = 140
SCORE = 0.9


def find_title_line(marked: Marked) -> Iterator[Candidate]:
    """Number and date from rows that begin with a title of the doctype, on the upper part of a page."""
    number = _first_required(marked, "identifier")
    issued = _first_required(marked, "date")
    for page in marked.sheet.pages:
        for row in page.rows:
            if row[0].y0 < 0.65 * page.height:
                for start in range(min(2, len(row))):
                    yield from _in_row(marked, row[start:], number, issued)


def _first_required(marked: Marked, kind: str) -> FieldSpec | None:
    return next((s for s in marked.doctype.fields.values() if s.type == kind and s.required), None)


def _in_row(
    marked: Marked, row: tuple[Segment, ...], number: FieldSpec | None, issued: FieldSpec | None
) -> Iterator[Candidate]:
    text = " ".join(s.text for s in row)
    folded = fold(text)
    title_end = _title_end(marked, folded)
    if title_end is None or len(text) > _LONGEST or _speaks_of_other(marked, row, number, issued):
        return
    match = _NUMBER.search(folded, title_end) or _PLAIN_NUMBER.match(folded[title_end:])
    offset = 0 if match is None or match.re is _NUMBER else title_end
    if match is not None and number is not None and not _is_date(marked, text[match.start("id") + offset :]):
        yield from _made(number, row, match.start("id") + offset, match.end("id") + offset, SCORE)
    for hit in find_dates(text, marked.convention.order):
        before = folded[title_end : hit.start]
        if issued is not None and _DATED.search(before) and len(before) <= 60:
            other = None if marked.convention.order_known else hit.other
            yield from _made(issued, row, hit.start, hit.end, SCORE, hit.value, other)
            return


def _speaks_of_other(
    marked: Marked, row: tuple[Segment, ...], number: FieldSpec | None, issued: FieldSpec | None
) -> bool:
    """`Rechnung gemäß Bestellung Nr. 17 vom 1.3.` gives the order's number and date, not its own."""
    own = {spec.name for spec in (number, issued) if spec is not None}
    return any(
        h.label.strength != "weak" and not set(h.label.names) & own for s in row for h in marked.labels_of(s)
    )


def _title_end(marked: Marked, folded: str) -> int | None:
    """Where the title word ends, if the row begins with one, alone or in a compound (`Rechnung`,
    `Handelsrechnung`)."""
    for title in sorted(marked.doctype.titles, key=len, reverse=True):
        word = fold(title)
        match = re.match(
            rf"\w{{0,20}}{re.escape(word)}(?![^\W\d_])"
            if len(word) >= 6
            else rf"{re.escape(word)}(?![^\W\d_])",
            folded,
        )
        if match is not None:
            return match.end()
    return None


def _is_date(marked: Marked, text: str) -> bool:
    return any(hit.start == 0 and hit.style != "compact" for hit in find_dates(text, marked.convention.order))


def _made(
    spec: FieldSpec,
    row: tuple[Segment, ...],
    start: int,
    end: int,
    score: float,
    value: Value = None,
    other: Value = None,
) -> Iterator[Candidate]:
    text = " ".join(s.text for s in row)
    raw = text[start:end].strip(" .,:;-/")
    words = _words(row, start, start + len(raw))
    if raw and words:
        features = {"strong": 1.0, "title": 1.0}
        yield Candidate(
            spec.name, raw if value is None else value, raw, words, "title", score, features, other
        )


def _words(row: tuple[Segment, ...], start: int, end: int) -> tuple[Word, ...]:
    words: list[Word] = []
    offset = 0
    for segment in row:
        words += segment.words_in(start - offset, end - offset)
        offset += len(segment.text) + 1
    return tuple(words)
