"""Turn a span of a segment into candidates of one field, by the field's type."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ocr.doctypes.model import FieldSpec
from ocr.fields.binding import Marked, Region
from ocr.fields.finder import Candidate
from ocr.fields.names import is_name_line
from ocr.fields.sheet import Segment
from ocr.fields.typed import find_dates, find_ibans, find_money, find_tax_ids
from ocr.fields.typed.parse import (
    TIME,
    parse_currency,
    parse_percent,
    parse_quantity,
    parse_tax_id,
    parse_time,
)
from ocr.values import Value

_IDENTIFIER = re.compile(r"[#№]?\s?(?P<id>[^\W_][\w./#&-]*(?:\s?[-/]\s?[\w./-]+)*)")
_CLOCK = re.compile(rf"(?:오전|오후)\s*\d{{1,2}}\s?[:시]\s?\d{{2}}|{TIME.pattern}")
_LETTERS_THEN_DIGITS = re.compile(r"(?P<id>[A-Z]{1,5}(?: [A-Z]{1,4})?\s\d[\w./-]*)")


@dataclass(frozen=True, slots=True)
class Span:
    """A typed value at characters `start` to `end` of a segment. `weight` in [0, 1]: how like its
    type it looks.
    """

    value: Value
    start: int
    end: int
    weight: float = 1.0
    other: Value = None


def spans(marked: Marked, region: Region, spec: FieldSpec) -> list[Span]:
    """The values of `spec`'s type in `region`, in reading order, positions in the segment."""
    reader = _READERS.get(spec.type, _texts)
    found = [
        Span(s.value, s.start + region.start, s.end + region.start, s.weight, s.other)
        for s in reader(region.text, marked)
    ]
    if spec.pattern is None:
        return found
    pattern = re.compile(spec.pattern)
    return [s for s in found if pattern.fullmatch(region.segment.text[s.start : s.end].strip())]


def candidate(
    spec: FieldSpec, segment: Segment, span: Span, how: str, score: float, **features: float
) -> Candidate | None:
    """A candidate with the words of the span, or None where the span holds none."""
    words = segment.words_in(span.start, span.end)
    raw = segment.text[span.start : span.end].strip()
    if not words or not raw:
        return None
    return Candidate(spec.name, span.value, raw, words, how, score * span.weight, features, span.other)


def _money(text: str, marked: Marked) -> Iterator[Span]:
    dates = find_dates(text, marked.convention.order)
    for hit in find_money(text, marked.convention.decimal):
        if not hit.looks_like_money and any(d.start <= hit.start < d.end for d in dates):
            continue
        weight = 1.0 if hit.looks_like_money else (0.6 if marked.convention.korean else 0.45)
        yield Span(hit.value, hit.start, hit.end, weight)


_DATE_WEIGHTS = {"compact": 0.6, "torn": 0.5}


def _dates(text: str, marked: Marked) -> Iterator[Span]:
    for hit in find_dates(text, marked.convention.order):
        other = None if marked.convention.order_known else hit.other
        yield Span(hit.value, hit.start, hit.end, _DATE_WEIGHTS.get(hit.style, 1.0), other)


def _tax_ids(text: str, marked: Marked) -> Iterator[Span]:  # noqa: ARG001
    hits = find_tax_ids(text)
    for hit in hits:
        yield Span(hit.value, hit.start, hit.end, 1.0 if hit.valid else 0.9)
    if not hits:
        yield from _loose_tax_id(text)


def _loose_tax_id(text: str) -> Iterator[Span]:
    match = re.search(r"[A-Z]{0,4}\d[\dA-Z./-]*(?: \d[\d./-]*)*", text)
    value = parse_tax_id(match.group()) if match and match.start() <= 12 else None
    if match is not None and value is not None and not find_dates(match.group()):
        yield Span(value, match.start(), match.end(), 0.75)


def _ibans(text: str, marked: Marked) -> Iterator[Span]:  # noqa: ARG001
    for hit in find_ibans(text):
        yield Span(hit.value, hit.start, hit.end, 1.0 if hit.valid else 0.7)


def _identifiers(text: str, marked: Marked) -> Iterator[Span]:
    """The first code with a digit in it that is no date, no amount and no telephone number; an IBAN whole."""
    for account in find_ibans(text)[:1]:
        if account.start <= 2:
            yield Span(" ".join(text[account.start : account.end].split()), account.start, account.end)
            return
    joined = _LETTERS_THEN_DIGITS.match(text)
    match = joined or next(
        (m for m in _IDENTIFIER.finditer(text) if any(ch.isdigit() for ch in m["id"])), None
    )
    if match is None or match.start("id") > 24:
        return
    start, end = match.span("id")
    while end > start and text[end - 1] in ".,:;-/#":
        end -= 1
    value = text[start:end]
    dates = find_dates(text, marked.convention.order)
    if any(d.start <= start < d.end and d.style != "compact" for d in dates):
        return
    money = [h for h in find_money(text, marked.convention.decimal) if h.start <= start < h.end]
    weight = 0.4 if any(h.looks_like_money and h.end >= end for h in money) else 1.0
    weight *= {1: 0.3, 2: 0.6}.get(len(value), 1.0)
    weight *= 1.0 if start <= 2 else 0.7
    yield Span(" ".join(value.split()), start, end, weight)


def _times(text: str, marked: Marked) -> Iterator[Span]:  # noqa: ARG001
    for match in _CLOCK.finditer(text):
        value = parse_time(match.group())
        if value is not None:
            yield Span(value, match.start(), match.end())
            return


def _currencies(text: str, marked: Marked) -> Iterator[Span]:  # noqa: ARG001
    value = parse_currency(text[:40])
    if value is not None:
        yield Span(value, 0, min(len(text), 40))


def _percents(text: str, marked: Marked) -> Iterator[Span]:
    value = parse_percent(text, marked.convention.decimal)
    if value is not None:
        yield Span(value, 0, len(text))


def _quantities(text: str, marked: Marked) -> Iterator[Span]:
    match = re.search(r"[-−]?\d[\d.,'’]*(?!\s?%)(?![\d.,'’])", text)
    value = parse_quantity(text[match.start() :], marked.convention.decimal) if match else None
    if match is not None and value is not None:
        yield Span(value, match.start(), match.end())


def _integers(text: str, marked: Marked) -> Iterator[Span]:  # noqa: ARG001
    match = re.search(r"(?<![\d.,])\d{1,9}(?![\d.,])", text)
    if match is not None:
        yield Span(int(match.group()), match.start(), match.end())


def _texts(text: str, marked: Marked) -> Iterator[Span]:  # noqa: ARG001
    stripped = text.strip(" :;,|")
    if any(ch.isalnum() for ch in stripped):
        start = text.index(stripped)
        yield Span(" ".join(stripped.split()), start, start + len(stripped), 0.9)


def _name_texts(text: str, marked: Marked) -> Iterator[Span]:
    yield from (span for span in _texts(text, marked) if is_name_line(str(span.value)))


_READERS: dict[str, Callable[[str, Marked], Iterator[Span]]] = {
    "money": _money,
    "date": _dates,
    "tax_id": _tax_ids,
    "iban": _ibans,
    "identifier": _identifiers,
    "time": _times,
    "currency": _currencies,
    "percent": _percents,
    "quantity": _quantities,
    "integer": _integers,
    "name": _name_texts,
}
