"""One bot per display: a lock that the system gives back when its holder dies."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import IO


class DisplayLock:
    """An exclusive lock on one display of this machine and user."""

    def __init__(self, display: str, folder: Path | None = None) -> None:
        place = folder or Path(tempfile.gettempdir())
        plain = display.strip(":").replace(":", "-").replace("/", "-").replace(".", "-") or "default"
        self.path = place / f"daeri-display-{os.getuid() if hasattr(os, 'getuid') else 0}-{plain}.lock"
        self._file: IO[str] | None = None

    def take(self) -> bool:
        """True when it is ours now. Does not wait."""
        import fcntl

        flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
        handle = os.fdopen(os.open(self.path, flags, 0o600), "r+")
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            handle.close()
            return False
        handle.truncate(0)
        handle.write(str(os.getpid()))
        handle.flush()
        self._file = handle
        return True

    def holder(self) -> str:
        """The process number written by whoever holds it."""
        return self.path.read_text(encoding="ascii").strip() if self.path.exists() else ""

    def release(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None
