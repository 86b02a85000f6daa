"""The values that travel through the document pipeline. All frozen; each stage maps one to the next.

Coordinates are fractions of the upright page (0.0 to 1.0), origin top left, so they survive any scaling.
Scores are probabilities in [0, 1].
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, time
from decimal import Decimal
from typing import Literal, TypeAlias

Rung: TypeAlias = Literal["xml", "text", "ocr", "mixed"]
Value: TypeAlias = str | Decimal | date | time | int | None


@dataclass(frozen=True, slots=True)
class Box:
    """An upright rectangle on one page; x and y are fractions of the page, pages count from 1."""

    page: int
    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def width(self) -> float:
        return self.x1 - self.x0

    @property
    def height(self) -> float:
        return self.y1 - self.y0

    @property
    def center(self) -> tuple[float, float]:
        return (self.x0 + self.x1) / 2, (self.y0 + self.y1) / 2

    def as_list(self) -> list[float]:
        return [round(self.x0, 5), round(self.y0, 5), round(self.x1, 5), round(self.y1, 5)]

    @staticmethod
    def union(boxes: Iterable[Box]) -> Box:
        """The smallest box around `boxes`, which must lie on one page and not be empty."""
        items = list(boxes)
        if not items or len({b.page for b in items}) != 1:
            raise ValueError("a union needs at least one box, all of one page")
        return Box(
            items[0].page,
            min(b.x0 for b in items),
            min(b.y0 for b in items),
            max(b.x1 for b in items),
            max(b.y1 for b in items),
        )


@dataclass(frozen=True, slots=True)
class Word:
    """One word as printed. `quad` (four points, clockwise from top left) is kept where the text is not
    upright."""

    text: str
    box: Box
    score: float = 1.0
    quad: tuple[tuple[float, float], ...] | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """Words that stand beside each other, in reading order. `kind` marks what is not plain print."""

    words: tuple[Word, ...]
    box: Box
    text: str
    score: float = 1.0
    kind: Literal["print", "handwriting", "stamp"] = "print"


@dataclass(frozen=True, slots=True)
class Mark:
    """A stamp or a signature on the page. What a stamp says stands in a line of that kind where it was read
    surely; what a signature says is never guessed."""

    kind: Literal["handwriting", "stamp"]
    box: Box


@dataclass(frozen=True, slots=True)
class PageText:
    """What was read on one page. `width` and `height` are pixels of the picture, or points for a text
    layer. `marks` are only looked for in pictures. `turned` are the degrees to the left by which the picture
    was turned before it was read; places are those of the page as turned."""

    number: int
    width: float
    height: float
    lines: tuple[Line, ...]
    rung: Rung
    marks: tuple[Mark, ...] = ()
    turned: int = 0

    @property
    def words(self) -> tuple[Word, ...]:
        return tuple(w for line in self.lines for w in line.words)


@dataclass(frozen=True, slots=True)
class Reading:
    """The text of a whole document. `seconds` is this document warm, `load_seconds` what loading models
    took."""

    file: str
    pages: tuple[PageText, ...]
    engine: str
    rung: Rung
    seconds: float = 0.0
    load_seconds: float = 0.0
    embedded_xml: bytes | None = None

    @property
    def words(self) -> tuple[Word, ...]:
        return tuple(w for page in self.pages for w in page.words)

    @property
    def text(self) -> str:
        return "\n".join(line.text for page in self.pages for line in page.lines)

    def turned(self, number: int) -> int:
        """Degrees to the left by which page `number` of the file must be turned for its places to be right."""
        return next((page.turned for page in self.pages if page.number == number), 0)


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that must hold, with the numbers that show whether it does (`None`: could not be tested)."""

    name: str
    passed: bool | None
    detail: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where a value stands. `how` names the way it was found (`label`, `model`, `xml`, `table`, …)."""

    boxes: tuple[Box, ...]
    words: tuple[Word, ...]
    how: str
    scores: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Alternative:
    value: Value
    raw: str
    confidence: float
    box: Box | None = None


@dataclass(frozen=True, slots=True)
class Field:
    """A value found in the document. It cannot exist without evidence."""

    name: str
    value: Value
    raw: str
    confidence: float
    evidence: Evidence
    checks: tuple[Check, ...] = ()
    alternatives: tuple[Alternative, ...] = ()


@dataclass(frozen=True, slots=True)
class Missing:
    """A field that the document does not show, and why we believe so."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Finding:
    """Something a person should know about the document as a whole. `details` fill the catalogue's text for
    `code`, where it has one."""

    code: str
    severity: Literal["error", "warning", "info"]
    message: str
    fields: tuple[str, ...] = ()
    details: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Extraction:
    """The checked fields of one document."""

    file: str
    doctype: str
    source: Rung
    fields: Mapping[str, Field | Missing]
    lines: tuple[Mapping[str, Field | Missing], ...]
    findings: tuple[Finding, ...]
    needs_review: bool
    seconds: float = 0.0
    load_seconds: float = 0.0
    reading: Reading | None = None
