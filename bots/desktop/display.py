"""Displays: a virtual one of its own for each unattended run, or the real one when a person sits before
it."""

from __future__ import annotations

import os
import select
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

from bots.desktop.home import environment, make_home, write_key
from bots.desktop.lock import DisplayLock
from bots.desktop.processes import Processes, program
from bots.desktop.settings import DesktopSettings, process_environment
from bots.desktop.xserver import XServer
from flows.failures import EngineFailure

START_SECONDS = 15.0


class Display:
    """A display that belongs to one bot. `name` is its X name, `environment` what programs on it are
    given."""

    def __init__(
        self, name: str, environment: Mapping[str, str], lock: DisplayLock, *, attended: bool
    ) -> None:
        self.name = name
        self.environment = dict(environment)
        self.attended = attended
        self.processes = Processes()
        self.home: Path | None = None
        self._lock = lock
        self._log: IO[bytes] | None = None

    def launch(self, command: Sequence[str], folder: Path | None = None) -> subprocess.Popen[bytes]:
        """Starts a program on this display. Raises FileNotFoundError when there is none of that name."""
        return self.processes.start(command, self.environment, log=self._log, folder=folder)

    def log_text(self) -> str:
        """What programs wrote to their terminal, the last 20,000 characters."""
        if self._log is None:
            return ""
        return Path(self._log.name).read_text("utf-8", "replace")[-20_000:]

    def close(self) -> None:
        """Ends everything that was started here and gives the display back."""
        self.processes.end_all()
        if self._log is not None:
            self._log.close()
        self._lock.release()
        if self.home is not None:
            shutil.rmtree(self.home, ignore_errors=True)


def open_display(settings: DesktopSettings) -> Display:
    """The display a run works on. Raises EngineFailure display-missing, display-busy, program-missing,
    display-not-starting."""
    return open_real(settings) if settings.headed else open_virtual(settings)


def open_real(settings: DesktopSettings) -> Display:
    """The display a person works on."""
    outside = process_environment()
    name = settings.display or outside.get("DISPLAY", "")
    if not name:
        raise EngineFailure("display-missing", details={"wayland": outside.get("WAYLAND_DISPLAY", "-")})
    lock = DisplayLock(name)
    if not settings.only_look and not lock.take():
        raise EngineFailure("display-busy", details={"display": name, "holder": lock.holder()})
    if outside.get("DISPLAY") != name:
        outside = {**outside, **_session_on(name)}
    given = {**outside, "DISPLAY": name, "NO_AT_BRIDGE": "0", "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1"}
    return Display(name, given, lock, attended=True)


def _session_on(name: str) -> dict[str, str]:
    """The key and the session bus of another display, as the programs there were given them."""
    import psutil

    wanted = ("XAUTHORITY", "DBUS_SESSION_BUS_ADDRESS")
    for process in psutil.process_iter():
        try:
            given = process.environ()
        except (psutil.Error, OSError):
            continue
        if given.get("DISPLAY") == name and "DBUS_SESSION_BUS_ADDRESS" in given:
            return {k: given[k] for k in wanted if k in given}
    return {}


def open_virtual(settings: DesktopSettings) -> Display:
    """A new Xvfb with a window manager, a session bus, a home and a key of its own."""
    programs = {name: program(name) for name in ("Xvfb", "openbox", "dbus-daemon")}
    number, lock = _free_number(settings)
    home = Path(tempfile.mkdtemp(prefix="daeri-home-"))
    kept = Path(settings.home).expanduser() if settings.home else home / "home"
    make_home(kept, settings)
    key = home / "display-key"
    write_key(key, number)
    given = environment(kept, settings, process_environment())
    display = Display(
        f":{number}", {**given, "DISPLAY": f":{number}", "XAUTHORITY": str(key)}, lock, attended=False
    )
    display.home = home
    display._log = (home / "programs.log").open("wb")
    try:
        _start_server(display, programs["Xvfb"], settings, key)
        display.environment["DBUS_SESSION_BUS_ADDRESS"] = _start_bus(display, programs["dbus-daemon"])
        _start_window_manager(display, programs["openbox"], settings)
    except (EngineFailure, OSError):
        display.close()
        raise
    return display


def _free_number(settings: DesktopSettings) -> tuple[int, DisplayLock]:
    for number in range(settings.first_display, settings.last_display + 1):
        lock = DisplayLock(f":{number}")
        if lock.take():
            if not _taken(number):
                return number, lock
            lock.release()
    raise EngineFailure(
        "display-busy",
        details={
            "display": f":{settings.first_display} … :{settings.last_display}",
            "holder": "other programs",
        },
    )


def _taken(number: int) -> bool:
    """Whether somebody else's X server listens under this number."""
    with socket.socket(socket.AF_UNIX) as asking:
        asking.settimeout(1.0)
        try:
            asking.connect(f"/tmp/.X11-unix/X{number}")
        except (FileNotFoundError, ConnectionRefusedError):
            return False
        except OSError:
            return True
    return True


def _start_server(display: Display, path: str, settings: DesktopSettings, key: Path) -> None:
    reading, writing = os.pipe()
    command = [
        *(
            path,
            display.name,
            "-screen",
            "0",
            f"{settings.width}x{settings.height}x24",
            "-dpi",
            str(settings.dpi),
        ),
        *("-nolisten", "tcp", "-noreset", "-auth", str(key), "-displayfd", str(writing)),
    ]
    server = display.processes.start(
        command, display.environment, log=display._log, pass_fds=(writing,), bound=True
    )
    os.close(writing)
    try:
        if not _line(reading, server):
            raise _not_starting(display, "Xvfb")
    finally:
        os.close(reading)


def _start_bus(display: Display, path: str) -> str:
    """A session bus; gives its address. The accessibility bus starts from it when first asked for."""
    reading, writing = os.pipe()
    command = [path, "--session", "--nofork", "--nopidfile", f"--print-address={writing}"]
    bus = display.processes.start(
        command, display.environment, log=display._log, pass_fds=(writing,), bound=True
    )
    os.close(writing)
    try:
        address = _line(reading, bus)
    finally:
        os.close(reading)
    if not address:
        raise _not_starting(display, "dbus-daemon")
    return address


def _line(pipe: int, process: subprocess.Popen[bytes]) -> str:
    """The first whole line that comes out of a pipe; empty when the process ends or takes too long."""
    deadline, said = time.monotonic() + START_SECONDS, b""
    while time.monotonic() < deadline and process.poll() is None and not said.endswith(b"\n"):
        if select.select([pipe], [], [], 0.1)[0]:
            said += os.read(pipe, 4096)
    return said.decode("ascii").strip()


def _start_window_manager(display: Display, path: str, settings: DesktopSettings) -> None:
    server = XServer(display.name, display.environment)
    try:
        server.set_resources(f"Xft.dpi:\t{settings.dpi}\nXft.antialias:\t1\nXft.hinting:\t1\n")
        manager = display.processes.start(
            [path, "--sm-disable"], display.environment, log=display._log, bound=True
        )
        deadline = time.monotonic() + START_SECONDS
        while not server.has_window_manager():
            if time.monotonic() > deadline or manager.poll() is not None:
                raise _not_starting(display, "openbox")
            time.sleep(0.02)
    finally:
        server.close()


def _not_starting(display: Display, what: str) -> EngineFailure:
    details = {"what": what, "reason": display.log_text()[-500:]}
    return EngineFailure("display-not-starting", details=details)
