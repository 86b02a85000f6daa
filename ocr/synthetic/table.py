"""Tables of line items: columns, wrapped cells, page breaks, and the ways to rule them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from ocr.synthetic.draft import Draft
from ocr.synthetic.scene import Colour, Mark
from ocr.synthetic.sheet import Align

WHITE: Colour = (255, 255, 255)


@dataclass(frozen=True, slots=True)
class Column:
    """`weight` shares out the width; `name` is the field of the cells (None: no field)."""

    title: str
    weight: float
    align: Align
    name: str | None = None
    key: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    text: str
    value: str | None = None
    below: str = ""


@dataclass(slots=True)
class Table:
    """Draws a head and rows from `y` down, and goes on on new pages."""

    draft: Draft
    columns: Sequence[Column]
    x0: float
    x1: float
    filled_head: bool = False
    pad: float = 3.0
    tall: float = 1.0
    edges: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        total = sum(c.weight for c in self.columns)
        at, self.edges = self.x0, [self.x0]
        for column in self.columns:
            at += (self.x1 - self.x0) * column.weight / total
            self.edges.append(at)

    def draw(self, rows: Sequence[Sequence[Cell]], y: float, on_break: Callable[[], float]) -> float:
        """Returns the y below the last row. `on_break` starts a page and says where to go on."""
        top = y
        y = self._head(y)
        for index, row in enumerate(rows):
            height = self._height(row)
            if y + height > self.draft.bottom:
                self._close(top, y)
                self.draft.sheet.new_page()
                top = on_break()
                y = self._head(top)
            self._row(row, index, y, height)
            y += height
        self._close(top, y)
        return y

    def _head(self, y: float) -> float:
        draft, look = self.draft, self.draft.look
        height = look.size * 1.3 + 2 * self.pad
        lines = [draft.sheet.wrap(c.title, self._room(i), bold=True) for i, c in enumerate(self.columns)]
        height += (max(len(part) for part in lines) - 1) * look.size * 1.15
        dark = self.filled_head and look.rules != "none"
        if dark or look.rules in ("zebra", "grid", "frame"):
            fill = look.accent if dark else look.tint
            draft.sheet.box(self.x0, y, self.x1, y + height, stroke=None, fill=fill)
        colour = WHITE if dark else look.accent
        for i, (column, part) in enumerate(zip(self.columns, lines, strict=True)):
            for k, text in enumerate(part):
                size = draft.sheet.fit(text, self._room(i), look.size, True)
                at = self._at(i, column.align)
                draft.sheet.say(
                    text,
                    at,
                    y + self.pad + k * look.size * 1.15,
                    size=size,
                    bold=True,
                    align=column.align,
                    mark=Mark("item_header"),
                    colour=colour,
                )
        if look.rules != "none":
            draft.sheet.rule(self.x0, y + height, self.x1, y + height, colour=look.accent, width=0.9)
        return y + height

    def _room(self, index: int) -> float:
        return self.edges[index + 1] - self.edges[index] - 2 * self.pad

    def _at(self, index: int, align: Align) -> float:
        if align == "l":
            return self.edges[index] + self.pad
        if align == "r":
            return self.edges[index + 1] - self.pad
        return (self.edges[index] + self.edges[index + 1]) / 2

    def _wrapped(self, row: Sequence[Cell]) -> list[list[str]]:
        sheet = self.draft.sheet
        return [
            sheet.wrap(cell.text, self._room(i)) if column.align == "l" else [cell.text]
            for i, (cell, column) in enumerate(zip(row, self.columns, strict=True))
        ]

    def _height(self, row: Sequence[Cell]) -> float:
        lines = max(len(part) for part in self._wrapped(row)) + any(cell.below for cell in row)
        return self.tall * (lines * self.draft.look.size * 1.2 + 2 * self.pad)

    def _row(self, row: Sequence[Cell], index: int, y: float, height: float) -> None:
        draft, look = self.draft, self.draft.look
        if look.rules == "zebra" and index % 2:
            draft.sheet.box(self.x0, y, self.x1, y + height, stroke=None, fill=look.tint)
        for i, (cell, column, part) in enumerate(zip(row, self.columns, self._wrapped(row), strict=True)):
            self._cell(cell, column, part, i, index, y)
        if look.rules in ("grid", "rows"):
            colour = look.accent if look.rules == "grid" else (180, 180, 180)
            draft.sheet.rule(self.x0, y + height, self.x1, y + height, colour=colour, width=0.4)

    def _cell(self, cell: Cell, column: Column, part: list[str], i: int, index: int, y: float) -> None:
        sheet, look = self.draft.sheet, self.draft.look
        mark = Mark("item", column.name, index)
        for k, text in enumerate(part):
            size = sheet.fit(text, self._room(i), look.size)
            sheet.say(
                text,
                self._at(i, column.align),
                y + self.pad + k * look.size * 1.2,
                size=size,
                align=column.align,
                mark=mark,
                value=cell.value if k == 0 else None,
            )
        if cell.below:
            size = sheet.fit(cell.below, self._room(i), look.size * 0.85)
            sheet.say(
                cell.below,
                self._at(i, column.align),
                y + self.pad + len(part) * look.size * 1.2,
                size=size,
                align=column.align,
                mark=Mark("item", None, index),
                colour=(90, 90, 90),
            )

    def _close(self, top: float, y: float) -> None:
        draft, look = self.draft, self.draft.look
        if look.rules == "grid":
            for edge in self.edges:
                draft.sheet.rule(edge, top, edge, y, width=0.4, colour=look.accent)
            draft.sheet.rule(self.x0, top, self.x1, top, width=0.4, colour=look.accent)
        elif look.rules == "frame":
            draft.sheet.box(self.x0, top, self.x1, y, width=0.7, stroke=look.accent)
        elif look.rules in ("head", "zebra"):
            draft.sheet.rule(self.x0, y, self.x1, y, width=0.7, colour=look.accent)
