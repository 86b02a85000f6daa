"""Values under a row of headings whose cells are ruled: each stands anywhere in its cell, so that it need not stand
under its own heading. The nearest one of the next row is it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ocr.fields.binding import Marked, Region
from ocr.fields.finder import Candidate
from ocr.fields.found import candidate, spans
from ocr.fields.labels import LabelHit
from ocr.fields.sheet import Segment, SheetPage

FEWEST = 3
"""So many labels of header fields beside each other are a row of headings."""
ROOM = 2.5
"""The values stand at most so many text heights below."""
SCORE = 0.8


def under_headings(marked: Marked) -> Iterator[Candidate]:
    """Amounts and dates under a row of headings, on Korean forms."""
    if not marked.convention.korean:
        return
    for page in marked.sheet.pages:
        for number, row in enumerate(page.rows[:-1]):
            free = [s for s in row if id(s) not in marked.headers]
            heads = [(s, hit) for s in free for hit in marked.labels_of(s)[:1] if hit.leads]
            if len(heads) >= FEWEST:
                yield from _paired(marked, page, heads, page.rows[number + 1])


def _paired(
    marked: Marked, page: SheetPage, heads: list[tuple[Segment, LabelHit]], values: Sequence[Segment]
) -> Iterator[Candidate]:
    for segment, hit in heads:
        under = [v for v in values if 0 <= v.y0 - segment.y1 <= ROOM * page.unit and not marked.labels_of(v)]
        nearest = min(under, key=lambda v: abs(_middle(v) - _middle(segment)), default=None)
        own = nearest is not None and min(heads, key=lambda h: abs(_middle(h[0]) - _middle(nearest)))[0] is segment
        if nearest is None or not own:
            continue
        region = Region(nearest, 0, len(nearest.text), "below", 1.0)
        for spec in (marked.doctype.fields[name] for name in hit.label.names):
            if spec.type not in ("money", "date"):
                continue
            for span in spans(marked, region, spec):
                item = candidate(spec, nearest, span, "label", SCORE, strong=1.0)
                if item is not None:
                    yield item


def _middle(segment: Segment) -> float:
    return (segment.x0 + segment.x1) / 2
