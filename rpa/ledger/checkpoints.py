"""Copies SQLite's log into the ledger file beside the work, so that it can begin anew.

SQLite does this inside whichever commit finds the log long. With several busy processes another commit has always come
in the meantime: the log does not begin anew, grows, and every commit that follows copies again, with two flushes of
its own. Here one thread of a process looks now and then how long the log is. When it is long, all of it is copied
while the others go on writing, and then the little that came since, under the lock.

Nothing that is promised depends on it: what stands in the log is on disk there already.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from typing import Any

EVERY = 250  # commits of this process between two looks
LONG = 4_000  # pages in the log, about 16 MB
LONGEST = 4 * LONG  # where SQLite copies by itself, inside a commit: should every thread have died or starve
_PATIENCE_MS = 10  # for the lock, while commits of others come and go


class Checkpointer:
    """`connect` opens a connection to the ledger; `refusals` is what the driver raises."""

    def __init__(self, connect: Callable[[], Any], refusals: type[Exception]) -> None:
        self._connect, self._refusals = connect, refusals
        self._commits = 0
        self._due = threading.Event()
        self._closing = False
        self._thread: threading.Thread | None = None
        self.alone = threading.Lock()  # held while the log is copied

    def committed(self) -> None:
        """Tells of one commit more."""
        self._commits += 1
        if self._commits % EVERY:
            return
        self._due.set()
        if self._thread is None:
            self._closing = False
            self._thread = threading.Thread(target=self._watch, name="ledger-checkpoints", daemon=True)
            self._thread.start()

    def close(self) -> None:
        """Ends the thread after what it does now; the next commits begin another."""
        if self._thread is not None:
            self._closing = True
            self._due.set()
            self._thread.join()
            self._thread = None

    def _watch(self) -> None:
        while self._due.wait() and not self._closing:
            self._due.clear()
            # What fails here is tried again later; a disk that refuses fails the commits themselves, where it is told.
            with contextlib.suppress(self._refusals):
                self._shorten_unless_busy()

    def _shorten_unless_busy(self) -> None:
        if self.alone.acquire(blocking=False):
            try:
                self._shorten()
            finally:
                self.alone.release()

    def _shorten(self) -> None:
        with contextlib.closing(self._connect()) as connection:
            connection.execute(f"PRAGMA busy_timeout={_PATIENCE_MS}")
            if _pages(connection, "NOOP") > LONG and _pages(connection, "PASSIVE") > LONG:
                _pages(connection, "RESTART")


def _pages(connection: Any, how: str) -> int:
    """Copies the log in one of SQLite's ways (NOOP: not at all; before 3.51 as PASSIVE). How many pages stand in it."""
    _, pages, _ = connection.execute(f"PRAGMA wal_checkpoint({how})").fetchone()
    return int(pages)
