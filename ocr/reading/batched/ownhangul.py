"""Korean lines by our own recogniser, in the same batches as all others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from ocr.reading.batched.recognise import Glyphs, Recogniser
from ocr.reading.batched.separators import with_likelier_signs
from ocr.reading.batched.words import line_of
from ocr.reading.crops import cut
from ocr.reading.hangul import Asked, HangulRouter
from ocr.reading.hangul_lines import SYLLABLE
from ocr.reading.lines import ReadLine

_LOWEST = 0.3
"""Mean score of a line's syllables from which it is Korean. A line that both can read is the surer one's (of
1,400 lines of generated pages 0.3 % of the characters were wrong then on clean ones, 2.7 % on damaged ones;
the first reader's Latin kept wherever it is sure: 0.5 % and 3.1 %)."""
_FAR_SURER = 0.4
"""By so much surer the first reader's line stands even against Hangul: a lone digit."""


@dataclass(frozen=True, slots=True)
class OwnRouter(HangulRouter):
    """Our recogniser's graph: Hangul, ASCII and the signs of business papers; or one that a person has added."""

    recogniser: Recogniser
    name: str = "hangul"
    convincing: ClassVar[float] = 0.8
    likely: ClassVar[float] = 0.55
    reads_all: ClassVar[bool] = True

    def read_lines(self, asked: Sequence[Asked]) -> list[ReadLine | None]:
        crops = [cut(one.picture.pixels, one.line.quad) for one in asked]
        read = zip(asked, crops, self.recogniser.read(crops), strict=True)
        return [_best(one.line, line_of(one.line.quad, crop, glyphs), glyphs) for one, crop, glyphs in read]

    def score(self, crops: Sequence[NDArray[np.uint8]]) -> float:
        scores = [score for glyphs in self.recogniser.read(crops) for score in _hangul_scores(glyphs)]
        return sum(scores) / max(1, len(scores))


def _best(first: ReadLine, own: ReadLine, glyphs: Glyphs) -> ReadLine | None:
    """The better of two readings of a line with the likelier signs of both; None where the first one stands."""
    if _better(glyphs, first):
        return with_likelier_signs(own, first.letters)
    mended = with_likelier_signs(first, own.letters)
    return None if mended is first else mended


def _better(glyphs: Glyphs, line: ReadLine) -> bool:
    korean = _hangul_score(glyphs) >= _LOWEST and glyphs.score > line.score - _FAR_SURER
    return korean or glyphs.score > line.score


def _hangul_scores(glyphs: Glyphs) -> list[float]:
    return [score for char, score in zip(glyphs.text, glyphs.scores, strict=True) if SYLLABLE.match(char)]


def _hangul_score(glyphs: Glyphs) -> float:
    scores = _hangul_scores(glyphs)
    return sum(scores) / len(scores) if scores else 0.0
