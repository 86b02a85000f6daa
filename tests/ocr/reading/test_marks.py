"""Stamps and signatures on generated pages are marked, print is not, and nothing is invented from them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from ocr.pages import Picture
from ocr.reading.engines import open_reader
from ocr.reading.jsonform import reading_to_json
from ocr.reading.lines import FoundMark, ReadLine, page_text, spans_of
from ocr.reading.marks import marks_of
from ocr.reading.reader import ReaderOptions
from ocr.synthetic.document import SyntheticDocument
from ocr.synthetic.maker import make
from ocr.values import Reading

KINDS = ("form", "bank_slip", "tax_invoice_kr", "invoice", "receipt", "purchase_order")


def pages(count: int, seed: int) -> Iterator[tuple[SyntheticDocument, Picture, list[ReadLine]]]:
    """Generated pages with their printed words as an engine would read them; every third one is scanned."""
    for index in range(count):
        kind = KINDS[index % len(KINDS)]
        lang = "ko" if kind == "tax_invoice_kr" else ("ko", "en", "de")[index // len(KINDS) % 3]
        document = make(kind, lang=lang, seed=seed + index, degrade="scan" if index % 3 == 0 else None)
        pixels = np.asarray(document.images()[0].convert("RGB"))
        height, width = pixels.shape[:2]
        on_marks = {run.text for run in document.sheet.scene.pages[0].over_runs}
        lines = [
            word_line(word.text, word.box, width, height)
            for word in document.truth.words
            if word.page == 1 and word.text not in on_marks
        ]
        yield document, Picture(1, pixels), lines


def word_line(text: str, box: tuple[float, float, float, float], width: int, height: int) -> ReadLine:
    x0, y0, x1, y1 = box[0] * width - 2, box[1] * height - 2, box[2] * width + 2, box[3] * height + 2
    quad = np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]], np.float32)
    return ReadLine(quad, spans_of(text, 0.99), 0.99)


def wanted_marks(document: SyntheticDocument) -> list[FoundMark]:
    scale = document.dpi / 72
    made = []
    for shape in document.sheet.scene.pages[0].over:
        xs, ys = zip(*shape.points, strict=True)
        box = tuple(round(v * scale) for v in (min(xs), min(ys), max(xs), max(ys)))
        made.append(FoundMark("handwriting" if shape.kind == "path" else "stamp", box))  # type: ignore[arg-type]
    return made


def covers(found: FoundMark, wanted: FoundMark) -> bool:
    a, b = found.box, wanted.box
    width, height = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    enough = width > 0.5 * (b[2] - b[0]) and height > 0.4 * (b[3] - b[1])
    return found.kind == wanted.kind and enough


def measured(count: int, seed: int) -> tuple[int, int, int, list[str]]:
    """(marks on the pages, marks found, marks found where none is, print that was called something else)."""
    there = found = extra = 0
    wrong: list[str] = []
    for document, picture, lines in pages(count, seed):
        wanted = wanted_marks(document)
        kinded, marks = marks_of(picture, lines)
        there += len(wanted)
        found += sum(any(covers(mark, one) for mark in marks) for one in wanted)
        extra += sum(not any(covers(mark, one) for one in wanted) for mark in marks)
        wrong += [line.text for line in kinded if line.kind != "print"]
    return there, found, extra, wrong


def test_marks_of_generated_pages() -> None:
    there, found, extra, wrong = measured(14, 9000)
    assert there >= 4
    assert found >= 0.95 * there
    assert extra <= 0.05 * 14
    assert len(wrong) <= 2, wrong


@pytest.mark.heavy
@pytest.mark.timeout(3600)
def test_marks_of_many_generated_pages() -> None:
    there, found, extra, wrong = measured(400, 40_000)
    print(f"{found} of {there} marks found, {extra} where none is, {len(wrong)} printed words taken for marks")
    assert found >= 0.95 * there
    assert extra <= 0.05 * 400
    assert len(wrong) <= 20, wrong[:20]


def test_nothing_is_invented_from_a_signature_or_an_unsure_stamp() -> None:
    quad = np.array([[20, 20], [90, 20], [90, 60], [20, 60]], np.float32)
    pixels = np.full((200, 400, 3), 255, np.uint8)
    pixels[10:70, 10:100] = (205, 45, 40)
    pixels[13:67, 13:97] = 255
    pixels[30:50, 40:60] = (205, 45, 40)
    for score, text in ((0.5, ""), (0.97, "PAID")):
        (line,), (mark,) = marks_of(Picture(1, pixels), [ReadLine(quad, spans_of("PAID", score), score)])
        assert (mark.kind, line.kind, line.text) == ("stamp", "stamp", text)


def test_a_printed_line_under_a_stamp_stays_print() -> None:
    document, picture, lines = next(item for item in pages(30, 9000) if wanted_marks(item[0]))
    x0, y0, x1, y1 = wanted_marks(document)[0].box
    under = word_line("Northwind Trading Ltd", (0, 0, 0, 0), 1, 1).quad
    under[:] = [[x0 - 300, y0 + 5], [x1, y0 + 5], [x1, y1 - 5], [x0 - 300, y1 - 5]]
    kinded, _ = marks_of(picture, [*lines, ReadLine(under, spans_of("Northwind Trading Ltd", 0.95), 0.95)])
    assert (kinded[-1].kind, kinded[-1].text) == ("print", "Northwind Trading Ltd")


def test_json_tells_marks() -> None:
    picture = Picture(1, np.full((100, 200, 3), 255, np.uint8))
    page = page_text(picture, [], [FoundMark("stamp", (20, 10, 60, 50))])
    told = reading_to_json(Reading("a.png", (page,), "fake", "ocr"))
    assert told["pages"][0]["marks"] == [{"kind": "stamp", "box": [0.1, 0.1, 0.3, 0.5]}]


def test_the_engine_reads_a_sealed_form_without_inventing() -> None:
    pytest.importorskip("onnxruntime")
    document = make("form", lang="en", seed=5007, degrade=None)
    pixels = np.asarray(document.images()[0].convert("RGB"))
    (page,) = open_reader("batched", ReaderOptions(hangul=False)).read([Picture(1, pixels)])
    printed = {word.text for word in document.truth.words}
    inside = [
        word.text
        for mark in page.marks
        for word in page.words
        if mark.box.x0 < word.box.center[0] < mark.box.x1 and mark.box.y0 < word.box.center[1] < mark.box.y1
    ]
    assert set(inside) <= printed
