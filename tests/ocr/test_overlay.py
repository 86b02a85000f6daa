"""Values are marked where they stand, also on pages that lay wrong and on those a file turns itself."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bots.document.plainform import extraction_data
from ocr.extract import extract
from ocr.overlay import SURE, crops, overlay, overlay_pages, page_pictures
from ocr.values import Box, Evidence, Extraction, Field, PageText, Reading
from rpa.report.pages import marked_pages

SIZE = (400, 240)
INK = (260, 60, 330, 84)
"""The value's place on the upright page, in pixels."""
BOX = Box(1, INK[0] / SIZE[0], INK[1] / SIZE[1], INK[2] / SIZE[0], INK[3] / SIZE[1])


def extraction(file: Path, turned: int) -> Extraction:
    value = Field("total", "12", "12", 1.0, Evidence((BOX,), (), "label"))
    page = PageText(1, *SIZE, (), "ocr", turned=turned)
    return Extraction(
        str(file), "invoice", "ocr", {"total": value}, (), (), False, reading=Reading(str(file), (page,), "fake", "ocr")
    )


def page_turned_right(turned: int) -> Image.Image:
    upright = Image.new("RGB", SIZE, "white")
    upright.paste((0, 0, 0), INK)
    return upright.rotate(-turned, expand=True)


@pytest.mark.parametrize("turned", [0, 90, 180, 270])
def test_the_mark_is_around_the_ink(tmp_path: Path, turned: int) -> None:
    marked = overlay(page_turned_right(turned), 1, extraction(tmp_path / "none.png", turned))
    assert marked.size == SIZE
    frame = (np.abs(np.asarray(marked, int) - np.array(SURE)).sum(2) < 12).nonzero()
    assert abs(frame[1].min() - INK[0]) <= 3 and abs(frame[1].max() - INK[2]) <= 3
    assert abs(frame[0].max() - INK[3]) <= 3


def test_reports_turn_the_page_too(tmp_path: Path) -> None:
    file = tmp_path / "page.png"
    page_turned_right(90).save(file)
    (drawn,) = marked_pages(extraction_data(extraction(file, 90)), file)
    assert f'viewBox="0 0 {SIZE[0]} {SIZE[1]}"' in drawn


def test_pictures_are_upright_as_their_file_says_and_all_pages_are_there(tmp_path: Path) -> None:
    sideways, many = tmp_path / "phone.jpg", tmp_path / "fax.tif"
    exif = Image.Exif()
    exif[0x0112] = 6
    page_turned_right(90).rotate(180).save(sideways, exif=exif)
    Image.new("1", (90, 120), 1).save(many, save_all=True, append_images=[Image.new("1", (90, 130), 1)])
    assert page_pictures(sideways)[0].size == SIZE
    assert [picture.size for picture in page_pictures(many)] == [(90, 120), (90, 130)]
    assert len(overlay_pages(extraction(many, 0))) == 2


def test_extract_takes_the_device_and_the_models_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asked: dict[str, object] = {}

    def read_one(path: object, **options: object) -> Reading:
        asked.update(options)
        return Reading(str(path), (PageText(1, *SIZE, (), "ocr"),), "fake", "ocr")

    monkeypatch.setattr("ocr.reading.read_one", read_one)
    chosen = {"engine": "batched", "device": "gpu:0", "models": tmp_path, "korean": "tesseract"}
    extract("a.png", embedded_xml=False, **chosen)  # type: ignore[arg-type]
    assert {name: asked[name] for name in chosen} == chosen


@pytest.mark.parametrize("turned", [0, 90])
def test_a_doubtful_value_is_cut_out_of_its_page(tmp_path: Path, turned: int) -> None:
    file = tmp_path / "page.png"
    page_turned_right(turned).save(file)
    sure = extraction(file, turned)
    assert crops(sure) == {}
    doubtful = replace(sure, fields={"total": replace(sure.fields["total"], confidence=0.4)})
    picture = Image.open(io.BytesIO(crops(doubtful)["total"])).convert("L")
    assert picture.width < SIZE[0] and picture.height < SIZE[1]
    ink = (np.asarray(picture) < 100).mean()
    assert 0.1 < ink < 0.9
