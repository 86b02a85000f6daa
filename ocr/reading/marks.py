"""Stamps and signatures: found by their ink, marked, and never made into characters by guessing.

A stamp is a small ring (round or square) with one hole that holds something: of coloured ink, or of any ink
where it is not long; a signature is a long thin stroke that is no rule. What a stamp says is
kept only where the reader is sure of it. Handwriting that is written like print, letter by letter, is read
like print.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.pages.page import Picture
from ocr.reading.lines import FoundMark, ReadLine

Rectangle: TypeAlias = tuple[int, int, int, int]
Mask: TypeAlias = NDArray[np.uint8]

_SIDE = 1200
"""Longest side that is looked at: 100 dpi of A4, where a stamp's ring is 1 to 2 pixels thick."""
_RED, _BLUE = 55, 30
_DARK = 55
"""Grey levels below the paper from which a pixel is ink."""
_RING_SIDES, _WIDEST = (0.028, 0.25), 0.4
_SMALLEST = 24
_SOMETHING = 0.015
"""Share of ink inside a ring: grey letters of a seal are faint."""
_GREY_RINGS, _SQUARE = 0.03, 6.0
"""A ring that is not coloured must be larger, and its sides not too unlike: a letter O is smaller, a box of a
form is longer."""
_ROOM = 0.5
"""Share of a ring's rectangle that is one hole; its next hole (a table has many) stays below a fifth."""
_STROKE_SIDES = (0.04, 0.4)
_STROKE_HEIGHTS = (0.006, 0.12)
_THIN = 0.4
_STRAIGHT = 0.5
"""Share of a stroke's width in one row, or height in one column: then it is a rule."""
_RULE = 25
"""Pixels without a bend that a pen does not draw at this scale."""
_NEAR = 0.02
_LINES_OF_A_STAMP = 4
_SURE = 0.8
_BELIEVED = 0.7
"""Signatures of made pages were read as letters with scores of 0.2 to 0.63."""
_TORN = 9
"""Pixels by which print can part a coloured ring that it crosses."""
_GONE_ROUND = 0.75
"""Share of a torn ring's way round that must show its ink."""


def marks_of(picture: Picture, lines: Sequence[ReadLine]) -> tuple[list[ReadLine], list[FoundMark]]:
    """`lines` with their kinds (without the text of those that are not sure), and the marks of the page."""
    scale = min(1.0, _SIDE / max(picture.width, picture.height))
    pixels = _small(picture.pixels, scale)
    dark = _dark(pixels)
    rings = [box for ink in _coloured(pixels) for box in _rings(ink)]
    rings += [box for ink in _coloured(pixels) for box in _torn_rings(ink) if not _overlaps(box, rings)]
    rings += [box for box in _rings(_closed(dark)) if _is_grey_stamp(box, dark) and not _overlaps(box, rings)]
    rings = [box for box in rings if _few_lines(box, lines, scale)]
    strokes = _merged(_strokes(_without_lines(dark, lines, scale)), pixels.shape[1])
    strokes = [box for box in strokes if not _overlaps(box, rings)]
    marks = [FoundMark("stamp", _scaled(box, 1 / scale)) for box in rings]
    marks += [FoundMark("handwriting", _scaled(box, 1 / scale)) for box in strokes]
    return [_kinded(line, marks) for line in lines], marks


def _few_lines(box: Rectangle, lines: Sequence[ReadLine], scale: float) -> bool:
    """A frame around many lines is a box of the form."""
    middles = [line.quad.mean(0) * scale for line in lines if line.spans]
    return sum(_holds(box, float(x), float(y)) for x, y in middles) <= _LINES_OF_A_STAMP


def _kinded(line: ReadLine, marks: Sequence[FoundMark]) -> ReadLine:
    x, y = (float(value) for value in line.quad.mean(0))
    inside = next((mark.kind for mark in marks if _holds(mark.box, x, y)), None)
    if inside is None or _reaches_out(line, next(m.box for m in marks if _holds(m.box, x, y))):
        return line
    return replace(line, kind=inside, spans=line.spans if line.score >= _SURE else ())


def _reaches_out(line: ReadLine, box: Rectangle) -> bool:
    """A printed line that a stamp only lies on."""
    x0, x1 = float(line.quad[:, 0].min()), float(line.quad[:, 0].max())
    return (x1 - x0) > 1.3 * (box[2] - box[0])


def _overlaps(box: Rectangle, others: Sequence[Rectangle]) -> bool:
    return any(box[0] < other[2] and other[0] < box[2] and box[1] < other[3] and other[1] < box[3] for other in others)


def _is_grey_stamp(box: Rectangle, ink: Mask) -> bool:
    """Large enough, not long, and something inside: an empty square is a box to tick."""
    x0, y0, x1, y1 = box
    width, height = x1 - x0, y1 - y0
    small = min(width, height) < _GREY_RINGS * ink.shape[1]
    if small or width > _RING_SIDES[1] * ink.shape[1] or max(width, height) > _SQUARE * min(width, height):
        return False
    inner = ink[y0 + height // 6 : y1 - height // 6, x0 + width // 6 : x1 - width // 6]
    return bool(_SOMETHING < inner.mean() < 0.6)


def _holds(box: Rectangle, x: float, y: float) -> bool:
    return box[0] <= x <= box[2] and box[1] <= y <= box[3]


def _small(pixels: NDArray[np.uint8], scale: float) -> NDArray[np.uint8]:
    if scale == 1.0:
        return pixels
    return np.asarray(cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)


def _scaled(box: Rectangle, factor: float) -> Rectangle:
    x0, y0, x1, y1 = (round(value * factor) for value in box)
    return x0, y0, x1, y1


def _coloured(pixels: NDArray[np.uint8]) -> Iterator[Mask]:
    """Where the page shows red ink, and where blue; small breaks closed."""
    red, green, blue = (pixels[:, :, i].astype(np.int16) for i in range(3))
    for ink in (np.minimum(red - blue, red - green) > _RED, blue - red > _RED):
        yield _closed(ink.astype(np.uint8))


def _closed(ink: Mask) -> Mask:
    return np.asarray(cv2.morphologyEx(ink, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8)), np.uint8)


def _rings(ink: Mask) -> Iterator[Rectangle]:
    """Rectangles of rings: an outline of a stamp's size with one large hole."""
    contours, tree = cv2.findContours(ink, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    holes: dict[int, list[int]] = {}
    for index, contour in enumerate(contours):
        outer = int(tree[0][index][3])
        if outer >= 0:
            holes.setdefault(outer, []).append(_area(contour))
    for outer, areas in holes.items():
        x, y, width, height = cv2.boundingRect(contours[outer])
        first, second = sorted([*areas, 0, 0])[:-3:-1]
        if first >= _ROOM * width * height > 5 * second and _stamp_sized(width, height, ink.shape[1]):
            yield x, y, x + width, y + height


def _torn_rings(ink: Mask) -> Iterator[Rectangle]:
    """Rectangles of round coloured rings that print crosses, so that they have no hole of their own."""
    whole = cv2.morphologyEx(ink, cv2.MORPH_CLOSE, np.ones((_TORN, _TORN), np.uint8))
    for contour in cv2.findContours(whole, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)[0]:
        x, y, width, height = cv2.boundingRect(contour)
        even = 0.7 * width < height < 1.4 * width
        if even and _stamp_sized(width, height, ink.shape[1]) and _goes_round(ink[y : y + height, x : x + width]):
            yield x, y, x + width, y + height


def _goes_round(ink: Mask) -> bool:
    """Whether ink follows the ellipse in the rectangle in a thin line, and something lies inside."""
    height, width = ink.shape
    thick = np.asarray(cv2.dilate(ink, np.ones((3, 3), np.uint8)), bool)
    followed, deeper = (float(thick[_ellipse(ink.shape, share) > 0].mean()) for share in (1.0, 0.8))
    inner = ink[height // 4 : height - height // 4, width // 4 : width - width // 4]
    return followed >= _GONE_ROUND > 1.3 * deeper and _SOMETHING < float(inner.mean()) < 0.6


def _ellipse(shape: tuple[int, ...], share: float) -> Mask:
    """The line of an ellipse in the middle of the rectangle, `share` of its size."""
    height, width = shape
    drawn: Mask = np.zeros((height, width), np.uint8)
    middle = ((width - 1) / 2, (height - 1) / 2)
    cv2.ellipse(drawn, (middle, (share * (width - 2), share * (height - 2)), 0.0), (1,))
    return drawn


def _area(contour: object) -> int:
    _, _, width, height = cv2.boundingRect(np.asarray(contour))
    return int(width * height)


def _stamp_sized(width: int, height: int, page: int) -> bool:
    low, high = (share * page for share in _RING_SIDES)
    low = max(low, _SMALLEST)
    return low <= min(width, height) and height <= high and width <= min(8 * height, _WIDEST * page)


def _dark(pixels: NDArray[np.uint8]) -> Mask:
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY).astype(np.int16)
    return (grey < np.median(grey) - _DARK).astype(np.uint8)


def _without_lines(ink: Mask, lines: Sequence[ReadLine], scale: float) -> Mask:
    """The ink that no line holds whose reading can be believed: a signature may be read as an unsure letter."""
    rest = ink.copy()
    for line in lines:
        if line.spans and line.score >= _BELIEVED:
            cv2.fillPoly(rest, [np.round(line.quad * scale).astype(np.int32)], (0,))
    return rest


def _without_rules(ink: Mask) -> Mask:
    """Without straight runs, level or upright; a tilted rule is made of such runs too."""
    rules = np.zeros_like(ink)
    for size in ((_RULE, 1), (1, _RULE)):
        kernel = cv2.getStructuringElement(cv2.MORPH_RECT, size)
        rules |= np.asarray(cv2.morphologyEx(ink, cv2.MORPH_OPEN, kernel), np.uint8)
    thick = np.asarray(cv2.dilate(rules, np.ones((3, 3), np.uint8)), np.uint8)
    return np.asarray(ink & (1 - thick), np.uint8)


def _strokes(ink: Mask) -> Iterator[Rectangle]:
    """Rectangles of pen strokes among what is left of the page."""
    height, width = ink.shape
    left = cv2.morphologyEx(_without_rules(ink), cv2.MORPH_CLOSE, np.ones((5, 11), np.uint8))
    count, places, stats, _ = cv2.connectedComponentsWithStats(left, connectivity=8)
    for index in range(1, count):
        x, y, w, h, area = (int(value) for value in stats[index])
        sized = _STROKE_SIDES[0] * width <= w <= _STROKE_SIDES[1] * width
        tall = _STROKE_HEIGHTS[0] * height <= h <= _STROKE_HEIGHTS[1] * height
        if sized and tall and area < _THIN * w * h and not _ruled(places[y : y + h, x : x + w] == index):
            yield x, y, x + w, y + h


def _merged(boxes: Iterable[Rectangle], width: int) -> list[Rectangle]:
    """Pieces of one signature as one."""
    reach = max(2, round(_NEAR * width))
    made: list[Rectangle] = []
    for box in sorted(boxes):
        x0, y0, x1, y1 = made[-1] if made else (0, 0, 0, 0)
        if made and box[0] <= x1 + reach and box[1] < y1 and y0 < box[3]:
            made[-1] = x0, min(y0, box[1]), max(x1, box[2]), max(y1, box[3])
        else:
            made.append(box)
    return made


def _ruled(stroke: NDArray[np.bool_]) -> bool:
    height, width = stroke.shape
    return bool(stroke.sum(1).max() > _STRAIGHT * width or stroke.sum(0).max() > 0.85 * height)
