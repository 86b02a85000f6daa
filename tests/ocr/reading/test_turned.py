"""Pages on their side or on their head are read as if they lay right."""

from __future__ import annotations

import numpy as np
import pytest
from rapidfuzz.distance import Levenshtein

from ocr.pages import Picture
from ocr.reading.batched.turned import quarter_turns, turned
from ocr.reading.engines import open_reader
from ocr.reading.lines import ReadLine, spans_of
from ocr.reading.reader import ReaderOptions
from tests.ocr.reading.paper import HANGUL, LATIN, draw

LINES = (
    "Invoice number NW-2026-00417",
    "Payment within thirty days",
    "Net total 874.15",
    "Amount due 1,048.98",
)
KOREAN = (
    "서울특별시 강남구 테헤란로",
    "공급받는자 대림물산 주식회사",
    "합계금액 청구함",
    "이용해 주셔서 감사합니다",
)


@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_latin_pages(turns: int) -> None:
    pytest.importorskip("onnxruntime")
    paper = draw([(30, 30 + 50 * i, text, 26) for i, text in enumerate(LINES)], (560, 240), LATIN)
    given = turned(Picture(1, paper.pixels), turns)
    (page,) = open_reader("batched", ReaderOptions(hangul=False)).read([given])
    assert [line.text for line in page.lines] == list(LINES)
    assert page.turned == (4 - turns) % 4 * 90
    assert (page.width, page.height) == (560, 240)


@pytest.mark.parametrize("turns", [2, 3])
def test_korean_pages(turns: int) -> None:
    pytest.importorskip("onnxruntime")
    paper = draw([(30, 30 + 50 * i, text, 26) for i, text in enumerate(KOREAN)], (560, 240), HANGUL)
    (page,) = open_reader("batched").read([turned(Picture(1, paper.pixels), turns)])
    assert page.turned == (4 - turns) % 4 * 90
    got, wanted = ("".join(text).replace(" ", "") for text in ([line.text for line in page.lines], KOREAN))
    assert Levenshtein.normalized_similarity(got, wanted) > 0.95


def test_a_page_that_reads_well_is_not_read_again() -> None:
    def refuse(_: object) -> float:
        raise AssertionError("it was read again")

    quad = np.array([[0, 0], [200, 0], [200, 30], [0, 30]], np.float32)
    lines = [ReadLine(quad, spans_of("Net total", 0.97), 0.97)] * 5
    assert quarter_turns(Picture(1, np.full((300, 300, 3), 255, np.uint8)), lines, [refuse]) == 0


def test_a_bad_page_stays_as_it_lies_where_nothing_tells() -> None:
    quad = np.array([[0, 0], [200, 0], [200, 30], [0, 30]], np.float32)
    lines = [ReadLine(quad, spans_of("~", 0.4), 0.4)] * 5
    picture = Picture(1, np.full((300, 300, 3), 255, np.uint8))
    assert quarter_turns(picture, lines, [lambda _: 0.4]) == 0
