"""Tesseract as a program: whole pages as a fall-back engine, and single lines for Hangul.

All pictures of a call go to one process as a multi-page TIFF on its standard input: starting it costs more
than reading a line.
"""

from __future__ import annotations

import csv
import io
import itertools
import re
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ocr.errors import DocumentError
from ocr.pages.page import Picture
from ocr.reading.lines import ReadLine, Span, page_text
from ocr.reading.reader import ReaderOptions
from ocr.values import PageText

_SECONDS_A_PICTURE = 20.0
_FIX = "Install it: apt-get install tesseract-ocr tesseract-ocr-script-hang."


@dataclass(frozen=True, slots=True)
class TesseractWord:
    """A word of one picture: its line, its box in pixels, its score from 0 to 1."""

    picture: int
    line: tuple[int, int, int]
    text: str
    box: tuple[float, float, float, float]
    score: float


@dataclass(frozen=True, slots=True)
class TesseractLetter:
    """A character of one picture: where its ink begins and ends in pixels, its height, its word's score from
    0 to 1, and whether Tesseract began a word with it."""

    text: str
    left: float
    right: float
    height: float
    score: float
    begins: bool


@lru_cache(maxsize=1)
def tesseract_languages() -> frozenset[str]:
    """Languages and scripts installed; empty where Tesseract is not."""
    program = shutil.which("tesseract")
    if program is None:
        return frozenset()
    listed = subprocess.run([program, "--list-langs"], capture_output=True, text=True, timeout=20, check=False)
    return frozenset(line.strip().removeprefix("script/") for line in listed.stdout.splitlines()[1:] if line.strip())


def run_tesseract(
    pictures: Sequence[NDArray[np.uint8]], language: str, *, page_mode: int, threads: int = 1
) -> list[TesseractWord]:
    """Words of grey or RGB pictures. `page_mode`: 3 whole pages, 7 single lines (tesseract --psm).

    Raises DocumentError engine-missing, engine-failed.
    """
    if not pictures:
        return []
    asked = ["-l", language, "--psm", str(page_mode), "--oem", "1", "tsv"]
    return _words(_output(_command(asked, threads), _tiff(pictures), _SECONDS_A_PICTURE * len(pictures)))


def run_tesseract_lines(
    pictures: Sequence[NDArray[np.uint8]], language: str, *, threads: int = 1
) -> list[list[TesseractLetter]]:
    """The characters of single lines, from left to right; one list for each picture. Same errors."""
    if not pictures:
        return []
    asked = ["-l", language, "--psm", "7", "--oem", "1", "-c", "hocr_char_boxes=1", "hocr"]
    told = _output(_command(asked, threads), _tiff(pictures), _SECONDS_A_PICTURE * len(pictures))
    return _letters(told, len(pictures))


def _command(asked: list[str], threads: int) -> list[str]:
    program = shutil.which("tesseract")
    if program is None:
        raise DocumentError(
            "engine-missing",
            "Tesseract is not installed.",
            _FIX,
            kind="engine",
            details={"engine": "tesseract", "install": _FIX},
        )
    limiter = shutil.which("env")
    # Its OpenMP threads spin: one thread costs half the processor time at the same wall time.
    limit = [limiter, f"OMP_THREAD_LIMIT={threads}"] if limiter else []
    return [*limit, program, "-", "-", *asked]


def _output(command: list[str], data: bytes, seconds: float) -> str:
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=seconds, check=False)
    except subprocess.TimeoutExpired as error:
        raise DocumentError(
            "document-timeout",
            f"Tesseract took longer than {seconds:g} seconds.",
            "Split the document.",
            details={"seconds": f"{seconds:g}"},
        ) from error
    if done.returncode != 0:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        reason = said[-1] if said else str(done.returncode)
        raise DocumentError(
            "engine-failed",
            f"Tesseract failed: {reason}.",
            _FIX,
            kind="engine",
            details={"engine": "tesseract", "reason": reason},
        )
    return done.stdout.decode("utf-8", "replace")


def _tiff(pictures: Sequence[NDArray[np.uint8]]) -> bytes:
    images = [Image.fromarray(pixels) for pixels in pictures]
    stream = io.BytesIO()
    images[0].save(stream, "TIFF", save_all=True, append_images=images[1:], dpi=(300, 300))
    return stream.getvalue()


def _words(tsv: str) -> list[TesseractWord]:
    rows = csv.DictReader(io.StringIO(tsv), delimiter="\t", quoting=csv.QUOTE_NONE)
    return [_word(row) for row in rows if row["level"] == "5" and (row["text"] or "").strip()]


def _word(row: dict[str, str]) -> TesseractWord:
    x, y, w, h = (float(row[key]) for key in ("left", "top", "width", "height"))
    line = (int(row["block_num"]), int(row["par_num"]), int(row["line_num"]))
    score = max(0.0, float(row["conf"])) / 100
    return TesseractWord(int(row["page_num"]) - 1, line, row["text"].strip(), (x, y, x + w, y + h), score)


def _letters(hocr: str, count: int) -> list[list[TesseractLetter]]:
    """hOCR with character boxes (http://kba.github.io/hocr-spec/1.2), page by page."""
    made: list[list[TesseractLetter]] = [[] for _ in range(count)]
    for page in _of_class(ElementTree.fromstring(hocr), "ocr_page"):
        number = int(_after("ppageno", page)[0])
        for word in _of_class(page, "ocrx_word"):
            made[number] += _letters_of(word)
    return [_within_bounds(letters) for letters in made]


def _within_bounds(letters: list[TesseractLetter]) -> list[TesseractLetter]:
    """No letter reaches into the next: the first of a close group is given the box of the whole group."""
    bounded = [
        replace(letter, right=min(letter.right, after.left)) if after.left > letter.left else letter
        for letter, after in itertools.pairwise(letters)
    ]
    return bounded + letters[-1:]


def _letters_of(word: ElementTree.Element) -> list[TesseractLetter]:
    score = max(0.0, float(_after("x_wconf", word)[0])) / 100
    made: list[TesseractLetter] = []
    for item in _of_class(word, "ocrx_cinfo"):
        x0, y0, x1, y1 = (float(value) for value in _after("x_bboxes", item)[:4])
        if item.text and item.text.strip():
            made.append(TesseractLetter(item.text.strip(), x0, x1, y1 - y0, score, not made))
    return made


def _of_class(element: ElementTree.Element, name: str) -> list[ElementTree.Element]:
    return [found for found in element.iter() if found.get("class") == name]


def _after(name: str, element: ElementTree.Element) -> list[str]:
    """The values of a property in an hOCR title."""
    found = re.search(rf"\b{name} ([^;]*)", element.get("title") or "")
    if found is None:
        raise ValueError(f"Tesseract's hOCR names no {name}")
    return found[1].split()


class TesseractReader:
    """Whole pages. Good on clean print, poor on noisy receipts."""

    name = "tesseract"
    batch = 4

    def __init__(self, language: str, threads: int) -> None:
        self._language, self._threads = language, threads

    def read(self, pictures: Sequence[Picture]) -> list[PageText]:
        words = run_tesseract([p.pixels for p in pictures], self._language, page_mode=3, threads=self._threads)
        lines: dict[tuple[int, tuple[int, int, int]], list[TesseractWord]] = {}
        for word in words:
            lines.setdefault((word.picture, word.line), []).append(word)
        return [
            page_text(picture, [_read_line(found) for (page, _), found in lines.items() if page == index])
            for index, picture in enumerate(pictures)
        ]


def open_tesseract(options: ReaderOptions) -> TesseractReader:
    """Latin always, Hangul where its model is installed and wanted."""
    here = tesseract_languages()
    wanted = [name for name in ("eng", "Hangul" if "Hangul" in here else "kor") if name in here]
    if not wanted:
        raise DocumentError(
            "engine-missing",
            "Tesseract has no language models.",
            _FIX,
            kind="engine",
            details={"engine": "tesseract", "install": _FIX},
        )
    return TesseractReader("+".join(wanted if options.hangul else wanted[:1]), options.threads or 1)


def _read_line(words: list[TesseractWord]) -> ReadLine:
    x0, y0 = min(w.box[0] for w in words), min(w.box[1] for w in words)
    x1, y1 = max(w.box[2] for w in words), max(w.box[3] for w in words)
    length = max(1.0, x1 - x0)
    spans = tuple(Span(w.text, (w.box[0] - x0) / length, (w.box[2] - x0) / length, w.score) for w in words)
    quad = np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]], np.float32)
    return ReadLine(quad, spans, sum(w.score for w in words) / len(words))
