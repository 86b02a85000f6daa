"""Quadrilaterals of lines: (4, 2) float32 pixels, clockwise from the top left corner of the text."""

from __future__ import annotations

from collections.abc import Sequence
from math import dist
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Quad: TypeAlias = NDArray[np.float32]


def upright(corners: NDArray[np.float32]) -> Quad:
    """The four corners of a rectangle, clockwise from the top left; the text runs along its more level
    sides."""
    by_x = corners[np.argsort(corners[:, 0], kind="stable")]
    left, right = by_x[:2], by_x[2:]
    left = left[np.argsort(left[:, 1])]
    right = right[np.argsort(right[:, 1])]
    return np.array([left[0], right[0], right[1], left[1]], np.float32)


def lengths(quad: Quad) -> tuple[float, float]:
    """(width along the text, height across it) in pixels."""
    a, b, c, d = quad.tolist()
    return max(dist(a, b), dist(c, d)), max(dist(a, d), dist(b, c))


def slope_of(quads: Sequence[Quad]) -> float:
    """The common tilt of the lines, pixels down per pixel right; long lines count. 0 without long lines."""
    runs = [quad[1] - quad[0] + quad[2] - quad[3] for quad in quads if lengths(quad)[0] > 4 * lengths(quad)[1]]
    slopes = [float(run[1] / run[0]) for run in runs if run[0] > 0]
    return float(np.median(slopes)) if len(slopes) >= 3 else 0.0
