"""The one description of a drawn document: words and shapes in points, and what each word means.

Both outputs (the PDF with a text layer, the picture) are drawn from a `Scene`, so the truth is exact for
both. Points, origin top left, y down.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from ocr.synthetic.fonts import Face

Colour: TypeAlias = tuple[int, int, int]
Part: TypeAlias = Literal["label", "value"]
Role: TypeAlias = Literal[
    "title", "supplier", "buyer", "meta", "item_header", "item", "totals", "payment", "footer", "other"
]

BLACK: Colour = (20, 20, 20)


@dataclass(frozen=True, slots=True)
class Mark:
    """What a word means. `row` counts line items from 0; `link` joins a label with its value."""

    role: Role = "other"
    field: str | None = None
    row: int | None = None
    part: Part | None = None
    link: int | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """One printed word. `y` is the baseline; `line` numbers the printed stretch it belongs to."""

    text: str
    x: float
    y: float
    width: float
    size: float
    face: Face
    colour: Colour
    mark: Mark
    line: int

    @property
    def box(self) -> tuple[float, float, float, float]:
        """x0, y0, x1, y1 in points: from the height of a capital to the foot of a `g`."""
        return (
            self.x,
            self.y - self.face.cap * self.size,
            self.x + self.width,
            self.y + self.face.foot * self.size,
        )


@dataclass(frozen=True, slots=True)
class Shape:
    """A drawn thing that is no text. `rect` and `ellipse` take two corners, `path` is a polyline."""

    kind: Literal["line", "rect", "ellipse", "path"]
    points: tuple[tuple[float, float], ...]
    stroke: Colour | None = BLACK
    fill: Colour | None = None
    width: float = 0.6
    dash: bool = False


@dataclass(slots=True)
class PageScene:
    """What stands on one page, in drawing order: shapes first, then words, then stamps over them."""

    width: float
    height: float
    shapes: list[Shape] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)
    over: list[Shape] = field(default_factory=list)
    over_runs: list[Run] = field(default_factory=list)


@dataclass(slots=True)
class Scene:
    """All pages of one document, and the paper's colour."""

    pages: list[PageScene]
    paper: Colour = (255, 255, 255)
