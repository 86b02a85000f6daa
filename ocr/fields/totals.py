"""Totals in columns: `net | tax | gross` as a header, the sums in the total row below it."""

from __future__ import annotations

from collections.abc import Iterator

from ocr.doctypes.model import FieldSpec
from ocr.fields.binding import Marked, rest_of_row
from ocr.fields.finder import Candidate
from ocr.fields.found import Span, candidate
from ocr.fields.labels import LabelHit
from ocr.fields.sheet import Segment, SheetPage, fold
from ocr.fields.typed import find_money

_TOTAL_WORDS = ("total", "summe", "gesamt", "totaal", "totale", "suma", "합계", "소계", "montant a payer")
_ROWS = 30


def column_totals(marked: Marked) -> Iterator[Candidate]:
    """Amounts under a heading label, in a row that says total or in the last row of the column."""
    for hit in marked.hits:
        for name in hit.label.names:
            spec = marked.doctype.fields[name]
            if spec.type == "money" and _heads_a_column(marked, hit):
                yield from _column(marked, hit, spec)


def _heads_a_column(marked: Marked, hit: LabelHit) -> bool:
    """No amount beside it, and another money label in its row."""
    page = marked.page_of(hit.segment)
    if any(find_money(s.text) for s in rest_of_row(page, hit.segment)) or find_money(
        hit.segment.text[hit.end :]
    ):
        return False
    money = {s.name for s in marked.doctype.fields.values() if s.type == "money"}
    beside = [
        other
        for segment in page.rows[hit.segment.row]
        for other in marked.labels_of(segment)
        if other is not hit and money & set(other.label.names)
    ]
    return bool(beside)


def _column(marked: Marked, hit: LabelHit, spec: FieldSpec) -> Iterator[Candidate]:
    page = marked.page_of(hit.segment)
    x0, x1 = hit.segment.x_at(hit.start, hit.end, page.width)
    for row in page.rows[hit.segment.row + 1 : hit.segment.row + _ROWS]:
        for segment in row:
            if min(segment.x1, x1 + page.unit) <= max(segment.x0, x0 - page.unit):
                continue
            amounts = [h for h in find_money(segment.text, marked.convention.decimal) if h.looks_like_money]
            if amounts and not marked.begins_with_label(segment):
                last = amounts[-1]
                item = candidate(
                    spec,
                    segment,
                    Span(last.value, last.start, last.end),
                    "column",
                    _score(page, segment),
                    strong=1.0,
                )
                if item is not None:
                    yield item


def _score(page: SheetPage, segment: Segment) -> float:
    head = fold(page.rows[segment.row][0].text)
    return 0.8 if any(word in head for word in _TOTAL_WORDS) else 0.35
