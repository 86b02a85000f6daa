"""Whether reading keeps its memory: pages of many sizes through one engine, resident memory as they pass.

python -m bench.reading_memory [--pages 500] [--engine batched] [--dpi 100]
"""

from __future__ import annotations

import argparse
import sys

import numpy as np
import psutil

from ocr.pages import Picture
from ocr.reading.engines import open_reader
from ocr.reading.reader import ReaderOptions
from ocr.synthetic.maker import make

KINDS = ("receipt", "invoice", "form", "purchase_order")
LANGUAGES = ("en", "de", "fr")


def picture(number: int, dpi: float) -> Picture:
    kind, lang = KINDS[number % len(KINDS)], LANGUAGES[number % len(LANGUAGES)]
    document = make(kind, lang=lang, seed=70_000 + number, dpi=dpi, degrade="any" if number % 2 else None)
    return Picture(1, np.asarray(document.images()[0].convert("RGB")))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=500)
    parser.add_argument("--engine", default="batched")
    parser.add_argument("--dpi", type=float, default=100.0)
    options = parser.parse_args()
    reader = open_reader(options.engine, ReaderOptions(hangul=False))
    process = psutil.Process()
    for number in range(1, options.pages + 1):
        reader.read([picture(number, options.dpi)])
        if number in (1, 10, 25) or number % 50 == 0:
            print(f"{number} pages: {process.memory_info().rss / 2**20:.0f} MB", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
