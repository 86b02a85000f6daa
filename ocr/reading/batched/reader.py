"""The batched reader: detect each page, cut all lines, recognise them together, find spaces, mend Korean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path

from ocr.errors import DocumentError
from ocr.models import file_of
from ocr.pages.page import Picture
from ocr.reading.batched.alphabets import LatinFirst
from ocr.reading.batched.colons import with_colons
from ocr.reading.batched.detect import Detector
from ocr.reading.batched.fax import DETECTION_SIGMA, softened
from ocr.reading.batched.graph import Backend, Graph, open_graph, usable_cores
from ocr.reading.batched.recognise import GPU_ROWS, ROWS
from ocr.reading.batched.stacked import parted
from ocr.reading.batched.turned import Score, quarter_turns, turned
from ocr.reading.batched.words import line_of
from ocr.reading.crops import cut
from ocr.reading.hangul import HangulRouter
from ocr.reading.korean import hangul_router
from ocr.reading.lines import ReadLine, page_text
from ocr.reading.marks import marks_of
from ocr.reading.quads import Quad
from ocr.reading.reader import ReaderOptions
from ocr.values import PageText

_BACKENDS: dict[str, Backend] = {"onnxruntime": "onnxruntime", "openvino": "openvino", "torch": "torch"}
DETECTION, RECOGNITION = "PP-OCRv6_small_det", "PP-OCRv6_small_rec"


@dataclass(slots=True)
class BatchedReader:
    """See the module. `router` is None where Korean is not asked for or nobody here reads it."""

    name: str
    detector: Detector
    recogniser: LatinFirst
    router: HangulRouter | None
    batch: int = 4

    def read(self, pictures: Sequence[Picture]) -> list[PageText]:
        lines = self._lines(pictures)
        return [self._page(picture, found) for picture, found in zip(pictures, lines, strict=True)]

    def _page(self, picture: Picture, lines: list[ReadLine]) -> PageText:
        turns = quarter_turns(picture, lines, self._judges())
        if turns:
            picture = turned(picture, turns)
            (lines,) = self._lines([picture])
        return replace(page_text(picture, *marks_of(softened(picture), lines)), turned=90 * turns)

    def _lines(self, pictures: Sequence[Picture]) -> list[list[ReadLine]]:
        soft = [softened(picture) for picture in pictures]
        quads = [parted(p.pixels, self._quads(p, softer)) for p, softer in zip(pictures, soft, strict=True)]
        crops = [cut(p.pixels, quad) for p, found in zip(soft, quads, strict=True) for quad in found]
        glyphs = iter(zip(crops, self.recogniser.read(crops), strict=True))
        lines = [[line_of(quad, *next(glyphs)) for quad in found] for found in quads]
        return self.router.route_pages(soft, lines) if self.router else lines

    def _quads(self, picture: Picture, soft: Picture) -> list[Quad]:
        """`soft` is the page as it is read; the detector wants a fax softer still."""
        looked_at = picture if soft is picture else softened(picture, DETECTION_SIGMA)
        return with_colons(soft.pixels, self.detector.quads(looked_at.pixels))

    def _judges(self) -> list[Score]:
        return [self.recogniser.score, *([self.router.score] if self.router else [])]


def open_batched(options: ReaderOptions) -> BatchedReader:
    """Loads the PP-OCRv6 small weights. Raises DocumentError engine-missing, device-missing,
    model-missing."""
    device = torch_device(options.device)
    backend = _backend("torch" if device != "cpu" else options.backend)
    detection, recognition = (file_of(name, options.models) for name in (DETECTION, RECOGNITION))

    rows, batch = (ROWS, 4) if device == "cpu" else (GPU_ROWS, 32)
    lanes = _lanes(options) if device == "cpu" and backend != "torch" else 1

    def opened(source: Path | bytes, shapes_recur: bool = True) -> Graph:
        side = lanes if shapes_recur else 1
        return open_graph(source, backend, options.threads, device, shapes_recur=shapes_recur, lanes=side)

    router = hangul_router(options, opened, rows)
    return BatchedReader(
        f"batched-{backend}" + (f"-{device}" if device != "cpu" else "") + (f"+{router.name}" if router else ""),
        Detector(opened(detection, shapes_recur=False)),
        LatinFirst(recognition, opened, rows, lanes),
        router,
        batch,
    )


def _lanes(options: ReaderOptions) -> int:
    """A screen shows few and short lines: each is read by a thread of its own (half the time of two threads for
    one line, measured on two cores)."""
    return min(4, options.threads or usable_cores()) if options.screen else 1


def torch_device(device: str) -> str:
    """torch's name of `cpu`, `gpu` or `gpu:N`. Raises DocumentError device-missing where there is none."""
    kind, _, number = device.partition(":")
    if device == "cpu":
        return device
    if kind == "gpu" and number.isdigit() | (number == "") and find_spec("torch"):
        import torch

        if torch.cuda.is_available() and int(number or 0) < torch.cuda.device_count():
            return f"cuda:{number or 0}"
    raise DocumentError(
        "device-missing",
        f"Reading has no device {device} here.",
        "Use device cpu, or a machine with an NVIDIA GPU and torch for CUDA.",
        kind="engine",
        details={"device": device},
    )


def _backend(wanted: str) -> Backend:
    """OpenVINO where it gains: installed, and a processor with bfloat16; onnxruntime elsewhere."""
    if wanted == "auto":
        return "openvino" if find_spec("openvino") and has_bfloat16() else "onnxruntime"
    if wanted not in _BACKENDS:
        known = ", ".join(("auto", *_BACKENDS))
        raise DocumentError(
            "engine-unknown",
            f"There is no backend {wanted}.",
            f"Use one of: {known}.",
            kind="flow",
            details={"engine": wanted, "known": known},
        )
    if not find_spec(wanted):
        raise DocumentError(
            "engine-missing",
            f"{wanted} is not installed.",
            f"Install it: pip install {wanted}.",
            kind="engine",
            details={"engine": wanted, "install": f"pip install {wanted}"},
        )
    return _BACKENDS[wanted]


def has_bfloat16() -> bool:
    """Whether this processor multiplies bfloat16 natively (Linux tells; elsewhere: no)."""
    info = Path("/proc/cpuinfo")
    return info.is_file() and ("avx512_bf16" in (text := info.read_text("utf-8", "replace")) or "amx_bf16" in text)
