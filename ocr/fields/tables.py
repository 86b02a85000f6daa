"""Line items: find the header row, give every number its column, join what a description spreads over
lines.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ocr.doctypes.model import FieldSpec
from ocr.fields.binding import Marked
from ocr.fields.finder import Candidate, Row
from ocr.fields.found import _READERS, Span
from ocr.fields.labels import Vocabulary, find_labels, vocabulary
from ocr.fields.sheet import Segment, SheetPage, fold
from ocr.fields.typed.parse import quantity_unit

NUMERIC = frozenset({"money", "quantity", "percent", "integer"})
NUMERIC_NAMES = frozenset(
    {"quantity", "unit_price", "amount", "supply_amount", "tax_amount", "tax_rate", "month", "day"}
)
_HEADER_GAP = 1.1
_UNIT_LETTERS = 8
"""A number's cell may hold a unit or a code beside the number, no more letters than these."""
_NUMBER_WORD = re.compile(
    r"^[^\w]*(?:[$€£₩￦¥]|RM|EUR|USD)?\s?[-−(]?[$€£₩]?\d[\d.,'’]*\)?-?\s?(?:%|[^\W\d_]{1,4})?[^\w]*$"
)


@dataclass(frozen=True, slots=True)
class Column:
    """A header cell: `name` is a column of the doctype, or None for one we do not keep."""

    name: str | None
    x0: float
    x1: float
    text: str
    y: float = 0.0


@dataclass(frozen=True, slots=True)
class Piece:
    """Part of a segment given to one column."""

    segment: Segment
    start: int
    end: int

    @property
    def text(self) -> str:
        return self.segment.text[self.start : self.end]


Cells = dict[str, list[Piece]]


@dataclass
class Item:
    """A row under construction."""

    cells: Cells
    top: float
    bottom: float
    page: int


def find_rows(marked: Marked) -> list[Row]:
    """The line items of all pages; a table goes on over the page as long as its columns do."""
    words = vocabulary(marked.doctype.columns.values())
    columns: list[Column] = []
    rows: list[Row] = []
    for page in marked.sheet.pages:
        start, found = find_header(page, marked, words)
        if found:
            columns = found
        if not columns:
            continue
        items, ended = _page_items(page, marked, columns, start)
        rows += [row for item in items if (row := _row(item, marked))]
        if ended:
            columns = []
    return rows


# --- header -------------------------------------------------------------------------------------------


def find_header(page: SheetPage, marked: Marked, words: Vocabulary) -> tuple[int, list[Column]]:
    """The row after the table's header, and its columns; `(0, [])` where there is none."""
    best: tuple[float, int, list[Column]] = (0.0, 0, [])
    for index in range(len(page.rows)):
        for height in (1, 2, 3):
            rows = page.rows[index : index + height]
            if len(rows) < height or not _stacked(rows, page):
                break
            columns = _columns(rows, page, words, marked)
            score = _header_score(columns) - 0.4 * (height - 1)
            if score > best[0] + 0.01:
                best = (score, index + height, columns)
    return best[1], best[2]


def _stacked(rows: Sequence[Sequence[Segment]], page: SheetPage) -> bool:
    """Rows of one header stand close under each other and hold no amounts."""
    for upper, lower in itertools.pairwise(rows):
        if min(s.y0 for s in lower) - max(s.y1 for s in upper) > _HEADER_GAP * page.unit:
            return False
    return not any(re.search(r"\d[.,]\d{2}\b", s.text) for row in rows for s in row)


def _header_score(columns: Sequence[Column]) -> float:
    names = [c.name for c in columns if c.name]
    distinct = set(names)
    if len(distinct) < 2 or not distinct & {"amount", "supply_amount", "unit_price", "total"}:
        return 0.0
    if not distinct & {"description", "quantity", "unit_price", "item"}:
        return 0.0
    return len(distinct) - 0.5 * (len(names) - len(distinct)) - 0.15 * sum(c.name is None for c in columns)


def _columns(
    rows: Sequence[Sequence[Segment]], page: SheetPage, words: Vocabulary, marked: Marked
) -> list[Column]:
    cells = sorted(
        (cell for row in rows for s in row for cell in _cells(s, page, words, marked)), key=lambda c: c.x0
    )
    merged: list[Column] = []
    for cell in cells:
        home = next((i for i, c in enumerate(merged) if _same_column(c, cell)), None)
        if home is None or len(rows) == 1:
            merged.append(cell)
        else:
            merged[home] = _merge(merged[home], cell, words, marked)
    return _distinct(merged)


def _same_column(a: Column, b: Column) -> bool:
    return min(a.x1, b.x1) - max(a.x0, b.x0) > 0.3 * min(a.x1 - a.x0, b.x1 - b.x0)


def _merge(a: Column, b: Column, words: Vocabulary, marked: Marked) -> Column:
    """Two cells over each other, read from the top down; the label that opens the joint text names them."""
    upper, lower = sorted((a, b), key=lambda c: c.y)
    text = f"{upper.text} {lower.text}"
    pseudo = Segment(0, 0, (), text, fold(text), (), 0, 0, 0, 0)
    hits = find_labels(pseudo, words, fuzzy=marked.ocr)
    name = hits[0].label.names[0] if hits else None
    return Column(name, min(a.x0, b.x0), max(a.x1, b.x1), text, upper.y)


def _distinct(columns: list[Column]) -> list[Column]:
    """Each name once: of two `amount` columns the rightmost keeps it, of others the leftmost."""
    kept: list[Column] = []
    for column in sorted(columns, key=lambda c: c.x0):
        twin = next((i for i, c in enumerate(kept) if column.name and c.name == column.name), None)
        if twin is None:
            kept.append(column)
        elif column.name in ("amount", "supply_amount"):
            kept[twin] = replace(kept[twin], name=_count_or_none(kept[twin], columns))
            kept.append(column)
        else:
            kept.append(replace(column, name=None))
    return kept


def _count_or_none(column: Column, columns: Sequence[Column]) -> str | None:
    """A first «Amount» left of the descriptions, where no other column counts, is how many there are."""
    text = next((c for c in columns if c.name in ("description", "item")), None)
    counted = any(c.name == "quantity" for c in columns)
    return "quantity" if text is not None and column.x0 < text.x0 and not counted else None


def _cells(segment: Segment, page: SheetPage, words: Vocabulary, marked: Marked) -> Iterator[Column]:
    """A segment's header cells: parted where a second label of another column begins."""
    hits = find_labels(segment, words, fuzzy=marked.ocr)
    cuts = [0]
    named: list[tuple[str, ...]] = [()]
    for hit in hits:
        if not named[-1] and hit.start <= cuts[-1] + 2:
            named[-1] = hit.label.names
        elif not set(named[-1]) & set(hit.label.names):
            cuts.append(hit.start)
            named.append(hit.label.names)
    ends = [*cuts[1:], len(segment.text)]
    for start, end, names in zip(cuts, ends, named, strict=True):
        text = segment.text[start:end].strip()
        if text:
            x0, x1 = segment.x_at(start, start + len(text), page.width)
            yield Column(names[0] if names else None, x0, x1, text, segment.y0)


# --- body ---------------------------------------------------------------------------------------------


def _page_items(
    page: SheetPage, marked: Marked, columns: Sequence[Column], start: int
) -> tuple[list[Item], bool]:
    items: list[Item] = []
    waiting: list[tuple[Cells, float, float]] = []
    for row in page.rows[start:]:
        if _ends(row, marked):
            return items, True
        cells = _assign(row, columns, page)
        top, bottom = min(s.y0 for s in row), max(s.y1 for s in row)
        if _is_sum(row, marked, columns):
            waiting = []
        elif _is_item(cells, columns, marked):
            items.append(_start(cells, waiting, top, bottom, page, items))
            waiting = []
        elif not _continue(items, cells, columns, page, top, bottom):
            waiting.append((cells, top, bottom))
    return items, False


def _ends(row: Sequence[Segment], marked: Marked) -> bool:
    """A stop label opens the row, or the document's total."""
    stops = vocabulary((), marked.doctype.stop_labels)
    return any(
        hit.leads and len(hit.segment.text[hit.end :].split()) <= 6
        for segment in row[:2]
        for hit in find_labels(segment, stops, fuzzy=marked.ocr)
        if hit.start <= 4
    )


def _is_sum(row: Sequence[Segment], marked: Marked, columns: Sequence[Column]) -> bool:
    """A row that states a total, a tax or a deduction, not an item: such a label fills its segment, or stands
    to the right of the descriptions."""
    money = {s.name for s in marked.doctype.fields.values() if s.type == "money"}
    text_end = next((c.x1 for c in columns if c.name in ("description", "item")), 0.0)
    for segment in row:
        for hit in marked.labels_of(segment):
            whole = hit.end >= 0.5 * len(segment.text.rstrip(" :")) or segment.x0 > text_end > 0
            if hit.leads and hit.start <= 3 and set(hit.label.names) & money and whole:
                return True
    return False


def _is_item(cells: Cells, columns: Sequence[Column], marked: Marked) -> bool:
    named = {c.name for c in columns if c.name}
    numbers = {n for n, pieces in cells.items() if n in marked.doctype.columns and _parses(n, pieces, marked)}
    amount = next((n for n in ("amount", "supply_amount") if n in named), None)
    if amount is not None and amount not in numbers:
        return False
    counts = {"quantity", "unit_price"} & named
    return (
        bool(numbers & counts)
        or (not counts and bool(cells.get("description") or cells.get("item")))
        or (amount is None and bool(numbers))
    )


def _parses(name: str, pieces: Sequence[Piece], marked: Marked) -> bool:
    spec = marked.doctype.columns[name]
    return spec.type in NUMERIC and any(_value(spec, piece, marked) is not None for piece in pieces)


def _value(spec: FieldSpec, piece: Piece, marked: Marked) -> Span | None:
    found = list(_READERS[spec.type](piece.text, marked))
    if not found:
        return None
    span = found[-1] if spec.type == "money" else found[0]
    beside = piece.text[: span.start] + piece.text[span.end :]
    return span if sum(ch.isalpha() for ch in beside) <= _UNIT_LETTERS else None


def _start(
    cells: Cells,
    waiting: list[tuple[Cells, float, float]],
    top: float,
    bottom: float,
    page: SheetPage,
    items: list[Item],
) -> Item:
    """A new item; lines of text just above it are its own where it has no description, or where no
    item precedes.
    """
    item = Item(cells, top, bottom, page.number)
    text = _text_column(cells)
    for lines, _, low in reversed(waiting):
        name = _text_column(lines)
        if name is None or top - low > 1.2 * page.unit or (text is not None and items):
            break
        item.cells[name] = [*lines[name], *item.cells.get(name, [])]
        top = min(s.segment.y0 for s in lines[name])
    return item


def _text_column(cells: Cells) -> str | None:
    return next((name for name in ("description", "item") if cells.get(name)), None)


def _continue(
    items: list[Item], cells: Cells, columns: Sequence[Column], page: SheetPage, top: float, bottom: float
) -> bool:
    """Add a line of text to the item above it, where it stands close under it in the description's column."""
    name = _text_column(cells)
    if not items or name is None or set(cells) - {name, "", "unit"} or items[-1].page != page.number:
        return False
    item = items[-1]
    column = next((c for c in columns if c.name == name), None)
    piece = cells[name][0]
    if (
        top - item.bottom > 1.5 * page.unit
        or column is None
        or piece.segment.x0 < column.x0 - 2.5 * page.unit
    ):
        return False
    item.cells.setdefault(name, []).extend(cells[name])
    item.bottom = bottom
    return True


# --- columns ------------------------------------------------------------------------------------------


def _assign(row: Sequence[Segment], columns: Sequence[Column], page: SheetPage) -> Cells:
    cells: Cells = {}
    for segment in row:
        for piece in _pieces(segment, columns, page):
            column = _column_of(piece, columns, page)
            cells.setdefault(column.name or "", []).append(piece)
    return cells


def _pieces(segment: Segment, columns: Sequence[Column], page: SheetPage) -> Iterator[Piece]:
    """The segment whole, or cut between a number and text (or two numbers) where they stand in two
    columns.
    """
    start = 0
    for index in range(1, len(segment.words)):
        cut = segment.starts[index]
        left = Piece(segment, start, cut - 1)
        right = Piece(segment, cut, len(segment.text))
        numeric = _is_number(left.text), _is_number(segment.words[index].text)
        if any(numeric) and left.text.strip() not in "$€£₩":
            a = _column_of(left, columns, page)
            b = _column_of(Piece(segment, cut, cut + len(segment.words[index].text)), columns, page)
            if a is not b and _inside(left, a, page) and _inside(right, b, page):
                yield left
                start = cut
    yield Piece(segment, start, len(segment.text))


def _inside(piece: Piece, column: Column, page: SheetPage) -> bool:
    x0, x1 = piece.segment.x_at(piece.start, piece.end, page.width)
    return min(x1, column.x1 + page.unit) > max(x0, column.x0 - page.unit)


def _is_number(text: str) -> bool:
    return _NUMBER_WORD.match(text) is not None


def _column_of(piece: Piece, columns: Sequence[Column], page: SheetPage) -> Column:
    """Numbers go to the column they are aligned with or overlap most, text to the one it begins in."""
    x0, x1 = piece.segment.x_at(piece.start, piece.end, page.width)
    if any(ch.isalpha() for ch in piece.text) and not _NUMBER_WORD.match(piece.text.split()[0]):
        return _text_column_of(x0, x1, columns, page)
    return min(columns, key=lambda c: _misfit(c, x0, x1))


def _text_column_of(x0: float, x1: float, columns: Sequence[Column], page: SheetPage) -> Column:
    """The text column that shares the left edge, else the one overlapped most, else the nearest."""
    texts = [c for c in columns if c.name not in NUMERIC_NAMES] or list(columns)
    flush = [c for c in texts if abs(c.x0 - x0) <= 1.2 * page.unit]
    if flush:
        return min(flush, key=lambda c: abs(c.x0 - x0))
    return max(texts, key=lambda c: min(c.x1, x1) - max(c.x0, x0))


def _misfit(column: Column, x0: float, x1: float) -> float:
    edge = min(abs(column.x1 - x1), abs(column.x0 - x0), abs((column.x0 + column.x1) / 2 - (x0 + x1) / 2))
    apart = max(0.0, max(column.x0, x0) - min(column.x1, x1))
    return edge + 2 * apart


# --- values -------------------------------------------------------------------------------------------


def _row(item: Item, marked: Marked) -> Row:
    row: dict[str, Candidate] = {}
    for name, pieces in item.cells.items():
        spec = marked.doctype.columns.get(name)
        if spec is None:
            continue
        made = _number_cell(spec, pieces, marked) if spec.type in NUMERIC else _text_cell(spec, pieces)
        if made is not None:
            row[name] = made
    unit = marked.doctype.columns.get("unit")
    if unit is not None and "unit" not in row and "quantity" in row:
        made = _unit_cell(unit, item.cells["quantity"])
        if made is not None:
            row["unit"] = made
    return row


def _number_cell(spec: FieldSpec, pieces: Sequence[Piece], marked: Marked) -> Candidate | None:
    for piece in pieces:
        span = _value(spec, piece, marked)
        if span is not None:
            words = piece.segment.words_in(piece.start + span.start, piece.start + span.end)
            raw = piece.text[span.start : span.end].strip()
            return Candidate(spec.name, span.value, raw, words, "table", 0.9) if words else None
    return None


def _text_cell(spec: FieldSpec, pieces: Sequence[Piece]) -> Candidate | None:
    text = " ".join(" ".join(piece.text for piece in pieces).split())
    words = tuple(w for piece in pieces for w in piece.segment.words_in(piece.start, piece.end))
    return Candidate(spec.name, text, text, words, "table", 0.85) if text and words else None


def _unit_cell(spec: FieldSpec, pieces: Sequence[Piece]) -> Candidate | None:
    """The unit printed behind the quantity: `1.00 kg`."""
    for piece in pieces:
        unit = quantity_unit(piece.text.strip())
        if unit:
            at = piece.start + piece.text.index(unit)
            return Candidate(spec.name, unit, unit, piece.segment.words_in(at, at + len(unit)), "table", 0.8)
    return None
