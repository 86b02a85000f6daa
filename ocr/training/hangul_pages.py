"""Lines to learn from: cut out of generated Korean documents as the reader would cut them.

The document maker gives layout, tables, stamps and damage; words and font are exchanged, so that neither is
learned by heart. Crops have the height the recogniser wants, margins like the detector's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from random import Random

import numpy as np
from numpy.typing import NDArray

from ocr.pages.page import Picture
from ocr.reading.batched.fax import softened
from ocr.reading.crops import cut
from ocr.synthetic.degrade import Warp
from ocr.synthetic.document import SyntheticDocument
from ocr.synthetic.fonts import Face
from ocr.synthetic.maker import KINDS, make
from ocr.synthetic.scene import PageScene, Run
from ocr.training.hangul_alphabet import is_syllable, known
from ocr.training.hangul_fonts import any_face, draws
from ocr.training.hangul_wear import worn
from ocr.training.hangul_words import reworded

_KINDS = tuple(name for name, kind in KINDS.items() if "ko" in kind.languages)
_MOST_WIDTH = 880
_LOWEST_EM = 9.0
"""Pixels a letter must have on the page: below, nobody could read it."""


@dataclass(frozen=True, slots=True)
class LineImage:
    """A line to learn: (48, w, 3) RGB pixels and what stands in it."""

    pixels: NDArray[np.uint8]
    text: str


@dataclass(frozen=True, slots=True)
class Mix:
    """Shares. `reworded`: documents whose words are exchanged, `invented` of them by random syllables;
    `refaced`: documents in another font; `damaged` pages, `faxed` of them faxes besides those that fall to any
    damage; `worn`: lines spoiled once more."""

    reworded: float = 0.7
    invented: float = 0.55
    refaced: float = 0.6
    damaged: float = 0.6
    faxed: float = 0.0
    worn: float = 0.45
    face: Callable[[Random], Face] = any_face


def lines(seed: int, mix: Mix = Mix()) -> Iterator[LineImage]:
    """Endless lines; everything follows from the seed."""
    number = 0
    while True:
        yield from document_lines(Random(f"hangul/{seed}/{number}"), mix)
        number += 1


def document_lines(rng: Random, mix: Mix) -> Iterator[LineImage]:
    """The lines of one document."""
    document = make(
        rng.choice(_KINDS),
        lang="ko",
        seed=500_000_000 + rng.getrandbits(28),
        degrade=_damage(rng, mix),
        dpi=rng.choice((150.0, rng.uniform(85, 220), rng.uniform(120, 180))),
    )
    for page in document.sheet.pages:
        _exchange(page, rng, mix)
    reach = rng.uniform(0.25, 0.6) if document.kind == "tax_invoice_kr" else rng.uniform(0.4, 1.3)
    margin = tuple(rng.uniform(*ends) for ends in ((0.0, 0.4), (0.0, 0.4), (0.1, 0.45), (0.0, 0.35)))
    for page, image, harm in zip(document.sheet.pages, document.images(), document.warps, strict=True):
        pixels = _as_read(np.asarray(image.convert("RGB")), rng)
        for runs in _stretches(page, reach):
            made = _line(document, page, runs, pixels, harm.warp, _jittered(margin, rng))
            if made is not None:
                yield replace(made, pixels=worn(made.pixels, rng)) if rng.random() < mix.worn else made


def _damage(rng: Random, mix: Mix) -> str | None:
    if rng.random() >= mix.damaged:
        return None
    return "fax" if mix.faxed and rng.random() < mix.faxed else "any"


def _as_read(pixels: NDArray[np.uint8], rng: Random) -> NDArray[np.uint8]:
    """The page as the reader softens it, by about as much."""
    return softened(Picture(1, pixels), rng.uniform(0.5, 1.1)).pixels


# ---- other words, other fonts ----------------------------------------------------------------------------


def _exchange(page: PageScene, rng: Random, mix: Mix) -> None:
    new_words = rng.random() < mix.reworded
    face = mix.face(rng) if rng.random() < mix.refaced else None
    page.runs = [_exchanged(run, rng, face, mix.invented if new_words else None) for run in page.runs]


def _exchanged(run: Run, rng: Random, face: Face | None, invented: float | None) -> Run:
    face = face or run.face
    text = run.text if invented is None or rng.random() < 0.1 else reworded(run.text, rng, invented)
    if not all(draws(face.path, char) for char in text):
        text, face = run.text, run.face
    wide = face.width(text, run.size)
    size = run.size * min(1.0, run.width / wide * 1.04) if wide > 0 else run.size
    return replace(run, text=text, face=face, size=size, width=face.width(text, size))


# ---- stretches of print, as a detector finds them --------------------------------------------------------


def _stretches(page: PageScene, reach: float) -> Iterator[list[Run]]:
    """Words side by side with less room than `reach` heights between them."""
    rows: list[list[Run]] = []
    for run in sorted(page.runs, key=lambda r: (r.y, r.x)):
        row = next((r for r in reversed(rows[-6:]) if abs(r[-1].y - run.y) < 0.25 * run.size), None)
        if row is None:
            rows.append([run])
        else:
            row.append(run)
    for row in rows:
        yield from _parted(sorted(row, key=lambda r: r.x), reach)


def _parted(row: list[Run], reach: float) -> Iterator[list[Run]]:
    stretch = [row[0]]
    for before, run in pairwise(row):
        room = run.x - before.x - before.width
        if run.line != before.line and room > reach * run.size:
            yield stretch
            stretch = []
        stretch.append(run)
    yield stretch


def _jittered(margin: tuple[float, ...], rng: Random) -> tuple[float, ...]:
    return tuple(value + rng.gauss(0, 0.06) for value in margin)


def _line(
    document: SyntheticDocument,
    page: PageScene,
    runs: list[Run],
    pixels: NDArray[np.uint8],
    warp: Warp,
    margin: tuple[float, ...],
) -> LineImage | None:
    text = " ".join(run.text for run in runs)
    if min(run.size for run in runs) * document.dpi / 72 < _LOWEST_EM or not all(map(known, text)):
        return None
    boxes = [run.box for run in runs]
    x0, y0 = min(b[0] for b in boxes), min(b[1] for b in boxes)
    x1, y1 = max(b[2] for b in boxes), max(b[3] for b in boxes)
    left, right, top, foot = (value * (y1 - y0) for value in margin)
    corners = ((x0 - left, y0 - top), (x1 + right, y0 - top), (x1 + right, y1 + foot), (x0 - left, y1 + foot))
    quad = _moved(warp, np.array(corners) / (page.width, page.height)) * (pixels.shape[1], pixels.shape[0])
    if (y1 - y0) * 1.45 > (x1 - x0) and not any(map(is_syllable, text)):
        return None
    made = cut(pixels, quad.astype(np.float32))
    return LineImage(made, text) if len(text) * 9 < made.shape[1] <= _MOST_WIDTH else None


def _moved(warp: Warp, points: NDArray[np.float64]) -> NDArray[np.float64]:
    moved = np.c_[points, np.ones(len(points))] @ np.array(warp).reshape(3, 3).T
    return np.asarray(moved[:, :2] / moved[:, 2:])
