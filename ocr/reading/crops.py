"""Lines cut out of a page, upright and as high as the recogniser wants them."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.reading.quads import Quad, lengths

LINE_HEIGHT = 48
_STANDING = 2.0
"""A crop this much higher than wide holds text that runs upwards or downwards; less is a single digit's box."""
MAX_WIDTH = 3200


def cut(
    pixels: NDArray[np.uint8], quad: Quad, height: int = LINE_HEIGHT, standing: float = _STANDING
) -> NDArray[np.uint8]:
    """The line inside `quad` as (height, w, 3) RGB. Text `standing` times as high as wide is turned to lie."""
    natural = _cut_natural(pixels, quad)
    if natural.shape[0] >= natural.shape[1] * standing:
        natural = np.ascontiguousarray(np.rot90(natural))
    width = int(np.clip(round(natural.shape[1] * height / natural.shape[0]), 8, MAX_WIDTH))
    smaller = natural.shape[0] > height
    filtering = cv2.INTER_AREA if smaller else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(natural, (width, height), interpolation=filtering), np.uint8)


def stands(quad: Quad, standing: float = _STANDING) -> bool:
    """Whether `cut` turns this line."""
    width, height = _size(quad)
    return height >= width * standing


def _size(quad: Quad) -> tuple[int, int]:
    width, height = lengths(quad)
    return max(1, round(width)), max(1, round(height))


def _cut_natural(pixels: NDArray[np.uint8], quad: Quad) -> NDArray[np.uint8]:
    """The crop at the page's own resolution."""
    width, height = _size(quad)
    target = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    matrix = cv2.getPerspectiveTransform(quad.astype(np.float32), target)
    made = cv2.warpPerspective(pixels, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(made, np.uint8)
