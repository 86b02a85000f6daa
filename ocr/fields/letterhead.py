"""The head of a receipt: who issued it and where, in the lines above everything else."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from ocr.fields.binding import Marked
from ocr.fields.finder import Candidate
from ocr.fields.names import (
    clean_name,
    domains,
    has_korean_address,
    has_legal_form,
    has_zip,
    is_address_line,
    is_contact_line,
    is_name_line,
    matches_domain,
)
from ocr.fields.sheet import Segment, fold
from ocr.fields.typed import find_dates, find_money

_HEAD_ROWS = 14
_REGISTRATION = re.compile(
    r"^\W*(?:co(?:mpany)?\.?\s*)?(?:reg(?:istration)?|roc|ssm|brn|rob)\b|^\W*\(?\s?[A-Z]{0,3}\s?\d{4,}\s?-?\s?[A-Z]{1,2}\s?\)?\W*$|\d{5,7}\s?-\s?[A-Z]\b",
    re.IGNORECASE,
)
_END = re.compile(
    r"\b(?:tel|fax|phone|gst|sst|tax invoice|invoice|receipt|cash (?:bill|sales?)|date|bill|cashier|table|vat|uid|order|doc(?:ument)? no|owned by|"  # noqa: E501
    r"opening|welcome|thank|customer|e-?mail|web(?:site)?|hotline|h/p|mobile|whatsapp|time|qty|item|description)\b|http|www|@"
    r"|사업자|전화|대표|영수증|일시|번호|^tel|^fax"
)
_LEGAL_ONLY = re.compile(
    r"^\W*(?:CO\.?,?\s*)?(?:\(?M\)?\s*)?(?:SDN\.?\s*BHD\.?|BHD\.?|LTD\.?|LIMITED|ENTERPRISE|TRADING|GMBH|INC\.?|\(M\))\W*(?:\(.*\))?$",
    re.IGNORECASE,
)


def find_letterhead(marked: Marked) -> dict[str, list[Candidate]]:
    """Candidates for the supplier's name and address, for doctypes that know no buyer."""
    specs = marked.doctype.fields.values()
    if any(spec.role == "buyer" for spec in specs) or not marked.sheet.pages:
        return {}
    lines = [segment for row in marked.sheet.pages[0].rows[: _HEAD_ROWS + 6] for segment in row]
    head = _head(lines)
    names = _names(head, marked)
    found: dict[str, list[Candidate]] = {}
    for spec in specs:
        if spec.type == "name" and spec.role == "supplier" and names:
            found[spec.name] = [_renamed(spec.name, c) for c in names]
        if spec.type == "address" and spec.role == "supplier":
            found[spec.name] = _addresses(spec.name, head, names, lines)
    return {name: items for name, items in found.items() if items}


def _renamed(name: str, item: Candidate) -> Candidate:
    return Candidate(name, item.value, item.raw, item.words, item.how, item.score, item.features)


def _head(lines: Sequence[Segment]) -> list[Segment]:
    """The lines above the first that speaks of the purchase."""
    head: list[Segment] = []
    for segment in lines[:_HEAD_ROWS]:
        stop = (
            find_dates(segment.text)
            or _END.search(segment.folded)
            or (
                find_money(segment.text)
                and not is_address_line(segment.text)
                and not has_legal_form(segment.text)
                and not _REGISTRATION.search(segment.text)
            )
        )
        if stop and len(head) >= 2:
            break
        if not stop:
            head.append(segment)
    return head


def _names(head: Sequence[Segment], marked: Marked) -> list[Candidate]:
    stems = domains(marked.sheet.text)
    titles = {fold(t) for t in marked.doctype.titles}
    items = []
    for index, segment in enumerate(head[:7]):
        text = segment.text
        if not is_name_line(text) or fold(text).strip(" .*-:") in titles or _LEGAL_ONLY.match(text):
            continue
        segments = [segment]
        for following in head[index + 1 : index + 3]:
            if _continues(" ".join(s.text for s in segments), following.text):
                segments.append(following)
        items.append(_name(segments, index, head, stems, marked))
    return sorted(items, key=lambda c: -c.score)[:5]


def _continues(text: str, following: str) -> bool:
    """A bracket left open, or the legal form alone on the next line, belongs to the name."""
    if text.count("(") > text.count(")") and ")" in following:
        return True
    if re.search(r"[&,]\s*$", text) or re.match(r"^(?:ENTERPRISE|TRADING)\b", following):
        return not has_legal_form(text)
    return not has_legal_form(text) and bool(_LEGAL_ONLY.match(following))


def _name(
    segments: list[Segment], index: int, head: Sequence[Segment], stems: set[str], marked: Marked
) -> Candidate:
    raw = " ".join(s.text for s in segments)
    name = clean_name(raw)
    legal, domain = has_legal_form(raw), matches_domain(name, stems)
    after = head[index + len(segments)] if index + len(segments) < len(head) else None
    addressed = after is not None and (is_address_line(after.text) or bool(_REGISTRATION.search(after.text)))
    registered = bool(re.search(r"\(.*\d.*\)?\s*$", raw))
    repeated = fold(marked.sheet.text).count(fold(name)) > 1
    unit = marked.sheet.pages[0].unit
    big = segments[0].height > 1.3 * unit
    logit = (
        -0.9 * index
        + 0.6
        + 2.0 * legal
        + 0.8 * domain
        + 0.8 * addressed
        + 0.8 * registered
        + 0.4 * repeated
        + 0.4 * big
    )
    logit -= 1.5 * is_address_line(raw) if not legal else 0.0
    features = {
        "legal": float(legal),
        "first": float(index == 0),
        "domain": float(domain),
        "addressed": float(addressed),
    }
    words = tuple(word for s in segments for word in s.words_in(0, len(s.text)))
    return Candidate("name", name, raw, words, "letterhead", 1 / (1 + math.exp(-logit)), features)


def _addresses(
    name: str, head: Sequence[Segment], names: Sequence[Candidate], lines: Sequence[Segment]
) -> list[Candidate]:
    """The address lines under the name; under the head's first line where no name was found."""
    start = 0
    if names:
        last = names[0].words[-1]
        start = next((i + 1 for i, s in enumerate(head) if last in s.words), 0)
    rest = [s for s in head[start:] if not _REGISTRATION.search(s.text) or has_zip(s.text)]
    block = _address_block(rest) or _address_block([s for s in lines if not is_contact_line(s.text)])
    if not block:
        return []
    text = " ".join(" ".join(s.text for s in block).split())
    if any("가" <= ch <= "힣" for ch in text) and not has_korean_address(text):
        return []  # goods and notes in Hangul; an address there has its road or lot
    zipped = any(has_zip(s.text) for s in block)
    certain = 0.55 + 0.25 * zipped + 0.1 * (len(block) >= 2)
    words = tuple(word for s in block for word in s.words)
    features = {
        "zip": float(zipped),
        "lines": float(len(block)),
        "under_name": float(bool(names) and block[0] in rest),
    }
    return [Candidate(name, text, text, words, "letterhead", certain, features)]


def _address_block(lines: Sequence[Segment]) -> list[Segment]:
    """From the first address line to the last one, what stands between included."""
    first = next((i for i, s in enumerate(lines) if is_address_line(s.text)), None)
    if first is None:
        return []
    block = [lines[first]]
    for segment in lines[first + 1 :]:
        if (
            _END.search(segment.folded)
            or is_contact_line(segment.text)
            or segment.y0 - block[-1].y1 > 1.6 * segment.height
        ):
            break
        block.append(segment)
    return block
