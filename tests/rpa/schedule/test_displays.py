"""`rpa serve` with programs on a screen: each unattended desktop run has a virtual display of its own, and neither
a display nor a browser outlives its run or a service that was killed."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import psutil
import pytest

from bots.browser.launch import find_browser
from rpa.settings import WORKER_MARK, Settings
from tests.rpa.schedule.test_service import until, write
from tests.rpa.schedule.test_workers import served

DISPLAYS = {"first_display": 85, "last_display": 88}
DESKTOP = """\
flow: %s
steps:
  - desktop.start: {program: xmessage, args: ["%s"], window: "xmessage*"}
  - http.get: "http://127.0.0.1:%d/"
  - desktop.windows:
    id: windows
  - desktop.screenshot: seen.png
  - data.assert: {that: "${windows|length == 1}", code: other-window, message: "${windows | length} windows"}
hosts: [127.0.0.1]
"""
BROWSER = """\
flow: %s
steps:
  - browser.open: "http://127.0.0.1:%d/"
hosts: [127.0.0.1]
"""
pytestmark = [pytest.mark.heavy, pytest.mark.desktop, pytest.mark.xdist_group("desktop")]


@pytest.fixture
def gate() -> Iterator[tuple[int, threading.Event]]:
    """A server that answers when the event is set; its port."""
    go = threading.Event()

    class Held(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            go.wait(90)
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Held)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port, go
    go.set()
    server.shutdown()
    server.server_close()


def marked(name: str, worker: str = "") -> list[psutil.Process]:
    """Programs of this name that workers started."""
    found = []
    for process in psutil.process_iter(["name"]):
        try:
            mark = process.environ().get(WORKER_MARK, "")
        except (psutil.Error, OSError):
            continue
        if process.info["name"].startswith(name) and mark and worker in mark:
            found.append(process)
    return found


def shown_on(program: psutil.Process) -> str:
    return str(program.environ().get("DISPLAY", ""))


@pytest.mark.skipif(
    any(shutil.which(p) is None for p in ("Xvfb", "openbox", "dbus-daemon", "xmessage")),
    reason="Xvfb, openbox, dbus-daemon or xmessage is not installed",
)
def test_each_desktop_run_has_a_display_of_its_own(folder: Path, gate: tuple[int, threading.Event]) -> None:
    port, go = gate
    for name in ("one", "two"):
        (folder / "flows" / f"{name}.yaml").write_text(DESKTOP % (name, f"program {name}", port))
    write(folder, "  a: {flow: one, trigger: {every: 1h}}\n  b: {flow: two, trigger: {every: 1h}}\n")
    settings = Settings(project=folder, key_file=str(folder / "key"), desktop=DISPLAYS)
    service, log, stop = served(settings, concurrency=2, drain_s=60)
    mine = f":{os.getpid()}:"
    try:
        for name in ("a", "b"):
            service.planner.run_now(name, actor="kim")
        until(lambda: len(marked("xmessage", mine)) == 2, 60)
        programs = marked("xmessage", mine)
        displays = {shown_on(p) for p in programs}
        assert len(displays) == 2, "a display each"
        assert displays <= {f":{n}" for n in range(85, 89)}
        assert len(marked("Xvfb", mine)) == 2
        assert os.environ.get("DISPLAY") not in displays
        go.set()
        until(lambda: len(log.of("run-ended")) == 2, 90)
    finally:
        go.set()
        stop()
    assert [d["status"] for d in log.of("run-ended")] == ["succeeded", "succeeded"], log.lines
    for name in ("Xvfb", "openbox", "xmessage", "dbus-daemon"):
        assert marked(name, mine) == [], f"{name} outlived its run"


@pytest.fixture
def service(folder: Path) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    """`rpa serve` as a process of its own, as often as called."""
    made: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "rpa.cli.main", "--project", str(folder), "serve", "--port", "0"]
        env = {**os.environ, "RPA_KEY_FILE": str(folder / "key"), "RPA_LEASE_S": "3"}
        with (folder / "serve.log").open("ab") as log:
            made.append(subprocess.Popen(command, env=env, stderr=log))
        return made[-1]

    yield start
    for process in made:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


@pytest.mark.skipif(find_browser("") is None, reason="no browser is installed")
@pytest.mark.parametrize("also", ["only the service", "the run and its driver too"])
def test_a_killed_service_leaves_no_browser_behind(
    folder: Path,
    gate: tuple[int, threading.Event],
    service: Callable[[], subprocess.Popen[bytes]],
    also: str,
) -> None:
    (folder / "flows" / "surf.yaml").write_text(BROWSER % ("surf", gate[0]))
    write(folder, "  s: {flow: surf, trigger: {every: 1s}, if_missed: none}\n")
    killed = service()
    mine = f":{killed.pid}:"
    until(lambda: marked("chrom", mine), 60)
    time.sleep(1)
    below = psutil.Process(killed.pid).children(recursive=True)
    killed.kill()
    if also != "only the service":
        for process in below:
            if "chrom" not in process.name():
                process.kill()
    killed.wait(10)
    write(folder, '  s: {flow: note, trigger: {at: "2099-01-01 00:00"}}\n')
    service()
    until(lambda: (folder / "serve.log").read_bytes().count(b'"service-ready"') == 2, 60)
    until(lambda: not [p for p in below if p.is_running() and p.status() != psutil.STATUS_ZOMBIE], 30)
    assert marked("chrom", mine) == []
