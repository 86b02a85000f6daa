"""Makes SQLite's commits durable, outside the lock.

With `synchronous=FULL` SQLite flushes its write-ahead log inside the commit, while every other process waits for
its turn to write. Here a commit only appends to the log (`synchronous=NORMAL`), the lock is let go, and then the
log is flushed, before anybody is told that the commit stands. Processes so wait for the disk side by side, and a
flush carries every commit before it, whoever made it.

Why that is as safe: frames stand in the log in the order of their commits under one running checksum, so what a
power cut leaves is a beginning of them; a checkpoint flushes the log before it copies and the file before the log
begins anew. See `docs/adr/0003-flushing-outside-the-lock.md`.
"""

from __future__ import annotations

import os
from pathlib import Path

from rpa.ledger.durable import flush_folder

# Contents and size; not the times of the file, which nobody reads.
_flush = getattr(os, "fdatasync", os.fsync)


class Flusher:
    """The write-ahead log of the ledger file `ledger`, as a second handle of this process. SQLite keeps its locks
    on other files, so opening and closing this one lets go of none."""

    def __init__(self, ledger: Path) -> None:
        self._log = ledger.with_name(ledger.name + "-wal")
        self._handle = -1
        self.owed = False  # something was committed since the last flush

    def flush(self) -> None:
        """All that was committed is on disk when this returns. OSError when the disk refuses: then `owed` stays."""
        if self.owed:
            _flush(self._opened())
            self.owed = False

    def _opened(self) -> int:
        if self._handle >= 0 and os.fstat(self._handle).st_nlink:
            return self._handle
        self.close()  # SQLite deletes the log with the last connection, and makes another
        self._handle = os.open(self._log, os.O_RDWR | getattr(os, "O_CLOEXEC", 0))
        flush_folder(self._log.parent)
        return self._handle

    def close(self) -> None:
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1
