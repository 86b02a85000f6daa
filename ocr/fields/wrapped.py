"""Values that are more than what stands in the label's own row: a cell of two lines, an address below its label."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ocr.doctypes.model import FieldSpec
from ocr.fields.addresses import address_lines, column_below
from ocr.fields.binding import Marked, below
from ocr.fields.finder import Candidate
from ocr.fields.labels import LabelHit
from ocr.fields.sheet import Segment

SCORE = 0.9


def addresses_of_labels(marked: Marked) -> Iterator[Candidate]:
    """Addresses that belong to no party (`delivery_address`): the lines below their label, the name left out."""
    specs = [s for s in marked.doctype.fields.values() if s.type == "address" and s.role is None]
    for spec in specs:
        for hit in marked.hits:
            if spec.name in hit.label.names and hit.leads:
                yield from _below_label(marked, hit, spec)


def _below_label(marked: Marked, hit: LabelHit, spec: FieldSpec) -> Iterator[Candidate]:
    if hit.segment.text[hit.end :].strip(" :"):
        return
    page = marked.page_of(hit.segment)
    under = [s for s in below(page, hit.segment, 2.2) if abs(s.x0 - hit.segment.x0) <= 2 * page.unit]
    lines = address_lines([under[0], *column_below(marked, under[0])]) if under else []
    if lines:
        text = " ".join(" ".join(line.text for line in lines).split())
        yield Candidate(spec.name, text, text, tuple(word for line in lines for word in line.words), "label", SCORE)


def with_upper_line(marked: Marked, hit: LabelHit, segment: Segment, item: Candidate) -> Candidate:
    """The candidate with the line above it, where both fill one cell whose label stands at half their height."""
    upper = _upper(marked, hit, segment)
    if upper is None:
        return item
    text = f"{upper.text} {item.raw}"
    return replace(item, value=text, raw=text, words=(*upper.words, *item.words))


def _upper(marked: Marked, hit: LabelHit, segment: Segment) -> Segment | None:
    page = marked.page_of(segment)
    for row in page.rows[max(0, segment.row - 2) : segment.row]:
        for other in row:
            middle = (other.mid + segment.mid) / 2
            near = abs(other.x0 - segment.x0) <= 0.5 * page.unit and segment.y0 - other.y1 <= 0.5 * page.unit
            if near and abs(hit.segment.mid - middle) <= 0.3 * page.unit and not marked.labels_of(other):
                return other
    return None
