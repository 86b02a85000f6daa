"""What kind of document is it? By the words that head it and the labels that fill it."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from ocr.doctypes import Doctype, doctype_names, load_doctype
from ocr.fields.binding import Marked, mark
from ocr.fields.sheet import fold
from ocr.values import Reading

UNKNOWN_BELOW = 0.6
_NO_LETTER = re.compile(r"[\W\d_]")
_TITLE = 2.2
_LABEL = 0.35
_MISSING_REQUIRED = 0.4


@dataclass(frozen=True, slots=True)
class Kind:
    """The likeliest doctype, its share of the belief, and all shares. Below `UNKNOWN_BELOW` a person
    decides.
    """

    doctype: str
    probability: float
    shares: dict[str, float]

    @property
    def known(self) -> bool:
        return self.probability >= UNKNOWN_BELOW


def classify(reading: Reading, doctypes: Sequence[Doctype] | None = None) -> Kind:
    """The doctype of a reading among `doctypes` (the built-in ones, without `form`, when None)."""
    chosen = doctypes or [load_doctype(name) for name in doctype_names() if name != "form"]
    scores = {doctype.name: _score(mark(reading, doctype)) for doctype in chosen}
    scores["form"] = 0.6
    top = max(scores.values())
    weights = {name: math.exp(score - top) for name, score in scores.items()}
    total = sum(weights.values())
    shares = {name: weight / total for name, weight in weights.items()}
    best = max(shares, key=lambda name: shares[name])
    return Kind(best, shares[best], shares)


def titled(reading: Reading, doctype: Doctype) -> bool:
    """Whether the first page bears a title of the doctype in its upper part."""
    return _title(mark(reading, doctype)) > _TITLE


def _score(marked: Marked) -> float:
    """Titles count most, the longer and the higher on the page; then how many different fields are
    labelled.
    """
    found = {name for hit in marked.hits for name in hit.label.names}
    required = [name for name in marked.doctype.required if name not in found]
    return _title(marked) + _LABEL * min(10, len(found)) - _MISSING_REQUIRED * len(required) + _shape(marked)


def _title(marked: Marked) -> float:
    best = 0.0
    titles = [fold(title).replace(" ", "") for title in marked.doctype.titles]
    for page in marked.sheet.pages[:1]:
        for segment in page.segments:
            text = fold(segment.text).replace(" ", "").strip(".:*-")
            letters = _NO_LETTER.sub("", text)  # a title is often followed by number and date
            for title in titles:
                if text.startswith(title) and len(letters) <= 3 * len(title) + 12:
                    whole = 1.0 if text == title else 0.6
                    high = 1.0 if segment.y0 < 0.4 * page.height else 0.5
                    best = max(best, _TITLE * whole * high * (1 + 0.04 * len(title)))
    return best


def _shape(marked: Marked) -> float:
    """Receipts are narrow strips of one column."""
    page = marked.sheet.pages[0] if marked.sheet.pages else None
    if page is None or page.width == 0:
        return 0.0
    narrow = page.height / page.width > 1.6 or page.width / max(page.unit, 1) < 38
    return 0.8 if narrow == (marked.doctype.name == "receipt") else -0.8
