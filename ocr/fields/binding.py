"""Where the value of a label may stand: behind it, to its right, below it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from ocr.doctypes.model import Doctype
from ocr.fields.labels import Label, LabelHit, Vocabulary, doctype_vocabulary, find_labels, vocabulary
from ocr.fields.sheet import Segment, Sheet, SheetPage, make_sheet
from ocr.fields.typed.locale import Convention, convention_of
from ocr.values import Reading

Direction: TypeAlias = Literal["same", "right", "below"]
_INCLUDING = re.compile(
    r"[\W_]*(?:inkl|incl|inc|including|included?|inclusive|inclusive of|incl of|mit|with|ttc|inclusief|con|compresa|incluido|iva|w)[\W_]*(?:of )?[\W_]*"  # noqa: E501
)
_EXCLUDING = re.compile(
    r"[\W_]*(?:exkl|excl|ex|excluding|excluded?|exclusive|exclusive of|excl of|ohne|without|before|exclusief|sin|senza|hors)[\W_]*(?:of )?[\W_]*"  # noqa: E501
)
BELOW_REACH = 2.6
"""How far below its label a value may begin, in text heights."""


@dataclass(frozen=True, slots=True)
class Region:
    """Characters `start` to `end` of a segment that may hold a label's value, `distance` text heights
    away.
    """

    segment: Segment
    start: int
    end: int
    direction: Direction
    distance: float

    @property
    def text(self) -> str:
        return self.segment.text[self.start : self.end]


@dataclass(frozen=True, slots=True)
class Marked:
    """A sheet with its labels: what every part of the label finder looks at."""

    sheet: Sheet
    hits: tuple[LabelHit, ...]
    by_segment: dict[int, tuple[LabelHit, ...]]
    convention: Convention
    doctype: Doctype
    ocr: bool
    headers: frozenset[int] = frozenset()
    """Identities of the segments that head tables."""

    def labels_of(self, segment: Segment) -> tuple[LabelHit, ...]:
        return self.by_segment.get(id(segment), ())

    def page_of(self, segment: Segment) -> SheetPage:
        return self.sheet.page(segment.page)

    def begins_with_label(self, segment: Segment) -> bool:
        """Whether the segment opens with a certain label, or one set apart by a colon: what follows
        is that label's.
        """
        return any(
            hit.leads
            and (
                hit.label.strength != "weak"
                or (hit.start == 0 and segment.text[hit.end : hit.end + 2].strip(" .") == ":")
            )
            for hit in self.labels_of(segment)
        )


def mark(reading: Reading, doctype: Doctype) -> Marked:
    """The reading's geometry with the doctype's labels found on it."""
    sheet = make_sheet(reading)
    fuzzy = reading.rung == "ocr"
    words: Vocabulary = doctype_vocabulary(doctype)
    by_segment = {
        id(s): with_qualifiers(_trusted(find_labels(s, words, fuzzy=fuzzy), doctype), doctype)
        for s in sheet.segments
    }
    headers = frozenset(id(segment) for segment in _table_headers(sheet, doctype, fuzzy=fuzzy))
    by_segment |= dict.fromkeys(headers, ())
    hits = tuple(hit for segment in sheet.segments for hit in by_segment[id(segment)])
    return Marked(sheet, hits, by_segment, convention_of(sheet.text, doctype.locale), doctype, fuzzy, headers)


def _table_headers(sheet: Sheet, doctype: Doctype, *, fuzzy: bool) -> Iterator[Segment]:
    """The segments of rows that head a table of line items: their words name columns, not fields."""
    words = vocabulary(doctype.columns.values())
    counted = {"description", "item", "quantity", "unit_price", "unit"} & set(doctype.columns)
    for page in sheet.pages:
        for number, row in enumerate(page.rows):
            names = {
                n for s in row for hit in find_labels(s, words, fuzzy=fuzzy) for n in hit.label.names[:1]
            }
            many = len(names) >= 3 and len(names & counted) >= 2
            if (many or _heads_two(row, page.rows[number + 1 : number + 3], names)) and not any(
                ch in s.text for s in row for ch in "€$£₩"
            ):
                yield from row


def _heads_two(row: Sequence[Segment], below: Sequence[Sequence[Segment]], names: set[str]) -> bool:
    """Two headings, what and how much, over two rows of just a text and an amount."""
    if len(row) != 2 or not {"description", "item"} & names or "amount" not in names:
        return False
    return len(below) == 2 and all(len(r) == 2 and _is_amount(r[1]) and not _is_amount(r[0]) for r in below)


def _is_amount(segment: Segment) -> bool:
    text = segment.text
    return any(ch.isdigit() for ch in text) and not any(ch.isalpha() for ch in text.replace("원", ""))


def _trusted(hits: Sequence[LabelHit], doctype: Doctype) -> tuple[LabelHit, ...]:
    """Without single words that name a party but run on into text: `Lieferant GmbH` is a name, no label."""
    names = {spec.name for spec in doctype.fields.values() if spec.type == "name"}
    return tuple(
        hit for hit in hits if hit.label.tokens > 1 or not set(hit.label.names) & names or stands_apart(hit)
    )


def with_qualifiers(hits: tuple[LabelHit, ...], doctype: Doctype) -> tuple[LabelHit, ...]:
    """`Total incl. VAT` is the gross total, `Total excl. VAT` the net one: a total's label and the tax label
    behind it become one label when such a word joins them. Which field is which, the sum check says."""
    check = next((c for c in doctype.checks if c.kind == "sum" and len(c.parts) == 2), None)
    if check is None or len(hits) < 2:
        return hits
    net, tax, gross = check.parts[0], check.parts[1], check.equals[0]
    merged: list[LabelHit] = []
    for hit in hits:
        last = merged[-1] if merged else None
        if last is not None and {net, gross} & set(last.label.names) and tax in hit.label.names:
            between = hit.segment.folded[last.end : hit.start]
            name = gross if _INCLUDING.fullmatch(between) else net if _EXCLUDING.fullmatch(between) else None
            if name is not None:
                label = Label((name,), (), last.label.tokens + hit.label.tokens)
                merged[-1] = LabelHit(label, hit.segment, last.start, hit.end, last.fuzz + hit.fuzz)
                continue
        merged.append(hit)
    return tuple(merged)


def stands_apart(hit: LabelHit) -> bool:
    """A colon or the like behind the label, or nothing at all."""
    rest = hit.segment.text[hit.end :].lstrip()
    return not rest or rest[0] in ":#-;)"


def regions(marked: Marked, hit: LabelHit) -> Iterator[Region]:
    """The places for `hit`'s value, nearest first: behind, to the right, below."""
    page = marked.page_of(hit.segment)
    behind = _behind(marked, hit)
    if behind is not None:
        yield behind
    yield from _right(marked, hit, page)
    yield from _below(marked, hit, page)


def _behind(marked: Marked, hit: LabelHit) -> Region | None:
    nexts = [
        other.start
        for other in marked.labels_of(hit.segment)
        if other.start >= hit.end and other.label.strength != "weak"
    ]
    end = min(nexts, default=len(hit.segment.text))
    start = hit.end
    while start < end and hit.segment.text[start] in " :.#-)=":
        start += 1
    if start >= end:
        return None
    return Region(hit.segment, start, end, "same", 0.0)


def _right(marked: Marked, hit: LabelHit, page: SheetPage) -> Iterator[Region]:
    row = page.rows[hit.segment.row]
    for segment in row[row.index(hit.segment) + 1 :]:
        if marked.begins_with_label(segment):
            return
        distance = (segment.x0 - hit.segment.x1) / page.unit
        yield Region(segment, _value_start(segment), len(segment.text), "right", distance)


def _value_start(segment: Segment) -> int:
    start = 0
    while start < len(segment.text) - 1 and segment.text[start] in " :;.=":
        start += 1
    return start


def _below(marked: Marked, hit: LabelHit, page: SheetPage) -> Iterator[Region]:
    x0, x1 = hit.segment.x_at(hit.start, hit.end, page.width)
    for segment in below(page, hit.segment, BELOW_REACH):
        if marked.begins_with_label(segment) or id(segment) in marked.headers:
            continue
        overlap = min(segment.x1, x1) - max(segment.x0, x0)
        drop = max(0.0, segment.y0 - hit.segment.y1) / page.unit
        aside = max(0.0, -overlap) / page.unit
        left_of_it = segment.x1 < x0 - page.unit
        alone = not left_of_it and _alone(hit, segment, page)
        if aside and not alone and not _in_cell(marked, hit, segment, page, drop):
            continue
        yield Region(segment, _value_start(segment), len(segment.text), "below", drop + min(aside, 20) * 0.1)


def below(page: SheetPage, segment: Segment, reach: float) -> Iterator[Segment]:
    """Segments under `segment`, up to `reach` text heights away, from the top down."""
    for row in page.rows[segment.row + 1 :]:
        for other in row:
            if segment.mid < other.mid and other.y0 - segment.y1 <= reach * page.unit:
                yield other
        if row and min(other.y0 for other in row) - segment.y1 > (reach + 3) * page.unit:
            return


def _alone(hit: LabelHit, segment: Segment, page: SheetPage) -> bool:
    """A value set to the far right under its label belongs to it if neither row holds anything between."""
    if segment.x0 < hit.segment.x0 or segment.y0 - hit.segment.y1 > 1.0 * page.unit:
        return False
    own = [s for s in page.rows[hit.segment.row] if s is not hit.segment and s.x0 >= hit.segment.x0]
    under = [
        s for s in page.rows[segment.row] if s is not segment and s.x1 > hit.segment.x0 and s.x0 < segment.x1
    ]
    return not own and not under


def _in_cell(marked: Marked, hit: LabelHit, segment: Segment, page: SheetPage, drop: float) -> bool:
    """Under a row of labels stand as many values in the same order, or each in the cell in which it begins;
    cells part half way."""
    row = page.rows[hit.segment.row]
    labels = [s for s in row if marked.labels_of(s)]
    if len(labels) < 2 or drop > 1.8:
        return False
    at = row.index(hit.segment)
    under = page.rows[segment.row]
    if len(under) == len(row):
        return under.index(segment) == at
    left = (row[at - 1].x1 + hit.segment.x0) / 2 if at else hit.segment.x0 - 8 * page.unit
    right = (row[at + 1].x0 + hit.segment.x1) / 2 if at + 1 < len(row) else hit.segment.x1 + 8 * page.unit
    return left <= segment.x0 <= right


def rest_of_row(page: SheetPage, segment: Segment) -> Sequence[Segment]:
    """What stands to the right of a segment in its row."""
    row = page.rows[segment.row]
    return row[row.index(segment) + 1 :]
