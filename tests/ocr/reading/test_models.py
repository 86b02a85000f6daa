"""The store of reading weights: pins, folders for PaddleOCR, additions, removals; ONNX files cut to fit."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from ocr.errors import DocumentError
from ocr.models import CATALOG, add_folder, file_of, list_models, materialise, remove, verify
from ocr.models.onnxfile import onnx_metadata, parted
from ocr.models.paddledir import characters_of

REC = "PP-OCRv6_small_rec"


@pytest.fixture(autouse=True)
def weights_here(tmp_path: Path) -> None:
    try:
        file_of(REC, tmp_path)
    except DocumentError as error:
        pytest.skip(f"{error.message} {error.fix}")


def test_the_package_holds_what_the_catalogue_pins(tmp_path: Path) -> None:
    assert all(matches for _, matches, _ in verify(tmp_path))
    states = {state.name: state for state in list_models(tmp_path)}
    assert set(states) == {weights.name for weights in CATALOG}
    assert {state.source for state in states.values()} == {"package"}
    assert all(state.licence == "Apache-2.0" for state in states.values())


def test_a_folder_for_paddleocr_is_written_once(tmp_path: Path) -> None:
    folder = materialise(REC, tmp_path)
    assert folder == tmp_path / REC
    described = json.loads((folder / "inference.yml").read_text("utf-8"))
    assert described["Global"]["model_name"] == REC
    assert len(described["PostProcess"]["character_dict"]) == 18708
    written = (folder / "inference.onnx").stat().st_mtime_ns
    materialise(REC, tmp_path)
    assert (folder / "inference.onnx").stat().st_mtime_ns == written
    assert file_of(REC, tmp_path) == folder / "inference.onnx"


def test_changed_weights_are_not_loaded(tmp_path: Path) -> None:
    path = materialise(REC, tmp_path) / "inference.onnx"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    with pytest.raises(DocumentError) as caught:
        file_of(REC, tmp_path)
    assert caught.value.code == "model-changed"
    assert [name for name, matches, _ in verify(tmp_path) if not matches] == [REC]
    assert remove(REC, tmp_path)
    assert file_of(REC, tmp_path).is_file()
    assert not remove(REC, tmp_path)


def test_known_files_and_foreign_folders_can_be_added(tmp_path: Path) -> None:
    source, store = tmp_path / "usb", tmp_path / "store"
    korean = source / "korean_PP-OCRv5_mobile_rec"
    korean.mkdir(parents=True)
    (korean / "inference.yml").write_text("{}")
    (korean / "inference.onnx").write_bytes(b"weights")
    (source / "renamed.onnx").write_bytes(file_of(REC).read_bytes())
    assert sorted(add_folder(source, store)) == sorted([REC, korean.name])
    states = {state.name: state for state in list_models(store)}
    assert (states[REC].source, states[korean.name].pinned) == ("folder", False)
    with pytest.raises(DocumentError):
        add_folder(tmp_path / "nothing", store)


def test_removal_stays_inside_the_store(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    assert not remove("../outside", tmp_path / "store")
    assert outside.is_dir()


def test_unknown_models_are_named(tmp_path: Path) -> None:
    with pytest.raises(DocumentError) as caught:
        file_of("PP-OCRv9", tmp_path)
    assert REC in caught.value.fix


def test_a_parted_recogniser_says_the_same() -> None:
    import onnxruntime as ort

    path = file_of(REC)
    classes = [0, 40, 41, 42, 77, 18709]
    x = np.random.default_rng(5).standard_normal((2, 3, 48, 96)).astype(np.float32)
    made = parted(path, classes)
    whole, seen = (ort.InferenceSession(model).run(None, {"x": x})[0] for model in (path, made.body))
    assert (made.features, seen.shape) == (120, (2, 12, 126))
    few, kept = seen[..., 120:], whole[..., classes]
    assert np.abs(few - kept / kept.sum(-1, keepdims=True)).max() < 1e-4
    head = ort.InferenceSession(made.head)
    again = head.run(None, {head.get_inputs()[0].name: seen[..., :120]})[0]
    assert np.abs(again - whole).max() < 1e-4


def test_metadata_agrees_with_onnxruntime() -> None:
    import onnxruntime as ort

    path = file_of(REC)
    assert onnx_metadata(path) == ort.InferenceSession(path).get_modelmeta().custom_metadata_map
    assert characters_of(path)[:3] == ["!", '"', "#"]


@pytest.mark.parametrize("data", [b"", b"\xff" * 30, b"hello world"])
def test_other_files_are_no_models(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.onnx").write_bytes(data)
    with pytest.raises(ValueError):
        parted(tmp_path / "a.onnx", [0])
