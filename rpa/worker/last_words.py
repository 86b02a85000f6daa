"""What the process of a run wrote to its standard error before it died.

All of it goes on to the supervisor's own standard error. What is kept for the ledger are only the places and
the kinds of errors: their messages may hold what was typed.
"""

from __future__ import annotations

import os
import re
import signal
import threading
from pathlib import Path
from typing import IO

KEPT_BYTES = 32_768
MOST_LINES = 30
_FRAME = re.compile(r'^\s*File "(?P<file>[^"]+)", line (?P<line>\d+),? in (?P<name>.+)$')
_ERROR = re.compile(r"^(?P<kind>(?:[A-Za-z_]\w*\.)*[A-Z]\w*(?:Error|Exception|Failure|Exit|Interrupt|Iteration))\b")
_FATAL = re.compile(r"^(Fatal Python error: [\w ]+|Windows fatal exception: [\w ]+)", re.MULTILINE)
_OTHER_THREAD = re.compile(r"^(?:Thread 0x|Extension modules)", re.MULTILINE)


class LastWords:
    """Reads a pipe until all of its writers are gone, in a thread of its own."""

    def __init__(self, stream: IO[bytes], copy_to: int = 2) -> None:
        self._stream, self._copy_to, self._kept = stream, copy_to, b""
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        while chunk := os.read(self._stream.fileno(), 65_536):
            self._kept = (self._kept + chunk)[-KEPT_BYTES:]
            os.write(self._copy_to, chunk)

    def told(self) -> str:
        """The last frames and errors, one a line; empty when there were none. To be asked when the process has
        ended; what it started may still hold the pipe."""
        self._thread.join(timeout=2.0)
        if not self._thread.is_alive():
            self._stream.close()
        return plain(self._kept.decode("utf-8", "replace"))


def plain(text: str) -> str:
    """Of what a process wrote only the frames of traces and the kinds of errors, the last `MOST_LINES`; the frame
    that failed and the error after it stand last."""
    fatal = _FATAL.search(text)
    lines = _of_fatal(text[fatal.start() :]) if fatal else text.splitlines()
    found = [said for line in lines if (said := _plain_line(line))]
    return "\n".join(found[-MOST_LINES:])


def _of_fatal(text: str) -> list[str]:
    """The fatal error's lines in the order of other traces: faulthandler tells the innermost frame first, and
    the threads that had no part in it too."""
    first, _, rest = text.partition("Current thread")
    own = _OTHER_THREAD.split(rest, maxsplit=1)[0]
    return [*reversed(own.splitlines()), first]


def _plain_line(line: str) -> str:
    if frame := _FRAME.match(line):
        return f"{Path(frame['file']).name}:{frame['line']} in {frame['name']}"
    if fatal := _FATAL.match(line):
        return fatal[1]
    error = _ERROR.match(line)
    return error["kind"] if error else ""


def ending(status: int | None) -> str:
    """How a process ended, from its return code: `exit code 1`, `SIGSEGV`."""
    if status is None or status >= 0:
        return f"exit code {status}"
    try:
        return signal.Signals(-status).name
    except ValueError:
        return f"signal {-status}"
