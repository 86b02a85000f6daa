"""Part a scanned stack into its documents: a new one begins where a page looks like a first page."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ocr.doctypes import Doctype, doctype_names, load_doctype
from ocr.fields.classify import classify, titled
from ocr.fields.finder import same_value_key
from ocr.fields.label_finder import label_finder
from ocr.values import PageText, Reading

_PAGE_OF = re.compile(
    r"(?:page|seite|pag(?:e|ina|\.)?|página|pagina|p\.|쪽|페이지)\s*:?\s*(\d{1,3})\s*(?:/|of|von|sur|van|de|di)\s*(\d{1,3})",
    re.IGNORECASE,
)
NOTHING_SAID, STATED, NUMBER, SHAPE, KIND, TITLE, HEADING = -1.5, 3.0, 3.0, 2.0, 1.0, 2.0, 1.0
"""Weights of what speaks for a new document; a page that shows nothing goes with the one before it."""
_PAGE = re.compile(r"(?:page|seite|pagina|página|페이지)\s*:?\s*(\d{1,3})\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Look:
    """What a page shows of where it belongs. `stated`: its page number; `number`: the document's own."""

    stated: int | None
    doctype: str | None
    number: object
    titled: bool
    heading: bool
    shape: float


def split(reading: Reading, doctypes: Sequence[Doctype] | None = None) -> list[Reading]:
    """The documents of a stack, each a reading whose pages count from 1.

    A page states its number, bears the document's own number or a title, has the shape and the kind of its
    neighbours or others: what speaks for a new document is weighed against what speaks for the same one.
    """
    chosen = doctypes or [load_doctype(name) for name in doctype_names() if name != "form"]
    groups: list[list[PageText]] = []
    begun: _Look | None = None
    for page in reading.pages:
        look = _look(replace(reading, pages=(page,)), page, chosen)
        if begun is None or _begins(look, begun) > 0:
            groups.append([page])
            begun = look
        else:
            groups[-1].append(page)
            begun = replace(
                begun,
                number=begun.number if begun.number is not None else look.number,
                doctype=begun.doctype or look.doctype,
            )
    return [_document(reading, group) for group in groups]


def _begins(look: _Look, begun: _Look) -> float:
    """Above 0: the page begins a document of its own; `begun` is what the document before it shows."""
    score = NOTHING_SAID
    if look.stated is not None:
        score += STATED if look.stated == 1 else -2 * STATED
    if look.number is not None and begun.number is not None:
        score += NUMBER if look.number != begun.number else -NUMBER
    if abs(look.shape / begun.shape - 1) > 0.04:
        score += SHAPE
    if look.doctype and begun.doctype and look.doctype != begun.doctype:
        score += KIND
    return score + TITLE * look.titled + HEADING * look.heading


def _look(alone: Reading, page: PageText, doctypes: Sequence[Doctype]) -> _Look:
    text = "\n".join(line.text for line in page.lines)
    match = _PAGE_OF.search(text) or _PAGE.search(text)
    kind = classify(alone, doctypes)
    known = next((d for d in doctypes if d.name == kind.doctype), None) if kind.known else None
    return _Look(
        int(match.group(1)) if match else None,
        kind.doctype if kind.known else None,
        _number(alone, known or doctypes[0]),
        any(titled(alone, doctype) for doctype in doctypes),
        _heading(page),
        page.height / max(1.0, page.width),
    )


def _heading(page: PageText) -> bool:
    """Whether the largest print of the page stands in its upper third, well above the usual size."""
    heights = sorted(w.box.height for w in page.words if any(ch.isalpha() for ch in w.text))
    if not heights:
        return False
    top = max(page.words, key=lambda w: w.box.height)
    return top.box.height > 1.5 * heights[len(heights) // 2] and top.box.y0 < 0.33


def _number(alone: Reading, doctype: Doctype) -> object:
    """The document's own number as the page shows it, of its first required identifier."""
    spec = next((s for s in doctype.fields.values() if s.type == "identifier" and s.required), None)
    if spec is None:
        return None
    found = label_finder().candidates(alone, doctype).get(spec.name, ())
    items = [c.value for c in found if c.score >= 0.6]
    return same_value_key(str(items[0])) if items else None


def _document(reading: Reading, pages: Sequence[PageText]) -> Reading:
    return replace(reading, pages=tuple(_renumbered(page, i) for i, page in enumerate(pages, 1)))


def _renumbered(page: PageText, number: int) -> PageText:
    lines = []
    for line in page.lines:
        words = tuple(replace(w, box=replace(w.box, page=number)) for w in line.words)
        lines.append(replace(line, words=words, box=replace(line.box, page=number)))
    return replace(page, number=number, lines=tuple(lines))
