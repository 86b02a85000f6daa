"""One reading process for all workers of a machine: models loaded once, requests of several clients in one
batch.

    service = ReadingService(folder, engine="auto")      # supervisor: listens, queues, batches
    reader = ServiceReader(folder)                       # in any process: a Reader like every other
    reading = read_one("a.pdf", reader=reader)

The engine runs in a child that is replaced after `max_pages`, beyond `max_mb` of memory, when it hangs and
when it dies; a request in flight then fails with a code and the next one finds a fresh child. Clients speak
over a socket in `folder`, which only its owner may enter.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Connection, Listener
from pathlib import Path
from queue import Empty, Full, Queue
from typing import Any

from ocr.errors import DocumentError
from ocr.pages.page import Picture
from ocr.reading.engines import SERVICE
from ocr.reading.reader import ReaderOptions
from ocr.reading.servicechild import ChildFailed, EngineChild, packed, unpacked
from ocr.values import PageText

_SOCKET, _KEY = "reading.sock", "reading.key"
_WAIT_FOR_MORE = 0.005
"""Seconds a batch waits for other clients' pages: nothing beside a page's reading time."""


@dataclass(frozen=True, slots=True)
class ServiceLimits:
    """When the child is replaced, how many requests may wait and for how long, how long one batch may
    take."""

    max_pages: int = 500
    max_mb: float = 1500.0
    queue: int = 64
    queue_seconds: float = 60.0
    batch_seconds: float = 120.0


@dataclass(slots=True)
class _Request:
    pictures: Sequence[Picture]
    answer: Future[list[PageText]]


class ReadingService:
    """The supervisor. Starts listening at once; the engine is loaded with the first request."""

    def __init__(
        self,
        folder: Path,
        engine: str = "auto",
        options: ReaderOptions | None = None,
        limits: ServiceLimits | None = None,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
        self._folder, self._limits = folder, limits or ServiceLimits()
        self._child = EngineChild(engine, options or ReaderOptions(), self._limits.max_pages, self._limits.max_mb)
        self._waiting: Queue[_Request | None] = Queue(self._limits.queue)
        self._listener = Listener(str(_fresh(folder / _SOCKET)), "AF_UNIX", authkey=_new_key(folder / _KEY))
        self._threads = [threading.Thread(target=run, daemon=True) for run in (self._accept, self._dispatch)]
        for thread in self._threads:
            thread.start()

    @property
    def engine(self) -> str:
        """The engine that asks this service: for `open_reader`, `read`, `extract`."""
        return f"{SERVICE}{self._folder}"

    def status(self) -> dict[str, Any]:
        """Process id of the child (None before the first request), its pages, children so far, requests
        waiting."""
        return {
            "pid": self._child.pid,
            "pages": self._child.pages,
            "children": self._child.started,
            "waiting": self._waiting.qsize(),
        }

    def close(self) -> None:
        """Stops listening and ends the child; requests that wait fail."""
        self._waiting.put(None)
        self._threads[1].join(self._limits.batch_seconds)
        self._listener.close()
        (self._folder / _KEY).unlink(missing_ok=True)
        self._child.end()

    def __enter__(self) -> ReadingService:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _accept(self) -> None:
        while True:
            try:
                connection = self._listener.accept()
            except AuthenticationError:  # a stranger knocked
                continue
            except OSError:  # the listener was closed
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: Connection) -> None:
        with connection:
            while (message := _received(connection)) is not None:
                try:
                    connection.send(("status", self.status()) if message == "status" else self._answer(message))
                except (BrokenPipeError, ConnectionResetError):
                    return

    def _answer(self, pictures: Sequence[Picture]) -> tuple[str, Any]:
        request = _Request(pictures, Future())
        try:
            self._waiting.put(request, timeout=self._limits.queue_seconds)
            return "pages", (self._child.name, request.answer.result())
        except Full:
            return "error", packed(_busy())
        except DocumentError as error:
            return "error", packed(error)

    def _dispatch(self) -> None:
        while (first := self._waiting.get()) is not None:
            self._read(self._gathered(first))
        while not self._waiting.empty():
            left = self._waiting.get()
            if left is not None:
                left.answer.set_exception(_stopped())

    def _gathered(self, first: _Request) -> list[_Request]:
        """The first request and what others have asked meanwhile, up to a batch."""
        requests, pages = [first], len(first.pictures)
        while pages < self._child.batch:
            try:
                request = self._waiting.get(timeout=_WAIT_FOR_MORE)
            except Empty:
                break
            if request is None:
                self._waiting.put(None)
                break
            requests.append(request)
            pages += len(request.pictures)
        return requests

    def _read(self, requests: list[_Request]) -> None:
        pictures = [picture for request in requests for picture in request.pictures]
        try:
            texts = iter(self._child.read(pictures, self._limits.batch_seconds))
        except ChildFailed as failure:
            self._apart(requests, failure)
            return
        except DocumentError as error:
            for request in requests:
                request.answer.set_exception(error)
            return
        for request in requests:
            request.answer.set_result([next(texts) for _ in request.pictures])

    def _apart(self, requests: list[_Request], failure: ChildFailed) -> None:
        """One bad page must not fail the others in its batch: each request is tried by itself."""
        if len(requests) == 1:
            requests[0].answer.set_exception(failure.as_document_error())
            return
        for request in requests:
            self._read([request])


class ServiceReader:
    """A Reader that asks the service; `name` is the service's engine once it has answered. Raises
    DocumentError engine-missing where none listens in `folder`."""

    batch = 4

    def __init__(self, folder: Path) -> None:
        self.name = "service"
        self._folder = folder
        self._connection = _connected(folder)
        self._turn = threading.Lock()

    def read(self, pictures: Sequence[Picture]) -> list[PageText]:
        kind, value = self._asked(list(pictures))
        if kind == "error":
            raise unpacked(value)
        self.name, pages = value
        made: list[PageText] = pages
        return made

    def status(self) -> dict[str, Any]:
        made: dict[str, Any] = self._asked("status")[1]
        return made

    def _asked(self, message: object) -> tuple[str, Any]:
        """One question at a time on one connection: a run's branches share the reader."""
        with self._turn:
            try:
                self._connection.send(message)
                answer: tuple[str, Any] = self._connection.recv()
            except (EOFError, OSError) as error:
                raise _stopped() from error
        return answer


def _busy() -> DocumentError:
    return DocumentError(
        "engine-busy",
        "The reading service has too many requests waiting.",
        "Try again later.",
        kind="engine",
    )


def _stopped() -> DocumentError:
    return DocumentError(
        "engine-failed",
        "The reading service has stopped.",
        "Start it again.",
        kind="engine",
        details={"engine": "service", "reason": "it has stopped"},
    )


def _received(connection: Connection) -> Any:
    try:
        return connection.recv()
    except (EOFError, ConnectionResetError):
        return None


def _fresh(path: Path) -> Path:
    path.unlink(missing_ok=True)
    return path


def _new_key(path: Path) -> bytes:
    key = secrets.token_bytes(32)
    path.unlink(missing_ok=True)
    path.touch(0o600)
    path.write_bytes(key)
    return key


def _connected(folder: Path, seconds: float = 5.0) -> Connection:
    deadline = time.monotonic() + seconds
    while True:
        try:
            return Client(str(folder / _SOCKET), "AF_UNIX", authkey=(folder / _KEY).read_bytes())
        except (FileNotFoundError, ConnectionRefusedError) as error:
            if time.monotonic() > deadline:
                raise DocumentError(
                    "engine-missing",
                    f"No reading service listens in {folder}.",
                    "Start it.",
                    kind="engine",
                    details={"engine": "service", "install": "Start it."},
                ) from error
            time.sleep(0.05)
