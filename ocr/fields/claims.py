"""Evidence for the parties of a document, and words that can be no party's name."""

from __future__ import annotations

from dataclasses import dataclass

from ocr.doctypes.model import Doctype
from ocr.fields.binding import Marked
from ocr.fields.labels import TOKEN, phrase_key
from ocr.fields.names import clean_name
from ocr.fields.sheet import Segment, fold


@dataclass(frozen=True, slots=True)
class Claim:
    """One piece of evidence that the characters of a segment are a party's name."""

    segment: Segment
    start: int
    end: int
    logit: float
    how: str
    anchored: bool = False

    @property
    def text(self) -> str:
        return clean_name(self.segment.text[self.start : self.end])


def is_title(marked: Marked, text: str) -> bool:
    """A word of the form itself: a title, the name of a field or of a column."""
    known = _form_words(marked.doctype)
    tokens = TOKEN.findall(fold(text))
    return phrase_key(tokens) in known or all(token in known for token in tokens)


_FORM_WORDS: dict[int, tuple[Doctype, set[str]]] = {}


def _form_words(doctype: Doctype) -> set[str]:
    """Kept by the doctype's identity: doctypes are loaded once."""
    kept = _FORM_WORDS.get(id(doctype))
    if kept is not None and kept[0] is doctype:
        return kept[1]
    specs = [*doctype.fields.values(), *doctype.columns.values()]
    words = [
        *doctype.titles,
        *doctype.other_labels,
        *doctype.stop_labels,
        *(w for s in specs for w in (*s.labels, *s.weak_labels)),
    ]
    known = {phrase_key(TOKEN.findall(fold(word))) for word in words}
    _FORM_WORDS[id(doctype)] = (doctype, known)
    return known
