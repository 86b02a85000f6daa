"""The finder that needs no training: labels, geometry, and what values look like."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from ocr.doctypes.model import Doctype, FieldSpec
from ocr.fields.bank_head import find_issuing_bank
from ocr.fields.binding import Marked, Region, mark, regions
from ocr.fields.claims import is_title
from ocr.fields.currency import find_currency
from ocr.fields.finder import Candidate, Row, merge
from ocr.fields.found import Span, candidate, spans
from ocr.fields.headings import under_headings
from ocr.fields.labels import LabelHit
from ocr.fields.letterhead import find_letterhead
from ocr.fields.parties import find_parties
from ocr.fields.roles import give_to_buyer, role_of_hit
from ocr.fields.sheet import Segment
from ocr.fields.tables import find_rows
from ocr.fields.titleline import find_title_line
from ocr.fields.totals import column_totals
from ocr.fields.typed.identifiers import is_valid_tax_id
from ocr.fields.wrapped import addresses_of_labels, with_upper_line
from ocr.values import Reading

DIRECTION_SCORE = {"same": 0.95, "right": 0.92, "below": 0.85}
WEAK = 0.55
_PER_RATE = re.compile(r"suppl(y|ies)\b|\brated\b")
"""«Total 6% supplies» is the sum of one tax rate, not of the page."""
_DATE_WORDS = (
    "date",
    "datum",
    "valid",
    "expir",
    "due",
    "until",
    "fecha",
    "data ",
    "일자",
    "기한",
    "기간",
    "period",
    "zeitraum",
)


class LabelFinder:
    """Implements `FieldFinder` from a doctype's YAML alone."""

    name = "labels"

    def candidates(self, reading: Reading, doctype: Doctype) -> Mapping[str, Sequence[Candidate]]:
        """Proposals from labels, from parties and letterhead, and from the form of the values."""
        marked = marked_reading(reading, doctype)
        found: dict[str, list[Candidate]] = {name: [] for name in doctype.fields}
        for item in _labelled(marked):
            found[item.name].append(item)
        for part in (
            find_title_line(marked),
            _unlabelled(marked),
            column_totals(marked),
            find_currency(marked),
            find_issuing_bank(marked),
            under_headings(marked),
            addresses_of_labels(marked),
        ):
            for item in part:
                found[item.name].append(item)
        for name, items in {**find_letterhead(marked), **find_parties(marked)}.items():
            found[name] = [*items, *found[name]]
        give_to_buyer(marked, found)
        return {name: merge(items) for name, items in found.items() if items}

    def rows(self, reading: Reading, doctype: Doctype) -> Sequence[Row]:
        """The line items of the reading's tables."""
        return find_rows(marked_reading(reading, doctype)) if doctype.columns else []


_LAST: list[tuple[Reading, Doctype, Marked]] = []


def marked_reading(reading: Reading, doctype: Doctype) -> Marked:
    """The marked sheet of a reading; the last one is kept, since candidates and rows both need it."""
    if _LAST and _LAST[0][0] is reading and _LAST[0][1] is doctype:
        return _LAST[0][2]
    marked = mark(reading, doctype)
    _LAST[:] = [(reading, doctype, marked)]
    return marked


def _labelled(marked: Marked) -> Iterator[Candidate]:
    for hit in marked.hits:
        for names, strength in ((hit.label.names, 1.0), (hit.label.weak_names, WEAK)):
            if strength < 1.0 and _claimed(marked, hit):
                continue
            specs = [marked.doctype.fields[name] for name in names]
            role = role_of_hit(marked, hit, specs)
            for spec in specs:
                if (role is None or spec.role == role) and not _left_to_parties(marked, spec):
                    yield from _bound(marked, hit, spec, strength)


def _left_to_parties(marked: Marked, spec: FieldSpec) -> bool:
    """Names and addresses of parties need more than a label, except in the ruled boxes of Korean forms."""
    return spec.type in ("name", "address") and spec.role is not None and not marked.convention.korean


def _claimed(marked: Marked, hit: LabelHit) -> bool:
    """A certain label that opens the row speaks for the row: `Stylesheet-Version: 2.6 vom 10.11.2025`."""
    page = marked.page_of(hit.segment)
    row = page.rows[hit.segment.row]
    before = [s for s in row if s.x0 < hit.segment.x0][-1:]
    own = [h for h in marked.labels_of(hit.segment) if h.start < hit.start and h.label.strength != "weak"]
    if own:
        return any(ch.isalnum() for ch in hit.segment.text[own[-1].end : hit.start])
    return bool(hit.segment.text[: hit.start].strip()) and any(
        h.label.strength != "weak" for s in before for h in marked.labels_of(s)
    )


def _bound(marked: Marked, hit: LabelHit, spec: FieldSpec, strength: float) -> Iterator[Candidate]:
    """Values that stand where this label's value may stand; the nearest direction that has any wins."""
    found = [(region, span) for region in _fitting(marked, hit, spec) for span in spans(marked, region, spec)]
    if spec.type == "name":
        found = [(region, span) for region, span in found if not is_title(marked, str(span.value))]
    for rank, (region, span) in enumerate(_preferred(found, spec)):
        base = (
            DIRECTION_SCORE[region.direction]
            * strength
            * _closeness(region)
            * (0.93**hit.fuzz)
            * _leading(hit)
        )
        base *= _wholeness(hit, region)
        features = {"strong": float(strength == 1.0), "rank": float(rank)}
        item = candidate(spec, region.segment, span, "label", base * 0.85**rank, **features)
        if item is not None:
            cell = spec.type == "text" and region.direction != "same"
            yield with_upper_line(marked, hit, region.segment, item) if cell else item


def _fitting(marked: Marked, hit: LabelHit, spec: FieldSpec) -> Iterator[Region]:
    for region in regions(marked, hit):
        if (
            spec.type in ("text", "identifier", "name")
            and region.direction == "right"
            and region.distance > 40
        ):
            continue
        yield region


def _preferred(found: list[tuple[Region, Span]], spec: FieldSpec) -> list[tuple[Region, Span]]:
    """In the label's own row the rightmost amount is the sum; of everything else the nearest counts."""
    if spec.type != "money":
        return found[:1]
    beside = [(region, span) for region, span in found if region.direction != "below"]
    return list(reversed(beside))[:4] if beside else found[:1]


def _closeness(region: Region) -> float:
    if region.direction == "right":
        return 1.0 if region.distance <= 30 else 0.95
    return max(0.6, 1.0 - 0.06 * region.distance)


def _wholeness(hit: LabelHit, region: Region) -> float:
    """Words left over behind the label make it a label of something else: `Total goods`, `Total items`."""
    end = region.start if region.direction == "same" else len(hit.segment.text)
    if _PER_RATE.search(hit.segment.folded[hit.end : end]):
        return 0.7
    rest = re.sub(r"\(.*?\)|[A-Z]{3}\b|RM\b", "", hit.segment.text[hit.end : end])
    letters = sum(ch.isalpha() for ch in re.split(r"[:\d]", rest)[0])
    return 0.88 if letters > 2 else 1.0


def _leading(hit: LabelHit) -> float:
    """A label amid running text is a weaker sign than one that opens its line."""
    if hit.leads:
        return 1.0
    before = hit.segment.text[: hit.start]
    return 0.85 if len(before) <= 24 else 0.6


def _unlabelled(marked: Marked) -> Iterator[Candidate]:
    """Values whose form speaks for itself: an IBAN, a tax id, a date at the top."""
    for spec in marked.doctype.fields.values():
        if spec.type == "iban":
            yield from _free(marked, spec, 0.8)
        if spec.type == "tax_id" and spec.role != "buyer":
            yield from _free(marked, spec, 0.6)
        if spec.type == "date" and spec.required:
            yield from _free(marked, spec, 0.3)
        if spec.type == "time":
            yield from _free(marked, spec, 0.4)


def _free(marked: Marked, spec: FieldSpec, score: float) -> Iterator[Candidate]:
    for segment in marked.sheet.segments:
        if _belongs_elsewhere(marked, segment, spec):
            continue
        region = Region(segment, 0, len(segment.text), "same", 0.0)
        for span in spans(marked, region, spec):
            if spec.type == "tax_id" and not _speaks_for_itself(span):
                continue
            if spec.type == "date" and _in_code(segment.text, span):
                continue
            item = candidate(spec, segment, span, "form", score, strong=0.0)
            if item is not None:
                yield item


def _in_code(text: str, span: Span) -> bool:
    """`FA20160802-7` begins with a date, but is a number."""
    before, after = text[: span.start][-1:], text[span.end :][:2]
    return before.isalnum() or before in ("-", "/") or re.match(r"[-/]?\w", after) is not None


def _speaks_for_itself(span: Span) -> bool:
    """Without a label, «SI-2026-2157» is a VAT id only where its check digits do not say otherwise."""
    return span.weight >= 0.9 and is_valid_tax_id(str(span.value)) is not False


def _belongs_elsewhere(marked: Marked, segment: Segment, spec: FieldSpec) -> bool:
    """Another field's certain label, in the segment or just left of it, claims what stands there."""
    row = marked.page_of(segment).rows[segment.row]
    at = row.index(segment)
    near = [segment, *row[max(0, at - 1) : at]]
    return any(
        hit.label.strength != "weak" and spec.name not in hit.label.names and _rivals(marked, hit, spec)
        for other in near
        for hit in marked.labels_of(other)
    )


def _rivals(marked: Marked, hit: LabelHit, spec: FieldSpec) -> bool:
    """Only a label that asks for a date can claim a date that stands beside it."""
    if spec.type not in ("date", "time"):
        return True
    if any(marked.doctype.fields[name].type == spec.type for name in hit.label.names):
        return True
    text = hit.segment.folded[hit.start : hit.end]
    return any(word in text for word in _DATE_WORDS)


@lru_cache(maxsize=1)
def label_finder() -> LabelFinder:
    """The one label finder: it holds no state of its own."""
    return LabelFinder()
