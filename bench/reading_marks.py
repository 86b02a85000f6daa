"""What reading makes of stamps and signatures: pages of the document maker that have some, read by the real engine.

    python -m bench.reading_marks [--pages 400] [--seed 40000] [--damage scan]... [--engine batched] [--threads N]

Of the pages made, those with a mark are read. Told are the marks flagged, and every character read in a mark's
place that is printed nowhere there: neither on the page below it nor in the stamp. Signatures print nothing.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from rapidfuzz.distance import Levenshtein

from ocr.pages import Picture
from ocr.reading.engines import open_reader
from ocr.reading.reader import ReaderOptions
from ocr.synthetic.degrade import warp_box
from ocr.synthetic.document import SyntheticDocument
from ocr.synthetic.maker import make
from ocr.values import Box, PageText

KINDS = ("form", "bank_slip", "tax_invoice_kr", "invoice", "receipt", "purchase_order")
LANGUAGES = ("ko", "en", "de")


@dataclass(slots=True)
class Found:
    """Counts over all pages; `missed` are marks that were not flagged, `examples` invented words, with their pages."""

    pages: int = 0
    there: int = 0
    flagged: int = 0
    by_signature: int = 0
    by_stamp: int = 0
    misread: int = 0
    missed: list[str] = field(default_factory=list)
    examples: list[str] = field(default_factory=list)


def documents(count: int, seed: int, damages: Sequence[str] = ("scan",)) -> Iterator[SyntheticDocument]:
    """Pages as `tests/ocr/reading/test_marks.py` makes them; every third one is damaged, in turn by each damage."""
    for index in range(count):
        kind = KINDS[index % len(KINDS)]
        lang = "ko" if kind == "tax_invoice_kr" else LANGUAGES[index // len(KINDS) % 3]
        yield make(
            kind, lang=lang, seed=seed + index, degrade=None if index % 3 else damages[index // 3 % len(damages)]
        )


def marks_of(document: SyntheticDocument) -> list[tuple[str, Box]]:
    """Kind and place (as read: on the damaged page) of every mark of the first page."""
    page, warp = document.sheet.pages[0], document.warps[0].warp
    made = []
    for shape in page.over:
        xs, ys = zip(*shape.points, strict=True)
        whole = (min(xs) / page.width, min(ys) / page.height, max(xs) / page.width, max(ys) / page.height)
        made.append(("handwriting" if shape.kind == "path" else "stamp", Box(1, *warp_box(warp, whole))))
    return made


def measure(document: SyntheticDocument, page: PageText, found: Found) -> None:
    """Adds what was read of one page."""
    wanted = marks_of(document)
    printed = [word.text for word in document.truth.words if word.page == 1]
    printed += [word for run in document.sheet.pages[0].over_runs for word in run.text.split()]
    found.pages += 1
    found.there += len(wanted)
    missed = [kind for kind, box in wanted if not any(_meets(one.box, box, one.kind == kind) for one in page.marks)]
    found.flagged += len(wanted) - len(missed)
    found.missed += [f"{document.name}: a {kind}" for kind in missed]
    for word in page.words:
        kind = next((kind for kind, box in wanted if _holds(box, *word.box.center)), None)
        if kind is None or word.text in printed:
            continue
        below = "".join(one.text for one in document.truth.words if one.page == 1 and _meets_at_all(one.box, word.box))
        if _resembles(word.text, printed) or _is_part_of(word.text, below):
            found.misread += 1
            continue
        found.examples.append(f"{document.name}: {word.text!r} in a {kind}")
        if kind == "stamp":
            found.by_stamp += len(word.text)
        else:
            found.by_signature += len(word.text)


def _resembles(text: str, printed: Sequence[str]) -> bool:
    """Whether a printed word was merely misread: most of its characters are there, in their order."""
    return any(text in one or Levenshtein.normalized_similarity(text, one) >= 0.5 for one in printed)


def _is_part_of(text: str, printed: str) -> bool:
    """Whether a printed text was read in part: every character of `text` is there, in its order."""
    rest = iter(printed)
    return all(character in rest for character in text)


def _meets_at_all(box: tuple[float, float, float, float], read: Box) -> bool:
    return box[0] < read.x1 and read.x0 < box[2] and box[1] < read.y1 and read.y0 < box[3]


def _holds(box: Box, x: float, y: float) -> bool:
    return box.x0 <= x <= box.x1 and box.y0 <= y <= box.y1


def _meets(mark: Box, wanted: Box, same: bool) -> bool:
    width = min(mark.x1, wanted.x1) - max(mark.x0, wanted.x0)
    height = min(mark.y1, wanted.y1) - max(mark.y0, wanted.y0)
    return same and width > 0.5 * wanted.width and height > 0.4 * wanted.height


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=400)
    parser.add_argument("--seed", type=int, default=40_000)
    parser.add_argument("--damage", action="append", help="of every third page (scan); several take turns")
    parser.add_argument("--engine", default="batched")
    parser.add_argument("--threads", type=int)
    options = parser.parse_args()
    reader, found = open_reader(options.engine, ReaderOptions(threads=options.threads)), Found()
    for document in documents(options.pages, options.seed, options.damage or ("scan",)):
        if marks_of(document):
            pixels = np.asarray(document.images()[0].convert("RGB"))
            (page,) = reader.read([Picture(1, pixels)])
            measure(document, page, found)
    print(f"{options.pages} pages made, {found.pages} with marks: {found.flagged} of {found.there} flagged")
    print(f"invented characters: {found.by_signature} from signatures, {found.by_stamp} from stamps")
    print(f"words of the page or the stamp misread there: {found.misread}")
    print("\n".join([*(f"not flagged: {one}" for one in found.missed), *found.examples]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
