"""Korean lines, read again by who knows Hangul: our own recogniser, or Tesseract's model.

PP-OCR's detector finds Korean lines, its dictionary has no Hangul: it reads them as Han characters, signs or
nothing, seldom with confidence. Such lines are read again; a page without any costs nothing.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.pages.page import Picture
from ocr.reading.crops import cut
from ocr.reading.hangul_lines import SYLLABLE, korean_line
from ocr.reading.lines import ReadLine
from ocr.reading.tesseract import TesseractLetter, run_tesseract_lines, tesseract_languages

_LINE_HEIGHT = 40
_BORDER = 10
_SURE_ASCII = 0.95
"""PP-OCR's plain ASCII above this score stands, whatever Tesseract says."""
_UNREAD = 0.12
"""Share of a line's ink without a character, above which its text is not the whole line."""
_DOUBTFUL = 0.8
_SUSPECTS_SHARE = 0.08
"""A Latin page has few doubtful lines (dirt, signatures); a Korean one has them everywhere."""
_PROBE = 8
"""Lines read first on a page that only might be Korean."""
_NOISY = 2.0


def hangul_model() -> str | None:
    """The Tesseract model for Hangul that is installed: the script's before the language's."""
    here = tesseract_languages()
    return next((name for name in ("Hangul", "kor") if name in here), None)


class HangulRouter(ABC):
    """Replaces the lines that are Korean. `convincing` is the score from which a line of Hangul proves its page
    Korean; its lower ones are believed then too. `likely`: two lines of two syllables from this score prove it
    together (a fax has no better ones). `reads_all`: on such a page every line is worth asking about, not the
    suspects alone."""

    name: str
    convincing: ClassVar[float]
    likely: ClassVar[float] = 1.0
    reads_all: ClassVar[bool] = False

    @abstractmethod
    def read_lines(self, asked: Sequence[Asked]) -> list[ReadLine | None]:
        """Each line as this reader has it; None where it does no better than the first one."""

    @abstractmethod
    def score(self, crops: Sequence[NDArray[np.uint8]]) -> float:
        """How well lines read as Korean: the mean score of their Hangul letters, 0 without any."""

    def route(self, picture: Picture, lines: Sequence[ReadLine]) -> list[ReadLine]:
        """`lines` with the Korean ones read again. Empty and low-scored lines must still be in it."""
        (made,) = self.route_pages([picture], [lines])
        return made

    def route_pages(self, pictures: Sequence[Picture], pages: Sequence[Sequence[ReadLine]]) -> list[list[ReadLine]]:
        """The same for many pages, whose lines are read together: first a few of each, then all the others of
        the pages that are Korean."""
        suspects = [suspects_of(lines) for lines in pages]
        probes = [found[:: -(-len(found) // _PROBE)] if found else [] for found in suspects]
        taken = self._taken(pictures, pages, probes)
        korean = [self._convince(list(found.values())) for found in taken]
        every = [
            list(range(len(lines))) if self.reads_all else found for lines, found in zip(pages, suspects, strict=True)
        ]
        left = [
            [i for i in found if i not in probe] if is_korean else []
            for found, probe, is_korean in zip(every, probes, korean, strict=True)
        ]
        more = self._taken(pictures, pages, left)
        made = [first | second if yes else {} for first, second, yes in zip(taken, more, korean, strict=True)]
        return [[new.get(i, line) for i, line in enumerate(lines)] for lines, new in zip(pages, made, strict=True)]

    def _convince(self, lines: Sequence[ReadLine]) -> bool:
        """Whether lines prove their page Korean."""
        syllables = [len(SYLLABLE.findall(line.text)) for line in lines]
        likely = sum(n >= 2 and line.score >= self.likely for n, line in zip(syllables, lines, strict=True))
        return likely >= 2 or any(n and line.score >= self.convincing for n, line in zip(syllables, lines, strict=True))

    def _taken(
        self, pictures: Sequence[Picture], pages: Sequence[Sequence[ReadLine]], indices: Sequence[Sequence[int]]
    ) -> list[dict[int, ReadLine]]:
        together = zip(pictures, pages, indices, strict=True)
        asked = [Asked(picture, lines[i]) for picture, lines, chosen in together for i in chosen]
        answers = iter(self.read_lines(asked) if asked else [])
        read = [{i: next(answers) for i in chosen} for chosen in indices]
        return [{i: line for i, line in found.items() if line is not None} for found in read]


@dataclass(frozen=True, slots=True)
class Asked:
    """A line of a page, as the first reader left it."""

    picture: Picture
    line: ReadLine


@dataclass(frozen=True, slots=True)
class TesseractRouter(HangulRouter):
    """Tesseract's `model`, all lines in one process; `threads` are its OpenMP threads."""

    model: str
    threads: int = 1
    name: str = "tesseract"
    convincing: ClassVar[float] = 0.5

    def read_lines(self, asked: Sequence[Asked]) -> list[ReadLine | None]:
        crops = [cut(one.picture.pixels, one.line.quad, _LINE_HEIGHT) for one in asked]
        prepared = _prepared(crops)
        found = run_tesseract_lines(prepared, self.model, threads=self.threads)
        return [
            korean_line(one.line, letters, crop, _BORDER) if _has_hangul(letters) else None
            for one, crop, letters in zip(asked, prepared, found, strict=True)
        ]

    def score(self, crops: Sequence[NDArray[np.uint8]]) -> float:
        found = run_tesseract_lines(_prepared(crops), self.model, threads=self.threads)
        scores = [x.score for letters in found for x in letters if SYLLABLE.match(x.text)]
        return sum(scores) / max(1, len(scores))


def suspects_of(lines: Sequence[ReadLine]) -> list[int]:
    """Indices of lines that may be Korean; none where the page as a whole does not look so."""
    doubtful = sum(not line.spans or line.score < _DOUBTFUL or line.unread > _UNREAD for line in lines)
    if doubtful <= _SUSPECTS_SHARE * len(lines):
        return []
    return [i for i, line in enumerate(lines) if not _sure_ascii(line)]


def _sure_ascii(line: ReadLine) -> bool:
    return bool(line.spans) and line.text.isascii() and line.score > _SURE_ASCII and line.unread <= _UNREAD


def _has_hangul(letters: Sequence[TesseractLetter]) -> bool:
    return any(SYLLABLE.match(letter.text) for letter in letters)


def _prepared(crops: Sequence[NDArray[np.uint8]]) -> list[NDArray[np.uint8]]:
    """Grey, with a border; a median filter where the page is noisy (it halves the errors there, and adds
    some on clean print)."""
    greys = [np.asarray(cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY), np.uint8) for crop in crops]
    smooth = [np.asarray(cv2.medianBlur(grey, 3), np.uint8) for grey in greys]
    noise = [_noise(grey, filtered) for grey, filtered in zip(greys, smooth, strict=True)]
    chosen = smooth if noise and float(np.median(noise)) >= _NOISY else greys
    return [np.pad(grey, _BORDER, mode="edge") for grey in chosen]


def _noise(grey: NDArray[np.uint8], smooth: NDArray[np.uint8]) -> float:
    """Mean difference to the median filter on the paper, in grey levels."""
    paper = grey >= 0.9 * float(np.median(grey))
    return float(np.abs(grey.astype(np.int16) - smooth)[paper].mean())
