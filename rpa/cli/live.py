"""The live view of a run: one line per item, progress with an estimate, quiet where a program reads."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from types import TracebackType
from typing import Any

MARKS = {
    "succeeded": "✓", "waiting": "?", "failed_business": "!", "failed_application": "✗", "failed_flow": "✗",
    "in_doubt": "‽", "new": "·", "running": "…",
}
ANSWERS = {"": "go", "a": "on", "all": "on", "q": "stop", "quit": "stop"}


class LiveRun:
    """A context manager fed with the child's events."""

    def __init__(self, *, quiet: bool, lang: str) -> None:
        self.quiet, self.lang = quiet, lang
        self.tty = sys.stderr.isatty()
        self._began = time.monotonic()
        self._done = 0
        self._total = 0
        self._key = ""
        self._status: Any = None

    def __enter__(self) -> LiveRun:
        if not self.quiet and self.tty:
            from rich.console import Console

            self._status = Console(stderr=True).status("…")
            self._status.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        if self._status is not None:
            self._status.stop()
            self._status = None

    def event(self, event: Mapping[str, Any]) -> None:
        if self.quiet:
            return
        what = event.get("what")
        if what == "items":
            self._total = int(event["total"])
            known = event.get("known") or {}
            already = ", ".join(f"{n} {reason}" for reason, n in known.items())
            told = self._text("live-items", count=self._total)
            self._print(told + (" · " + self._text("live-known", known=already) if already else ""))
        elif what == "session":
            self._show("session")
        elif what == "step":
            self._show(f"{self._key} · {event.get('name')}" if self._key else str(event.get("name")))
        elif what == "item":
            self._item(event)

    def _item(self, event: Mapping[str, Any]) -> None:
        self._key = str(event.get("name") or event["key"])[:40]
        status = str(event["status"])
        if status == "running":
            return
        from flows.catalogue import phrase

        self._done += 1
        mark = MARKS.get(status, " ")
        self._print(f" {mark} {event['number']}/{event['total']} {self._key}  {phrase(status, self.lang)}{self._left()}")

    def _left(self) -> str:
        remaining = self._total - self._done
        if not remaining or not self._done:
            return ""
        seconds = (time.monotonic() - self._began) / self._done * remaining
        return "  " + self._text("live-left", seconds=f"{seconds:.0f}")

    def _text(self, code: str, **details: Any) -> str:
        from flows.catalogue import text

        return text(code, self.lang, **details)

    def _show(self, text: str) -> None:
        if self._status is not None:
            self._status.update(text)

    def _print(self, text: str) -> None:
        if self._status is not None:
            self._status.console.print(text, highlight=False, markup=False)
        else:
            print(text, file=sys.stderr, flush=True)

    def ask(self, event: Mapping[str, Any]) -> str:
        """`--step`: shows the step at hand and asks: `go`, `on` (ask no more) or `stop`."""
        from flows.catalogue import text

        if self._status is not None:
            self._status.stop()
        print(f"{event.get('step')} · {event.get('text')}", file=sys.stderr)
        try:
            return self._chosen(text("step-question", self.lang))
        finally:
            if self._status is not None:
                self._status.start()

    def _chosen(self, question: str) -> str:
        while True:
            print(f"{question} ", end="", file=sys.stderr, flush=True)
            line = sys.stdin.readline()
            if not line:
                return "stop"
            word = line.strip().casefold()
            if word in ANSWERS:
                return ANSWERS[word]
