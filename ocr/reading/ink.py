"""Which columns of a line show print, and the room between two of its characters."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Columns = NDArray[np.bool_]


def ink_columns(crop: NDArray[np.uint8], margin: int) -> Columns:
    """Which columns of a crop (grey, or RGB) show print, dark on light or light on dark. At least two pixels,
    against dust; `margin` rows at the top and bottom may show the neighbouring lines."""
    grey = (cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY) if crop.ndim == 3 else crop).astype(np.float32)
    contrast = np.abs(grey - np.median(grey))
    strong = max(18.0, 0.4 * float(np.percentile(contrast, 97)))
    columns: Columns = (contrast[margin:-margin] > strong).sum(0) >= 2
    return columns


def widest_blank(ink: Columns, start: float, end: float) -> tuple[float, float]:
    """The longest run without ink between two characters' middles; empty, half way, where they touch."""
    first, last = int(start), min(len(ink), max(int(end), int(start) + 1))
    edges = np.flatnonzero(np.diff(np.r_[True, ink[first:last], True].astype(np.int8)))
    if len(edges) < 2:
        return (start + end) / 2, (start + end) / 2
    runs = edges.reshape(-1, 2)
    best = runs[(runs[:, 1] - runs[:, 0]).argmax()]
    return float(first + best[0]), float(first + best[1])
