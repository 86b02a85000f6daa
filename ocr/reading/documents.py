"""Documents in, readings out: the text layer where it suffices, pictures in batches to the engine
elsewhere."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from ocr.errors import DocumentError
from ocr.pages import Limits, Page, Picture, open_document
from ocr.pages.limits import Deadline
from ocr.pages.order import ordered
from ocr.reading.engines import open_reader
from ocr.reading.failed import FailedReading
from ocr.reading.reader import Reader, ReaderOptions
from ocr.values import PageText, Reading, Rung

TEXT_LAYER = "text-layer"
"""The engine of a document that needed no OCR."""


def read(
    paths: Iterable[str | Path],
    *,
    engine: str = "auto",
    device: str = "cpu",
    models: Path | str | None = None,
    threads: int | None = None,
    hangul: bool = True,
    backend: str = "auto",
    korean: str = "auto",
    limits: Limits | None = None,
    password: str | None = None,
    force_ocr: bool = False,
    reader: Reader | None = None,
) -> Iterator[Reading | FailedReading]:
    """Reads documents in the order given; a document that fails gives a FailedReading in its place.

    `engine`: auto, batched, paddleocr, tesseract. `device`: cpu or gpu:0. `models`: folder of weights.
    `korean`: who reads Hangul: auto, own, tesseract, or the name of added weights.
    `force_ocr` ignores text layers. `reader` replaces the engine. Pages of several documents share a batch,
    so a reading may come only after later files were opened.
    Raises DocumentError of kind `engine` or `flow` (no such engine, nothing installed) when OCR is first
    needed.
    """
    options = ReaderOptions(device, Path(models) if models else None, threads, hangul, backend, korean=korean)
    desk = _Desk(engine, options, reader)
    waiting: deque[_Pending] = deque()
    for path in paths:
        pending = _Pending(str(path))
        waiting.append(pending)
        desk.take(pending, limits or Limits(), password, force_ocr)
        while waiting and waiting[0].complete:
            yield waiting.popleft().result(desk.name)
    desk.flush()
    yield from (pending.result(desk.name) for pending in waiting)


def read_one(
    path: str | Path,
    *,
    engine: str = "auto",
    device: str = "cpu",
    models: Path | str | None = None,
    threads: int | None = None,
    hangul: bool = True,
    backend: str = "auto",
    korean: str = "auto",
    limits: Limits | None = None,
    password: str | None = None,
    force_ocr: bool = False,
    reader: Reader | None = None,
) -> Reading:
    """Reads one document. Raises DocumentError where `read` would give a FailedReading."""
    (made,) = read(
        [path],
        engine=engine,
        device=device,
        models=models,
        threads=threads,
        hangul=hangul,
        backend=backend,
        korean=korean,
        limits=limits,
        password=password,
        force_ocr=force_ocr,
        reader=reader,
    )
    if isinstance(made, FailedReading):
        raise made.error
    return made


@dataclass(slots=True)
class _Pending:
    """A document on its way. `pages` grows as pages are read; `expected` is known once it was walked
    through."""

    file: str
    pages: list[PageText] = field(default_factory=list)
    expected: int | None = None
    by_ocr: bool = False
    xml: bytes | None = None
    error: DocumentError | None = None
    seconds: float = 0.0
    load_seconds: float = 0.0

    @property
    def complete(self) -> bool:
        return self.error is not None or (self.expected is not None and len(self.pages) == self.expected)

    def result(self, engine: str) -> Reading | FailedReading:
        if self.error is not None:
            return FailedReading(self.file, self.error)
        pages = tuple(sorted(self.pages, key=lambda page: page.number))
        used = engine if self.by_ocr else TEXT_LAYER
        return Reading(self.file, pages, used, _rung(pages), self.seconds, self.load_seconds, self.xml)


def _rung(pages: tuple[PageText, ...]) -> Rung:
    rungs = {page.rung for page in pages}
    return rungs.pop() if len(rungs) == 1 else "mixed"


class _Desk:
    """Collects pictures of pages until a batch is full, then has them read."""

    def __init__(self, engine: str, options: ReaderOptions, reader: Reader | None) -> None:
        self._engine, self._options, self._reader = engine, options, reader
        self._batch: list[tuple[_Pending, Page, Picture]] = []

    @property
    def name(self) -> str:
        return self._reader.name if self._reader else TEXT_LAYER

    def take(self, pending: _Pending, limits: Limits, password: str | None, force_ocr: bool) -> None:
        started = time.perf_counter()
        try:
            with open_document(Path(pending.file), limits, password=password) as document:
                pending.xml = document.embedded_xml
                self._walk(pending, document.pages(), Deadline(limits.seconds), force_ocr)
        except DocumentError as error:
            if error.kind != "business" and error.code != "file-missing":
                raise
            pending.error = error
            self._batch = [item for item in self._batch if item[0] is not pending]
        pending.seconds += time.perf_counter() - started

    def _walk(self, pending: _Pending, pages: Iterator[Page], deadline: Deadline, force_ocr: bool) -> None:
        count = 0
        for count, page in enumerate(pages, 1):  # noqa: B007 (the count is the result)
            deadline.check()
            if page.rung == "text" and page.text is not None and not force_ocr:
                pending.pages.append(page.text)
            else:
                self._put(pending, replace(page, rung="ocr", text=None) if force_ocr else page)
        deadline.check()
        pending.expected = count

    def _put(self, pending: _Pending, page: Page) -> None:
        pending.by_ocr = True
        self._batch.append((pending, page, page.draw()))
        if len(self._batch) >= self._open(pending).batch:
            started = time.perf_counter()
            self.flush()
            pending.seconds -= time.perf_counter() - started  # `flush` shares its time out itself

    def _open(self, pending: _Pending) -> Reader:
        if self._reader is None:
            started = time.perf_counter()
            self._reader = open_reader(self._engine, self._options)
            pending.load_seconds = time.perf_counter() - started
            pending.seconds -= pending.load_seconds
        return self._reader

    def flush(self) -> None:
        """Has the waiting pictures read; the time is shared out by pixels."""
        batch, self._batch = self._batch, []
        if not batch:
            return
        reader = self._open(batch[-1][0])
        started = time.perf_counter()
        texts = reader.read([picture for _, _, picture in batch])
        each = (time.perf_counter() - started) / sum(p.pixels.size for _, _, p in batch)
        for (pending, page, picture), text in zip(batch, texts, strict=True):
            pending.pages.append(_merged(page, text))
            pending.seconds += each * picture.pixels.size


def _merged(page: Page, read_text: PageText) -> PageText:
    """A mixed page: the layer's lines, and what OCR found beside them."""
    if page.text is None:
        return read_text
    lines = ordered([*page.text.lines, *read_text.lines])
    return replace(page.text, lines=lines, rung="mixed")
