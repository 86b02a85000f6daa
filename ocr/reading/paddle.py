"""PaddleOCR 3.7 with its onnxruntime engine (or another it offers), offline, weights from `ocr/models`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ocr.models import materialise
from ocr.models.store import default_folder
from ocr.pages.page import Picture
from ocr.reading.batched.graph import open_graph
from ocr.reading.hangul import HangulRouter
from ocr.reading.korean import hangul_router
from ocr.reading.lines import ReadLine, page_text, spans_of
from ocr.reading.marks import marks_of
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
            for quad, text, score in zip(result["rec_polys"], result["rec_texts"], result["rec_scores"], strict=True)
        }
        lines = [_line(quad, *read.get(_key(quad), ("", 0.0))) for quad in result["dt_polys"]]
        mended = self.router.route(picture, lines) if self.router else lines
        return page_text(picture, *marks_of(picture, mended))


def open_paddleocr(options: ReaderOptions) -> PaddleReader:
    """PaddleOCR with PP-OCRv6 small: on onnxruntime (cpu), on transformers and torch (gpu:N). Raises
    DocumentError engine-missing, device-missing, model-missing, model-unequal."""
    from ocr.reading.batched.reader import torch_device

    device = torch_device(options.device)
    router = hangul_router(options, lambda path: open_graph(path, "onnxruntime", options.threads))
    root = options.models or default_folder()
    kind = "onnxruntime" if device == "cpu" else "transformers"
    return PaddleReader(
        f"paddleocr-{kind}" + (f"+{router.name}" if router else ""),
        _pipeline(root, options),
        router,
    )


def _pipeline(root: Path, options: ReaderOptions) -> Any:
    import paddlex.utils.flags

    # Read when paddlex is imported further down; without it PaddleOCR asks several hubs for a connection
    # first.
    paddlex.utils.flags.DISABLE_MODEL_SOURCE_CHECK = True
    from paddleocr import PaddleOCR

    on_gpu = options.device != "cpu"
    folder = _converted if on_gpu else materialise
    more = _ON_GPU if on_gpu else _on_processor(options.threads)
    return PaddleOCR(
        text_detection_model_name=DETECTION,
        text_detection_model_dir=str(folder(DETECTION, root)),
        text_recognition_model_name=RECOGNITION,
        text_recognition_model_dir=str(folder(RECOGNITION, root)),
        use_doc_orientation_classify=False,
        use_doc_unwarping=False,
        use_textline_orientation=False,
        device=options.device,
        **more,
    )


_ON_GPU = {"engine": "transformers", "text_recognition_batch_size": 64}
"""Crops one by one leave a GPU idle; PaddleOCR's own default is 6."""


def _on_processor(threads: int | None) -> dict[str, Any]:
    return {
        "engine": "onnxruntime",
        "engine_config": {"intra_op_num_threads": threads} if threads else None,
    }


def _converted(name: str, root: Path) -> Path:
    """The folder for transformers, converted once."""
    from ocr.models.transformers_dir import convert

    made = root / f"{name}-transformers"
    return made if (made / "model.safetensors").is_file() else convert(name, root).folder


def _key(quad: Any) -> bytes:
    return bytes(np.asarray(quad, np.int32).tobytes())


def _line(quad: Any, text: str, score: float) -> ReadLine:
    return ReadLine(upright(np.asarray(quad, np.float32)), spans_of(text, score), score)
