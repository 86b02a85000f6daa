"""The process that holds the models of the reading service, and its replacement."""

from __future__ import annotations

import multiprocessing as mp
from collections.abc import Sequence
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any

from ocr.errors import DocumentError
from ocr.pages.page import Picture
from ocr.reading.reader import ReaderOptions
from ocr.values import PageText


class ChildFailed(Exception):
    """The child died or hung while it read; it has been ended."""

    def __init__(self, reason: str, code: str, seconds: float = 0.0) -> None:
        super().__init__(reason)
        self.reason, self.code, self.seconds = reason, code, seconds

    def as_document_error(self) -> DocumentError:
        return DocumentError(
            self.code,
            f"The reading process {self.reason}.",
            "Try again; if it stays, the document breaks the engine: try another engine.",
            kind="engine" if self.code == "engine-failed" else "business",
            details={"engine": "service", "reason": self.reason, "seconds": f"{self.seconds:g}"},
        )


class EngineChild:
    """One engine in a process of its own. Not thread-safe: one dispatcher uses it."""

    def __init__(self, engine: str, options: ReaderOptions, max_pages: int, max_mb: float) -> None:
        self._engine, self._options, self._max_pages, self._max_mb = engine, options, max_pages, max_mb
        self._process: BaseProcess | None = None
        self._pipe: Connection | None = None
        self.batch = 4
        self.name = engine
        self.pages = 0
        self.started = 0

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def read(self, pictures: Sequence[Picture], seconds: float) -> list[PageText]:
        """Page texts in order. Raises DocumentError of the engine, ChildFailed when the child is no more."""
        pipe = self._ready()
        try:
            pipe.send(list(pictures))
            if not pipe.poll(seconds):
                self.end()
                raise ChildFailed(f"took longer than {seconds:g} seconds", "document-timeout", seconds)
            kind, value, memory, self.name = pipe.recv()
        except (EOFError, BrokenPipeError, ConnectionResetError) as error:
            self.end()
            raise ChildFailed("died", "engine-failed") from error
        self._count(len(pictures), memory)
        if kind == "error":
            raise unpacked(value)
        pages: list[PageText] = value
        return pages

    def end(self) -> None:
        """Ends the child, if there is one."""
        if self._process is not None and self._pipe is not None:
            self._pipe.close()
            self._process.join(0.5)
            if self._process.is_alive():
                self._process.kill()
                self._process.join(5)
        self._process = self._pipe = None
        self.pages = 0

    def _ready(self) -> Connection:
        if self._pipe is None or self._process is None or not self._process.is_alive():
            self.end()
            context = mp.get_context("spawn")
            ours, theirs = context.Pipe()
            self._process = context.Process(target=_work, args=(theirs, self._engine, self._options), daemon=True)
            self._process.start()
            theirs.close()
            self._pipe = ours
            self.started += 1
        return self._pipe

    def _count(self, pages: int, memory_mb: float) -> None:
        """Old or fat children go; the next request starts a fresh one."""
        self.pages += pages
        if self.pages >= self._max_pages or memory_mb > self._max_mb:
            self.end()


def _work(pipe: Connection, engine: str, options: ReaderOptions) -> None:
    """The child's life: read what comes, until the pipe closes."""
    from ocr.reading.engines import open_reader

    name = engine
    while (pictures := _next(pipe)) is not None:
        try:
            reader = open_reader(engine, options)
            name = reader.name
            answer: tuple[str, Any] = ("pages", reader.read(pictures))
        except DocumentError as error:
            answer = ("error", packed(error))
        pipe.send((*answer, _memory_mb(), name))


def packed(error: DocumentError) -> tuple[Any, ...]:
    """A failure as plain values, to go to another process."""
    details = {name: str(value) for name, value in error.details.items()}
    return error.code, error.message, error.fix, error.kind, details


def unpacked(values: tuple[Any, ...]) -> DocumentError:
    code, message, fix, kind, details = values
    return DocumentError(code, message, fix, kind=kind, details=details)


def _next(pipe: Connection) -> list[Picture] | None:
    try:
        pictures: list[Picture] = pipe.recv()
    except (EOFError, OSError):
        return None
    return pictures


def _memory_mb() -> float:
    import psutil

    return float(psutil.Process().memory_info().rss) / 2**20
