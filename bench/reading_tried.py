"""What two things that reading does not do would gain: unwarping curled pages, a second look at unsure lines.

    python -m bench.reading_tried [--pages 8] [--sroie FOLDER]

1. Invoices at 150 dpi, bowed like an open book by a share of their height, read as they are and after the exact inverse
   (the most that any unwarping could reach): words found exactly.
2. Lines below a score cut again: from the page drawn at twice the resolution (made pages, 100 or 200 dpi), or from
   twice as many pixels by interpolation and a box a fifth higher (receipts of FOLDER, with its truth.jsonl). The surer
   reading stands: words found exactly, before and after, and how many lines were looked at again.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.pages import Picture, open_document
from ocr.reading.batched.reader import BatchedReader, open_batched
from ocr.reading.batched.words import line_of
from ocr.reading.crops import cut
from ocr.reading.lines import ReadLine, page_text
from ocr.reading.quads import Quad
from ocr.reading.reader import ReaderOptions
from ocr.synthetic.maker import make

Pixels = NDArray[np.uint8]
BOWS = (0.0, 0.01, 0.02, 0.04)
SCORES = (0.7, 0.85, 0.95)


@dataclass(frozen=True, slots=True)
class Paper:
    """A page, the same at a higher resolution, and the words printed on it."""

    pixels: Pixels
    finer: Pixels
    words: Counter[str]


def made(count: int, dpi: float, degrade: str | None = None) -> Iterator[Paper]:
    for number in range(count):
        pages = [
            make("invoice", lang=("en", "de")[number % 2], seed=6_100 + number, dpi=at, degrade=degrade)
            for at in (dpi, 2 * dpi)
        ]
        pixels, finer = (np.asarray(page.images()[0].convert("RGB")) for page in pages)
        yield Paper(pixels, finer, Counter(word.text for word in pages[0].truth.words if word.page == 1))


def receipts(folder: Path, count: int) -> Iterator[Paper]:
    rows = [json.loads(line) for line in (folder / "truth.jsonl").read_text("utf-8").splitlines()]
    for row in rows[7 :: len(rows) // count][:count]:
        with open_document(folder / row["file"]) as document:
            (pixels,) = (page.draw().pixels for page in document.pages())
        finer = np.asarray(cv2.resize(pixels, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC), np.uint8)
        words = " ".join(segment["text"] for segment in row["segments"]).upper().split()
        yield Paper(pixels, finer, Counter(words))


def bowed(pixels: Pixels, share: float) -> Pixels:
    """The middle of every line pushed down by `share` of the page's height; a negative share undoes it."""
    height, width = pixels.shape[:2]
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    y -= share * height * np.sin(np.pi * x / width)
    return np.asarray(cv2.remap(pixels, x, y, cv2.INTER_CUBIC, borderValue=(255, 255, 255)), np.uint8)


def found(text: str, words: Counter[str]) -> int:
    return (Counter(text.upper().split()) & Counter({word.upper(): n for word, n in words.items()})).total()


def again(
    reader: BatchedReader, paper: Paper, lines: Sequence[ReadLine], score: float, grown: float
) -> tuple[list[ReadLine], int]:
    """Lines below `score` cut from the finer page; the surer reading, and how many were asked about."""
    unsure = [i for i, line in enumerate(lines) if line.score < score]
    ratio = np.array(paper.finer.shape[1::-1], np.float32) / np.array(paper.pixels.shape[1::-1], np.float32)
    crops = [cut(paper.finer, np.asarray(_grown(lines[i].quad, grown) * ratio, np.float32)) for i in unsure]
    glyphs = reader.recogniser.read(crops)
    fresh = {i: line_of(lines[i].quad, *one) for i, one in zip(unsure, zip(crops, glyphs, strict=True), strict=True)}
    return [fresh[i] if i in fresh and fresh[i].score > line.score else line for i, line in enumerate(lines)], len(
        unsure
    )


def _grown(quad: Quad, share: float) -> Quad:
    """Higher by `share` of its height."""
    down = (quad[3] - quad[0] + quad[2] - quad[1]) / 2 * share / 2
    return np.asarray(quad + np.array([-down, -down, down, down]), np.float32)


def second_look(reader: BatchedReader, papers: Sequence[Paper], grown: float) -> Iterator[str]:
    pages = [(paper, reader._lines([Picture(1, paper.pixels)])[0]) for paper in papers]
    most = sum(paper.words.total() for paper in papers)
    before = sum(found(_text(paper, lines), paper.words) for paper, lines in pages)
    yield f"as it is: {before} of {most} ({100 * before / most:.2f} %), {sum(len(lines) for _, lines in pages)} lines"
    for score in SCORES:
        looked = [(paper, *again(reader, paper, lines, score, grown)) for paper, lines in pages]
        after = sum(found(_text(paper, lines), paper.words) for paper, lines, _ in looked)
        asked = sum(count for _, _, count in looked)
        yield f"lines below {score} again: {after} ({100 * after / most:.2f} %), {asked} lines looked at"


def _text(paper: Paper, lines: Sequence[ReadLine]) -> str:
    return " ".join(word.text for word in page_text(Picture(1, paper.pixels), lines).words)


def unwarping(reader: BatchedReader, papers: Sequence[Paper]) -> Iterator[str]:
    def share(changed: Callable[[Pixels], Pixels]) -> float:
        pages = [reader.read([Picture(1, changed(paper.pixels))])[0] for paper in papers]
        hits = (found(" ".join(w.text for w in page.words), p.words) for page, p in zip(pages, papers, strict=True))
        return 100 * sum(hits) / sum(paper.words.total() for paper in papers)

    for bow in BOWS:
        curled = share(lambda pixels, bow=bow: bowed(pixels, bow))  # type: ignore[misc]
        flat = share(lambda pixels, bow=bow: bowed(bowed(pixels, bow), -bow))  # type: ignore[misc]
        yield f"bowed by {100 * bow:g} %: {curled:.2f} % of the words, unwarped {flat:.2f} %"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=8)
    parser.add_argument("--sroie", type=Path)
    asked = parser.parse_args()
    reader = open_batched(ReaderOptions(hangul=False))
    for name, papers, grown in (
        ("made pages, 100 dpi, cut again at 200", list(made(asked.pages, 100.0)), 0.0),
        ("scans of made pages, 100 dpi, cut again at 200", list(made(asked.pages, 100.0, "scan")), 0.0),
        ("scans of made pages, 200 dpi, cut again at 400", list(made(asked.pages, 200.0, "scan")), 0.0),
        *([("receipts, twice the pixels", list(receipts(asked.sroie, asked.pages)), 0.2)] if asked.sroie else []),
    ):
        print(f"\n{name}", *second_look(reader, papers, grown), sep="\n", flush=True)
    print("\ncurled pages", *unwarping(reader, list(made(asked.pages, 150.0))), sep="\n", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
