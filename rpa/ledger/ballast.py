"""A file that is given up when the disk is full, so that a run can still be ended properly.

A full disk refuses even DELETE and checkpoint in SQLite. The room of the ballast is enough to write down how
everything ended; it is laid in again when there is space.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from rpa.ledger.errors import LedgerError

SIZE = 8 << 20
MIN_FREE = 64 << 20


class Ballast:
    """Beside the ledger file `X`, `X.ballast`. Without a path (PostgreSQL, read-only) it does nothing."""

    def __init__(self, ledger: Path | None, size: int = SIZE, min_free: int = MIN_FREE) -> None:
        self.path = ledger.with_name(ledger.name + ".ballast") if ledger else None
        self.size, self.min_free = size, min_free

    def lay(self) -> bool:
        """Makes the file when it is absent and there is room. True when it lies there."""
        if self.path is None:
            return False
        if self.path.exists() and self.path.stat().st_size >= self.size:
            return True
        if self.free() < self.size + self.min_free:
            return False
        with self.path.open("wb") as file:
            _allocate(file.fileno(), self.size)
        return True

    def release(self) -> bool:
        """Gives half of the room up, or the rest of it. False when there was none to give. Two steps, so that
        what waits to be written cannot eat the room that the ending needs."""
        if self.path is None or not self.path.exists():
            return False
        if self.path.stat().st_size > self.size // 2:
            os.truncate(self.path, self.size // 2)
        else:
            self.path.unlink()
        return True

    def free(self) -> int:
        """Free bytes on the ledger's disk."""
        return shutil.disk_usage(self.path.parent).free if self.path else 1 << 62

    def check(self) -> None:
        """Before a run: LedgerError `disk-low` when there is too little room to do it properly."""
        free = self.free()
        if free < self.min_free:
            raise LedgerError(
                "disk-low", free_mb=free >> 20, wanted_mb=self.min_free >> 20, place=str(self.path)
            )


def _allocate(handle: int, size: int) -> None:
    try:
        os.posix_fallocate(handle, 0, size)
    except (OSError, AttributeError):
        for _ in range(size >> 16):
            os.write(handle, bytes(1 << 16))
