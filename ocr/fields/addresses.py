"""The addresses of the two parties: the lines below a name, a Korean one behind it, or below a party's label."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from ocr.doctypes.model import FieldSpec
from ocr.fields.binding import Marked, below
from ocr.fields.blocks import aligned
from ocr.fields.claims import Claim
from ocr.fields.finder import Candidate
from ocr.fields.names import (
    continues_korean_address,
    has_korean_address,
    has_legal_form,
    has_zip,
    is_address_line,
    is_contact_line,
)
from ocr.fields.sheet import Segment
from ocr.fields.typed import find_ibans, find_tax_ids

_ADDRESS_GAP = 3.2
"""Lines of an address may stand this far apart, in text heights: some windows leave room between them."""


def addresses(spec: FieldSpec, claims: Sequence[Claim], marked: Marked) -> list[Candidate]:
    """Candidates for the address of the party whose name `claims` speak of, the best first."""
    found: list[Candidate] = []
    for claim in sorted(claims, key=lambda c: -c.logit):
        if claim.how == "sender-line":
            found += _beside_sender(spec, claim)
            continue
        lines = address_lines(column_below(marked, claim.segment))
        if lines and all(lines[0].words[0] not in c.words for c in found):
            found.append(_address(spec, lines, claim))
    return [*found[:5], *_nameless(marked, spec)]


def _nameless(marked: Marked, spec: FieldSpec) -> list[Candidate]:
    """An address right below a party's label, where the name is left out."""
    names = {s.name for s in marked.doctype.fields.values() if s.role == spec.role and s.type == "name"}
    found = []
    for hit in marked.hits:
        if not hit.leads or not names & set(hit.label.names) or hit.segment.text[hit.end :].strip(" :"):
            continue
        page = marked.page_of(hit.segment)
        under = [s for s in below(page, hit.segment, 2.2) if abs(s.x0 - hit.segment.x0) <= 2 * page.unit]
        if under and is_address_line(under[0].text) and not has_legal_form(under[0].text):
            lines = address_lines([under[0], *column_below(marked, under[0])])
            claim = Claim(under[0], 0, len(under[0].text), 2.0, "label")
            found += [_address(spec, lines, claim)] if lines else []
    return found


def _beside_sender(spec: FieldSpec, claim: Claim) -> list[Candidate]:
    """The address in the sender's line itself, where it is a Korean one: those stand whole behind the name."""
    segment = claim.segment
    rest = re.match(r"[\s●•·∙|*■▪~–—-]*", segment.text[claim.end :])
    start = claim.end + (rest.end() if rest else 0)
    text = segment.text[start:].strip()
    if not has_korean_address(text):
        return []
    score = 1 / (1 + math.exp(-(claim.logit - 1.0)))
    return [Candidate(spec.name, text, text, segment.words_in(start, len(segment.text)), claim.how, score)]


def to_the_surer(marked: Marked, found: dict[str, list[Candidate]]) -> None:
    """An address that stands for both parties belongs to the one whose claim is better."""
    names = [s.name for s in marked.doctype.fields.values() if s.role and s.type == "address"]
    best: dict[object, float] = {}
    for name in names:
        for item in found.get(name, ()):
            key = item.words[0]
            best[key] = max(best.get(key, 0.0), item.score)
    for name in names:
        found[name] = [item for item in found.get(name, ()) if item.score >= best[item.words[0]]]


def column_below(marked: Marked, segment: Segment, *, stop: bool = True) -> list[Segment]:
    """The lines under a name that are aligned with it, up to a wide gap or (`stop`) a line with its
    own label.
    """
    page = marked.page_of(segment)
    lines = [segment]
    for row in page.rows[segment.row + 1 : segment.row + 14]:
        if any(id(other) in marked.headers for other in row):
            break
        for other in row:
            gap = other.y0 - lines[-1].y1
            if not aligned(segment, other, page.unit) or other.mid <= lines[-1].mid:
                continue
            if gap > _ADDRESS_GAP * page.unit or (stop and marked.begins_with_label(other)):
                return lines[1:]
            lines.append(other)
    return lines[1:]


def korean_address_lines(segments: Sequence[Segment]) -> list[Segment]:
    """The road and its number, and what goes on with it on the next line."""
    lines: list[Segment] = []
    for segment in segments:
        if not lines and not has_korean_address(segment.text):
            continue
        if lines and (has_korean_address(segment.text) or not continues_korean_address(segment.text)):
            break
        lines.append(segment)
    return lines


def address_lines(segments: Sequence[Segment]) -> list[Segment]:
    """The lines of an address: from the first address line on, up to the first line that is none of it."""
    if any(has_korean_address(segment.text) for segment in segments) or _is_korean(segments):
        return korean_address_lines(segments)
    lines: list[Segment] = []
    for segment in segments:
        if is_contact_line(segment.text) or find_tax_ids(segment.text) or find_ibans(segment.text):
            break
        if is_address_line(segment.text):
            lines.append(segment)
        elif any(has_zip(line.text) for line in lines):
            break
        elif lines or any(ch.isdigit() for ch in segment.text):
            lines.append(segment)
    while lines and not is_address_line(lines[-1].text):
        lines.pop()
    return lines if _can_be_whole(lines) else []


def _can_be_whole(lines: Sequence[Segment]) -> bool:
    """Two words and a digit at least; many lines without any town's code are a table's."""
    text = " ".join(line.text for line in lines)
    numbered = any(ch.isdigit() for ch in text) and len(text.split()) >= 2
    return numbered and (len(lines) <= 3 or (len(lines) <= 7 and any(has_zip(line.text) for line in lines)))


def _is_korean(segments: Sequence[Segment]) -> bool:
    return any("가" <= ch <= "힣" for segment in segments for ch in segment.text)


def _address(spec: FieldSpec, lines: Sequence[Segment], claim: Claim) -> Candidate:
    text = " ".join(" ".join(line.text for line in lines).split())
    score = 1 / (1 + math.exp(-(claim.logit + (0.5 if any(has_zip(s.text) for s in lines) else -0.5) - 1.0)))
    words = tuple(word for line in lines for word in line.words)
    return Candidate(spec.name, text, text, words, claim.how, score)
