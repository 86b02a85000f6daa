"""The `inference.yml` PaddleOCR wants beside the weights: how to prepare a picture, how to read the
output."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

from ocr.errors import DocumentError
from ocr.models.catalog import Weights
from ocr.models.onnxfile import onnx_metadata

YML_FILE = "inference.yml"


def characters_of(onnx_file: Path) -> list[str]:
    """The dictionary a recogniser carries in its metadata, in the order of its outputs (without blank and
    space)."""
    return onnx_metadata(onnx_file)["character"].split("\n")


def added_characters_of(onnx_file: Path) -> list[str]:
    """The dictionary of a recogniser that a person has added: in the graph's metadata, or in the `inference.yml`
    beside it (read as plain strings, so that ~ and 0 stay what they are). Raises DocumentError model-unfit where it is
    in neither."""
    metadata = onnx_metadata(onnx_file)
    if "character" in metadata:
        return metadata["character"].split("\n")
    try:
        told = yaml.load((onnx_file.parent / YML_FILE).read_text("utf-8"), yaml.BaseLoader)
        characters = told["PostProcess"]["character_dict"]
    except (OSError, UnicodeDecodeError, yaml.YAMLError, KeyError, TypeError) as error:
        raise unfit(onnx_file, f"no PostProcess.character_dict in {YML_FILE}") from error
    return list(characters)


def unfit(onnx_file: Path, reason: str) -> DocumentError:
    """A recogniser that cannot be one."""
    name = onnx_file.parent.name
    return DocumentError(
        "model-unfit",
        f"The weights {name} cannot read lines: {reason}.",
        "Add a PP-OCR recogniser as ONNX, with the inference.yml it was exported with.",
        kind="engine",
        details={"name": name, "reason": reason},
    )


def write_inference_yml(weights: Weights, onnx_file: Path, folder: Path | None = None) -> Path:
    """Writes the description into `folder`, or beside `onnx_file`. JSON is YAML, so no YAML library is
    needed."""
    made = _detection(weights) if weights.role == "detection" else _recognition(weights, onnx_file)
    target = (folder or onnx_file.parent) / YML_FILE
    text = json.dumps(made, ensure_ascii=False)
    if not target.is_file() or target.read_text("utf-8") != text:
        target.write_text(text, "utf-8")
    return target


def _detection(weights: Weights) -> dict[str, Any]:
    normalise = {
        "mean": [0.485, 0.456, 0.406],
        "std": [0.229, 0.224, 0.225],
        "scale": "1./255.",
        "order": "hwc",
    }
    return {
        "Global": {"model_name": weights.name},
        "PreProcess": {
            "transform_ops": [
                {"DecodeImage": {"channel_first": False, "img_mode": "BGR"}},
                {"DetLabelEncode": None},
                {"DetResizeForTest": None},
                {"NormalizeImage": normalise},
                {"ToCHWImage": None},
                {"KeepKeys": {"keep_keys": ["image", "shape", "polys", "ignore_tags"]}},
            ]
        },
        "PostProcess": {
            "name": "DBPostProcess",
            "thresh": 0.2,
            "box_thresh": 0.45,
            "unclip_ratio": 1.4,
            "max_candidates": 3000,
        },
    }


def _recognition(weights: Weights, onnx_file: Path) -> dict[str, Any]:
    return {
        "Global": {"model_name": weights.name},
        "PreProcess": {
            "transform_ops": [
                {"DecodeImage": {"channel_first": False, "img_mode": "BGR"}},
                {"MultiLabelEncode": {"gtc_encode": "NRTRLabelEncode"}},
                {"RecResizeImg": {"image_shape": [3, 48, 320]}},
                {"KeepKeys": {"keep_keys": ["image", "label_ctc", "label_gtc", "length", "valid_ratio"]}},
            ]
        },
        "PostProcess": {"name": "CTCLabelDecode", "character_dict": characters_of(onnx_file)},
    }
