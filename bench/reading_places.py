"""Character errors by place: what was read where a stretch is printed, against what is printed there.

The other error rate compares whole pages row by row, so that it also counts which of two neighbouring cells of a
form comes first. Here every word read goes to the printed stretch whose box holds its middle; where boxes overlap
(upright boxes of a tilted page do), to the one whose text resembles it most, then to the nearest. A stretch's words
stay in the order in which they were read. What lies in no stretch was invented, what no word was read of is lost;
both count in full. Spaces, case and drawn rules count nowhere, as in the other rate.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from rapidfuzz.distance import Levenshtein
from rapidfuzz.fuzz import partial_ratio

Word: TypeAlias = tuple[str, float, float]
"""A word and its middle, as fractions of the page."""
Area: TypeAlias = tuple[float, float, float, float]

_SLACK = 0.25
"""Heights of a stretch by which a word's middle may lie outside its box."""


def printed(row: Mapping[str, Any], plain: Any) -> list[tuple[str, Area]]:
    """Stretches of a row of truth, their text by `plain`, their boxes as fractions of the page; empty where the
    truth has no boxes, or several pages."""
    segments = row["segments"]
    if not all("box" in one for one in segments) or len({one.get("page", 1) for one in segments}) != 1:
        return []
    width, height = row["width"], row["height"]
    areas = [(b[0] / width, b[1] / height, b[2] / width, b[3] / height) for b in (one["box"] for one in segments)]
    made = [(plain(one["text"]).replace(" ", ""), area) for one, area in zip(segments, areas, strict=True)]
    return [(text, area) for text, area in made if text]


def edits(stretches: Sequence[tuple[str, Area]], words: Sequence[Word]) -> int:
    """Characters to change, to add and to strike out, over all stretches."""
    read = ["" for _ in stretches]
    invented = 0
    for text, x, y in words:
        at = _home(stretches, text, x, y)
        if at is None:
            invented += len(text)
        else:
            read[at] += text
    return invented + sum(Levenshtein.distance(text, have) for (text, _), have in zip(stretches, read, strict=True))


def _home(stretches: Sequence[tuple[str, Area]], text: str, x: float, y: float) -> int | None:
    """The stretch a word belongs to."""
    near = [i for i, (_, area) in enumerate(stretches) if _holds(area, x, y)]
    if len(near) < 2:
        return near[0] if near else None
    return max(near, key=lambda i: (partial_ratio(text, stretches[i][0]), -_distance(stretches[i][1], y)))


def _holds(area: Area, x: float, y: float) -> bool:
    x0, y0, x1, y1 = area
    up = _SLACK * (y1 - y0)
    return x0 - up <= x <= x1 + up and y0 - up <= y <= y1 + up


def _distance(area: Area, y: float) -> float:
    return abs(y - (area[1] + area[3]) / 2)
