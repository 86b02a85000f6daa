"""Every engine keeps the same contract: pages in, page texts out, boxes that hold."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from ocr.errors import DocumentError
from ocr.pages import Picture
from ocr.reading import available_engines
from ocr.reading.engines import open_reader
from ocr.reading.reader import Reader, ReaderOptions
from tests.ocr.reading.paper import english_invoice, korean_tax_invoice

ENGINES = ["batched", pytest.param("paddleocr", marks=pytest.mark.heavy), "tesseract"]


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Reader]:
    folder = tmp_path_factory.mktemp("models")

    def open_one(engine: str) -> Reader:
        reason = available_engines()[engine]
        if reason:
            pytest.skip(f"{engine} is not installed: {reason}")
        return open_reader(engine, ReaderOptions(models=folder))

    return open_one


@pytest.mark.parametrize("engine", ENGINES)
def test_it_reads_a_clean_invoice(opened: Callable[[str], Reader], engine: str) -> None:
    paper = english_invoice()
    (page,) = opened(engine).read([Picture(1, paper.pixels)])
    found = {word.text for word in page.words}
    missing = [word for word in paper.words if word not in found]
    assert len(missing) <= (0 if engine == "batched" else 0.1 * len(paper.words)), missing
    assert page.rung == "ocr"
    assert (page.width, page.height) == (1240, 1754)


@pytest.mark.parametrize("engine", ENGINES)
def test_boxes_lie_on_the_ink(opened: Callable[[str], Reader], engine: str) -> None:
    paper = english_invoice()
    (page,) = opened(engine).read([Picture(1, paper.pixels)])
    for word in page.words:
        box = word.box
        assert 0 <= box.x0 < box.x1 <= 1
        assert 0 <= box.y0 < box.y1 <= 1
        assert 0 <= word.score <= 1
        inside = paper.pixels[int(box.y0 * 1754) : int(box.y1 * 1754) + 1, int(box.x0 * 1240) : int(box.x1 * 1240) + 1]
        assert inside.min() < 120, word
    number = next(word for word in page.words if word.text == "NW-2026-00417")
    assert number.box.x0 == pytest.approx(980 / 1240, abs=0.01)
    assert number.box.y0 < 170 / 1754 < number.box.y1


@pytest.mark.parametrize("engine", ENGINES)
def test_nothing_on_the_page_gives_no_lines(opened: Callable[[str], Reader], engine: str) -> None:
    blank = np.full((300, 200, 3), 255, np.uint8)
    pages = opened(engine).read([Picture(3, blank), Picture(7, blank)])
    assert [(page.number, page.lines) for page in pages] == [(3, ()), (7, ())]


@pytest.mark.parametrize("engine", ["batched", pytest.param("paddleocr", marks=pytest.mark.heavy)])
def test_korean_is_read(opened: Callable[[str], Reader], engine: str) -> None:
    reader = opened(engine)
    paper = korean_tax_invoice()
    (page,) = reader.read([Picture(1, paper.pixels)])
    together = "".join(line.text for line in page.lines).replace(" ", "")
    pieces = [text.replace(" ", "") for text in paper.texts]
    found = [piece for piece in pieces if piece in together]
    assert len(found) >= 0.92 * len(pieces), sorted(set(pieces) - set(found))
    numbers = [piece for piece in pieces if piece[0].isdigit()]
    assert [n for n in numbers if n not in together] == []


def test_tesseract_refuses_a_gpu() -> None:
    with pytest.raises(DocumentError) as refused:
        open_reader("tesseract", ReaderOptions(device="gpu:0"))
    assert refused.value.code in ("device-missing", "engine-missing")


@pytest.mark.parametrize("shape", [(1, 1), (1, 400), (400, 1), (5, 5), (33, 31), (40, 3000)])
def test_odd_sizes_do_not_break_it(opened: Callable[[str], Reader], shape: tuple[int, int]) -> None:
    random = np.random.default_rng(3).integers(0, 255, (*shape, 3)).astype(np.uint8)
    (page,) = opened("batched").read([Picture(1, random)])
    assert all(0 <= w.box.x0 <= w.box.x1 <= 1 for w in page.words)


@pytest.mark.parametrize("backend", ["onnxruntime", "openvino"])
def test_both_backends_read_the_same(backend: str) -> None:
    if backend == "openvino":
        pytest.importorskip("openvino", reason="openvino is not installed")
    paper = english_invoice()
    reader = open_reader("batched", ReaderOptions(backend=backend, hangul=False))
    assert backend in reader.name
    (page,) = reader.read([Picture(1, paper.pixels)])
    assert sorted(word.text for word in page.words) == sorted(paper.words)


def test_unknown_and_missing_engines_say_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(DocumentError) as unknown:
        open_reader("abbyy")
    assert unknown.value.code == "engine-unknown"
    assert "batched" in unknown.value.fix
    monkeypatch.setattr("shutil.which", lambda _: None)
    with pytest.raises(DocumentError) as missing:
        open_reader("tesseract", ReaderOptions(threads=3))
    assert (missing.value.code, missing.value.kind) == ("engine-missing", "engine")
    assert "apt-get install tesseract-ocr" in missing.value.fix


@pytest.mark.parametrize("engine", ["batched", "paddleocr"])
def test_a_gpu_that_is_not_there_is_refused(engine: str) -> None:
    import torch

    if torch.cuda.is_available():
        pytest.skip("this machine has a GPU")
    with pytest.raises(DocumentError) as refused:
        open_reader(engine, ReaderOptions(device="gpu:0"))
    assert refused.value.code == "device-missing"


def test_importing_costs_nothing() -> None:
    import subprocess

    code = (
        "import sys, ocr.reading, ocr.reading.jsonform; "
        "print([m for m in ('paddleocr', 'onnxruntime', 'openvino', 'torch', 'cv2', 'pypdfium2')"
        " if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[3],
    )
    assert done.stdout.strip() == "[]"
