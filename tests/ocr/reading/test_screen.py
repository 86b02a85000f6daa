"""Screens: read at their own size, and no line twice."""

from __future__ import annotations

import numpy as np
import pytest

from ocr.pages import Picture
from ocr.reading.engines import open_reader
from ocr.reading.reader import ReaderOptions
from tests.ocr.reading.paper import HANGUL, LATIN, draw

MENU = [(20, 12 + 26 * i, text, 13) for i, text in enumerate(("File", "Save as draft", "Vendor bills", "Total 12.48"))]


@pytest.fixture
def reader():  # type: ignore[no-untyped-def]
    pytest.importorskip("onnxruntime")
    made = open_reader("batched", ReaderOptions(hangul=False, screen=True))
    made._known.clear()  # type: ignore[attr-defined]
    return made


def texts(reader, pixels: np.ndarray) -> list[str]:  # type: ignore[no-untyped-def]
    return [line.text for line in reader.read([Picture(1, pixels)])[0].lines]


def test_small_print_of_a_screen_is_read(reader) -> None:  # type: ignore[no-untyped-def]
    paper = draw(MENU, (260, 140), LATIN)
    assert texts(reader, paper.pixels) == paper.texts


def test_a_line_that_moved_is_not_recognised_again(reader, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    paper = draw(MENU, (260, 140), LATIN)
    before = reader.read([Picture(1, paper.pixels)])[0].lines
    read: list[int] = []
    recognised = type(reader.recogniser).read
    monkeypatch.setattr(
        type(reader.recogniser), "read", lambda self, crops: read.append(len(crops)) or recognised(self, crops)
    )
    moved = np.full((400, 640, 3), 255, np.uint8)
    moved[200:340, 300:560] = paper.pixels
    after = reader.read([Picture(1, moved)])[0].lines
    assert [line.text for line in after] == paper.texts
    assert sum(read) == 0
    for old, new in zip(before, after, strict=True):
        assert new.box.x0 * 640 - 300 == pytest.approx(old.box.x0 * 260, abs=3)
        assert new.box.y0 * 400 - 200 == pytest.approx(old.box.y0 * 140, abs=3)


def test_one_other_character_is_another_line(reader) -> None:  # type: ignore[no-untyped-def]
    assert texts(reader, draw([(20, 12, "Total 12.48", 13)], (260, 60), LATIN).pixels) == ["Total 12.48"]
    assert texts(reader, draw([(20, 12, "Total 12.46", 13)], (260, 60), LATIN).pixels) == ["Total 12.46"]


def test_korean_is_asked_for_only_where_it_may_stand(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    pytest.importorskip("onnxruntime")
    reader = open_reader("batched", ReaderOptions(screen=True))
    if reader.router is None:  # type: ignore[attr-defined]
        pytest.skip("nothing here reads Korean")
    asked: list[int] = []
    router = type(reader.router)  # type: ignore[attr-defined]
    route = router.route
    monkeypatch.setattr(router, "route", lambda self, p, lines: asked.append(len(lines)) or route(self, p, lines))
    reader._known.clear()  # type: ignore[attr-defined]
    assert texts(reader, draw(MENU, (260, 140), LATIN).pixels) == [text for _, _, text, _ in MENU]
    assert asked == []
    page = draw([(20, 12, "파일 저장", 15), (20, 46, "견적서 보내기", 15)], (260, 90), HANGUL)
    assert [line.replace(" ", "") for line in texts(reader, page.pixels)] == ["파일저장", "견적서보내기"]
    assert asked
