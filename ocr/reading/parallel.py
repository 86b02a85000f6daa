"""Documents read by several processes at once: decoding, finding lines, recognising and all that lies between run side
by side, each document in one process.

One process keeps two cores half busy (what lies between the networks runs on one of them) and a GPU mostly idle. Each
process holds the models anew.
"""

from __future__ import annotations

import multiprocessing as mp
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any, TypeAlias

from ocr.errors import DocumentError
from ocr.reading.batched.graph import usable_cores
from ocr.reading.documents import read_one
from ocr.reading.failed import FailedReading
from ocr.reading.servicechild import packed, unpacked
from ocr.values import Reading

_AHEAD = 2
"""Documents on their way for each process, so that none waits while the answers are used."""
_Answer: TypeAlias = Reading | tuple[Any, ...]


def read_in_processes(paths: Iterable[str | Path], processes: int, **options: Any) -> Iterator[Reading | FailedReading]:
    """Like `ocr.reading.read` with the same options (but `reader`), by `processes` processes; in the order given.

    `threads` are those of one process: by default the cores are shared out. Raises DocumentError of kind `engine`
    or `flow` as `read` does, and engine-failed where a process died.
    """
    options.setdefault("threads", max(1, usable_cores() // processes))
    with ProcessPoolExecutor(processes, mp.get_context("spawn")) as pool:
        waiting: deque[tuple[str, Future[_Answer]]] = deque()
        for path in paths:
            waiting.append((str(path), pool.submit(_read, str(path), options)))
            if len(waiting) > _AHEAD * processes:
                yield _answered(*waiting.popleft())
        yield from (_answered(*one) for one in waiting)


def _read(path: str, options: dict[str, Any]) -> _Answer:
    """In the other process; a failure as plain values."""
    try:
        return read_one(path, **options)
    except DocumentError as error:
        return packed(error)


def _answered(path: str, coming: Future[_Answer]) -> Reading | FailedReading:
    try:
        answer = coming.result()
    except BrokenProcessPool as error:
        raise DocumentError(
            "engine-failed",
            "A reading process died.",
            "Try again with fewer processes; if it stays, read the documents one by one to find the one it dies of.",
            kind="engine",
            details={"engine": "batched", "reason": "a process died"},
        ) from error
    if isinstance(answer, Reading):
        return answer
    failure = unpacked(answer)
    if failure.kind != "business" and failure.code != "file-missing":
        raise failure
    return FailedReading(path, failure)
