"""What changed between two pictures of one place, as far as it matters to a reader.

A window that loses the keyboard, an entry under the pointer, a button that is greyed out: the pixels change and
the text does not. Where the new picture is the old one in other colours, nothing is read again.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from bots.desktop.geometry import Box
from bots.desktop.screen import Pixels

TILE = 16
PAD = 12
ROOM = (240, 64)
FLAT = 12
"""Grey levels within a tile that holds nothing."""
RESIDUE = 0.2
"""How much of a tile's contrast a pixel may be off from a mere change of colours: letters with soft edges are
mixed from two colours, a full stop that became a comma is off by most of it."""
FADED = 0.2
"""Contrast that is left of letters that still count as the same; what faded further is looked at."""


def changed_boxes(old: Pixels, new: Pixels) -> list[Box]:
    """Where two pictures of one size differ in more than colours, in tiles joined to boxes."""
    import cv2

    height, width = new.shape[:2]
    rows, columns = -(-height // TILE), -(-width // TILE)
    touched = np.flatnonzero((old.reshape(height, -1) != new.reshape(height, -1)).any(axis=1))
    if not len(touched):
        return []
    padded = np.zeros((rows * TILE, columns * TILE), np.uint8)
    part = slice(int(touched[0]), int(touched[-1]) + 1)
    padded[part, :width] = (old[part] != new[part]).any(axis=2)
    tiles = padded.reshape(rows, TILE, columns, TILE).max(axis=(1, 3))
    places = np.argwhere(tiles)
    tiles[tuple(places[recoloured(_tiles(old, places), _tiles(new, places))].T)] = 0
    joined = cv2.dilate(tiles, np.ones((3, 3), np.uint8))
    count, _, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    whole = Box(0, 0, width, height)
    return [Box(*(int(v) * TILE for v in stats[i][:4])).common(whole) for i in range(1, count)]


def _tiles(pixels: Pixels, places: NDArray[np.intp]) -> NDArray[np.float32]:
    """What stands out in the tiles at (row, column), as (n, 3 channels, TILE²): each row of pixels is told from its
    median, so that edges of bars and gradients that run down are nothing. Tiles at the edge of the picture repeat
    its last pixels."""
    height, width = pixels.shape[:2]
    inside = np.arange(TILE)
    down = np.minimum(places[:, :1] * TILE + inside, height - 1)
    across = np.minimum(places[:, 1:] * TILE + inside, width - 1)
    cut = pixels[down[:, :, None], across[:, None, :]].transpose(0, 3, 1, 2)
    paper = np.sort(cut, axis=3)[..., TILE // 2, None]
    made: NDArray[np.float32] = cut.astype(np.float32) - paper
    return made.reshape(len(places), 3, TILE * TILE)


def recoloured(old: NDArray[np.float32], new: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Which tiles (n, 3, pixels) are `old` in other colours: in each channel a factor of it and something more,
    the least-squares fit; empty ones that stayed empty are."""
    before, after = _contrast(old), _contrast(new)
    empty = (before <= FLAT) & (after <= FLAT)
    old, new = old - old.mean(2, keepdims=True), new - new.mean(2, keepdims=True)
    power = np.maximum((old * old).sum(2), 1.0)
    factor = (old * new).sum(2) / power
    off = np.abs(new - factor[:, :, None] * old).max(2)
    kept = (before > FLAT) & (after > FLAT) & (after >= FADED * before) & (before >= FADED * after)
    same: NDArray[np.bool_] = (empty | (kept & (off <= RESIDUE * after))).all(1)
    return same


def _contrast(tiles: NDArray[np.float32]) -> NDArray[np.float32]:
    made: NDArray[np.float32] = tiles.max(2) - tiles.min(2)
    return made


def spread(boxes: list[Box], lines: Sequence[Box], pixels: Pixels) -> list[Box]:
    """Boxes grown until they cut through no line, and joined where they meet."""
    whole = Box(0, 0, pixels.shape[1], pixels.shape[0])
    grown = _joined([_roomy(b).common(whole) for b in boxes])
    while True:
        wider = _joined([_over(b, lines).common(whole) for b in grown])
        if wider == grown:
            return grown
        grown = wider


def _roomy(box: Box) -> Box:
    """With a margin, and large enough to be read well."""
    across, down = max(PAD, (ROOM[0] - box.width) // 2), max(PAD, (ROOM[1] - box.height) // 2)
    return Box(box.x - across, box.y - down, box.width + 2 * across, box.height + 2 * down)


def _over(box: Box, lines: Sequence[Box]) -> Box:
    """Over every line it touches, with a little room around."""
    touched = [line.grown(3) for line in lines if line.common(box).area]
    return reduce(Box.around, touched, box)


def _joined(boxes: list[Box]) -> list[Box]:
    done: list[Box] = []
    for box in boxes:
        while meets := next((d for d in done if d.common(box).area), None):
            done.remove(meets)
            box = box.around(meets)
        done.append(box)
    return done
