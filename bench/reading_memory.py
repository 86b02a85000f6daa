"""Whether reading keeps its memory: pages of many sizes through one engine, resident memory as they pass.

python -m bench.reading_memory [--pages 500] [--engine batched] [--dpi 100] [--korean SHARE] [--no-hangul]

`--korean 0.3`: three pages of ten are Korean. Pages are made in a process of their own, so that what is measured
holds the reader alone.
"""

from __future__ import annotations

import argparse
import multiprocessing as mp
import os
import resource
import sys
from collections.abc import Iterator

import numpy as np
import psutil

from ocr.pages import Picture
from ocr.reading.engines import open_reader
from ocr.reading.reader import ReaderOptions

KINDS = ("receipt", "invoice", "form", "purchase_order")
LANGUAGES = ("en", "de", "fr")
KOREAN = ("receipt", "tax_invoice_kr", "invoice")


def picture(number: int, dpi: float, korean: float) -> Picture:
    """Page `number`; of every hundred pages in a row, `korean` of them are Korean, evenly spread."""
    from ocr.synthetic.maker import make

    is_korean = int(number * korean) > int((number - 1) * korean)
    kinds, languages = (KOREAN, ("ko",)) if is_korean else (KINDS, LANGUAGES)
    turn = int(number * korean) if is_korean else number
    kind, lang = kinds[turn % len(kinds)], languages[number % len(languages)]
    document = make(kind, lang=lang, seed=70_000 + number, dpi=dpi, degrade="any" if number % 2 else None)
    return Picture(1, np.asarray(document.images()[0].convert("RGB")))


def pages(count: int, dpi: float, korean: float) -> Iterator[Picture]:
    """One page is made while the one before is read, no more."""
    with mp.get_context("spawn").Pool(1, os.nice, (5,)) as maker:
        coming = maker.apply_async(picture, (1, dpi, korean))
        for number in range(2, count + 2):
            page = coming.get()
            if number <= count:
                coming = maker.apply_async(picture, (number, dpi, korean))
            yield page


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=500)
    parser.add_argument("--engine", default="batched")
    parser.add_argument("--backend", default="auto")
    parser.add_argument("--dpi", type=float, default=100.0)
    parser.add_argument("--korean", type=float, default=0.0, help="share of Korean pages, 0 to 1")
    parser.add_argument("--no-hangul", action="store_true", help="never look for Korean")
    options = parser.parse_args()
    reader = open_reader(options.engine, ReaderOptions(backend=options.backend, hangul=not options.no_hangul))
    process = psutil.Process()
    for number, page in enumerate(pages(options.pages, options.dpi, options.korean), 1):
        reader.read([page])
        if number in (1, 10, 25) or number % 50 == 0 or number == options.pages:
            print(f"{number} pages: {process.memory_info().rss / 2**20:.0f} MB, peak {peak_mb():.0f}", flush=True)
    return 0


def peak_mb() -> float:
    """The most this process has held so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10


if __name__ == "__main__":
    sys.exit(main())
