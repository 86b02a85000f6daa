"""Which columns of a line show print, and the room between two of its characters."""

from __future__ import annotations

import itertools
from bisect import bisect_left, bisect_right
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

Columns = NDArray[np.bool_]


def level(grey: NDArray[np.uint8], share: float) -> int:
    """The grey level that `share` of the pixels do not exceed: a percentile, counted (a tenth of sorting's time)."""
    counts = np.bincount(grey.ravel(), minlength=256).cumsum()
    return int(np.searchsorted(counts, share * counts[-1]))


def ink_columns(crop: NDArray[np.uint8], margin: int) -> Columns:
    """Which columns of a crop (grey, or RGB) show print, dark on light or light on dark. At least two pixels,
    against dust; `margin` rows at the top and bottom may show the neighbouring lines."""
    grey = np.asarray(cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY) if crop.ndim == 3 else crop, np.uint8)
    contrast = np.asarray(cv2.absdiff(grey, np.full_like(grey, level(grey, 0.5))), np.uint8)
    strong = max(18.0, 0.4 * level(contrast, 0.97))
    columns: Columns = (contrast[margin:-margin] > strong).sum(0) >= 2
    return columns


def widest_blank(ink: Columns, start: float, end: float) -> tuple[float, float]:
    """The longest run without ink between two characters' middles; empty, half way, where they touch."""
    return widest_blanks(ink, (start, end))[0]


def widest_blanks(ink: Columns, middles: Sequence[float]) -> list[tuple[float, float]]:
    """The same between each two neighbours of a line."""
    edges = np.flatnonzero(np.diff(np.r_[True, ink, True].astype(np.int8))).reshape(-1, 2)
    starts, ends = edges[:, 0].tolist(), edges[:, 1].tolist()
    pairs = itertools.pairwise(middles)
    return [_widest(starts, ends, len(ink), a, b) or ((a + b) / 2, (a + b) / 2) for a, b in pairs]


def _widest(starts: list[int], ends: list[int], width: int, start: float, end: float) -> tuple[float, float] | None:
    first, last = int(start), min(width, max(int(end), int(start) + 1))
    nearest, behind = bisect_right(ends, first), bisect_left(starts, last)
    runs = zip(starts[nearest:behind], ends[nearest:behind], strict=True)
    within = ((float(max(a, first)), float(min(b, last))) for a, b in runs)
    return max(within, key=lambda run: run[1] - run[0], default=None)
