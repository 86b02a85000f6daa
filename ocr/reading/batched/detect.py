"""Text detection: from a page to the quadrilaterals of its lines.

The network is a differentiable binarisation head (DB: Liao et al. 2020, «Real-time Scene Text Detection with
Differentiable Binarization»): a map of text probability, shrunk per line; lines are its connected regions,
grown back by `area · ratio / perimeter`.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.reading.batched.graph import Graph, Tensor
from ocr.reading.quads import Quad, lengths, upright

_MEAN = np.array([0.485, 0.456, 0.406], np.float32)
_STD = np.array([0.229, 0.224, 0.225], np.float32)
_STRIDE = 32
_FAINT = 24
"""Grey levels between paper and ink below which nobody reads anything."""
_OVERLAP = 96
"""Rows, as the network sees them, that a strip sees beyond its edges: the line that crosses an edge is whole in
one of the two."""


@dataclass(frozen=True, slots=True)
class DetectOptions:
    """`side` is the longest side the network sees first; a page whose lines come out lower than `fine_height`
    pixels there is looked at again, larger, up to `max_side`; where they are still lower, at any size, in
    strips. The network sees at most `canvas` pixels at once, a larger page in strips: OpenVINO keeps some 160 bytes
    for each (810 MB for one look at side 2560). The thresholds are PP-OCRv6's own."""

    side: int = 1280
    max_side: int = 2560
    canvas: int = 1_500_000
    fine_height: float = 11.0
    threshold: float = 0.2
    box_threshold: float = 0.45
    unclip: float = 1.4
    min_size: float = 3.0


class Detector:
    """Finds lines. One page at a time: pages differ in size and the network's work grows with the pixels."""

    def __init__(self, graph: Graph, options: DetectOptions | None = None) -> None:
        self.graph = graph
        self.options = options or DetectOptions()

    def quads(self, pixels: NDArray[np.uint8]) -> list[Quad]:
        """The lines of an RGB page, in pixels of the page."""
        longest = max(pixels.shape[:2])
        side: float = min(self.options.side, longest)
        quads = self._look(pixels, side)
        if not quads and _plain(pixels):
            return []
        larger = self._finer_side(quads, side / longest, longest, self.options.max_side)
        if larger > side * 1.2:
            side, quads = larger, self._look(pixels, larger)
        larger = self._finer_side(quads, side / longest, longest, longest)
        return self._look(pixels, larger) if larger > max(side * 1.2, self.options.max_side) else quads

    def _finer_side(self, quads: list[Quad], scale: float, longest: int, most: int) -> float:
        """The side, up to `most`, at which the page's low lines reach `fine_height`."""
        if not quads:
            return min(most, longest)
        low = float(np.percentile([min(lengths(quad)) for quad in quads], 25)) * scale
        return min(most, longest, scale * longest * self.options.fine_height / max(low, 1.0))

    def _look(self, pixels: NDArray[np.uint8], side: float) -> list[Quad]:
        """The lines found at `side`: in strips over the whole width where the page exceeds the canvas, so that
        memory stays bounded and no line is cut along its length."""
        scale = side / max(pixels.shape[:2])
        count = self._strips(*(length * scale for length in pixels.shape[:2]))
        if count == 1:
            return self._at(pixels, scale)
        edges = np.linspace(0, pixels.shape[0], count + 1).round().astype(int)
        overlap = round(_OVERLAP / scale)
        return [quad for edge in itertools.pairwise(edges) for quad in self._strip(pixels, *edge, overlap, scale)]

    def _strips(self, height: float, width: float) -> int:
        """Into how many strips a page of that size, as the network sees it, is cut: each with its overlaps on the
        canvas, and higher than they are."""
        if height * width <= self.options.canvas:
            return 1
        rows = max(self.options.canvas / width - 2 * _OVERLAP, 2 * _OVERLAP)
        return max(1, math.ceil(height / rows))

    def _strip(self, pixels: NDArray[np.uint8], top: int, bottom: int, overlap: int, scale: float) -> list[Quad]:
        """A line belongs to the strip that holds its middle."""
        first = max(0, top - overlap)
        quads = self._at(pixels[first : bottom + overlap], scale)
        moved = [quad + np.array([0, first], np.float32) for quad in quads]
        return [quad for quad in moved if top <= float(quad[:, 1].mean()) < bottom]

    def _at(self, pixels: NDArray[np.uint8], scale: float) -> list[Quad]:
        height, width = pixels.shape[:2]
        small = _resized(pixels, scale)
        chances = self.graph(_tensor(small))[0, 0]
        factors = np.array([width / chances.shape[1], height / chances.shape[0]], np.float32)
        return [quad * factors for quad in self._boxes(chances)]

    def _boxes(self, chances: Tensor) -> list[Quad]:
        mask = (chances > self.options.threshold).astype(np.uint8)
        contours, _ = cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
        boxes = (self._box(chances, np.asarray(contour, np.int32)) for contour in contours)
        return [box for box in boxes if box is not None]

    def _box(self, chances: Tensor, contour: NDArray[np.int32]) -> Quad | None:
        (cx, cy), (w, h), angle = cv2.minAreaRect(contour)
        if min(w, h) < self.options.min_size:
            return None
        core = _corners(cx, cy, w, h, angle)
        if _mean_inside(chances, core) < self.options.box_threshold:
            return None
        grow = 2 * w * h * self.options.unclip / (2 * (w + h))
        return upright(_corners(cx, cy, w + grow, h + grow, angle))


def _plain(pixels: NDArray[np.uint8]) -> bool:
    """Whether there is nothing at all on the paper: looking closer is for small print."""
    return int(pixels.max()) - int(pixels.min()) < _FAINT


def network_input(pixels: NDArray[np.uint8], side: float) -> Tensor:
    """A page as the network sees it at that longest side."""
    return _tensor(_resized(pixels, side / max(pixels.shape[:2])))


def _corners(cx: float, cy: float, width: float, height: float, angle: float) -> NDArray[np.float32]:
    return np.asarray(cv2.boxPoints(((cx, cy), (width, height), angle)), np.float32)


def _resized(pixels: NDArray[np.uint8], scale: float) -> NDArray[np.uint8]:
    height, width = pixels.shape[:2]
    size = tuple(max(_STRIDE, round(side * scale / _STRIDE) * _STRIDE) for side in (width, height))
    if size == (width, height):
        return pixels
    filtering = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(pixels, size, interpolation=filtering), np.uint8)


def _tensor(pixels: NDArray[np.uint8]) -> Tensor:
    """(1, 3, h, w): BGR, ImageNet mean and deviation in that order, as the network was trained."""
    values = np.ascontiguousarray(pixels[:, :, ::-1].transpose(2, 0, 1), dtype=np.float32)
    values *= (1 / 255 / _STD)[:, None, None]
    values -= (_MEAN / _STD)[:, None, None]
    return values[None]


def _mean_inside(chances: Tensor, box: NDArray[np.float32]) -> float:
    height, width = chances.shape
    x0, y0 = np.clip(np.floor(box.min(0)).astype(int), 0, (width - 1, height - 1))
    x1, y1 = np.clip(np.ceil(box.max(0)).astype(int), 0, (width - 1, height - 1))
    mask = np.zeros((y1 - y0 + 1, x1 - x0 + 1), np.uint8)
    cv2.fillPoly(mask, [(box - (x0, y0)).astype(np.int32)], (1,))
    return float(cv2.mean(chances[y0 : y1 + 1, x0 : x1 + 1], mask)[0])
