"""A document being written: the sheet, the style drawn for it, and helpers every block uses."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import Literal, TypeAlias

from ocr.synthetic import labels
from ocr.synthetic.deal import Deal
from ocr.synthetic.fonts import Family, families
from ocr.synthetic.formats import Format
from ocr.synthetic.scene import BLACK, Colour, Mark, Role
from ocr.synthetic.sheet import Sheet

Rules: TypeAlias = Literal["grid", "rows", "zebra", "head", "none", "frame"]
PALETTE: tuple[Colour, ...] = (
    BLACK,
    BLACK,
    (30, 60, 120),
    (140, 30, 40),
    (20, 100, 70),
    (70, 70, 70),
    (200, 90, 20),
    (90, 40, 120),
    (0, 110, 150),
)


@dataclass(frozen=True, slots=True)
class Look:
    """The style of one document."""

    family: Family
    size: float
    accent: Colour
    tint: Colour
    rules: Rules
    bold_labels: bool
    colon: str
    upper_labels: bool
    leading: float
    margin: float


def look(korean: bool, rng: Random, *, size: tuple[float, float] = (7.5, 10.5)) -> Look:
    """A random style."""
    usable = [f for f in families(korean) if f.kind != "hand"]
    accent = rng.choice(PALETTE)
    share = rng.choice((0.08, 0.12, 0.2))
    tint = tuple(round(255 - (255 - c) * share) for c in accent)
    return Look(
        family=rng.choice(usable),
        size=rng.uniform(*size),
        accent=accent,
        tint=(tint[0], tint[1], tint[2]),
        rules=rng.choice(("grid", "rows", "zebra", "head", "none", "frame", "rows")),
        bold_labels=rng.random() < 0.4,
        colon=rng.choice((":", ":", "", "", " :")),
        upper_labels=rng.random() < 0.12,
        leading=rng.uniform(1.25, 1.5),
        margin=rng.uniform(34, 60),
    )


@dataclass(slots=True)
class Draft:
    """`shows` names the optional fields this document prints."""

    sheet: Sheet
    deal: Deal
    fmt: Format
    look: Look
    rng: Random
    shows: frozenset[str]
    names: dict[str, str] = field(default_factory=dict)

    @property
    def language(self) -> str:
        return self.deal.region.language

    @property
    def left(self) -> float:
        return self.look.margin

    @property
    def right(self) -> float:
        return self.sheet.width - self.look.margin

    @property
    def bottom(self) -> float:
        return self.sheet.height - self.look.margin - 40

    @property
    def step(self) -> float:
        """The distance of two lines."""
        return self.look.size * self.look.leading

    def label(self, name: str) -> str:
        """The document's wording for a field: the same each time it is asked."""
        if name not in self.names:
            text = labels.label(name, self.language, self.rng)
            self.names[name] = text.upper() if self.look.upper_labels else text
        return self.names[name]

    def name_of(self, name: str) -> str:
        """The label with the document's colon."""
        text = self.label(name)
        return text if text.endswith((".", "#", "°")) and self.look.colon == " :" else text + self.look.colon

    def mark(
        self, role: Role, field_name: str | None, *, link: int | None = None, row: int | None = None
    ) -> Mark:
        return Mark(role, field_name, row, "value" if link else None, link)

    def pair(
        self,
        label: str,
        text: str,
        x: float,
        y: float,
        *,
        role: Role,
        field_name: str | None = None,
        value: str | None = None,
        value_x: float | None = None,
        align: Literal["l", "r"] = "l",
        bold: bool = False,
        size: float | None = None,
    ) -> float:
        """A label and its value on one line. Returns the y of the next line."""
        link = self.sheet.new_link()
        size = size or self.look.size
        heavy = bold or self.look.bold_labels
        end = self.sheet.say(label, x, y, size=size, bold=heavy, mark=Mark(role, None, None, "label", link))
        at = value_x if value_x is not None else end + size * 0.5
        needed = self.sheet.measure(text, size, bold)
        if align == "l" and at < end + size * 0.35:
            at = end + size * 0.5
        if align == "r" and at - needed < end + size * 0.3:
            at = end + size * 0.3 + needed
        self.sheet.say(
            text,
            at,
            y,
            size=size,
            bold=bold,
            align=align,
            mark=self.mark(role, field_name, link=link),
            value=value,
        )
        return y + size * self.look.leading
