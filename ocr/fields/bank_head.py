"""The bank that issued a slip, by its name at the head of the page."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ocr.fields.binding import Marked
from ocr.fields.finder import Candidate

_BANK = re.compile(
    r"(?:은행|뱅크|금고|농협|수협|신협|우체국)$"
    r"|(?:bank|sparkasse)\b|\b(?:banque|banca|banco|caisse|crédit|credit union|trust)\b",
    re.IGNORECASE,
)
HEAD = 0.25
"""The head is this part of the page."""
MOST_WORDS = 5


def find_issuing_bank(marked: Marked) -> Iterator[Candidate]:
    """A short line at the head of the first page that names a bank and is no label's value, for doctypes with a
    field `bank`."""
    spec = marked.doctype.fields.get("bank")
    if spec is None or not marked.sheet.pages:
        return
    page = marked.sheet.pages[0]
    for segment in page.segments:
        text = segment.text.strip()
        alone = len(page.rows[segment.row]) == 1  # beside a label it is that label's value
        high = alone and segment.y0 < HEAD * page.height and len(text.split()) <= MOST_WORDS
        labelled = any(hit.start == 0 for hit in marked.labels_of(segment))  # «Bank: …» has its value behind it
        if high and _BANK.search(text) and not labelled:
            words = segment.words_in(0, len(segment.text))
            yield Candidate(spec.name, text, text, words, "head", 0.85)
            return
