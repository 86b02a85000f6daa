"""The interface between «what could this value be» and «what do we answer».

A finder looks at a reading and proposes; it never decides. The decoder (`ocr.fields.decode`) takes the
proposals of one or several finders, tests them against the doctype's checks, ranks them jointly and turns
the winner's features into a calibrated probability.

How to write a finder (a learned layout model, for instance)
-----------------------------------------------------------
* `candidates(reading, doctype)` returns, for each field name of the doctype it has anything for, a list of
  `Candidate`, best first, at most `LIMIT` that differ in value. Leave a field out rather than guess.
* `rows(reading, doctype)` returns the line items in reading order; each maps a column name of
  `doctype.columns` to one `Candidate`.
* `Candidate.value` is typed after the field's type: `Decimal` for money, percent and quantity, `date`,
  `time`, `int` for integer, ISO code for currency, `str` otherwise. `ocr.fields.typed.parse` turns the raw
  text of a span into that value: a model only has to find the words.
* `Candidate.score` is the finder's own belief in [0, 1]. It needs no calibration: the decoder learns that,
  per value of `how`. `features` may carry more numbers for the calibration (name → float).
* `words` are those of the reading, unchanged: overlays and reviews point at their boxes. A candidate
  without words is refused: what is not on the page is not a value.
* Finders are pure: no state between documents, the same answer for the same reading.

`Joined` merges the proposals of several finders; agreement of two is itself evidence (`support`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from ocr.doctypes.model import Doctype
from ocr.values import Box, Reading, Value, Word

LIMIT = 5


@dataclass(frozen=True, slots=True)
class Candidate:
    """A value that a field could have, where it stands, and how strongly the finder believes in it.

    `other_value` is a second reading of the same words (a date that is day first or month first).
    `support` counts the independent places on the page that say the same.
    """

    name: str
    value: Value
    raw: str
    words: tuple[Word, ...]
    how: str
    score: float
    features: Mapping[str, float] = field(default_factory=dict)
    other_value: Value = None
    support: int = 1

    def __post_init__(self) -> None:
        if not self.words:
            raise ValueError(f"a candidate for {self.name} needs the words it was read from")

    @property
    def boxes(self) -> tuple[Box, ...]:
        """One box for each page and printed line the words stand on."""
        return merge_boxes([word.box for word in self.words])


Row = Mapping[str, Candidate]


class FieldFinder(Protocol):
    """Proposes values. See the module's text for the contract."""

    @property
    def name(self) -> str:
        """A word for the record, for instance `labels` or `layout-small`."""
        ...

    def candidates(self, reading: Reading, doctype: Doctype) -> Mapping[str, Sequence[Candidate]]:
        """For each field, what it could be, best first."""
        ...

    def rows(self, reading: Reading, doctype: Doctype) -> Sequence[Row]:
        """The line items, in reading order."""
        ...


@dataclass(frozen=True, slots=True)
class Joined:
    """Several finders as one. The first one that finds line items gives them."""

    finders: tuple[FieldFinder, ...]

    @property
    def name(self) -> str:
        return "+".join(finder.name for finder in self.finders)

    def candidates(self, reading: Reading, doctype: Doctype) -> Mapping[str, Sequence[Candidate]]:
        """The union of all proposals; equal values are merged and support each other."""
        found: dict[str, list[Candidate]] = {}
        for finder in self.finders:
            for name, candidates in finder.candidates(reading, doctype).items():
                found.setdefault(name, []).extend(candidates)
        return {name: merge(candidates) for name, candidates in found.items()}

    def rows(self, reading: Reading, doctype: Doctype) -> Sequence[Row]:
        """The line items of the first finder that has any."""
        for finder in self.finders:
            rows = finder.rows(reading, doctype)
            if rows:
                return rows
        return []


def merge(candidates: Sequence[Candidate], limit: int = LIMIT) -> list[Candidate]:
    """The best `limit` candidates, one for each value, best first.

    Equal values support each other: the score becomes 1 - (1 - best)·(1 - second)^½, because two places on
    one page are never wholly independent.
    """
    best: dict[object, Candidate] = {}
    for candidate in sorted(candidates, key=lambda c: -c.score):
        key = same_value_key(candidate.value)
        known = best.get(key)
        best[key] = candidate if known is None else _supported(known, candidate)
    return sorted(best.values(), key=lambda c: -c.score)[:limit]


def _supported(known: Candidate, other: Candidate) -> Candidate:
    if {id(word) for word in known.words} & {id(word) for word in other.words}:
        return known
    score = 1.0 - (1.0 - known.score) * (1.0 - 0.6 * other.score) ** 0.5
    return replace(known, score=score, support=known.support + 1)


def same_value_key(value: Value) -> object:
    """Two values are the same if nothing but case, spacing and punctuation tells them apart."""
    if isinstance(value, str):
        return "".join(ch for ch in value.casefold() if ch.isalnum())
    return value


def merge_boxes(boxes: Sequence[Box]) -> tuple[Box, ...]:
    """One box per page and line: boxes that overlap vertically by half are joined, in order."""
    merged: list[Box] = []
    for box in boxes:
        last = merged[-1] if merged else None
        if last is not None and last.page == box.page and _same_line(last, box):
            merged[-1] = Box.union([last, box])
        else:
            merged.append(box)
    return tuple(merged)


def _same_line(a: Box, b: Box) -> bool:
    overlap = min(a.y1, b.y1) - max(a.y0, b.y0)
    return overlap > 0.5 * min(a.height, b.height)
