"""Who reads Korean lines here: our own recogniser where its weights are, Tesseract's Hangul model where it is
asked for or nothing else is there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from ocr.errors import DocumentError
from ocr.models import added_file_of, file_of
from ocr.models.paddledir import added_characters_of, characters_of, unfit
from ocr.reading.batched.graph import Graph
from ocr.reading.batched.recognise import ROWS, Recogniser
from ocr.reading.crops import LINE_HEIGHT
from ocr.reading.hangul import HangulRouter, TesseractRouter, hangul_model
from ocr.reading.reader import ReaderOptions

HANGUL = "daeri_hangul_rec"


def hangul_router(options: ReaderOptions, opened: Callable[[Path], Graph], rows: int = ROWS) -> HangulRouter | None:
    """The router asked for by `options.korean`; None where Korean is not wanted, or `auto` finds nobody.

    `auto` is our own recogniser: it makes fewer errors than Tesseract on clean and on damaged pages
    (bench/RESULTS.md). A name other than auto, own, tesseract is that of a recogniser a person has added. Raises
    DocumentError engine-missing, model-missing, model-changed, model-not-added, model-unfit.
    """
    if not options.hangul:
        return None
    if options.korean not in ("auto", "own", "tesseract"):
        return _added(options, opened, rows)
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


def _added(options: ReaderOptions, opened: Callable[[Path], Graph], rows: int) -> HangulRouter:
    from ocr.reading.batched.ownhangul import OwnRouter

    file = added_file_of(options.korean, options.models)
    characters, graph = added_characters_of(file), opened(file)
    classes = graph(np.zeros((1, 3, LINE_HEIGHT, LINE_HEIGHT), np.float32)).shape[-1]
    if classes != len(characters) + 2:
        raise unfit(file, f"it tells {classes} classes, its dictionary has {len(characters)} characters")
    return OwnRouter(Recogniser(graph, characters, rows), name=options.korean)


def _missing() -> DocumentError:
    install = "apt-get install tesseract-ocr tesseract-ocr-script-hang"
    return DocumentError(
        "engine-missing",
        "Tesseract's Hangul model is not installed.",
        f"Install it: {install}.",
        kind="engine",
        details={"engine": "tesseract", "install": install},
    )
