"""Whom a paper is sent to: address blocks, windows, names that stand alone where letters have their window."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from ocr.fields.binding import Marked, stands_apart
from ocr.fields.blocks import Block
from ocr.fields.claims import Claim, is_title
from ocr.fields.finder import same_value_key
from ocr.fields.names import (
    clean_name,
    has_korean_address,
    has_legal_form,
    is_contact_line,
    is_name_line,
    legal_form_end,
)
from ocr.fields.sheet import Segment, SheetPage, fold
from ocr.fields.typed import find_ibans, find_tax_ids

SALUTATION = re.compile(
    r"^(?:herrn?|frau|firma|company|mr\.?|mrs\.?|ms\.?|m\.|mme|an|to|attn\.?:?|z\. ?hd\.?|fao)$"
)
"""Words before a name, alone in their line."""


def addressees(marked: Marked, blocks: Sequence[Block], issuer: object) -> list[Claim]:
    """An address block on the upper half of the first page that is not the issuer's."""
    found = []
    candidates = [
        b
        for b in (part for block in blocks for part in _parted(block))
        if b.segments[0].page == 1 and b.is_address and not is_labelled(marked, b.segments[0])
    ]
    for index, block in enumerate(candidates):
        first = block.segments[0]
        page = marked.page_of(first)
        if first.y0 > 0.5 * page.height or not is_name_line(first.text) or block.has_contact:
            continue
        if SALUTATION.match(fold(first.text).strip(" :")):
            continue
        if same_value_key(clean_name(first.text)) == issuer or _is_sellers(block, marked):
            continue
        found.append(Claim(first, 0, len(first.text), 0.9 if index > 0 else -0.2, "address-block"))
    return found + _lone_names(marked, issuer)


def _lone_names(marked: Marked, issuer: object) -> list[Claim]:
    """A company's name where letters have their window, below the issuer's, without the address that was left out."""
    if issuer is None or not marked.sheet.pages:
        return []
    page, found, issued = marked.sheet.pages[0], [], False
    for segment in page.segments:
        key = same_value_key(clean_name(segment.text))
        windowed = 0.11 * page.height < segment.y0 < 0.35 * page.height and segment.x0 < 0.35 * page.width
        whole = legal_form_end(segment.text) == len(segment.text.rstrip())
        free = not is_labelled(marked, segment) and id(segment) not in marked.headers
        if issued and windowed and whole and free and key != issuer and starts_like_name(segment, len(segment.text)):
            found.append(Claim(segment, 0, len(segment.text), 0.6, "window"))
        issued = issued or key == issuer
    return found[:1]


def _parted(block: Block) -> Iterable[Block]:
    """On Korean papers the letterhead ends with telephone and mail, and the recipient may follow close below."""
    if not any(map(has_korean_address, block.texts)):
        return [block]
    parts: list[list[Segment]] = [[]]
    for segment in block.segments:
        after_contact = bool(parts[-1]) and is_contact_line(parts[-1][-1].text)
        if after_contact and not is_contact_line(segment.text):
            parts.append([])
        parts[-1].append(segment)
    return [Block(tuple(part)) for part in parts]


def _is_sellers(block: Block, marked: Marked) -> bool:
    """A bank account is the seller's, a tax id too where the page prints one; where both parties print theirs it
    says nothing, as on Korean papers.
    """
    if any(find_ibans(text) for text in block.texts):
        return True
    inside = {hit.value for text in block.texts for hit in find_tax_ids(text)}
    if not inside or any(map(has_korean_address, block.texts)):
        return False
    return not {hit.value for s in marked.sheet.segments for hit in find_tax_ids(s.text)} - inside


def lone_window(marked: Marked, blocks: Sequence[Block]) -> Segment | None:
    """The first line of the only address block in the upper half that has a name, where letters have their window:
    at the left, below a head that names nobody. A party alone on the paper is the one it is sent to.
    """
    upper = [
        b
        for b in blocks
        if b.segments[0].page == 1
        and b.is_address
        and b.top < 0.5 * _page(marked, b).height
        and is_name_line(b.segments[0].text)
    ]
    if len(upper) != 1:
        return None
    block, page = upper[0], _page(marked, upper[0])
    first = block.segments[0]
    windowed = 0.13 * page.height < first.y0 < 0.35 * page.height and first.x0 < 0.35 * page.width
    own = block.has_contact or _is_sellers(block, marked)
    named = any(is_name_line(s.text) and not _is_of_form(marked, s) for s in page.segments if s.y1 < first.y0)
    return first if windowed and not (own or named or is_labelled(marked, first)) else None


def _page(marked: Marked, block: Block) -> SheetPage:
    return marked.page_of(block.segments[0])


def _is_of_form(marked: Marked, segment: Segment) -> bool:
    """A title or a label of the form, not a name."""
    return bool(marked.labels_of(segment)) or is_title(marked, segment.text)


def is_labelled(marked: Marked, segment: Segment) -> bool:
    """A line that a label opens, or that stands under another party's label, is not free to claim."""
    company = has_legal_form(segment.text)
    return any(
        hit.leads and hit.label.strength != "weak" and (stands_apart(hit) or (hit.label.tokens > 1 and not company))
        for hit in marked.labels_of(segment)
    )


def starts_like_name(segment: Segment, end: int) -> bool:
    name = segment.text[:end]
    return (
        is_name_line(name)
        and len(name.split()) <= 8
        and (name[0].isupper() or name[0].isdigit() or not name[0].isascii() or name[0] == "(")
    )
