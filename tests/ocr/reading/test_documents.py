"""From files to readings: order, batches, failures in their place, JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image

from ocr.errors import DocumentError
from ocr.pages import Limits, Picture
from ocr.reading import FailedReading, read, read_one
from ocr.reading.fake import FakeReader
from ocr.reading.jsonform import failure_to_json, reading_to_json
from ocr.values import Box, Line, PageText, Reading, Word
from tests.ocr.pages.files import LINES, text_pdf
from tests.ocr.reading.paper import english_invoice


def told(picture: Picture) -> PageText:
    box = Box(picture.number, 0.1, 0.95, 0.3, 0.97)
    return PageText(
        picture.number,
        picture.width,
        picture.height,
        (Line((Word("seen", box, 0.5),), box, "seen", 0.5),),
        "ocr",
    )


def picture(path: Path, grey: int = 255) -> Path:
    Image.new("L", (60, 40), grey).save(path)
    return path


def test_results_keep_the_order_and_failures_their_place(tmp_path: Path) -> None:
    (tmp_path / "bad.pdf").write_text("no pdf")
    files = [
        picture(tmp_path / "a.png"),
        tmp_path / "bad.pdf",
        text_pdf(tmp_path / "c.pdf"),
        tmp_path / "absent.png",
        picture(tmp_path / "e.png"),
    ]
    results = list(read(files, reader=FakeReader(told)))
    assert [result.file for result in results] == [str(file) for file in files]
    assert [r.error.code if isinstance(r, FailedReading) else r.rung for r in results] == [
        "ocr",
        "file-unsupported",
        "text",
        "file-missing",
        "ocr",
    ]


def test_pages_of_several_documents_share_a_batch(tmp_path: Path) -> None:
    reader = FakeReader(told)
    sizes: list[int] = []
    plain = reader.read
    reader.read = lambda pictures: (sizes.append(len(pictures)), plain(pictures))[1]  # type: ignore[method-assign, func-returns-value, assignment, misc]
    list(read([picture(tmp_path / f"{i}.png") for i in range(6)], reader=reader))
    assert sizes == [4, 2]


def test_a_text_layer_needs_no_engine(tmp_path: Path) -> None:
    reading = read_one(text_pdf(tmp_path / "a.pdf", pages=2), engine="no such engine")
    assert (reading.engine, reading.rung, len(reading.pages)) == ("text-layer", "text", 2)
    assert reading.text.splitlines()[: len(LINES)] == LINES


def test_force_ocr_ignores_the_layer(tmp_path: Path) -> None:
    reading = read_one(text_pdf(tmp_path / "a.pdf"), reader=FakeReader(told), force_ocr=True)
    assert (reading.engine, reading.rung, reading.text) == ("fake", "ocr", "seen")


def test_a_mixed_page_keeps_the_layer_and_adds_what_is_seen(tmp_path: Path) -> None:
    from reportlab.pdfgen import canvas

    Image.fromarray(english_invoice().pixels).save(tmp_path / "scan.png")
    pen = canvas.Canvas(str(tmp_path / "a.pdf"))
    pen.drawString(72, 790, "The purchase order follows as a picture")
    pen.drawImage(str(tmp_path / "scan.png"), 50, 60, 480, 640)
    pen.save()
    reading = read_one(tmp_path / "a.pdf", reader=FakeReader(told))
    assert reading.rung == "mixed"
    assert reading.text.splitlines() == ["The purchase order follows as a picture", "seen"]
    real = read_one(tmp_path / "a.pdf")
    assert {"purchase", "NW-2026-00417", "1,048.98"} <= {word.text for word in real.words}
    assert sum(word.text == "purchase" for word in real.words) == 1


def test_a_failure_in_the_middle_of_a_batch_takes_only_its_document(tmp_path: Path) -> None:
    frames = [Image.new("L", (60, 40), 255) for _ in range(3)]
    frames[0].save(tmp_path / "long.tiff", save_all=True, append_images=frames[1:])
    data = (tmp_path / "long.tiff").read_bytes()
    (tmp_path / "cut.tiff").write_bytes(data[: len(data) // 2])
    results = list(
        read(
            [picture(tmp_path / "a.png"), tmp_path / "cut.tiff", picture(tmp_path / "b.png")],
            reader=FakeReader(told),
        )
    )
    assert [isinstance(result, FailedReading) for result in results] == [False, True, False]


def test_time_runs_out(tmp_path: Path) -> None:
    with pytest.raises(DocumentError) as caught:
        read_one(picture(tmp_path / "a.png"), reader=FakeReader(told), limits=Limits(seconds=-1))
    assert caught.value.code == "document-timeout"


def test_json_is_the_published_form(tmp_path: Path) -> None:
    made = reading_to_json(read_one(picture(tmp_path / "a.png"), reader=FakeReader(told)))
    assert json.loads(json.dumps(made)) == made
    assert {key: made[key] for key in ("schema", "file", "engine")} == {
        "schema": 1,
        "file": str(tmp_path / "a.png"),
        "engine": "fake",
    }
    assert made["seconds"] >= 0
    assert made["load_seconds"] == 0
    (page,) = made["pages"]
    assert (page["page"], page["width"], page["height"]) == (1, 60, 40)
    assert page["lines"] == [
        {
            "text": "seen",
            "score": 0.5,
            "box": [0.1, 0.95, 0.3, 0.97],
            "words": [{"text": "seen", "score": 0.5, "box": [0.1, 0.95, 0.3, 0.97]}],
        }
    ]


def test_json_of_a_failure(tmp_path: Path) -> None:
    (result,) = read([tmp_path / "absent.pdf"])
    assert isinstance(result, FailedReading)
    made = failure_to_json(result)
    assert (made["schema"], made["file"], made["error"]["code"]) == (
        1,
        str(tmp_path / "absent.pdf"),
        "file-missing",
    )


def test_loading_is_told_apart_from_reading(tmp_path: Path) -> None:
    from ocr.reading.engines import open_reader

    open_reader.cache_clear()
    files = [picture(tmp_path / "a.png"), picture(tmp_path / "b.png")]
    first, second = (read_one(file, engine="batched", hangul=False) for file in files)
    assert isinstance(first, Reading)
    assert first.load_seconds > 0.01
    assert second.load_seconds < 0.01


def test_several_processes_read_in_the_order_given(tmp_path: Path) -> None:
    from ocr.reading.parallel import read_in_processes

    files = [picture(tmp_path / f"{number}.png") for number in range(5)]
    files[2:2] = [tmp_path / "absent.png"]
    found = list(read_in_processes(files, 2, engine="fake"))
    assert [one.file for one in found] == [str(file) for file in files]
    assert [isinstance(one, FailedReading) for one in found] == [False, False, True, False, False, False]
    with pytest.raises(DocumentError) as caught:
        list(read_in_processes(files[:1], 2, engine="nobody"))
    assert caught.value.code == "engine-unknown"
