"""Where reading's time goes: a batched reader whose parts are timed by stage."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, cast

from ocr.pages import Picture, open_document
from ocr.reading.batched.reader import BatchedReader

STAGES = ("decode", "detection", "recognition", "hangul", "rest")
"""`rest` is what the reader does besides: cutting lines, spaces, marks, reading order."""
NETWORKS = ("detection network", "recognition network")
"""Parts of the stages of that name: the networks alone, copies to and from the device included."""


class _Timed:
    """An object, one method of which (`__call__` included) is timed."""

    def __init__(self, inner: Any, method: str, stage: str, spent: dict[str, float]) -> None:
        self._inner, self._method, self._stage, self._spent = inner, method, stage, spent

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        return self._timing(found) if name == self._method else found

    def __call__(self, *given: Any) -> Any:
        return self._timing(self._inner)(*given)

    def _timing(self, work: Callable[..., Any]) -> Callable[..., Any]:
        def timed(*given: Any, **named: Any) -> Any:
            started = time.perf_counter()
            try:
                return work(*given, **named)
            finally:
                self._spent[self._stage] += time.perf_counter() - started

        return timed


class StagedReader:
    """A batched reader that knows how many seconds each stage took; `spent` may be cleared."""

    def __init__(self, reader: BatchedReader) -> None:
        self.reader, self.spent = reader, defaultdict[str, float](float)
        self._time(reader.detector, "graph", "detection network")
        self._time(reader.recogniser._network, "_graph", "recognition network")
        self._time(reader, "detector", "detection", "quads")
        self._time(reader, "recogniser", "recognition", "read")
        if reader.router is not None:
            self._time(reader, "router", "hangul", "route_pages")

    def _time(self, owner: Any, name: str, stage: str, method: str = "") -> None:
        setattr(owner, name, cast(Any, _Timed(getattr(owner, name), method, stage, self.spent)))

    def pages_a_second(self, files: Sequence[Path], batch: int) -> float:
        """Reads one batch of `batch` pages, the files over and over, decoding included; fills `spent`."""
        self.spent.clear()
        started = time.perf_counter()
        pictures = [picture for i in range(batch) for picture in pictures_of(files[i % len(files)])][:batch]
        self.spent["decode"] = time.perf_counter() - started
        self.reader.read(pictures)
        whole = time.perf_counter() - started
        self.spent["rest"] = whole - sum(self.spent[stage] for stage in STAGES[:-1])
        return batch / whole


def pictures_of(file: Path) -> list[Picture]:
    with open_document(file) as document:
        return [page.draw() for page in document.pages()]
