"""PaddleOCR 3.7 with its onnxruntime engine (or another it offers), offline, weights from `ocr/models`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ocr.errors import DocumentError
from ocr.models import materialise
from ocr.models.store import default_folder
from ocr.pages.page import Picture
from ocr.reading.hangul import HangulRouter, hangul_model
from ocr.reading.lines import ReadLine, page_text, spans_of
from ocr.reading.quads import upright
from ocr.reading.reader import ReaderOptions
from ocr.values import PageText

DETECTION, RECOGNITION = "PP-OCRv6_small_det", "PP-OCRv6_small_rec"


@dataclass(slots=True)
class PaddleReader:
    """PaddleOCR's own pipeline. `router` reads Korean lines again."""

    name: str
    pipeline: Any
    router: HangulRouter | None
    batch: int = 1

    def read(self, pictures: Sequence[Picture]) -> list[PageText]:
        results = self.pipeline.predict([np.ascontiguousarray(p.pixels[:, :, ::-1]) for p in pictures])
        return [self._page(picture, result) for picture, result in zip(pictures, results, strict=True)]

    def _page(self, picture: Picture, result: Any) -> PageText:
        # `dt_polys` is every line the detector found; `rec_texts` lacks those that read as nothing, Korean
        # ones above all.
        read = {
            _key(quad): (text, float(score))
            for quad, text, score in zip(
                result["rec_polys"], result["rec_texts"], result["rec_scores"], strict=True
            )
        }
        lines = [_line(quad, *read.get(_key(quad), ("", 0.0))) for quad in result["dt_polys"]]
        return page_text(picture, self.router.route(picture, lines) if self.router else lines)


def open_paddleocr(options: ReaderOptions) -> PaddleReader:
    """PaddleOCR with PP-OCRv6 small on onnxruntime (cpu). Raises DocumentError engine-missing,
    device-missing."""
    if options.device != "cpu":
        raise DocumentError(
            "device-missing",
            f"PaddleOCR has no device {options.device} here.",
            "Use device cpu.",
            kind="engine",
            details={"device": options.device},
        )
    model = hangul_model() if options.hangul else None
    root = options.models or default_folder()
    return PaddleReader(
        "paddleocr-onnxruntime" + ("+tesseract" if model else ""),
        _pipeline(root, options.threads),
        HangulRouter(model) if model else None,
    )


def _pipeline(root: Path, threads: int | None) -> Any:
    import paddlex.utils.flags

    # Read when paddlex is imported further down; without it PaddleOCR asks several hubs for a connection
    # first.
    paddlex.utils.flags.DISABLE_MODEL_SOURCE_CHECK = True
    from paddleocr import PaddleOCR

    return PaddleOCR(
        text_detection_model_name=DETECTION,
        text_detection_model_dir=str(materialise(DETECTION, root)),
        text_recognition_model_name=RECOGNITION,
        text_recognition_model_dir=str(materialise(RECOGNITION, root)),
        use_doc_orientation_classify=False,
        use_doc_unwarping=False,
        use_textline_orientation=False,
        engine="onnxruntime",
        engine_config={"intra_op_num_threads": threads} if threads else None,
        device="cpu",
    )


def _key(quad: Any) -> bytes:
    return bytes(np.asarray(quad, np.int32).tobytes())


def _line(quad: Any, text: str, score: float) -> ReadLine:
    return ReadLine(upright(np.asarray(quad, np.float32)), spans_of(text, score), score)
