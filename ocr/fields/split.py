"""Part a scanned stack into its documents: a new one begins where a page looks like a first page."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from ocr.doctypes import Doctype, load_doctype
from ocr.fields.finder import same_value_key
from ocr.fields.label_finder import label_finder
from ocr.values import PageText, Reading

_PAGE_OF = re.compile(
    r"(?:page|seite|pag(?:e|ina|\.)?|página|pagina|p\.|쪽|페이지)\s*:?\s*(\d{1,3})\s*(?:/|of|von|sur|van|de|di)\s*(\d{1,3})",
    re.IGNORECASE,
)
_PAGE = re.compile(r"(?:page|seite|pagina|página|페이지)\s*:?\s*(\d{1,3})\b", re.IGNORECASE)


def split(reading: Reading, doctype: Doctype | None = None) -> list[Reading]:
    """The documents of a stack, each a reading whose pages count from 1.

    A page goes with the one before it if it says so («page 2 of 3»), or bears the same number of the same
    document, or bears no number at all.
    """
    wanted = doctype or load_doctype("invoice")
    groups: list[list[PageText]] = []
    last: object = None
    for page in reading.pages:
        number = _number(reading, page, wanted)
        if groups and _continues(page, number, last):
            groups[-1].append(page)
        else:
            groups.append([page])
        last = number if number is not None or len(groups[-1]) == 1 else last
    return [_document(reading, group) for group in groups]


def _continues(page: PageText, number: object, last: object) -> bool:
    text = "\n".join(line.text for line in page.lines)
    match = _PAGE_OF.search(text) or _PAGE.search(text)
    if match is not None:
        return int(match.group(1)) > 1
    return number is None or number == last


def _number(reading: Reading, page: PageText, doctype: Doctype) -> object:
    """The document's own number as the page shows it, of its first required identifier."""
    spec = next((s for s in doctype.fields.values() if s.type == "identifier" and s.required), None)
    if spec is None:
        return None
    items: Sequence[object] = [
        c.value
        for c in label_finder().candidates(replace(reading, pages=(page,)), doctype).get(spec.name, ())
        if c.score >= 0.6
    ]
    return same_value_key(str(items[0])) if items else None


def _document(reading: Reading, pages: Sequence[PageText]) -> Reading:
    return replace(reading, pages=tuple(_renumbered(page, i) for i, page in enumerate(pages, 1)))


def _renumbered(page: PageText, number: int) -> PageText:
    lines = []
    for line in page.lines:
        words = tuple(replace(w, box=replace(w.box, page=number)) for w in line.words)
        lines.append(replace(line, words=words, box=replace(line.box, page=number)))
    return replace(page, number=number, lines=tuple(lines))
