"""Screens: upright, drawn by a machine at their own size, the same letters pixel for pixel again and again.

So there is nothing to turn, to enlarge or to look for stamps in, and a line whose pixels were read before is
not recognised again, wherever on the screen it stands now. Icons never pass as Korean for that alone: only
lines of more than one character are asked about, until one of them was.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from ocr.pages.page import Picture
from ocr.reading.batched.alphabets import LatinFirst
from ocr.reading.batched.detect import DetectOptions, Detector
from ocr.reading.batched.reader import BatchedReader
from ocr.reading.batched.recognise import ROWS
from ocr.reading.batched.words import line_of
from ocr.reading.crops import LINE_HEIGHT, cut
from ocr.reading.hangul import HangulRouter
from ocr.reading.hangul_lines import SYLLABLE
from ocr.reading.lines import ReadLine, page_text
from ocr.reading.quads import Quad, lengths
from ocr.values import PageText

SCREEN = DetectOptions(side=2560, canvas=5_000_000)
"""Up to this side a screen is looked at as it is, and whole."""
_KEPT = 8_000
_SURE, _UNREAD = 0.8, 0.22
"""A reading below this score, or with more ink left over (a tree's arrows are less), may be of another
script."""
_REACH = 12
"""Pixels of ink that a line found on another picture of the same screen may cut off."""
_ONE_CHARACTER = 1.6
"""Widths in heights up to which a line may be an icon."""
_USUAL_WIDTHS = (*range(32, 257, 32), *range(320, 641, 64))
_OFTEN_TOGETHER = 256
"""Widths up to which a screen mostly holds several lines."""


@dataclass(frozen=True, slots=True)
class _Ink:
    """What a line looks like: a hash of its pixels without the plain margin, and where they begin."""

    mark: bytes
    corner: Quad


@dataclass(slots=True)
class ScreenReader:
    """A Reader for pictures of screens. `router` is None where Korean is not asked for."""

    name: str
    detector: Detector
    recogniser: LatinFirst
    router: HangulRouter | None
    batch: int = 4
    _known: OrderedDict[bytes, ReadLine] = field(default_factory=OrderedDict)
    _korean: bool = False

    def read(self, pictures: Sequence[Picture]) -> list[PageText]:
        return [page_text(picture, self._lines(picture)) for picture in pictures]

    def _lines(self, picture: Picture) -> list[ReadLine]:
        quads = self.detector.quads(picture.pixels)
        inks = [_ink(picture.pixels, quad) for quad in quads]
        new = {ink.mark: i for i, ink in enumerate(inks) if not self._knows(ink)}
        read = self._read(picture, [quads[i] for i in new.values()])
        for (mark, index), line in zip(new.items(), read, strict=True):
            self._known[mark] = replace(line, quad=line.quad - inks[index].corner)
        return [self._again(ink) for ink in inks]

    def _knows(self, ink: _Ink) -> bool:
        known = ink.mark in self._known
        if known:
            self._known.move_to_end(ink.mark)
        return known

    def _again(self, ink: _Ink) -> ReadLine:
        line = self._known[ink.mark]
        return replace(line, quad=line.quad + ink.corner)

    def _read(self, picture: Picture, quads: Sequence[Quad]) -> list[ReadLine]:
        self._forget()
        crops = [cut(picture.pixels, quad) for quad in quads]
        glyphs = self.recogniser.read(crops)
        lines = [line_of(*one) for one in zip(quads, crops, glyphs, strict=True)]
        return self._with_korean(picture, lines) if self.router is not None else lines

    def _forget(self) -> None:
        while len(self._known) > _KEPT:
            self._known.popitem(last=False)

    def _with_korean(self, picture: Picture, lines: list[ReadLine]) -> list[ReadLine]:
        """Doubtful lines first; the rest only where Korean was seen."""
        lines = self._routed(picture, lines, [i for i, line in enumerate(lines) if _doubtful(line)])
        self._korean = self._korean or any(SYLLABLE.search(line.text) for line in lines)
        if not self._korean:
            return lines
        rest = [i for i, line in enumerate(lines) if not line.text.isascii() or line.score < _SURE]
        return self._routed(picture, lines, [i for i in rest if not SYLLABLE.search(lines[i].text)])

    def _routed(self, picture: Picture, lines: list[ReadLine], indices: list[int]) -> list[ReadLine]:
        if self.router is None or not indices:
            return lines
        asked = self.router.route(picture, [lines[i] for i in indices])
        made = dict(zip(indices, asked, strict=True))
        return [made.get(i, line) for i, line in enumerate(lines)]


def _doubtful(line: ReadLine) -> bool:
    width, height = lengths(line.quad)
    return width > _ONE_CHARACTER * height and (line.score < _SURE or line.unread > _UNREAD)


def _ink(pixels: NDArray[np.uint8], quad: Quad) -> _Ink:
    """The ink inside `quad`: with what of it the quad cuts off, without the plain margin."""
    low = np.maximum(np.floor(quad.min(0)).astype(int), 0)
    high = np.minimum(np.ceil(quad.max(0)).astype(int), pixels.shape[1::-1])
    x0, y0 = np.maximum(low - _REACH, 0)
    part = np.ascontiguousarray(pixels[y0 : high[1] + _REACH, x0 : high[0] + _REACH])
    colours = part.astype(np.uint32) @ np.array([1, 256, 65536], np.uint32)
    values, counts = np.unique(colours, return_counts=True)
    inked = colours != values[counts.argmax()]
    left, right = _run(inked[low[1] - y0 : high[1] - y0].any(0), low[0] - x0, high[0] - x0)
    top, bottom = _run(inked[:, left:right].any(1), low[1] - y0, high[1] - y0)
    part = part[top:bottom, left:right]
    mark = hashlib.blake2b(part.tobytes() + str(part.shape).encode(), digest_size=16)
    return _Ink(mark.digest(), np.array([x0 + left, y0 + top], np.float32))


def _run(inked: NDArray[np.bool_], start: int, end: int) -> tuple[int, int]:
    """Where ink begins and ends, from `start` and `end`: outwards to the first blank, else inwards to the
    first ink."""
    if not inked[start:end].any():
        return start, end
    while start > 0 and inked[start]:
        start -= 1
    while end < len(inked) and inked[end - 1]:
        end += 1
    found = np.flatnonzero(inked[start:end])
    return start + int(found[0]), start + int(found[-1]) + 1


def screen_reader(pages: BatchedReader) -> ScreenReader:
    """The same graphs, for screens; the recogniser is run for each usual width (on every lane), since a graph's
    runner prepares itself anew for each (10 ms)."""
    detector = Detector(pages.detector.graph, SCREEN)
    for width in _USUAL_WIDTHS:
        line = np.full((LINE_HEIGHT, width, 3), 255, np.uint8)
        pages.recogniser.score([line] * (ROWS - 1))
        if width <= _OFTEN_TOGETHER:
            pages.recogniser.score([line] * ROWS * 2)
    return ScreenReader(f"{pages.name}-screen", detector, pages.recogniser, pages.router)
