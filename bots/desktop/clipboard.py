"""The clipboard of one display: kept texts by xclip, a passing one by an offer of our own."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from bots.desktop.display import Display
from bots.desktop.processes import MARK, program
from bots.desktop.selection import Offer
from flows.failures import EngineFailure

Which = Literal["clipboard", "primary"]
SECONDS = 5.0


class Clipboard:
    """Reads and writes text. Raises `program-missing` (xclip), `clipboard-failed`."""

    def __init__(self, display: Display) -> None:
        self._display = display
        self._path = program("xclip")

    def read(self, which: Which = "clipboard") -> str:
        """The text in it; empty when there is none or it is no text."""
        done = self._run(["-o", "-selection", which, "-t", "UTF8_STRING"], None)
        return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else ""

    def write(self, text: str, which: Which = "clipboard") -> None:
        done = self._run(["-i", "-selection", which], text.encode("utf-8"))
        if done.returncode != 0:
            raise EngineFailure("clipboard-failed", details={"reason": f"xclip ended with {done.returncode}"})
        deadline = time.monotonic() + SECONDS
        while self.read(which) != text:  # xclip goes to the background before the text is really its own
            if time.monotonic() > deadline:
                raise EngineFailure("clipboard-failed", details={"reason": "it does not keep the text"})
            time.sleep(0.01)

    @contextmanager
    def holding(self, text: str, which: Which = "clipboard") -> Iterator[Offer]:
        """`text` for a while, with word of when it was fetched; what was there before comes back."""
        before = self.read(which)
        try:
            with Offer(self._display.name, self._display.environment, text, which.upper()) as offer:
                yield offer
        finally:
            self.write(before, which)

    def _run(self, options: list[str], data: bytes | None) -> subprocess.CompletedProcess[bytes]:
        """xclip stays behind to serve what it holds: it may not keep our pipes, and carries our mark."""
        env = {**self._display.environment, MARK: self._display.processes.mark}
        out = subprocess.DEVNULL if data is not None else subprocess.PIPE
        try:
            return subprocess.run(
                [self._path, *options],
                input=data,
                stdout=out,
                stderr=subprocess.DEVNULL,
                env=env,
                timeout=SECONDS,
                check=False,
                start_new_session=True,
            )
        except subprocess.TimeoutExpired as error:
            raise EngineFailure(
                "clipboard-failed", details={"reason": "its owner does not answer"}
            ) from error
