"""The surface that blocks print on. It keeps the scene and, with every word, what the word means."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from ocr.synthetic.fonts import Face, Family
from ocr.synthetic.scene import BLACK, Colour, Mark, PageScene, Run, Scene, Shape

Align: TypeAlias = Literal["l", "r", "c"]
Columns: TypeAlias = dict[str, str]


@dataclass(slots=True)
class Sheet:
    """Pages under construction. `fields` and `rows` record the canonical values of what was printed."""

    width: float
    height: float
    family: Family
    size: float = 9.0
    paper: Colour = (255, 255, 255)
    pages: list[PageScene] = field(default_factory=list)
    fields: Columns = field(default_factory=dict)
    rows: dict[int, Columns] = field(default_factory=dict)
    _line: int = 0
    _link: int = 0

    def __post_init__(self) -> None:
        self.new_page()

    @property
    def page(self) -> PageScene:
        return self.pages[-1]

    @property
    def scene(self) -> Scene:
        return Scene(self.pages, self.paper)

    def new_page(self) -> None:
        self.pages.append(PageScene(self.width, self.height))

    def new_link(self) -> int:
        """A fresh number that joins a label with its value."""
        self._link += 1
        return self._link

    def face(self, bold: bool = False) -> Face:
        return self.family.bold if bold else self.family.regular

    def measure(self, text: str, size: float | None = None, bold: bool = False) -> float:
        """The printed width of `text` in points."""
        face, size = self.face(bold), size or self.size
        words = text.split()
        return sum(face.width(w, size) for w in words) + max(0, len(words) - 1) * face.width(" ", size)

    def say(
        self,
        text: str,
        x: float,
        y: float,
        *,
        size: float | None = None,
        bold: bool = False,
        align: Align = "l",
        mark: Mark | None = None,
        value: str | None = None,
        colour: Colour = BLACK,
        family: Family | None = None,
        over: bool = False,
    ) -> float:
        """Print one line whose top is `y`; `x` is its left, right or middle. Returns its right end."""
        size, mark = size or self.size, mark or Mark()
        face = (family.bold if bold else family.regular) if family else self.face(bold)
        gap = face.width(" ", size)
        words = text.split()
        widths = [face.width(w, size) for w in words]
        total = sum(widths) + gap * max(0, len(words) - 1)
        at = x - total if align == "r" else x - total / 2 if align == "c" else x
        self._line += 1
        runs = self.page.over_runs if over else self.page.runs
        for word, width in zip(words, widths, strict=True):
            runs.append(Run(word, at, y + 0.82 * size, width, size, face, colour, mark, self._line))
            at += width + gap
        if words:
            self._record(mark, value)
        return at - gap

    def _record(self, mark: Mark, value: str | None) -> None:
        if mark.field is None or value is None:
            return
        if mark.row is None:
            self.fields.setdefault(mark.field, value)
        else:
            self.rows.setdefault(mark.row, {})[mark.field] = value

    def wrap(self, text: str, width: float, *, size: float | None = None, bold: bool = False) -> list[str]:
        """`text` broken at blanks into lines no wider than `width` (a longer word stays whole)."""
        lines: list[str] = []
        for word in text.split():
            joined = f"{lines[-1]} {word}" if lines else word
            if lines and self.measure(joined, size, bold) <= width:
                lines[-1] = joined
            else:
                lines.append(word)
        return lines

    def fit(self, text: str, width: float, size: float | None = None, bold: bool = False) -> float:
        """The largest size up to `size` at which `text` fits into `width`, not below 60 % of it."""
        size = size or self.size
        needed = self.measure(text, size, bold)
        return size if needed <= width else max(size * 0.6, size * width / needed)

    def rule(
        self,
        x0: float,
        y0: float,
        x1: float,
        y1: float,
        *,
        width: float = 0.6,
        colour: Colour = BLACK,
        dash: bool = False,
    ) -> None:
        self.page.shapes.append(Shape("line", ((x0, y0), (x1, y1)), colour, None, width, dash))

    def box(
        self,
        x0: float,
        y0: float,
        x1: float,
        y1: float,
        *,
        stroke: Colour | None = BLACK,
        fill: Colour | None = None,
        width: float = 0.6,
    ) -> None:
        self.page.shapes.append(Shape("rect", ((x0, y0), (x1, y1)), stroke, fill, width))

    def put(self, shape: Shape, *, over: bool = False) -> None:
        (self.page.over if over else self.page.shapes).append(shape)
