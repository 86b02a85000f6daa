"""The service as it is started: fires, refuses a broken manifest, stops in order; its doors and triggers."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from flows.failures import EngineFailure
from rpa.ledger.types import RunStatus
from rpa.schedule.endpoint import Door, open_door, signature, take_call
from rpa.schedule.service import Service
from rpa.schedule.unit import unit
from rpa.schedule.watch import Watcher, claim
from rpa.settings import Settings
from tests.rpa.schedule.conftest import Planning

PORT = 18510
NOW = datetime.now(UTC)


@pytest.fixture
def settings(folder: Path) -> Settings:
    return Settings(project=folder, key_file=str(folder / "key"))


def until(happened: Callable[[], Any], seconds: float = 30) -> Any:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := happened():
            return found
        time.sleep(0.05)
    raise AssertionError("it did not happen in time")


class Log:
    def __init__(self) -> None:
        self.lines: list[tuple[str, dict[str, Any]]] = []

    def __call__(self, event: str, **details: Any) -> None:
        self.lines.append((event, details))

    def of(self, event: str) -> list[dict[str, Any]]:
        return [d for e, d in self.lines if e == event]


@pytest.fixture
def served(folder: Path, settings: Settings) -> Iterator[tuple[Service, Log]]:
    write(folder, "  s: {flow: note, trigger: {every: 2s}}\n")
    log = Log()
    service = Service(settings, log=log, drain_s=10)
    thread = threading.Thread(target=service.run, kwargs={"port": PORT})
    thread.start()
    yield service, log
    service.stopping.set()
    thread.join(60)
    assert not thread.is_alive()
    assert log.of("service-stopped")
    assert service.ledger.runs(status=[RunStatus.running]) == []
    service.ledger.close()


def write(folder: Path, schedules: str) -> None:
    (folder / "flows.yaml").write_text(f"version: 1\nschedules:\n{schedules}")


def test_the_service_fires_works_and_keeps_on_through_a_broken_manifest(
    served: tuple[Service, Log], folder: Path
) -> None:
    service, log = served
    until(lambda: log.of("run-ended"))
    assert log.of("run-ended")[0]["status"] == "succeeded"
    assert httpx.get(f"http://127.0.0.1:{PORT}/ready").json()["ready"] is True
    assert httpx.get(f"http://127.0.0.1:{PORT}/health").status_code == 200
    assert (
        'rpa_firings_total{outcome="fired",reason="due"}'
        in httpx.get(f"http://127.0.0.1:{PORT}/metrics").text
    )
    (folder / "flows.yaml").write_text("schedules: [")
    until(lambda: log.of("manifest-refused"))
    number = len(log.of("run-ended"))
    until(lambda: len(log.of("run-ended")) >= number + 2)
    assert {d["status"] for d in log.of("run-ended")} == {"succeeded"}
    write(folder, "  s: {flow: note, trigger: {every: 3s}}\n  t: {flow: note, trigger: {every: 1h}}\n")
    told = until(lambda: log.of("manifest-loaded"))[0]
    assert told["added"] == ["t"]
    assert told["changed"] == {"s": {"trigger": [{"every": "2s"}, {"every": "3s"}]}}
    assert service.broken is None


def test_a_taken_port_is_told() -> None:
    door = Door(lambda: True, lambda: {"ready": True}, str, lambda *_: (200, {}))
    with open_door(door, "127.0.0.1", PORT + 1), pytest.raises(EngineFailure) as told:
        open_door(door, "127.0.0.1", PORT + 1)
    assert told.value.code == "serve-port-taken"


def test_calls_must_be_signed_fresh_and_new(planning: Planning, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RPA_SECRET_WEBHOOK_SECRET", "topsecret")
    planner = planning("  h: {flow: note, trigger: {webhook: /bills}, on_overlap: queue}\n")

    def call(stamp: float, body: bytes = b"{}", secret: str = "topsecret", path: str = "/hooks/bills") -> int:
        text = str(int(stamp))
        return take_call(
            planner, path, {"X-Rpa-Timestamp": text, "X-Rpa-Signature": signature(secret, text, body)}, body
        )[0]

    now = time.time()
    assert call(now) == 202
    assert call(now) == 409
    assert call(now, b'{"inputs": {}}') == 202
    assert call(now, secret="guess") == 401
    assert call(now - 900) == 401
    assert call(now, b"[1]") == 400
    assert call(now, path="/hooks/other") == 404
    assert len(planner.ledger.runs(schedule="h")) == 2


def test_a_growing_file_waits_and_is_taken_once(planning: Planning, folder: Path) -> None:
    watcher = Watcher(planning("  f: {flow: note, trigger: {folder: inbox}, on_overlap: queue}\n"))
    (folder / "inbox").mkdir()
    (folder / "inbox" / "a.pdf").write_text("1")
    assert watcher.look("f", NOW) == []
    (folder / "inbox" / "a.pdf").write_text("12")
    assert watcher.look("f", NOW + timedelta(seconds=3)) == []
    made = watcher.look("f", NOW + timedelta(seconds=6))
    assert [d.reason for d in made] == ["folder"]
    end_next(watcher.planner, RunStatus.succeeded)
    assert watcher.look("f", NOW + timedelta(seconds=9)) == []


def test_files_on_a_share_are_claimed_by_a_rename(planning: Planning, folder: Path) -> None:
    watcher = Watcher(
        planning("  f: {flow: note, trigger: {folder: {path: inbox, claim: work}}, on_overlap: queue}\n")
    )
    (folder / "inbox").mkdir()
    (folder / "work").mkdir()
    for n in range(3):
        (folder / "inbox" / f"{n}.pdf").write_text("new")
    assert watcher.look("f", NOW) == []
    (folder / "work" / "0.pdf").write_text("moved before the service died")
    made = watcher.look("f", NOW + timedelta(seconds=3))
    assert [d.reason for d in made] == ["folder"]
    assert sorted(p.name for p in (folder / "work").iterdir()) == ["0 (2).pdf", "0.pdf", "1.pdf", "2.pdf"]
    assert list((folder / "inbox").iterdir()) == []
    end_next(watcher.planner, RunStatus.succeeded)
    assert watcher.look("f", NOW + timedelta(seconds=6)) == []


def test_a_file_that_another_service_took_is_left(folder: Path) -> None:
    (folder / "a.pdf").write_text("x")
    claim([str(folder / "a.pdf"), str(folder / "gone.pdf")], folder / "work")
    assert [p.name for p in (folder / "work").iterdir()] == ["a.pdf"]


@pytest.mark.parametrize(
    ("on", "fires"), [("success", [True, False]), ("failure", [False, True]), ("any", [True, True])]
)
def test_after_another_flow(planning: Planning, folder: Path, on: str, fires: list[bool]) -> None:
    (folder / "flows" / "first.yaml").write_text(
        (folder / "flows" / "note.yaml").read_text().replace("note", "first", 1)
    )
    planner = planning(
        f"  a: {{flow: note, trigger: {{after: {{flow: first, on: {on}}}}}}}\n  b: {{flow: first, trigger: {{every: 1h}}}}\n"
    )
    watcher = Watcher(planner)
    watcher.look("a")
    for status, expected in zip((RunStatus.succeeded, RunStatus.failed), fires, strict=True):
        planner.run_now("b", actor="kim")
        end_next(planner, status)
        made = watcher.look("a")
        assert bool(made) == expected
        if made:
            end_next(planner, RunStatus.succeeded)
        assert watcher.look("a") == []


def end_next(planner: Any, status: RunStatus) -> None:
    taken, _ = planner.ledger.claim("w") or pytest.fail("nothing queued")
    planner.ledger.end_run(taken, status)


def test_backfill_fills_each_time_once_and_freezes_it(planning: Planning) -> None:
    planner = planning('  s: {flow: note, trigger: {cron: "0 7 * * *"}}\n')
    end = datetime(2026, 11, 20, tzinfo=UTC)
    made = planner.backfill("s", end - timedelta(days=3), end, actor="kim")
    assert [d.occurrence for d in made] == [f"2026-11-{day}T07:00/backfill" for day in (18, 19, 20)][
        : len(made)
    ]
    assert len(made) == 3
    assert planner.ledger.run(made[0].run_id).frozen_now == made[0].due
    assert planner.backfill("s", end - timedelta(days=3), end, actor="kim") == []


def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    import shutil
    import subprocess

    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not here")
    path = tmp_path / "rpa-project.service"
    (tmp_path / "project").mkdir()
    path.write_text(unit("systemd", tmp_path / "project"))
    told = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(path)], capture_output=True, text=True, check=False
    )
    assert [line for line in told.stderr.splitlines() if path.name in line] == []


def test_the_unit_files_hold_the_project(tmp_path: Path) -> None:
    made = unit("systemd", tmp_path / "my 100% project")
    assert f'--project "{tmp_path}/my 100%% project" serve' in made
    assert "Restart=always" in made
    import plistlib

    told = plistlib.loads(unit("launchd", tmp_path / "a&b").encode())
    assert told["ProgramArguments"][-2:] == [str(tmp_path / "a&b"), "serve"]
    assert json.dumps(told["KeepAlive"]) == "true"


def test_a_full_disk_is_waited_for(folder: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the workers nor the housekeeping give up; a due time that could not be written down is decided
    later."""
    from rpa.ledger.errors import LedgerError
    from rpa.schedule import service as module
    from rpa.schedule import timing

    monkeypatch.setattr(module, "PASSING_S", 0.3)
    monkeypatch.setattr(timing, "RETRY_S", 0.3)
    write(folder, "  s: {flow: note, trigger: {every: 2s}}\n")
    log = Log()
    service = Service(settings, log=log, drain_s=20)
    real, full = service.ledger.writer.now, threading.Event()
    full.set()

    def now(*given: Any) -> Any:
        if full.is_set():
            raise LedgerError("disk-full", ledger="rpa.db")
        return real(*given)

    thread = threading.Thread(target=service.run)
    full.clear()
    monkeypatch.setattr(service.ledger.writer, "now", now)
    thread.start()
    try:
        until(lambda: log.of("service-ready"))
        full.set()
        until(lambda: log.of("tick-failed"))
        full.clear()
        until(lambda: log.of("run-ended"))
    finally:
        service.stopping.set()
        thread.join(60)
    assert service.broken is None
    failed = log.of("tick-failed")[0]
    assert failed["code"] == "disk-full"
    fired = [r.occurrence for r in service.ledger.firings("s") if r.run_id]
    assert fired
    service.ledger.close()
