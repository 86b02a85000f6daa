"""Find the labels of a doctype on the page: exact after folding, or one letter off where the text is
from OCR.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, TypeAlias

from rapidfuzz.distance import Levenshtein

from ocr.doctypes.model import Doctype, FieldSpec
from ocr.fields.sheet import Segment, fold

Strength: TypeAlias = Literal["strong", "weak", "other"]
TOKEN = re.compile(r"[^\W\d_]+|\d+|[#%°№]")
_LONGEST = 8


@dataclass(frozen=True, slots=True)
class Label:
    """What a phrase stands for: field names (several may share one phrase) and how firmly."""

    names: tuple[str, ...]
    weak_names: tuple[str, ...]
    tokens: int

    @property
    def strength(self) -> Strength:
        return "strong" if self.names else ("weak" if self.weak_names else "other")


@dataclass(frozen=True, slots=True, eq=False)
class LabelHit:
    """A label on the page: characters `start` to `end` of `segment`. `fuzz` counts letters that differ."""

    label: Label
    segment: Segment
    start: int
    end: int
    fuzz: int = 0

    @property
    def leads(self) -> bool:
        """Whether nothing but signs and numbers stands before it in its segment."""
        return not any(ch.isalpha() for ch in self.segment.text[: self.start])


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """All phrases of a doctype by their key, and the single words in them for fuzzy matching."""

    phrases: Mapping[str, Label]
    words: frozenset[str]
    glued: Mapping[str, str]


def phrase_key(tokens: Sequence[str]) -> str:
    """Tokens joined by a space, Hangul without: `합계 금액` and `합계금액` are one label."""
    key = ""
    for token in tokens:
        glue = "" if not key or (_is_hangul(key[-1]) and _is_hangul(token[0])) else " "
        key += glue + token
    return key


def _is_hangul(ch: str) -> bool:
    return "가" <= ch <= "힣"


@lru_cache(maxsize=32)
def _cached(
    specs: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...], others: tuple[str, ...]
) -> Vocabulary:
    strong: dict[str, list[str]] = {}
    weak: dict[str, list[str]] = {}
    sizes: dict[str, int] = {}
    for name, labels, weak_labels in specs:
        for target, phrases in ((strong, labels), (weak, weak_labels)):
            for phrase in phrases:
                tokens = TOKEN.findall(fold(phrase))
                sizes[phrase_key(tokens)] = len(tokens)
                names = target.setdefault(phrase_key(tokens), [])
                if name not in names:
                    names.append(name)
    for phrase in others:
        tokens = TOKEN.findall(fold(phrase))
        sizes.setdefault(phrase_key(tokens), len(tokens))
    labels_by_key = {
        key: Label(tuple(strong.get(key, ())), tuple(weak.get(key, ())), size)
        for key, size in sizes.items()
        if key
    }
    words = frozenset(word for key in labels_by_key for word in key.split() if len(word) >= 5)
    glued = {key.replace(" ", ""): key for key in labels_by_key if " " in key and len(key) >= 7}
    return Vocabulary(labels_by_key, words, glued)


def vocabulary(specs: Iterable[FieldSpec], others: Iterable[str] = ()) -> Vocabulary:
    """The phrases of these fields or columns; `others` are labels of what we do not look for."""
    key = tuple((spec.name, spec.labels, spec.weak_labels) for spec in specs)
    return _cached(key, tuple(others))


def doctype_vocabulary(doctype: Doctype) -> Vocabulary:
    """The phrases of a doctype's fields and of the things beside them."""
    return vocabulary(doctype.fields.values(), doctype.other_labels)


def find_labels(segment: Segment, words: Vocabulary, *, fuzzy: bool) -> list[LabelHit]:
    """The labels in a segment, left to right, longest first, without overlaps."""
    tokens = list(TOKEN.finditer(segment.folded))
    texts = [match.group() for match in tokens]
    if fuzzy:
        spelt = [_spell(text, words) for text in texts]
    else:
        spelt = [(words.glued.get(text, text), 0) for text in texts]
    hits: list[LabelHit] = []
    at = 0
    while at < len(tokens):
        hit, used = _longest(segment, tokens, spelt, at, words)
        if hit is not None:
            hits.append(hit)
        at += used
    return hits


def _longest(
    segment: Segment, tokens: list[re.Match[str]], spelt: list[tuple[str, int]], at: int, words: Vocabulary
) -> tuple[LabelHit | None, int]:
    for size in range(min(_LONGEST, len(tokens) - at), 0, -1):
        part = spelt[at : at + size]
        if not _close(tokens[at : at + size]):
            continue
        label = words.phrases.get(phrase_key([text for text, _ in part]))
        if label is not None and not _inside_word(
            segment.folded, tokens[at].start(), tokens[at + size - 1].end()
        ):
            fuzz = sum(edits for _, edits in part)
            return LabelHit(label, segment, tokens[at].start(), tokens[at + size - 1].end(), fuzz), size
    return None, 1


def _close(tokens: list[re.Match[str]]) -> bool:
    return all(right.start() - left.end() <= 3 for left, right in itertools.pairwise(tokens))


def _inside_word(text: str, start: int, end: int) -> bool:
    """A label never begins or ends inside a word or a code (`PO-2024/7`): tokens part letters from digits."""
    if (
        re.match(r"[-/]*\d|[-/]\w", text[end:])
        and end - start <= 4
        and text[start].isalpha()
        and not _is_hangul(text[start])
    ):
        return True
    before = text[start - 1] if start else " "
    return before.isalpha() or (before.isdigit() and text[start].isalpha() and not _is_hangul(text[start]))


def _spell(token: str, words: Vocabulary) -> tuple[str, int]:
    """The token, or the one label word that it misspells by one letter (two from nine letters on)."""
    if token in words.glued:
        return words.glued[token], 0
    if len(token) < 5 or token in words.words or not token.isalpha():
        return token, 0
    allowed = 1 if len(token) < 9 else 2
    near = [
        w
        for w in words.words
        if abs(len(w) - len(token)) <= allowed
        and Levenshtein.distance(w, token, score_cutoff=allowed) <= allowed
    ]
    if len(near) == 1:
        return near[0], Levenshtein.distance(near[0], token)
    return token, 0
