"""Address blocks: lines set under each other with one edge in common."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ocr.fields.names import has_korean_address, has_zip, is_address_line, is_contact_line
from ocr.fields.sheet import Segment, SheetPage

LINE_GAP = 1.35
"""Space between two lines of one block, at most, in text heights."""


@dataclass(frozen=True, slots=True)
class Block:
    segments: tuple[Segment, ...]

    @property
    def texts(self) -> tuple[str, ...]:
        return tuple(segment.text for segment in self.segments)

    @property
    def top(self) -> float:
        return self.segments[0].y0

    @property
    def is_address(self) -> bool:
        """Two lines at least, one of them a town with its code, or a street."""
        return (2 <= len(self.segments) <= 14 and any(has_zip(t) or has_korean_address(t) for t in self.texts)) or sum(
            map(is_address_line, self.texts)
        ) >= 2

    @property
    def has_contact(self) -> bool:
        return any(map(is_contact_line, self.texts))


def blocks_of(page: SheetPage) -> list[Block]:
    """All blocks of a page, from the top down."""
    done: set[int] = set()
    blocks = []
    for segment in page.segments:
        if id(segment) in done:
            continue
        chain = [segment]
        while (following := _next_line(page, chain[-1], done)) is not None:
            chain.append(following)
            done.add(id(following))
        blocks.append(Block(tuple(chain)))
    return blocks


def _next_line(page: SheetPage, segment: Segment, done: set[int]) -> Segment | None:
    for row in page.rows[segment.row + 1 : segment.row + 4]:
        for other in row:
            if id(other) not in done and _follows(segment, other, page.unit):
                return other
    return None


def _follows(upper: Segment, lower: Segment, unit: float) -> bool:
    gap = lower.y0 - upper.y1
    room = LINE_GAP * max(unit, upper.height, lower.height)
    if not -0.5 * unit <= gap <= room or lower.mid <= upper.mid:
        return False
    if max(upper.height, lower.height) > 2.2 * min(upper.height, lower.height):
        return False
    return aligned(upper, lower, unit)


def aligned(a: Segment, b: Segment, unit: float) -> bool:
    """Left edges, right edges or middles agree."""
    middles = abs((a.x0 + a.x1) - (b.x0 + b.x1)) / 2
    return min(abs(a.x0 - b.x0), abs(a.x1 - b.x1), middles) <= 0.9 * unit


def neighbours(page: SheetPage, segment: Segment, reach: float) -> Sequence[Segment]:
    """Segments that stand within `reach` text heights around a segment, itself left out."""
    far = reach * page.unit
    return [
        other
        for other in page.segments
        if other is not segment
        and other.y0 - segment.y1 <= far
        and segment.y0 - other.y1 <= far
        and other.x0 - segment.x1 <= far
        and segment.x0 - other.x1 <= far
    ]
