"""Programs a bot starts, and ends: each in a session of its own, all carrying one mark in their environment.

The mark finds what a program left running when it put itself into the background.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
import uuid
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

import psutil

from flows.failures import EngineFailure

MARK = "DAERI_DESKTOP"
PACKAGES: Mapping[str, str] = {
    "Xvfb": "xvfb",
    "openbox": "openbox",
    "dbus-daemon": "dbus-daemon",
    "xclip": "xclip",
    "xdotool": "xdotool",
    "ffmpeg": "ffmpeg",
    "setpriv": "util-linux",
    "at-spi-bus-launcher": "at-spi2-core",
    "import": "imagemagick",
}
END_SECONDS = 3.0


def program(name: str, where: Mapping[str, str] | None = None) -> str:
    """The path of a program of the desktop's own. Raises `program-missing` with the Debian package."""
    found = shutil.which(name, path=(where or {}).get("PATH"))
    if found is None:
        raise EngineFailure("program-missing", details={"program": name, "package": PACKAGES.get(name, name)})
    return found


class Processes:
    """Everything one bot started. `end_all` leaves nothing behind."""

    def __init__(self) -> None:
        self.mark = uuid.uuid4().hex
        self.started: list[subprocess.Popen[bytes]] = []

    def start(
        self,
        command: Sequence[str],
        environment: Mapping[str, str],
        *,
        log: IO[bytes] | None = None,
        stdin: int = subprocess.DEVNULL,
        folder: Path | None = None,
        pass_fds: Sequence[int] = (),
        bound: bool = False,
    ) -> subprocess.Popen[bytes]:
        """Starts `command` in a session of its own. `bound`: it ends when this process is killed."""
        out = log if log is not None else subprocess.DEVNULL
        if bound:
            command = [program("setpriv"), "--pdeathsig", "KILL", *command]
        process = subprocess.Popen(
            list(command),
            env={**environment, MARK: self.mark},
            stdin=stdin,
            stdout=out,
            stderr=out,
            cwd=folder,
            pass_fds=tuple(pass_fds),
            start_new_session=True,
        )
        self.started.append(process)
        return process

    def end(self, process: subprocess.Popen[bytes], seconds: float = END_SECONDS) -> None:
        """Ends one program and its group: politely, then by force."""
        _signal_group(process.pid, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
        _signal_group(process.pid, signal.SIGKILL)
        process.wait(END_SECONDS)
        if process in self.started:
            self.started.remove(process)

    def end_all(self) -> None:
        """Ends everything, the last started first, then what still carries the mark."""
        for process in reversed(list(self.started)):
            self.end(process, seconds=0.5)
        deadline = time.monotonic() + END_SECONDS
        while (left := self.marked()) and time.monotonic() < deadline:
            for one in left:
                _kill(one.pid)
            psutil.wait_procs(left, timeout=0.2)

    def marked(self) -> list[psutil.Process]:
        """Living processes that carry this bot's mark."""
        return [p for p in psutil.process_iter() if p.pid != os.getpid() and _mark_of(p) == self.mark]


def family(pid: int) -> set[int]:
    """A process and its descendants: a program's windows may belong to any of them."""
    try:
        return {pid, *(child.pid for child in psutil.Process(pid).children(recursive=True))}
    except psutil.Error:
        return {pid}


def frozen(pid: int) -> bool:
    """Whether the system has stopped the process (SIGSTOP, a debugger)."""
    try:
        return str(psutil.Process(pid).status()) == psutil.STATUS_STOPPED
    except psutil.Error:
        return False


def _mark_of(process: psutil.Process) -> str:
    try:
        if process.status() == psutil.STATUS_ZOMBIE:
            return ""
        return str(process.environ().get(MARK, ""))
    except (psutil.Error, OSError):
        return ""


def _signal_group(pid: int, number: signal.Signals) -> None:
    try:
        os.killpg(pid, number)
    except (ProcessLookupError, PermissionError):
        return


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return
