"""Rendered A4 invoices at 150 dpi: seconds a page with a warm reader, and the printed values found.

    python -m bench.reading_invoice [--count 20] [--seed 515] [--lang en --lang de] [--engine batched] [--threads N]

A value is what is printed of one field (of one row) in one line; it counts as found where the page's text has it
exactly, spaces apart. The first page, which also warms the reader, is not timed.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Iterator

import numpy as np

from ocr.pages import Picture
from ocr.reading.engines import open_reader
from ocr.reading.reader import ReaderOptions
from ocr.synthetic.document import SyntheticDocument
from ocr.synthetic.maker import make


def values(document: SyntheticDocument) -> list[str]:
    """The first page's printed values, without spaces."""
    groups: dict[tuple[object, ...], str] = {}
    for word in document.truth.words:
        if word.page == 1 and (word.field or word.part):
            key = (word.field, word.row, word.part, word.line)
            groups[key] = groups.get(key, "") + "".join(word.text.split())
    return list(groups.values())


def documents(count: int, seed: int, languages: list[str]) -> Iterator[SyntheticDocument]:
    for index in range(count):
        yield make("invoice", lang=languages[index % len(languages)], seed=seed + index, dpi=150.0)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=20)
    parser.add_argument("--seed", type=int, default=515)
    parser.add_argument("--lang", action="append")
    parser.add_argument("--engine", default="batched")
    parser.add_argument("--threads", type=int)
    options = parser.parse_args()
    reader = open_reader(options.engine, ReaderOptions(threads=options.threads))
    wall, cpu, there, missing = [], [], 0, []
    for document in documents(options.count + 1, options.seed, options.lang or ["en", "de"]):
        picture = Picture(1, np.asarray(document.images()[0].convert("RGB")))
        started, spent = time.perf_counter(), time.process_time()
        (page,) = reader.read([picture])
        wall.append(time.perf_counter() - started)
        cpu.append(time.process_time() - spent)
        text = "".join(word.text for word in page.words)
        found = values(document)
        there += len(found)
        missing += [f"{document.name}: {value}" for value in found if value not in text]
    warm = sorted(wall[1:])
    print(f"{reader.name}: {len(warm)} pages, {picture.width} x {picture.height} pixels")
    print(f"wall s/page: median {statistics.median(warm):.2f}, lowest {warm[0]:.2f}, highest {warm[-1]:.2f}")
    print(f"CPU s/page: median {statistics.median(cpu[1:]):.2f}")
    print(f"values found: {there - len(missing)} of {there} ({100 * (1 - len(missing) / there):.2f} %)")
    print("\n".join(missing))
    return 0


if __name__ == "__main__":
    sys.exit(main())
