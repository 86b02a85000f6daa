"""Engines as points: processor seconds a page across, word F1 upwards; an SVG without a plotting library."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

_WIDTH, _HEIGHT, _MARGIN = 640, 420, 60


class Point(NamedTuple):
    """`cpu` seconds a page, `f1` in percent."""

    name: str
    cpu: float
    f1: float


def write_plot(points: Sequence[Point], title: str, target: Path) -> None:
    """Writes the picture. Axes: from 0 seconds; from the multiple of 5 below the lowest F1 to 100."""
    right = max(point.cpu for point in points) * 1.25
    low = min(95.0, min(point.f1 for point in points) // 5 * 5)
    body = [*_axes(right, low, title), *(mark for point in points for mark in _point(point, right, low))]
    size = f'width="{_WIDTH}" height="{_HEIGHT}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif">'
    target.write_text(
        "\n".join([head, '<rect width="100%" height="100%" fill="white"/>', *body, "</svg>"]), "utf-8"
    )


def _place(cpu: float, f1: float, right: float, low: float) -> tuple[float, float]:
    x = _MARGIN + cpu / right * (_WIDTH - 2 * _MARGIN)
    y = _HEIGHT - _MARGIN - (f1 - low) / (100 - low) * (_HEIGHT - 2 * _MARGIN)
    return round(x, 1), round(y, 1)


def _point(point: Point, right: float, low: float) -> list[str]:
    x, y = _place(point.cpu, point.f1, right, low)
    label = f"{point.name} ({point.cpu:.2f} s, {point.f1:.1f})"
    return [
        f'<circle cx="{x}" cy="{y}" r="6" fill="#1f77b4"/>',
        f'<text x="{x + 9}" y="{y - 7}" font-size="12">{label}</text>',
    ]


def _axes(right: float, low: float, title: str) -> list[str]:
    (x0, y0), (x1, y1) = _place(0, low, right, low), _place(right, 100, right, low)
    made = [
        f'<text x="{_MARGIN}" y="28" font-size="15">{title}</text>',
        f'<path d="M{x0} {y1} V{y0} H{x1}" stroke="black" fill="none"/>',
        f'<text x="{x1 - 150}" y="{y0 + 40}" font-size="12">processor seconds a page</text>',
        f'<text x="14" y="{y1 - 12}" font-size="12">word F1</text>',
    ]
    for step in range(5):
        seconds, f1 = right * step / 4, low + (100 - low) * step / 4
        x, y = _place(seconds, f1, right, low)
        made.append(f'<text x="{x - 12}" y="{y0 + 18}" font-size="11">{seconds:.2f}</text>')
        made.append(f'<text x="{x0 - 36}" y="{y + 4}" font-size="11">{f1:.1f}</text>')
    return made
