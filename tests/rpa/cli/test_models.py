"""`rpa models`: what is here, whether it is what it claims to be, additions and removals."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from ocr.errors import DocumentError
from ocr.models import CATALOG, file_of
from rpa.cli.main import app

REC = "PP-OCRv6_small_rec"


@pytest.fixture(autouse=True)
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    try:
        file_of(REC, tmp_path)
    except DocumentError as error:
        pytest.skip(f"{error.message} {error.fix}")
    monkeypatch.setenv("RPA_MODELS", str(tmp_path / "store"))
    monkeypatch.chdir(tmp_path)
    return tmp_path / "store"


def rpa(*words: str) -> Result:
    return CliRunner().invoke(app, ["models", *words])


def test_list_names_licences_and_sources() -> None:
    told = json.loads(rpa("list", "--json").stdout)
    assert told["schema"] == 1
    assert {model["name"] for model in told["models"]} >= {weights.name for weights in CATALOG}
    assert all(model["licence"] and model["source"] for model in told["models"])
    assert REC in rpa("list").stdout


def test_a_changed_file_is_told_and_removed(store: Path) -> None:
    assert str(store / REC) in rpa("materialise", REC).stdout
    (store / REC / "inference.onnx").write_bytes(b"other weights")
    verdict = rpa("verify")
    assert verdict.exit_code == 1
    assert "CHANGED" in verdict.stdout
    assert rpa("remove", REC).exit_code == 0
    assert rpa("remove", REC).exit_code == 1
    assert rpa("verify").exit_code == 0


def test_a_folder_of_the_site_is_added(store: Path, tmp_path: Path) -> None:
    korean = tmp_path / "usb" / "korean_PP-OCRv5_mobile_rec"
    korean.mkdir(parents=True)
    (korean / "inference.yml").write_text("{}")
    (korean / "inference.onnx").write_bytes(b"weights")
    assert "added" in rpa("add", str(tmp_path / "usb")).stdout
    assert (store / korean.name / "inference.onnx").is_file()
