"""The parts of the reader by themselves."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from ocr.pages import Picture
from ocr.pages.order import ordered, rows_of
from ocr.reading import hangul
from ocr.reading.batched.alphabets import _east_asian, is_latin
from ocr.reading.batched.recognise import Glyphs, batches
from ocr.reading.batched.spaces import spaced
from ocr.reading.batched.words import line_of
from ocr.reading.crops import cut, stands
from ocr.reading.hangul import TesseractRouter, suspects_of
from ocr.reading.lines import ReadLine, page_text, part_of, spans_of
from ocr.reading.quads import slope_of, upright
from ocr.reading.tesseract import TesseractLetter
from ocr.values import Box, Line
from tests.ocr.reading.paper import LATIN, draw, worn


def level(x0: float, y0: float, x1: float, y1: float) -> NDArray[np.float32]:
    return np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]], np.float32)


def glyphs_for(text: str, room: dict[int, int], chance: float = 1e-5) -> tuple[NDArray[np.uint8], Glyphs]:
    """A crop with one bar a character, 14 wide, 4 apart, `room[i]` more after character i."""
    crop = np.full((48, 40 * len(text) + 80, 3), 255, np.uint8)
    columns, x = [], 20
    for index in range(len(text)):
        crop[10:38, x : x + 14] = 0
        columns.append((x + 4.0, x + 10.0))
        x += 18 + room.get(index, 0)
    return crop[:, : x + 20], Glyphs(text, (0.9,) * len(text), tuple(columns), (chance,) * (len(text) - 1))


def test_room_between_glyphs_becomes_a_space() -> None:
    crop, glyphs = glyphs_for("TAXINVOICE", {2: 20}, chance=0.05)
    line = line_of(level(0, 0, crop.shape[1], 48), crop, glyphs)
    assert line.text == "TAX INVOICE"
    first, second = line.spans
    assert first.end * crop.shape[1] == pytest.approx(20 + 2 * 18 + 14, abs=1.5)
    assert second.start * crop.shape[1] == pytest.approx(20 + 3 * 18 + 20, abs=1.5)


def test_tight_letters_stay_together_and_a_written_space_without_room_goes() -> None:
    crop, glyphs = glyphs_for("TAXINVOICE", {})
    assert line_of(level(0, 0, crop.shape[1], 48), crop, glyphs).text == "TAXINVOICE"


@pytest.mark.parametrize(
    ("read", "room", "text"),
    [("19,400", 4, "19,400"), ("19,400", 24, "19, 400"), ("13:32", 8, "13:32"), ("13:75", 8, "13: 75")],
)
def test_a_number_stays_together(read: str, room: int, text: str) -> None:
    crop, glyphs = glyphs_for(read, {2: room}, chance=0.32)
    assert line_of(level(0, 0, crop.shape[1], 48), crop, glyphs).text == text


@pytest.mark.parametrize(
    ("read", "after", "room", "text"),
    [
        ("VATNo.12", 2, 13, "VAT No.12"),
        ("Total:RM12", 5, 8, "Total: RM12"),
        ("14:25:11", 2, 5, "14:25:11"),
        ("www.han.kr", 3, 5, "www.han.kr"),
        ("합계금액", 1, 12, "합계 금액"),
    ],
)
def test_the_characters_around_tell_what_room_means(read: str, after: int, room: int, text: str) -> None:
    crop, glyphs = glyphs_for(read, {after: room}, chance=0.02)
    assert line_of(level(0, 0, crop.shape[1], 48), crop, glyphs).text == text


def test_a_lone_digit_stands_upright() -> None:
    assert not stands(level(0, 0, 16, 28))
    assert cut(np.full((40, 40, 3), 255, np.uint8), level(0, 0, 16, 28)).shape[1] == 27
    assert stands(level(0, 0, 16, 60))


def test_ink_without_characters_is_told() -> None:
    crop, glyphs = glyphs_for("123", {})
    strange = np.full((48, 200, 3), 255, np.uint8)
    strange[10:38, ::6] = 0
    wide = np.concatenate([strange, crop], 1)
    moved = Glyphs(glyphs.text, glyphs.scores, tuple((a + 200, b + 200) for a, b in glyphs.columns), glyphs.spaces)
    assert spaced(crop, glyphs).unread == 0
    assert spaced(wide, moved).unread > 0.3


@pytest.mark.parametrize("degrees", [0, 3, 15, -20])
def test_a_tilted_line_is_cut_level(degrees: float) -> None:
    import cv2

    paper = draw([(60, 280, "Net total 1,250.00", 30)], (600, 600), LATIN)
    turn = cv2.getRotationMatrix2D((300, 300), degrees, 1.0)
    tilted = cv2.warpAffine(paper.pixels, turn, (600, 600), borderValue=(255, 255, 255))
    corners = cv2.transform(level(55, 275, 370, 325)[None], turn)[0]
    crop = cut(tilted, upright(corners))
    plain = cut(paper.pixels, level(55, 275, 370, 325))
    assert abs(crop.shape[1] - plain.shape[1]) <= 4
    width = min(crop.shape[1], plain.shape[1])
    assert np.corrcoef(crop[:, :width].ravel(), plain[:, :width].ravel())[0, 1] > 0.8


def test_standing_text_is_turned_and_its_words_stay_in_place() -> None:
    quad = level(100, 50, 130, 350)
    assert stands(quad)
    assert cut(np.zeros((400, 300, 3), np.uint8), quad).shape == (48, 480, 3)
    part = part_of(quad, 0.0, 0.25, True)
    assert part[:, 1].min() == 50
    assert part[:, 1].max() == pytest.approx(125)


def test_batches_hold_every_line_once_and_waste_little() -> None:
    widths = list(np.random.default_rng(1).integers(8, 3200, 137))
    made = list(batches(widths))
    assert sorted(i for indices, _ in made for i in indices) == list(range(137))
    assert all(widths[i] <= width < widths[i] + 128 for indices, width in made for i in indices)
    assert len({(len(indices), width) for indices, width in made}) < 80


def test_latin_is_what_european_invoices_print() -> None:
    assert all(is_latin(char) for char in "Rechnung №".replace("№", "") + "ÄÖÜßéèçñøåŁžŐ€£–•%&@#")
    assert not any(is_latin(char) for char in "一米ニ：한")


def line(text: str, x0: float, y0: float, x1: float, y1: float) -> Line:
    return Line((), Box(1, x0, y0, x1, y1), text)


def test_reading_order_is_rows_then_left_to_right() -> None:
    lines = [
        line("b", 0.6, 0.1, 0.8, 0.13),
        line("c", 0.1, 0.2, 0.3, 0.23),
        line("a", 0.1, 0.105, 0.3, 0.135),
    ]
    assert [one.text for one in ordered(lines)] == ["a", "b", "c"]
    assert [[one.text for one in row] for row in rows_of(lines)] == [["a", "b"], ["c"]]


def test_a_tilted_page_still_falls_into_rows() -> None:
    slope = 0.06
    lines = [
        line(
            f"{row}{column}",
            0.05 + 0.3 * column,
            y := 0.1 + 0.04 * row + slope * (0.1 + 0.3 * column),
            0.15 + 0.3 * column,
            y + 0.03,
        )
        for row in range(4)
        for column in range(3)
    ]
    assert [one.text for one in ordered(lines[::-1], slope)] == [
        f"{row}{column}" for row in range(4) for column in range(3)
    ]
    quads = [level(0, 0, 300, 30) + np.array([[0, 0], [0, 18], [0, 18], [0, 0]], np.float32)] * 4
    assert slope_of(quads) == pytest.approx(0.06, abs=0.005)


def read_line(text: str, score: float, unread: float = 0.0) -> ReadLine:
    return ReadLine(level(10, 10, 200, 40), spans_of(text, score), score, unread=unread)


def test_a_latin_page_sends_nothing_to_the_hangul_model(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> list[list[TesseractLetter]]:
        raise AssertionError("Tesseract was started")

    lines = [read_line("Invoice", 0.99)] * 30 + [read_line("~", 0.4)]
    picture = Picture(1, np.full((50, 220, 3), 255, np.uint8))
    monkeypatch.setattr(hangul, "tesseract_languages", lambda: frozenset(["Hangul"]))
    monkeypatch.setattr(hangul, "run_tesseract_lines", lambda crops, *_, **__: refuse() if crops else [])
    assert TesseractRouter("Hangul").route(picture, lines) == lines


def answers(words: dict[int, list[tuple[str, float]]]) -> object:
    """Words of 60 pixels, their letters at even places."""

    def letters(said: list[tuple[str, float]]) -> list[TesseractLetter]:
        return [
            TesseractLetter(char, x := 10 + 60 * n + 40 * i / len(text), x + 36 / len(text), 25, score, i == 0)
            for n, (text, score) in enumerate(said)
            for i, char in enumerate(text)
        ]

    def run(crops: Sequence[object], *_: object, **__: object) -> list[list[TesseractLetter]]:
        return [letters(words.get(i, [])) for i in range(len(crops))]

    return run


def test_hangul_replaces_what_was_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [read_line("", 0.0), read_line("12,000", 0.99), read_line("123-45", 0.97, unread=0.5)]
    monkeypatch.setattr(
        hangul, "run_tesseract_lines", answers({0: [("합계", 0.9)], 1: [("사업자", 0.3), ("123-45", 0.9)]})
    )
    pixels = np.full((50, 220, 3), 255, np.uint8)
    pixels[15:35, 10:37] = pixels[15:35, 55:84] = 0
    made = TesseractRouter("Hangul").route(Picture(1, pixels), lines)
    assert [one.text for one in made] == ["합계", "12,000", "사업자 123-45"]


def test_unsure_hangul_alone_proves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [read_line("", 0.0), read_line("", 0.0), read_line("Total", 0.99)]
    monkeypatch.setattr(hangul, "run_tesseract_lines", answers({0: [("힣", 0.2)], 1: [("뷁", 0.1)]}))
    assert TesseractRouter("Hangul").route(Picture(1, np.full((50, 220, 3), 255, np.uint8)), lines) == lines


def test_suspects_leave_out_sure_ascii() -> None:
    assert suspects_of([read_line("", 0.0), read_line("A4", 0.99), read_line("A4", 0.9)]) == [0, 2]


def test_a_tilted_receipt_keeps_its_words() -> None:
    pytest.importorskip("onnxruntime")
    from ocr.reading.engines import open_reader
    from ocr.reading.reader import ReaderOptions

    paper = draw(
        [
            (60, 60 + 50 * i, text, 26)
            for i, text in enumerate(("CORNER SHOP", "Milk 2 x 1.49", "Bread rolls", "TOTAL 12.48"))
        ],
        (480, 320),
        LATIN,
    )
    (page,) = open_reader("batched", ReaderOptions(hangul=False)).read([Picture(1, worn(paper, tilt=4).pixels)])
    assert " ".join(one.text for one in page.lines) == "CORNER SHOP Milk 2 x 1.49 Bread rolls TOTAL 12.48"
    assert all(word.quad is not None for word in page.words if len(word.text) > 4)


def test_empty_lines_are_left_out_at_the_very_end() -> None:
    page = page_text(Picture(1, np.zeros((50, 220, 3), np.uint8)), [read_line("", 0.0), read_line("A", 1.0)])
    assert [one.text for one in page.lines] == ["A"]


def test_a_very_large_page_is_looked_at_in_strips() -> None:
    """Lines of 8 pixels on a page of 15 million; the network here sees print wherever it is dark."""
    from ocr.reading.batched.detect import Detector

    sizes: list[int] = []

    def dark(tensor: np.ndarray) -> np.ndarray:
        sizes.append(tensor.shape[2] * tensor.shape[3])
        return (tensor.mean(1, keepdims=True) < 0).astype(np.float32)

    page = np.full((5000, 3000, 3), 255, np.uint8)
    tops = list(range(40, 4960, 97))
    for top in tops:
        page[top : top + 8, 100:2900] = 0
    quads = Detector(dark).quads(page)
    assert len(sizes) > 3
    assert max(sizes) <= 1_700_000
    assert sorted(round(float(quad[:, 1].mean())) for quad in quads) == pytest.approx([top + 4 for top in tops], abs=3)
    assert all(quad[:, 0].max() - quad[:, 0].min() > 2700 for quad in quads)


def test_nothing_is_looked_for_on_plain_paper() -> None:
    from ocr.reading.batched.detect import Detector

    sizes: list[int] = []

    def blind(tensor: np.ndarray) -> np.ndarray:
        sizes.append(tensor.shape[2] * tensor.shape[3])
        return np.zeros((1, 1, *tensor.shape[2:]), np.float32)

    page = np.full((3000, 2000, 3), 240, np.uint8)
    assert Detector(blind).quads(page) == []
    assert len(sizes) == 1
    page[1500, 1000] = 120
    assert Detector(blind).quads(page) == []
    assert len(sizes) > 3


@pytest.mark.parametrize(
    ("text", "expected"), [("家家冰家家家家家家家冰家", False), ("上海市第一人民医院门诊", True), ("东东", True)]
)
def test_a_row_of_stars_is_not_chinese(text: str, expected: bool) -> None:
    glyphs = Glyphs(text, (0.9,) * len(text), ((0.0, 1.0),) * len(text), (0.0,) * (len(text) - 1))
    assert _east_asian(glyphs) is expected
