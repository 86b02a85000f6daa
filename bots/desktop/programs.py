"""The programs a bot works with: started by it, or attached to; and which windows are theirs."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass, field

import psutil

from bots.desktop.processes import family

LAUNCH = "DAERI_LAUNCH"


@dataclass(slots=True)
class Program:
    """One program. `process` is None for one that was attached to; `launch` marks what it starts in turn."""

    name: str
    pid: int
    launch: str = ""
    process: subprocess.Popen[bytes] | None = None
    command: tuple[str, ...] = ()
    _known: dict[int, bool] = field(default_factory=dict)

    @property
    def running(self) -> bool:
        if self.process is not None and self.process.poll() is None:
            return True
        return any(self._alive(pid) for pid, ours in self._known.items() if ours) or (
            self.process is None and self._alive(self.pid)
        )

    @staticmethod
    def _alive(pid: int) -> bool:
        try:
            return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
        except psutil.Error:
            return False

    def owns(self, pid: int) -> bool:
        """Whether a process is this program or was started by it, even through another."""
        if pid not in self._known:
            self._known[pid] = (
                pid == self.pid
                or pid in family(self.pid)
                or (bool(self.launch) and _launched(pid) == self.launch)
            )
        return self._known[pid]


def _launched(pid: int) -> str:
    try:
        return str(psutil.Process(pid).environ().get(LAUNCH, ""))
    except (psutil.Error, OSError):
        return ""
