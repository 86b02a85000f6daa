"""The third rung: a picture of the target. The best match counts, and only with a margin to the second
best."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bots.desktop.geometry import Box
from bots.desktop.screen import Pixels
from flows.failures import FlowFailure

LEAST = 0.9
MARGIN = 0.05
SCALES = (1.0, 1.25, 0.8, 1.5, 0.667, 2.0, 0.5, 1.1, 0.9)
LOOKED_AT = 6
_COARSE_AREA = 600 * 400


@dataclass(frozen=True, slots=True)
class Match:
    """Where a picture was found, in pixels of what was searched. `score` is at most 1."""

    box: Box
    score: float
    scale: float = 1.0


def best(pixels: Pixels, picture: Pixels, *, least: float = LEAST, first_scale: float = 1.0) -> list[Match]:
    """The places where `picture` stands, the best first; more than one: they cannot be told apart.

    All scales are tried only when none fits at the first. Empty: nothing fits at all.
    """
    scales = sorted(SCALES, key=lambda s: abs(s - first_scale))
    scales = [first_scale, *(s for s in scales if s != first_scale)]
    for scale in scales:
        found = _at_scale(pixels, picture, scale)
        if found and found[0].score >= least:
            return [m for m in found if not clear(found[0].score, m.score)] if len(found) > 1 else found
    return []


def best_score(pixels: Pixels, picture: Pixels) -> float:
    """The highest score anywhere at scale 1: what to tell when nothing fits."""
    found = _at_scale(pixels, picture, 1.0)
    return found[0].score if found else 0.0


def clear(first: float, second: float) -> bool:
    """Whether the best stands out: by the margin, or by being several times nearer to perfect."""
    return first - second >= MARGIN or (1 - second) >= 4 * (1 - first) + 0.012


def _at_scale(pixels: Pixels, picture: Pixels, scale: float) -> list[Match]:
    import cv2

    if scale != 1.0:
        size = (max(4, round(picture.shape[1] * scale)), max(4, round(picture.shape[0] * scale)))
        picture = np.asarray(
            cv2.resize(picture, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
        )
    found = peaks(pixels, picture, 0.6, LOOKED_AT)
    judged = [Match(m.box, _judged(pixels, picture, m), scale) for m in found]
    return sorted(judged, key=lambda m: -m.score)


def _judged(pixels: Pixels, picture: Pixels, match: Match) -> float:
    """The score in grey, less the difference of mean colour: a red lamp is no green lamp."""
    box = match.box
    there = pixels[box.y : box.bottom, box.x : box.right].astype(np.float32)
    colours = np.abs(there.mean(axis=(0, 1)) - picture.astype(np.float32).mean(axis=(0, 1)))
    return float(match.score - colours.max() / 255)


def peaks(pixels: Pixels, picture: Pixels, least: float, most: int) -> list[Match]:
    """Places that resemble `picture` at its own size, the best first, none overlapping another by half."""
    import cv2

    height, width = picture.shape[:2]
    if height > pixels.shape[0] or width > pixels.shape[1]:
        return []
    grey, wanted = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    if float(wanted.std()) < 1.0:
        raise FlowFailure("image-plain", details={"width": width, "height": height})
    if grey.size > _COARSE_AREA and min(height, width) >= 16:
        return _coarse_to_fine(np.asarray(grey), np.asarray(wanted), least, most)
    return _tops(
        np.asarray(cv2.matchTemplate(grey, wanted, cv2.TM_CCOEFF_NORMED)), width, height, least, most
    )


def _coarse_to_fine(grey: Pixels, wanted: Pixels, least: float, most: int) -> list[Match]:
    """Half the size first, then the full size around what was found there: a quarter of the work. At odd
    places halving blurs the picture, hence the low bar of the first pass."""
    import cv2

    height, width = wanted.shape[:2]
    small = cv2.resize(grey, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    half = cv2.resize(wanted, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
    scores = np.asarray(cv2.matchTemplate(small, half, cv2.TM_CCOEFF_NORMED))
    found = []
    for rough in _tops(scores, width // 2, height // 2, least * 0.6, most * 4):
        x, y = max(0, rough.box.x * 2 - 4), max(0, rough.box.y * 2 - 4)
        part = grey[y : y + height + 9, x : x + width + 9]
        if part.shape[0] >= height and part.shape[1] >= width:
            fine = np.asarray(cv2.matchTemplate(part, wanted, cv2.TM_CCOEFF_NORMED))
            at = np.unravel_index(int(fine.argmax()), fine.shape)
            found.append(Match(Box(x + int(at[1]), y + int(at[0]), width, height), float(fine.max())))
    kept: list[Match] = []
    for match in sorted(found, key=lambda m: -m.score):
        if match.score >= least and not any(k.box.common(match.box).area * 2 > match.box.area for k in kept):
            kept.append(match)
    return kept[:most]


def _tops(scores: NDArray[Any], width: int, height: int, least: float, most: int) -> list[Match]:
    found: list[Match] = []
    scores = np.nan_to_num(scores, nan=-1.0, posinf=-1.0, neginf=-1.0)
    while len(found) < most:
        at = int(scores.argmax())
        y, x = divmod(at, scores.shape[1])
        score = float(scores[y, x])
        if score < least:
            break
        found.append(Match(Box(x, y, width, height), min(1.0, score)))
        scores[
            max(0, y - height // 2) : y + height // 2 + 1, max(0, x - width // 2) : x + width // 2 + 1
        ] = -1
    return found


def field_boxes(pixels: Pixels) -> list[Box]:
    """Rectangles that look like input fields: wide, flat, with a frame around something plain."""
    import cv2

    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    edges = cv2.Canny(grey, 10, 40)
    outlines, _ = cv2.findContours(edges, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    boxes = {Box(*(int(v) for v in cv2.boundingRect(o))) for o in outlines}
    fields = [b for b in boxes if 12 <= b.height <= 60 and b.width >= 2.5 * b.height and _plain(grey, b)]
    return _largest(sorted(fields, key=lambda b: -b.area))


def _plain(grey: NDArray[Any], box: Box) -> bool:
    """Mostly one shade inside: an empty field, or one with a line of text."""
    inner = grey[box.y + 3 : box.bottom - 3, box.x + 3 : box.right - 3]
    if not inner.size:
        return False
    counts = np.bincount(inner.ravel(), minlength=256)
    return bool(counts.max() >= 0.6 * inner.size)


def _largest(boxes: list[Box]) -> list[Box]:
    """Of nested outlines of one field, the outer one."""
    kept: list[Box] = []
    for box in boxes:
        if not any(k.common(box).area >= 0.8 * box.area for k in kept):
            kept.append(box)
    return kept
