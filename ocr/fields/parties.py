"""Who sells and who buys: names and addresses of the two parties of a document.

Evidence is added up in logits. A label («Rechnungsersteller»), the sender's line above an address window, a
mail or web address that speaks the name, a legal form, a place in the letterhead or beside the tax id: none
is certain alone, two are nearly so.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ocr.doctypes.model import FieldSpec, Role
from ocr.fields.addressee import SALUTATION, addressees, is_labelled, lone_window, starts_like_name
from ocr.fields.addresses import addresses, column_below, to_the_surer
from ocr.fields.binding import Marked, Region, below, regions, stands_apart
from ocr.fields.blocks import Block, aligned, blocks_of, neighbours
from ocr.fields.claims import Claim, is_title
from ocr.fields.finder import Candidate, same_value_key
from ocr.fields.labels import LabelHit
from ocr.fields.names import (
    domains,
    has_korean_address,
    has_legal_form,
    has_zip,
    initials_match,
    is_address_line,
    is_contact_line,
    is_name_line,
    legal_form_end,
    matches_domain,
)
from ocr.fields.sheet import Segment, SheetPage, fold
from ocr.fields.typed import find_ibans, find_tax_ids

_SENDER_PARTS = re.compile(r"\s*[●•·∙|*■▪~]\s*|\s+[-–—]\s+|,\s+")
_NAME_LABEL = re.compile(
    r"^(?:name|firma|company|firmenname|company name|nom|naam|nombre|ragione sociale|denominazione|상호|회사명|성명)\b\s*:?\s*"  # noqa: E501
)
_PREFIX = re.compile(
    r"^(?:attn\.?\s*:|attention\s*:|z\. ?hd\.?|fao|firma\b|c/o|to\s*:|name\s*:)\s*", re.IGNORECASE
)
BIAS = -2.0


@dataclass(frozen=True, slots=True)
class Party:
    """The names found for one role, best first, and the blocks that belong to it."""

    names: tuple[Candidate, ...]
    blocks: tuple[Block, ...]


def find_parties(marked: Marked) -> dict[str, list[Candidate]]:
    """Candidates for all name and address fields that have a role, for doctypes that know both parties."""
    if not {"supplier", "buyer"} <= {s.role for s in marked.doctype.fields.values()}:
        return {}
    claims: dict[Role, list[Claim]] = {"supplier": [], "buyer": []}
    for role in claims:
        claims[role] = list(_labelled(marked, role))
    issuer: Role = marked.doctype.issuer
    other: Role = "buyer" if issuer == "supplier" else "supplier"
    blocks = [block for page in marked.sheet.pages for block in blocks_of(page)]
    sender = _sender_line(marked)
    if sender is not None:
        claims[issuer].append(sender)
        claims[other] += _under_sender(marked, sender)
    addressed = {same_value_key(c.text) for c in claims[other] if c.logit > 2}
    issuing = {same_value_key(c.text) for c in claims[issuer] if c.logit > 2}
    claims[issuer] += [c for c in _issuers(marked, blocks) if same_value_key(c.text) not in addressed]
    best = _best_key(claims[issuer], domains(marked.sheet.text))
    claims[other] += [c for c in addressees(marked, blocks, best) if same_value_key(c.text) not in issuing]
    others = {same_value_key(c.text) for c in claims[other] if c.logit > 0} - {best}
    claims[issuer] = [c for c in claims[issuer] if same_value_key(c.text) not in others or c.how == "label"]
    window = lone_window(marked, blocks)
    if window is not None:
        claims[issuer] = [c for c in claims[issuer] if c.segment is not window or c.how == "label"]
        claims[other] = [c for c in claims[other] if c.segment is not window or c.logit > 0.9]
        claims[other].append(Claim(window, 0, len(window.text), 0.9, "address-window"))
    found: dict[str, list[Candidate]] = {}
    for spec in marked.doctype.fields.values():
        if spec.role is not None and spec.type == "name":
            found[spec.name] = _names(spec, claims[spec.role], marked)
    foreign = _foreign_names(marked, found)
    for spec in marked.doctype.fields.values():
        if spec.role is not None and spec.type == "address":
            own = [c for c in claims[spec.role] if same_value_key(c.text) != foreign.get(spec.role)]
            found[spec.name] = addresses(spec, own, marked)
    to_the_surer(marked, found)
    return {name: candidates for name, candidates in found.items() if candidates}


def _foreign_names(marked: Marked, found: dict[str, list[Candidate]]) -> dict[Role, object]:
    """For each role the name that is surely the other's: what stands below it is the other's address."""
    best: dict[Role, Candidate] = {}
    for spec in marked.doctype.fields.values():
        if spec.type == "name" and spec.role is not None and found.get(spec.name):
            best[spec.role] = found[spec.name][0]
    foreign: dict[Role, object] = {}
    roles: tuple[Role, Role] = ("supplier", "buyer")
    for role, other in (roles, roles[::-1]):
        if other in best and (role not in best or _is_surer(best[other], best[role])):
            foreign[role] = same_value_key(best[other].value)
    return foreign


def _is_surer(other: Candidate, own: Candidate) -> bool:
    """Another name, or one name for both that the other has the better claim to."""
    return other.score > own.score or same_value_key(own.value) != same_value_key(other.value)


# --- labelled -----------------------------------------------------------------------------------------


def _labelled(marked: Marked, role: Role) -> Iterable[Claim]:
    names = {s.name for s in marked.doctype.fields.values() if s.role == role and s.type == "name"}
    for hit in marked.hits:
        strong = bool(names & set(hit.label.names))
        if (strong or names & set(hit.label.weak_names)) and hit.leads:
            claim = _labelled_name(marked, hit, 3.2 if strong else 0.8)
            if claim is not None:
                yield claim


def _labelled_name(marked: Marked, hit: LabelHit, logit: float) -> Claim | None:
    """The name a party label speaks of: in a labelled row of its section, behind it, right of it or
    below it.
    """
    section = _name_row(marked, hit)
    if section is not None:
        return Claim(section.segment, section.start, section.end, logit + 0.6, "label")
    for region in regions(marked, hit):
        if region.direction == "same" and not stands_apart(hit):
            return None
        if region.direction == "right" and (region.distance > 25 or not stands_apart(hit)):
            continue
        if region.direction == "below" and region.distance > 2.2:
            continue
        claim = _as_name(marked, region, logit - (0.4 if region.direction == "right" else 0.0))
        if claim is not None:
            return claim
    return None


def _name_row(marked: Marked, hit: LabelHit) -> Region | None:
    """Below a section's heading, the row that says «Name: …»."""
    if hit.segment.text[hit.end :].strip(" :"):
        return None
    page = marked.page_of(hit.segment)
    heading_left = hit.segment.x0
    for row in page.rows[hit.segment.row + 1 : hit.segment.row + 8]:
        for segment in row:
            if abs(segment.x0 - heading_left) > 3 * page.unit:
                continue
            if any(
                h.leads and h.label.names and set(h.label.names) & _party_names(marked)
                for h in marked.labels_of(segment)
            ):
                return None
            match = _NAME_LABEL.match(segment.folded)
            if match is not None:
                return _after_name_label(marked, segment, match.end())
    return None


def _party_names(marked: Marked) -> set[str]:
    return {s.name for s in marked.doctype.fields.values() if s.role and s.type == "name"}


def _after_name_label(marked: Marked, segment: Segment, start: int) -> Region | None:
    if segment.text[start:].strip():
        return Region(segment, start, len(segment.text), "same", 0.0)
    page = marked.page_of(segment)
    row = page.rows[segment.row]
    right = row[row.index(segment) + 1 :]
    if not right:
        return None
    start = len(right[0].text) - len(right[0].text.lstrip(": "))
    return Region(right[0], start, len(right[0].text), "right", 0.0)


def _as_name(marked: Marked, region: Region, logit: float) -> Claim | None:
    text = region.text
    prefix = _PREFIX.match(text)
    start = region.start + (prefix.end() if prefix else 0)
    if SALUTATION.match(fold(region.segment.text[start : region.end]).strip(" :")):
        return _line_below(marked, region.segment, logit)
    name = region.segment.text[start : region.end]
    if not is_name_line(name) or (marked.convention.korean and is_title(marked, name)):
        return None
    return Claim(region.segment, start, region.end, logit, "label")


def _line_below(marked: Marked, segment: Segment, logit: float) -> Claim | None:
    page = marked.page_of(segment)
    for other in below(page, segment, 1.5):
        if abs(other.x0 - segment.x0) <= 2 * page.unit and is_name_line(other.text):
            return Claim(other, 0, len(other.text), logit, "label")
    return None


# --- unlabelled ---------------------------------------------------------------------------------------


def _sender_line(marked: Marked) -> Claim | None:
    """`Name • Street 1 • 12345 Town` in one line, above the recipient's window."""
    for page in marked.sheet.pages[:1]:
        for row in page.rows:
            for run in _close_runs(row, page):
                text = " ".join(s.text for s in run)
                parts = _SENDER_PARTS.split(text)
                if _is_korean_sender(parts, run[0], page):
                    return Claim(run[0], 0, len(parts[0]), 2.6, "sender-line")
                if sum(any(ch.isdigit() for ch in part) for part in parts) < 2:
                    continue
                if (
                    run[0].y0 > 0.45 * page.height
                    or not has_zip(text)
                    or len(parts) < 3
                    or is_contact_line(text)
                ):
                    continue
                if is_name_line(parts[0]) and run[0].text.startswith(parts[0]):
                    return Claim(run[0], 0, len(parts[0]), 2.6, "sender-line")
    return None


def _is_korean_sender(parts: Sequence[str], first: Segment, page: SheetPage) -> bool:
    """`(주)한빛 · 서울특별시 마포구 추길 13`: a name and an address without a postal code."""
    return (
        len(parts) >= 2
        and first.y0 <= 0.45 * page.height
        and first.text.startswith(parts[0])
        and is_name_line(parts[0])
        and has_korean_address(parts[1])
    )


def _close_runs(row: Sequence[Segment], page: SheetPage) -> list[list[Segment]]:
    """Segments of a row with only small gaps: a line whose parts are set apart by dots."""
    runs: list[list[Segment]] = []
    for segment in row:
        if runs and segment.x0 - runs[-1][-1].x1 <= 1.6 * page.unit:
            runs[-1].append(segment)
        else:
            runs.append([segment])
    return runs


def _under_sender(marked: Marked, sender: Claim) -> list[Claim]:
    page = marked.page_of(sender.segment)
    for segment in below(page, sender.segment, 9):
        if abs(segment.x0 - sender.segment.x0) <= 6 * page.unit and is_name_line(segment.text):
            if SALUTATION.match(fold(segment.text).strip(" :")):
                continue
            return [Claim(segment, 0, len(segment.text), 2.6, "address-window")]
    return []


def _issuers(marked: Marked, blocks: Sequence[Block]) -> list[Claim]:
    claims = [c for block in blocks for c in _block_claims(marked, block)]
    claims += _legal_form_claims(marked)
    claims += _head_claims(marked)
    return claims


def _head_claims(marked: Marked) -> list[Claim]:
    """A name at the head of the first page with its address, tax id or contact under it, in one column."""
    page = marked.sheet.pages[0] if marked.sheet.pages else None
    claims = []
    for segment in page.segments if page else ():
        if page is None or segment.y0 > 0.25 * page.height:
            break
        if not is_name_line(segment.text) or is_labelled(marked, segment) or id(segment) in marked.headers:
            continue
        under = [s.text for s in column_below(marked, segment, stop=False)[:7]]
        reach = any(is_contact_line(t) for t in under)
        taxed = any(find_tax_ids(t) or find_ibans(t) for t in under)
        housed = any(is_address_line(t) for t in under[:3])
        if reach + taxed + housed >= 1 and under:
            # both parties of a Korean paper print their number; mail and telephone are the issuer's
            by_reach, by_tax = (1.0, 0.2) if marked.convention.korean else (0.7, 1.0)
            logit = 0.2 + by_reach * reach + by_tax * taxed + 0.5 * housed + 0.5 * (segment.height > 1.15 * page.unit)
            claims.append(Claim(segment, 0, len(segment.text), logit, "letterhead", anchored=reach or taxed))
    return _topmost(claims)


def _topmost(claims: Sequence[Claim]) -> list[Claim]:
    """Of claims in one column only the first is a name; what follows is the rest of its block."""
    kept: list[Claim] = []
    for claim in claims:
        if not any(
            aligned(c.segment, claim.segment, c.segment.height)
            and claim.segment.y0 - c.segment.y1 < 6 * c.segment.height
            for c in kept
        ):
            kept.append(claim)
    return kept


def _block_claims(marked: Marked, block: Block) -> list[Claim]:
    """The first line of an address block in the letterhead or the foot."""
    first = block.segments[0]
    page = marked.page_of(first)
    if not block.is_address or not is_name_line(first.text) or is_labelled(marked, first):
        return []
    high = first.y0 < 0.3 * page.height and first.page == 1
    low = first.y0 > 0.8 * page.height
    logit = 0.9 if high else (0.9 if low and has_legal_form(first.text) else -0.6)
    if block.has_contact or any(find_tax_ids(t) or find_ibans(t) for t in block.texts):
        logit += 0.9
    if high and first is _first_line(marked):
        logit += 0.5
    return [Claim(first, 0, len(first.text), logit, "letterhead" if high else "block")]


def _first_line(marked: Marked) -> Segment | None:
    return next((s for s in marked.sheet.segments if is_name_line(s.text)), None)


def _legal_form_claims(marked: Marked) -> list[Claim]:
    claims = []
    for page in marked.sheet.pages:
        for segment in page.segments:
            end = legal_form_end(segment.text)
            if (
                end is None
                or end > 60
                or not starts_like_name(segment, end)
                or is_labelled(marked, segment)
            ):
                continue
            logit = 0.3 if segment.y0 < 0.3 * page.height or segment.y0 > 0.8 * page.height else -0.5
            around = " ".join(s.text for s in neighbours(page, segment, 4)) + segment.text[end:]
            if segment.y0 > 0.7 * page.height and (find_tax_ids(around) or find_ibans(around)):
                logit += 0.7
            claims.append(Claim(segment, 0, end, logit, "legal-form"))
    return claims


def _best_key(claims: Sequence[Claim], stems: set[str]) -> object:
    """The name with the most evidence for being the issuer's."""
    grouped: dict[object, list[Claim]] = {}
    for claim in claims:
        grouped.setdefault(same_value_key(claim.text), []).append(claim)
    return max(grouped, key=lambda key: _logit(grouped[key], stems), default=None)


# --- decision -----------------------------------------------------------------------------------------


def _names(spec: FieldSpec, claims: Sequence[Claim], marked: Marked) -> list[Candidate]:
    stems = domains(marked.sheet.text) if spec.role == marked.doctype.issuer else set()
    grouped: dict[object, list[Claim]] = {}
    for claim in claims:
        if claim.text and id(claim.segment) not in marked.headers and not is_title(marked, claim.text):
            grouped.setdefault(same_value_key(claim.text), []).append(claim)
    candidates = [_name(spec, group, stems) for group in grouped.values()]
    return sorted(candidates, key=lambda c: -c.score)[:5]


def _name(spec: FieldSpec, group: Sequence[Claim], stems: set[str]) -> Candidate:
    best = max(group, key=lambda c: c.logit)
    logit = _logit(group, stems)
    domain = matches_domain(best.text, stems) or initials_match(best.text, stems)
    legal = has_legal_form(best.text)
    features = {
        "labelled": float(best.how == "label"),
        "legal": float(legal),
        "domain": float(domain),
        "sender": float(any(c.how == "sender-line" for c in group)),
        "anchored": float(any(c.anchored for c in group)),
    }
    return Candidate(
        name=spec.name,
        value=best.text,
        raw=best.segment.text[best.start : best.end].strip(),
        words=best.segment.words_in(best.start, best.end),
        how=best.how,
        score=1 / (1 + math.exp(-(logit + BIAS))),
        features=features,
        support=len({id(c.segment) for c in group}),
    )


def _logit(group: Sequence[Claim], stems: set[str]) -> float:
    """The evidence for one name: the best claim, a part of up to three others elsewhere, domain and
    legal form.
    """
    ranked = sorted(group, key=lambda c: -c.logit)
    text = ranked[0].text
    elsewhere = {id(c.segment): c for c in reversed(ranked) if c.segment is not ranked[0].segment}
    logit = ranked[0].logit + sum(min(0.8, 0.5 * max(c.logit, 0.6)) for c in list(elsewhere.values())[:3])
    if matches_domain(text, stems) or initials_match(text, stems):
        logit += 1.6
    return logit + (0.7 if has_legal_form(text) else 0.0)


