"""Reading order: lines that stand at one height form a row, rows run top down, in a row from left to
right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from ocr.values import Box, Line

_T = TypeVar("_T", bound=Line)


def rows_of(lines: Sequence[_T], slope: float = 0.0) -> list[list[_T]]:
    """Rows of lines. `slope` is the tilt of the text as a fraction of page height per page width, so that a
    receipt photographed askew still falls into rows."""
    rows: list[tuple[Box, list[_T]]] = []
    for line in sorted(lines, key=lambda item: _level(item.box, slope).center[1]):
        box = _level(line.box, slope)
        at = next(
            (i for i in range(len(rows) - 1, max(-1, len(rows) - 6), -1) if _beside(rows[i][0], box)), None
        )
        if at is None:
            rows.append((box, [line]))
        else:
            rows[at] = (_mean(rows[at][0], box, len(rows[at][1])), [*rows[at][1], line])
    return [sorted(members, key=lambda item: item.box.x0) for _, members in rows]


def ordered(lines: Sequence[_T], slope: float = 0.0) -> tuple[_T, ...]:
    """`lines` in reading order."""
    return tuple(line for row in rows_of(lines, slope) for line in row)


def _level(box: Box, slope: float) -> Box:
    shift = slope * (box.center[0] - 0.5)
    return replace(box, y0=box.y0 - shift, y1=box.y1 - shift)


def _mean(row: Box, box: Box, count: int) -> Box:
    """The row's height band follows its members' mean, so that one tall member does not swallow the next
    row."""
    share = 1 / (count + 1)
    return replace(
        row,
        x0=min(row.x0, box.x0),
        x1=max(row.x1, box.x1),
        y0=row.y0 + (box.y0 - row.y0) * share,
        y1=row.y1 + (box.y1 - row.y1) * share,
    )


def _beside(row: Box, box: Box) -> bool:
    overlap = min(row.y1, box.y1) - max(row.y0, box.y0)
    return overlap > 0.5 * min(row.height, box.height)
