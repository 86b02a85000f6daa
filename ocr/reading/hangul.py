"""Korean lines, given to Tesseract's Hangul model.

PP-OCR's detector finds Korean lines, its dictionary has no Hangul: it reads them as Han characters, signs or
nothing, seldom with confidence. Such lines are read again; a page without any costs nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

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
_CONVINCING = 0.5
"""Tesseract's score from which a Hangul line proves the page Korean. Then its lower ones are believed too."""
_NOISY = 2.0


def hangul_model() -> str | None:
    """The Tesseract model for Hangul that is installed: the script's before the language's."""
    here = tesseract_languages()
    return next((name for name in ("Hangul", "kor") if name in here), None)


@dataclass(frozen=True, slots=True)
class HangulRouter:
    """Replaces the lines that are Korean. `model` is Tesseract's, `threads` its OpenMP threads."""

    model: str
    threads: int = 1

    def route(self, picture: Picture, lines: Sequence[ReadLine]) -> list[ReadLine]:
        """`lines` with the Korean ones read by Tesseract. Empty and low-scored lines must still be in it."""
        suspects = suspects_of(lines)
        probe = suspects[:: -(-len(suspects) // _PROBE)] if suspects else []
        taken = self._read(picture, lines, probe)
        if not any(line.score >= _CONVINCING for line in taken.values()):
            return list(lines)
        taken |= self._read(picture, lines, [i for i in suspects if i not in probe])
        return [taken.get(index, line) for index, line in enumerate(lines)]

    def score(self, crops: Sequence[NDArray[np.uint8]]) -> float:
        """How well lines read as Korean: the mean score of their Hangul letters, 0 without any."""
        found = run_tesseract_lines(_prepared(crops), self.model, threads=self.threads)
        scores = [x.score for letters in found for x in letters if SYLLABLE.match(x.text)]
        return sum(scores) / max(1, len(scores))

    def _read(self, picture: Picture, lines: Sequence[ReadLine], indices: Sequence[int]) -> dict[int, ReadLine]:
        crops = _prepared([cut(picture.pixels, lines[i].quad, _LINE_HEIGHT) for i in indices])
        found = run_tesseract_lines(crops, self.model, threads=self.threads)
        return {
            index: korean_line(lines[index], letters, crop, _BORDER)
            for index, crop, letters in zip(indices, crops, found, strict=True)
            if _has_hangul(letters)
        }


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
