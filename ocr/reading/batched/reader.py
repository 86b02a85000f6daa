"""The batched reader: detect each page, cut all lines, recognise them together, find spaces, mend Korean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from ocr.errors import DocumentError
from ocr.models import file_of
from ocr.pages.page import Picture
from ocr.reading.batched.alphabets import LatinFirst
from ocr.reading.batched.detect import Detector
from ocr.reading.batched.graph import Backend, open_graph
from ocr.reading.batched.words import line_of
from ocr.reading.crops import cut
from ocr.reading.hangul import HangulRouter, hangul_model
from ocr.reading.lines import ReadLine, page_text
from ocr.reading.reader import ReaderOptions
from ocr.values import PageText

DETECTION, RECOGNITION = "PP-OCRv6_small_det", "PP-OCRv6_small_rec"


@dataclass(slots=True)
class BatchedReader:
    """See the module. `router` is None where Korean is not asked for or Tesseract is not there."""

    name: str
    detector: Detector
    recogniser: LatinFirst
    router: HangulRouter | None
    batch: int = 4

    def read(self, pictures: Sequence[Picture]) -> list[PageText]:
        quads = [self.detector.quads(picture.pixels) for picture in pictures]
        crops = [cut(p.pixels, quad) for p, found in zip(pictures, quads, strict=True) for quad in found]
        glyphs = iter(zip(crops, self.recogniser.read(crops), strict=True))
        pages = []
        for picture, found in zip(pictures, quads, strict=True):
            lines = [line_of(quad, *next(glyphs)) for quad in found]
            pages.append(page_text(picture, self._mended(picture, lines)))
        return pages

    def _mended(self, picture: Picture, lines: list[ReadLine]) -> list[ReadLine]:
        return self.router.route(picture, lines) if self.router else lines


def open_batched(options: ReaderOptions) -> BatchedReader:
    """Loads the PP-OCRv6 small weights. Raises DocumentError engine-missing, device-missing,
    model-missing."""
    if options.device != "cpu":
        raise DocumentError(
            "device-missing",
            f"The batched engine has no device {options.device} here.",
            "Use device cpu.",
            kind="engine",
            details={"device": options.device},
        )
    backend = _backend(options.backend)
    detection, recognition = (file_of(name, options.models) for name in (DETECTION, RECOGNITION))
    model = hangul_model() if options.hangul else None
    return BatchedReader(
        f"batched-{backend}" + ("+tesseract" if model else ""),
        Detector(open_graph(detection, backend, options.threads)),
        LatinFirst(recognition, lambda source: open_graph(source, backend, options.threads)),
        HangulRouter(model) if model else None,
    )


def _backend(wanted: str) -> Backend:
    """OpenVINO where it gains: installed, and a processor with bfloat16; onnxruntime elsewhere."""
    if wanted == "auto":
        return "openvino" if find_spec("openvino") and has_bfloat16() else "onnxruntime"
    if wanted not in ("onnxruntime", "openvino"):
        raise DocumentError(
            "engine-unknown",
            f"There is no backend {wanted}.",
            "Use auto, onnxruntime or openvino.",
            kind="flow",
            details={"engine": wanted, "known": "auto, onnxruntime, openvino"},
        )
    if not find_spec(wanted):
        raise DocumentError(
            "engine-missing",
            f"{wanted} is not installed.",
            f"Install it: pip install {wanted}.",
            kind="engine",
            details={"engine": wanted, "install": f"pip install {wanted}"},
        )
    return "openvino" if wanted == "openvino" else "onnxruntime"


def has_bfloat16() -> bool:
    """Whether this processor multiplies bfloat16 natively (Linux tells; elsewhere: no)."""
    info = Path("/proc/cpuinfo")
    return info.is_file() and (
        "avx512_bf16" in (text := info.read_text("utf-8", "replace")) or "amx_bf16" in text
    )
