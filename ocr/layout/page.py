"""A page as the model sees it: words in visual order, in stretches without a wide gap. Pure geometry."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from ocr.values import PageText

WIDE = 1.3
"""A gap wider than this many text heights parts two stretches."""


@dataclass(frozen=True, slots=True)
class Token:
    """A word with its box in one isotropic unit (pixels or points). `key` finds what it was made from."""

    text: str
    x0: float
    y0: float
    x1: float
    y1: float
    key: int

    @property
    def height(self) -> float:
        return self.y1 - self.y0

    @property
    def middle(self) -> float:
        return (self.y0 + self.y1) / 2


Stretch = list[Token]


@dataclass(frozen=True, slots=True)
class PageView:
    """`stretches` by rows from the top, in a row from the left; `rows[i]` numbers the row of stretch i."""

    stretches: tuple[tuple[Token, ...], ...]
    rows: tuple[int, ...]
    height: float

    @property
    def tokens(self) -> tuple[Token, ...]:
        return tuple(token for stretch in self.stretches for token in stretch)


def view_of_text(page: PageText) -> PageView:
    """The view of a page that was read. `Token.key` counts the page's words in their given order."""
    lines, key = [], 0
    for line in page.lines:
        tokens = []
        for word in line.words:
            b = word.box
            tokens.append(
                Token(
                    word.text,
                    b.x0 * page.width,
                    b.y0 * page.height,
                    b.x1 * page.width,
                    b.y1 * page.height,
                    key,
                )
            )
            key += 1
        lines.append(tokens)
    return arrange(lines)


def arrange(lines: Iterable[Sequence[Token]]) -> PageView:
    """Order lines as they stand: split at wide gaps, group into rows, join what is close."""
    parts = [part for line in lines for part in _split([t for t in line if t.text.strip()])]
    if not parts:
        return PageView((), (), 1.0)
    height = max(1e-6, median(t.height for part in parts for t in part))
    stretches, rows = [], []
    for number, row in enumerate(_rows(parts)):
        for stretch in _joined(row):
            stretches.append(tuple(stretch))
            rows.append(number)
    return PageView(tuple(stretches), tuple(rows), height)


def _split(line: Sequence[Token]) -> list[Stretch]:
    parts: list[Stretch] = []
    for token in line:
        last = parts[-1][-1] if parts else None
        if last is not None and -0.5 < (token.x0 - last.x1) / max(token.height, last.height, 1e-6) < WIDE:
            parts[-1].append(token)
        else:
            parts.append([token])
    return parts


def _rows(parts: list[Stretch]) -> list[list[Stretch]]:
    """Stretches whose middles lie within half a height of their neighbour's stand in one row."""
    rows: list[list[Stretch]] = []
    for part in sorted(parts, key=lambda p: sum(t.middle for t in p) / len(p)):
        near = next((row for row in reversed(rows[-3:]) if _same_row(row, part)), None)
        if near is None:
            rows.append([part])
        else:
            near.append(part)
    return [sorted(row, key=lambda p: p[0].x0) for row in rows]


def _same_row(row: list[Stretch], part: Stretch) -> bool:
    neighbour = min(row, key=lambda p: min(abs(p[0].x0 - part[-1].x1), abs(p[-1].x1 - part[0].x0)))
    a, b = (neighbour[-1], part[0]) if neighbour[0].x0 < part[0].x0 else (neighbour[0], part[-1])
    crossing = min(neighbour[-1].x1, part[-1].x1) - max(neighbour[0].x0, part[0].x0)
    return abs(a.middle - b.middle) < 0.5 * min(a.height, b.height) and crossing < 0.5 * a.height


def _joined(row: list[Stretch]) -> list[Stretch]:
    joined: list[Stretch] = []
    for part in row:
        last = joined[-1][-1] if joined else None
        if last is not None and (part[0].x0 - last.x1) / max(last.height, part[0].height, 1e-6) < WIDE * 0.6:
            joined[-1].extend(part)
        else:
            joined.append(list(part))
    return joined
