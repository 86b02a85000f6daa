"""One page, as opened: its trusted text layer, or a picture to be read, or both."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ocr.values import PageText, Rung


@dataclass(frozen=True, slots=True)
class Picture:
    """A page to be read by OCR. `pixels` is (height, width, 3), RGB, 8 bits; `number` counts from 1."""

    number: int
    pixels: NDArray[np.uint8]

    @property
    def width(self) -> int:
        return int(self.pixels.shape[1])

    @property
    def height(self) -> int:
        return int(self.pixels.shape[0])


@dataclass(frozen=True, slots=True)
class Page:
    """`rung` says what has to be read: `text` (the layer suffices), `ocr` (only the picture counts), `mixed`
    (the layer, and what `draw()` shows: the page with the layer's words painted over)."""

    number: int
    rung: Rung
    text: PageText | None
    draw: Callable[[], Picture]
