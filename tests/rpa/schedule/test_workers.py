"""Workers of the service: what they may take, how they hand a run back, how big and old a run may grow, and
what lost ones leave behind."""

from __future__ import annotations

import os
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

from flows.model import Flow
from rpa.app.capabilities import found_here, needs
from rpa.app.project import Project
from rpa.ledger.types import RunStatus
from rpa.schedule.pauses import ALL, pause, resume
from rpa.schedule.service import Service
from rpa.settings import WORKER_MARK, Settings
from rpa.worker.limits import private_mb
from rpa.worker.orphans import sweep_orphans
from tests.rpa.schedule.conftest import Planning
from tests.rpa.schedule.test_service import Log, until, write

SLOW = """\
flow: slow
items:
  from: {rows: numbers.csv}
  key: "${item.n}"
steps:
  - http.get: "http://127.0.0.1:%d/"
  - files.append: {path: done.txt, line: "${item.n}"}
    repeatable: true
hosts: [127.0.0.1]
"""


@pytest.fixture
def seconds() -> Iterator[list[float]]:
    """A server that takes so long for an answer."""
    takes = [0.4]

    class Slow(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            time.sleep(takes[0])
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Slow)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    takes.append(server.server_port)
    yield takes
    server.shutdown()
    server.server_close()


@pytest.fixture
def slow(folder: Path, seconds: list[float]) -> Path:
    (folder / "flows" / "slow.yaml").write_text(SLOW % seconds[1])
    (folder / "numbers.csv").write_text("n\n" + "".join(f"{n}\n" for n in range(6)))
    write(folder, "  s: {flow: slow, trigger: {every: 1h}}\n")
    return folder


def served(settings: Settings, **how: Any) -> tuple[Service, Log, Callable[[], None]]:
    log = Log()
    service = Service(settings, log=log, **how)
    thread = threading.Thread(target=service.run)
    thread.start()

    def stop() -> None:
        service.stopping.set()
        thread.join(90)
        assert not thread.is_alive()
        service.ledger.close()

    return service, log, stop


def done(folder: Path) -> list[str]:
    path = folder / "done.txt"
    return path.read_text().split() if path.exists() else []


def test_a_stopped_service_hands_the_rest_back_and_the_next_one_ends_it(slow: Path) -> None:
    settings = Settings(project=slow, key_file=str(slow / "key"))
    service, log, stop = served(settings, drain_s=0)
    service.planner.run_now("s", actor="kim")
    until(lambda: len(done(slow)) >= 2)
    stop()
    assert [d["why"] for d in log.of("handed-back")] == ["service-stopped"]
    before = len(done(slow))
    assert before < 6
    service, log, stop = served(settings, drain_s=60)
    until(lambda: log.of("run-ended"))
    stop()
    assert log.of("run-ended")[0]["status"] == "succeeded"
    assert sorted(done(slow)) == sorted(set(done(slow))) == [str(n) for n in range(6)]


def test_what_pause_all_stopped_goes_on_after_the_pause(slow: Path) -> None:
    service, log, stop = served(Settings(project=slow, key_file=str(slow / "key")), drain_s=60)
    service.planner.run_now("s", actor="kim")
    until(lambda: done(slow))
    pause(service.ledger, ALL, by="kim")
    assert until(lambda: log.of("handed-back"))[0]["why"] == "paused"
    number = len(done(slow))
    time.sleep(1.5)
    assert len(done(slow)) == number, "nothing runs in a pause"
    resume(service.ledger, ALL, by="kim")
    until(lambda: len(done(slow)) == 6)
    stop()
    assert sorted(done(slow)) == [str(n) for n in range(6)]


def test_an_old_run_goes_on_in_a_fresh_process(slow: Path) -> None:
    settings = Settings(project=slow, key_file=str(slow / "key"), worker_age_s=1)
    service, log, stop = served(settings, drain_s=60)
    service.planner.run_now("s", actor="kim")
    until(lambda: [d for d in log.of("run-ended") if d["status"] == "succeeded"], 60)
    stop()
    assert {d["why"] for d in log.of("handed-back")} == {"age-limit"}, log.lines
    assert sorted(done(slow)) == [str(n) for n in range(6)]


def test_a_run_that_needs_too_much_memory_before_its_first_item_is_ended(
    slow: Path, seconds: list[float]
) -> None:
    settings = Settings(project=slow, key_file=str(slow / "key"), worker_memory_mb=5)
    service, log, stop = served(settings, drain_s=60)
    seconds[0] = 20
    service.planner.run_now("s", actor="kim")
    ended = until(lambda: log.of("run-ended"), 60)[0]
    stop()
    assert (ended["status"], ended["reason"]) == ("abandoned", "memory-limit")
    assert log.of("handed-back") == []


def test_private_memory_counts_descendants() -> None:
    child = subprocess.Popen([sys.executable, "-c", "x = bytearray(60_000_000); print(flush=True); input()"],
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # fmt: skip
    assert child.stdout is not None
    child.stdout.readline()
    try:
        assert private_mb(child.pid) > 55
        assert private_mb(os.getpid()) > private_mb(child.pid)
    finally:
        child.kill()
        child.communicate()
    assert private_mb(child.pid) == 0


def test_only_a_worker_that_offers_what_is_needed_takes_the_run(planning: Planning) -> None:
    planner = planning("  s: {flow: note, trigger: {every: 1h}, needs: [erp-vpn]}\n")
    planner.run_now("s", actor="kim")
    assert planner.ledger.claim("w", capabilities=["browser"]) is None
    assert planner.ledger.claim("w", capabilities=["erp-vpn", "browser"]) is not None


@pytest.mark.parametrize(
    ("step", "needed"),
    [
        ("browser.open: http://127.0.0.1", ("browser",)),
        ("desktop.start: gedit", ("desktop",)),
        ("document.read: a.pdf", ("ocr",)),
        ("files.append: {path: a, line: b}", ()),
    ],
)
def test_a_flow_needs_what_its_actions_and_those_of_called_flows_need(
    folder: Path, planning: Planning, step: str, needed: tuple[str, ...]
) -> None:
    project = planning("  s: {flow: note, trigger: {every: 1h}}\n").project
    (folder / "flows" / "inner.yaml").write_text(f"flow: inner\nsteps:\n  - {step}\n")
    (folder / "flows" / "outer.yaml").write_text("flow: outer\nsteps:\n  - call: inner\n")
    flow: Flow | None = project.load("outer").flow
    assert flow is not None
    assert needs(flow, project.catalog) == needed


def test_a_real_desktop_is_for_one_run_at_a_time(folder: Path, planning: Planning) -> None:
    planner = planning("  s: {flow: note, trigger: {every: 1h}}\n")
    (folder / "flows" / "note.yaml").write_text("flow: note\nsteps:\n  - desktop.start: gedit\n")
    flow = planner.project.load("note").flow
    assert flow is not None
    assert planner.locks("s", flow) == ()
    headed = Project(planner.project.settings.model_copy(update={"headed": True}))
    assert "desktop" in type(planner)(headed, planner.ledger).locks("s", flow)
    assert "gpu" not in found_here(planner.project.settings)


@pytest.fixture
def sleeper() -> Iterator[Callable[[str], subprocess.Popen[bytes]]]:
    made: list[subprocess.Popen[bytes]] = []

    def start(worker: str) -> subprocess.Popen[bytes]:
        made.append(subprocess.Popen(["sleep", "60"], env={**os.environ, WORKER_MARK: worker}))
        return made[-1]

    yield start
    for process in made:
        process.kill()
        process.wait()


def test_programs_of_a_lost_worker_are_ended_and_no_others(
    sleeper: Callable[[str], subprocess.Popen[bytes]],
) -> None:
    import socket

    host, me = socket.gethostname(), psutil.Process()
    gone = subprocess.Popen(["true"])
    gone.wait()
    lost, alive = sleeper(f"{host}:{gone.pid}:1"), sleeper(f"{host}:{me.pid}:{int(me.create_time())}")
    elsewhere = sleeper(f"other-{host}:{gone.pid}:1")
    time.sleep(0.2)
    assert f"sleep {lost.pid}" in sweep_orphans()
    assert lost.wait(5) != 0
    assert alive.poll() is None
    assert elsewhere.poll() is None


def test_what_a_run_starts_carries_its_workers_name(slow: Path) -> None:
    settings = Settings(project=slow, key_file=str(slow / "key"))
    service, _, stop = served(settings, drain_s=0)
    service.planner.run_now("s", actor="kim")
    try:
        run = until(lambda: service.ledger.runs(status=[RunStatus.running]))[0]

        def marked() -> list[psutil.Process]:
            """The run is claimed a moment before its process is there."""
            children = psutil.Process().children()
            return [p for p in children if p.is_running() and p.environ().get(WORKER_MARK) == run.worker]

        assert until(marked)
    finally:
        stop()
