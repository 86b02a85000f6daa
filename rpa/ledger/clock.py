"""Time for the ledger: wall time for the record, time since boot for leases, and who this machine and
process are.

Leases on SQLite count CLOCK_BOOTTIME, because wall clocks jump and CLOCK_MONOTONIC stands still while a
laptop sleeps. Another boot id means that whoever held a lease is gone.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol


class Clock(Protocol):
    def now(self) -> datetime:
        """Aware UTC time."""

    def boot_us(self) -> int:
        """Microseconds since this machine started, sleep included."""

    def boot_id(self) -> str:
        """Names this start of this machine."""


class SystemClock:
    """The machine's own clocks."""

    def __init__(self) -> None:
        self._boot_id = _boot_id()

    def now(self) -> datetime:
        return datetime.now(UTC)

    def boot_us(self) -> int:
        kind = getattr(time, "CLOCK_BOOTTIME", None)
        return (time.monotonic_ns() if kind is None else time.clock_gettime_ns(kind)) // 1000

    def boot_id(self) -> str:
        return self._boot_id


def _boot_id() -> str:
    path = Path("/proc/sys/kernel/random/boot_id")
    if path.is_file():
        return path.read_text("ascii").strip()
    import psutil

    return f"boot-{int(psutil.boot_time())}"


def process_place() -> str:
    """Where a process id means something: this boot and, on Linux, this process-id namespace."""
    try:
        space = str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        space = ""
    return f"{_boot_id()} {space}".strip()


def process_start(pid: int) -> int | None:
    """When process `pid` of this machine started, in milliseconds since 1970; None when there is none such
    (or only its zombie). Together with the pid it names a process for ever."""
    import psutil

    try:
        process = psutil.Process(pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else int(process.create_time() * 1000)
    except psutil.Error:
        return None


def process_lives(pid: int, start: int) -> bool:
    """Whether that very process still lives. The start may be read a few ticks apart."""
    found = process_start(pid)
    return found is not None and abs(found - start) < 1000
