"""The layout model as a `FieldFinder`: it proposes, the decoder decides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from ocr.doctypes.model import Doctype, FieldSpec
from ocr.fields.finder import Candidate, Row
from ocr.fields.typed.dates import find_dates
from ocr.fields.typed.locale import Convention, convention_of
from ocr.fields.typed.parse import parse
from ocr.layout.encode import Encoded, encode
from ocr.layout.page import PageView, view_of_text
from ocr.layout.runtime import Beliefs, LayoutRunner, shipped
from ocr.layout.spans import Found, header_values, item_rows
from ocr.layout.tags import doctype_columns, doctype_fields
from ocr.values import Reading, Word

HOW = "model"


@dataclass(frozen=True, slots=True)
class Seen:
    """One page with what the model believes about it."""

    view: PageView
    page: Encoded
    beliefs: Beliefs
    words: tuple[Word, ...]

    def text(self, found: Found) -> str:
        return " ".join(self.page.tokens[i].text for i in found.words)

    def of(self, found: Found) -> tuple[Word, ...]:
        return tuple(self.words[self.page.tokens[i].key] for i in found.words)


class LayoutFinder:
    """Implements `FieldFinder` with a `LayoutRunner` (the shipped one if none is given)."""

    def __init__(self, runner: LayoutRunner | None = None) -> None:
        self.runner = runner or shipped()
        self._last: tuple[Reading, str, list[Seen]] | None = None

    @property
    def name(self) -> str:
        return str(self.runner.card["name"])

    def seen(self, reading: Reading, doctype: Doctype) -> list[Seen]:
        """The model's view of every page; the last reading's is kept for `rows`."""
        if self._last and self._last[0] is reading and self._last[1] == doctype.name:
            return self._last[2]
        pages = []
        for number, page in enumerate(reading.pages):
            view = view_of_text(page)
            encoded = encode(view, doctype.name, first=number == 0, last=number == len(reading.pages) - 1)
            pages.append(Seen(view, encoded, self.runner(encoded), page.words))
        self._last = (reading, doctype.name, pages)
        return pages

    def candidates(self, reading: Reading, doctype: Doctype) -> Mapping[str, Sequence[Candidate]]:
        """For each field the values the model believes in, best first."""
        convention = convention_of(reading.text, doctype.locale)
        fields = doctype_fields(doctype)
        found: dict[str, list[Candidate]] = {}
        for seen in self.seen(reading, doctype):
            for tag, values in header_values(seen.view, seen.page, seen.beliefs).items():
                spec = doctype.fields.get(fields.get(tag, ""))
                made = [candidate(seen, value, spec, convention) for value in values] if spec else []
                found.setdefault(fields.get(tag, ""), []).extend(c for c in made if c is not None)
        return {
            name: sorted(items, key=lambda c: -c.score) for name, items in found.items() if name and items
        }

    def rows(self, reading: Reading, doctype: Doctype) -> Sequence[Row]:
        """The line items of all pages."""
        convention = convention_of(reading.text, doctype.locale)
        columns = doctype_columns(doctype)
        rows: list[Row] = []
        for seen in self.seen(reading, doctype):
            for item in item_rows(seen.view, seen.page, seen.beliefs):
                cells = {
                    columns[tag]: candidate(seen, cell, doctype.columns[columns[tag]], convention)
                    for tag, cell in item.items()
                    if tag in columns
                }
                kept = {name: cell for name, cell in cells.items() if cell is not None}
                if len(kept) >= 2:
                    rows.append(kept)
        return rows


def candidate(seen: Seen, found: Found, spec: FieldSpec, convention: Convention) -> Candidate | None:
    """A typed candidate, or None where the words print no value of the field's type."""
    raw = seen.text(found).strip(" :;,|") if spec.type in ("name", "text", "identifier") else seen.text(found)
    value = parse(raw, spec.type, convention)
    if value is None:
        return None
    features = {"weakest": found.weakest, "begin": found.begin}
    return Candidate(
        spec.name, value, raw, seen.of(found), HOW, found.score, features, _other(raw, value, convention)
    )


def _other(raw: str, value: object, convention: Convention) -> date | None:
    """The other reading of a date whose order the page leaves open."""
    if not isinstance(value, date) or convention.order_known:
        return None
    hits = find_dates(raw, convention.order)
    return hits[0].other if hits else None
