"""Faxes: pages of black and white alone, whose grey print has become dots. Softened a little, dots grow together
into letters again: the detector finds them, and fewer are misread."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from ocr.pages.page import Picture

_GREY = 0.002
"""Share of grey pixels that drawn print always exceeds, its edges being smooth."""
_INK = 0.004
SIGMA = 0.8
DETECTION_SIGMA = 1.4
"""Pixels. The detector wants its dots softer than the recogniser: of 474 words on four generated faxes it missed 8 at
0.8, 2 at 1.4, 63 at 2.0."""


def softened(picture: Picture, sigma: float = SIGMA) -> Picture:
    """The page, softened by `sigma` pixels where it is a fax."""
    sample = picture.pixels[::2, ::2, 1]
    dark, light = float((sample < 8).mean()), float((sample > 247).mean())
    if dark < _INK or 1 - dark - light > _GREY:
        return picture
    return replace(picture, pixels=np.asarray(cv2.GaussianBlur(picture.pixels, (0, 0), sigma), np.uint8))
