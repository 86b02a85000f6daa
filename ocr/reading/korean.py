"""Who reads Korean lines here: our own recogniser where its weights are, Tesseract's Hangul model where it is
asked for or nothing else is there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Literal, TypeAlias

from ocr.errors import DocumentError
from ocr.models import file_of
from ocr.models.paddledir import characters_of
from ocr.reading.batched.graph import Graph
from ocr.reading.batched.recognise import ROWS, Recogniser
from ocr.reading.hangul import HangulRouter, TesseractRouter, hangul_model
from ocr.reading.reader import ReaderOptions

HANGUL = "daeri_hangul_rec"
Korean: TypeAlias = Literal["auto", "own", "tesseract"]


def hangul_router(options: ReaderOptions, opened: Callable[[Path], Graph], rows: int = ROWS) -> HangulRouter | None:
    """The router asked for by `options.korean`; None where Korean is not wanted, or `auto` finds nobody.

    `auto` is our own recogniser: it makes fewer errors than Tesseract on clean and on damaged pages
    (bench/RESULTS.md). Raises DocumentError engine-unknown, engine-missing, model-missing, model-changed.
    """
    if not options.hangul:
        return None
    if options.korean not in ("auto", "own", "tesseract"):
        raise _unknown(options.korean)
    if options.korean != "tesseract":
        return _own(options, opened, rows)
    model = hangul_model()
    if model is None:
        raise _missing()
    return TesseractRouter(model)


def _own(options: ReaderOptions, opened: Callable[[Path], Graph], rows: int) -> HangulRouter | None:
    from ocr.reading.batched.ownhangul import OwnRouter

    try:
        weights = file_of(HANGUL, options.models)
    except DocumentError as error:
        model = hangul_model()
        if options.korean == "own" or error.code != "model-missing":
            raise
        return TesseractRouter(model) if model else None
    return OwnRouter(Recogniser(opened(weights), characters_of(weights), rows))


def _unknown(korean: str) -> DocumentError:
    known = "auto, own, tesseract"
    return DocumentError(
        "engine-unknown",
        f"There is no reader of Korean named {korean}.",
        f"Use one of: {known}.",
        kind="flow",
        details={"engine": korean, "known": known},
    )


def _missing() -> DocumentError:
    install = "apt-get install tesseract-ocr tesseract-ocr-script-hang"
    return DocumentError(
        "engine-missing",
        "Tesseract's Hangul model is not installed.",
        f"Install it: {install}.",
        kind="engine",
        details={"engine": "tesseract", "install": install},
    )
