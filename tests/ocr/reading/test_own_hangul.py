"""Our own Hangul recogniser behind the batched reader, and the columns of stacked letters in Korean forms."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from rapidfuzz.distance import Levenshtein

from ocr.errors import DocumentError
from ocr.models import add_folder, file_of, list_models
from ocr.models.paddledir import characters_of
from ocr.pages import Picture
from ocr.reading import korean
from ocr.reading.batched.fax import DETECTION_SIGMA, SIGMA, softened
from ocr.reading.batched.ownhangul import OwnRouter
from ocr.reading.batched.reader import BatchedReader
from ocr.reading.batched.recognise import Glyphs
from ocr.reading.batched.stacked import parted
from ocr.reading.engines import open_reader
from ocr.reading.hangul import TesseractRouter
from ocr.reading.lines import ReadLine, spans_of
from ocr.reading.reader import ReaderOptions
from tests.ocr.reading.paper import HANGUL, LATIN, draw

KOREAN = (
    "공급받는자 대림물산 주식회사",
    "서울특별시 강남구 테헤란로",
    "합계금액 1,234,500원",
    "이용해 주셔서 감사합니다",
)
QUAD = np.array([[10, 10], [200, 10], [200, 40], [10, 40]], np.float32)


class Scripted:
    """A recogniser that answers the same to every crop, and counts how often it is asked."""

    def __init__(self, text: str, score: float) -> None:
        self.glyphs = Glyphs(
            text, (score,) * len(text), tuple((20 * i, 20 * i + 16) for i in range(len(text))), (0.0,) * (len(text) - 1)
        )
        self.batches: list[int] = []

    def read(self, crops: Sequence[object]) -> list[Glyphs]:
        self.batches.append(len(crops))
        return [self.glyphs] * len(crops)


def page(number: int) -> Picture:
    return Picture(number, np.full((60, 220, 3), 255, np.uint8))


def line(text: str, score: float) -> ReadLine:
    return ReadLine(QUAD, spans_of(text, score), score)


def test_lines_of_all_korean_pages_are_read_in_two_batches() -> None:
    recogniser = Scripted("합계", 0.95)
    lines = [line("", 0.0)] * 12
    made = OwnRouter(recogniser).route_pages([page(1), page(2)], [lines, lines])  # type: ignore[arg-type]
    assert recogniser.batches == [12, 12]
    assert all(one.text == "합계" for found in made for one in found)


def test_a_latin_page_is_not_asked_about() -> None:
    recogniser = Scripted("합계", 0.95)
    lines = [line("Invoice", 0.99)] * 30 + [line("~", 0.4)]
    assert OwnRouter(recogniser).route(page(1), lines) == lines  # type: ignore[arg-type]
    assert recogniser.batches == []


@pytest.mark.parametrize(("text", "score"), [("합계", 0.5), ("Total", 0.99)])
def test_a_page_is_korean_by_sure_hangul_only(text: str, score: float) -> None:
    lines = [line("", 0.0), line("Total", 0.5)]
    assert OwnRouter(Scripted(text, score)).route(page(1), lines) == lines  # type: ignore[arg-type]


@pytest.mark.parametrize(("score", "expected"), [(0.5, ""), (0.6, "합계")])
def test_two_likely_lines_prove_a_fax_korean(score: float, expected: str) -> None:
    lines = [line("", 0.0), line("", 0.0), line("Total", 0.99)]
    made = OwnRouter(Scripted("합계", score)).route(page(1), lines)  # type: ignore[arg-type]
    assert [one.text for one in made][:2] == [expected] * 2


def test_the_surer_reader_has_lines_without_hangul() -> None:
    class Mixed(Scripted):
        def read(self, crops: Sequence[object]) -> list[Glyphs]:
            amount, first = Scripted("₩4,057", 0.97).glyphs, not self.batches
            super().read(crops)
            return [self.glyphs if first and index == 0 else amount for index in range(len(crops))]

    lines = [line("", 0.0), line("W4,057", 0.93), line("W4,057", 0.99)]
    made = OwnRouter(Mixed("합계", 0.95)).route(page(1), lines)  # type: ignore[arg-type]
    assert [one.text for one in made] == ["합계", "₩4,057", "W4,057"]


def test_a_lone_digit_is_not_taken_for_a_syllable() -> None:
    class Unsure(Scripted):
        def read(self, crops: Sequence[object]) -> list[Glyphs]:
            unsure, first = Scripted("이", 0.42).glyphs, not self.batches
            super().read(crops)
            return [self.glyphs if first and index == 0 else unsure for index in range(len(crops))]

    lines = [line("", 0.0), line("3", 0.99), line("", 0.0)]
    made = OwnRouter(Unsure("합계", 0.95)).route(page(1), lines)  # type: ignore[arg-type]
    assert [one.text for one in made] == ["합계", "3", "이"]


def test_korean_pages_by_the_real_weights() -> None:
    pytest.importorskip("onnxruntime")
    reader = open_reader("batched", ReaderOptions(korean="own", backend="onnxruntime"))
    assert isinstance(reader, BatchedReader) and reader.name.endswith("+hangul")
    paper = draw([(30, 30 + 50 * i, text, 26) for i, text in enumerate(KOREAN)], (560, 240), HANGUL)
    latin = draw([(30, 30, "Net total 874.15", 26)], (560, 100), LATIN)
    pages = reader.read([Picture(1, paper.pixels), Picture(2, latin.pixels), Picture(3, paper.pixels)])
    assert pages[0].lines == tuple(line for line in pages[0].lines if line.box.page == 1)
    for made in (pages[0], pages[2]):
        assert Levenshtein.normalized_similarity("\n".join(one.text for one in made.lines), "\n".join(KOREAN)) > 0.95
    assert [one.text for one in pages[1].lines] == ["Net total 874.15"]


def test_our_weights_are_listed_with_their_licence() -> None:
    (own,) = [state for state in list_models() if state.name == korean.HANGUL]
    assert (own.source, own.licence, own.pinned) == ("package", "Apache-2.0", True)
    assert own.where is not None and own.where.with_suffix(".md").is_file()


def test_who_reads_korean(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(*_: object) -> None:
        raise DocumentError("model-missing", "not here", "get it", kind="engine")

    def opened(_: object) -> None:
        raise AssertionError("a graph was opened")

    monkeypatch.setattr(korean, "hangul_model", lambda: "Hangul")
    assert korean.hangul_router(ReaderOptions(hangul=False), opened) is None  # type: ignore[arg-type]
    asked = korean.hangul_router(ReaderOptions(korean="tesseract"), opened)  # type: ignore[arg-type]
    assert isinstance(asked, TesseractRouter)
    monkeypatch.setattr(korean, "file_of", absent)
    assert isinstance(korean.hangul_router(ReaderOptions(), opened), TesseractRouter)  # type: ignore[arg-type]
    monkeypatch.setattr(korean, "hangul_model", lambda: None)
    assert korean.hangul_router(ReaderOptions(), opened) is None  # type: ignore[arg-type]
    for wanted, code in (("own", "model-missing"), ("tesseract", "engine-missing"), ("nobody", "model-not-added")):
        with pytest.raises(DocumentError) as caught:
            korean.hangul_router(ReaderOptions(korean=wanted), opened)  # type: ignore[arg-type]
        assert caught.value.code == code


def added(folder: Path, characters: list[str]) -> Path:
    """Our recogniser as a site would add another one, its dictionary in the yml alone."""
    import onnx

    model = onnx.load(str(file_of(korean.HANGUL)))
    del model.metadata_props[:]
    made = folder / "source" / "korean_PP-OCRv5_mobile_rec"
    made.mkdir(parents=True)
    onnx.save(model, str(made / "inference.onnx"))
    listed = "".join(f"  - '{char}'\n" for char in ("''" if char == "'" else char for char in characters))
    (made / "inference.yml").write_text("PostProcess:\n  name: CTCLabelDecode\n  character_dict:\n" + listed, "utf-8")
    add_folder(folder / "source", folder / "store")
    return folder / "store"


def test_added_weights_read_korean(tmp_path: Path) -> None:
    name = "korean_PP-OCRv5_mobile_rec"
    store = added(tmp_path, characters_of(file_of(korean.HANGUL)))
    reader = open_reader("batched", ReaderOptions(models=store, korean=name, backend="onnxruntime"))
    assert reader.name == f"batched-onnxruntime+{name}"
    paper = draw([(30, 30 + 50 * i, text, 26) for i, text in enumerate(KOREAN)], (560, 240), HANGUL)
    (page,) = reader.read([Picture(1, paper.pixels)])
    assert Levenshtein.normalized_similarity("\n".join(one.text for one in page.lines), "\n".join(KOREAN)) > 0.95


def test_added_weights_with_another_dictionary_are_refused(tmp_path: Path) -> None:
    store = added(tmp_path, ["가", "나"])
    with pytest.raises(DocumentError, match="11335 classes, its dictionary has 2") as caught:
        open_reader("batched", ReaderOptions(models=store, korean="korean_PP-OCRv5_mobile_rec"))
    assert caught.value.code == "model-unfit"


def column(count: int, room: int) -> np.ndarray:
    """Upright letters of 30 pixels below each other in a box with a rule at its left."""
    pixels = np.full((60 + count * (30 + room), 60, 3), 255, np.uint8)
    pixels[:, 3:5] = 120
    for index in range(count):
        y = 20 + index * (30 + room)
        pixels[y : y + 30, 16:22] = pixels[y : y + 6, 16:44] = pixels[y + 24 : y + 30, 16:44] = 0
    return pixels


def test_stacked_letters_are_parted() -> None:
    pixels = column(4, 26)
    quad = np.array([[6, 12], [54, 12], [54, 226], [6, 226]], np.float32)
    level = [np.array([[0, 0], [60, 0], [60, 12], [0, 12]], np.float32)] * 3
    made = parted(pixels, [quad, *level])[:-3]
    assert len(made) == 4
    for index, letter in enumerate(made):
        top = 20 + index * 56
        assert letter[0, 1] < top and letter[2, 1] > top + 30
        assert abs(float(letter[1, 0] - letter[0, 0]) - 48) < 2


@pytest.mark.parametrize("room", [2, 5])
def test_print_that_runs_downwards_stays_one_line(room: int) -> None:
    quad = np.array([[6, 12], [54, 12], [54, 150], [6, 150]], np.float32)
    level = [np.array([[0, 0], [60, 0], [60, 12], [0, 12]], np.float32)] * 3
    assert len(parted(column(4, room), [quad, *level])) == 4


def test_a_page_on_its_side_is_not_taken_apart() -> None:
    quad = np.array([[6, 12], [54, 12], [54, 226], [6, 226]], np.float32)
    assert len(parted(column(4, 26), [quad])) == 1


def test_only_faxes_are_softened() -> None:
    grey = draw([(30, 30, "Net total 874.15", 26)], (560, 100), LATIN).pixels
    fax = np.where(grey > 128, 255, 0).astype(np.uint8)
    assert softened(Picture(1, grey)).pixels is grey
    made = softened(Picture(1, fax)).pixels
    assert made is not fax and len(np.unique(made)) > 10


def test_a_fax_is_softened_more_for_the_detector() -> None:
    fax = np.where(draw([(30, 30, "Net total 874.15", 26)], (560, 100), LATIN).pixels > 128, 255, 0).astype(np.uint8)
    read, found = (softened(Picture(1, fax), sigma).pixels.astype(int) for sigma in (SIGMA, DETECTION_SIGMA))
    assert np.abs(np.diff(found[:, :, 0], axis=1)).max() < np.abs(np.diff(read[:, :, 0], axis=1)).max()
