"""Displays: everything that was started is ended, nobody else gets in, what is missing is named."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from bots.desktop import processes
from bots.desktop.bot import Desktop
from bots.desktop.display import open_display
from bots.desktop.lock import DisplayLock
from bots.desktop.processes import MARK
from bots.desktop.settings import DesktopSettings
from flows.failures import EngineFailure, FlowFailure
from tests.bots.desktop.conftest import FIRST, LAST, needs, options
from tests.bots.fakes import Doing, FakeContext

pytestmark = [pytest.mark.desktop, needs("Xvfb", "openbox", "dbus-daemon", "xclip")]
SETTINGS = DesktopSettings(first_display=FIRST, last_display=LAST)


def marked(mark: str) -> list[int]:
    """Processes that carry a desktop's mark."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get(MARK) == mark and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process.pid)
        except (psutil.Error, OSError):
            continue
    return found


def test_closing_ends_everything_that_was_started() -> None:
    display = open_display(SETTINGS)
    display.launch(["sh", "-c", "sleep 60 & setsid sleep 60 & exec sleep 60"])
    home, mark = display.home, display.processes.mark
    time.sleep(0.2)
    assert len(marked(mark)) >= 6
    display.close()
    assert marked(mark) == []
    assert home is not None and not home.exists()


def test_two_displays_have_two_numbers_and_two_homes() -> None:
    first, second = open_display(SETTINGS), open_display(SETTINGS)
    try:
        assert first.name != second.name
        assert first.environment["HOME"] != second.environment["HOME"]
        assert first.environment["DBUS_SESSION_BUS_ADDRESS"] != second.environment["DBUS_SESSION_BUS_ADDRESS"]
    finally:
        first.close()
        second.close()


def test_nobody_without_the_key_gets_in() -> None:
    display = open_display(SETTINGS)
    try:
        with_key = display.environment
        without = {**with_key, "XAUTHORITY": "/nonexistent"}
        look = ["xdotool", "getdisplaygeometry"]
        if processes.shutil.which("xdotool") is None:
            pytest.skip("not installed: xdotool")
        assert subprocess.run(look, env=with_key, capture_output=True, check=False).returncode == 0
        assert subprocess.run(look, env=without, capture_output=True, check=False).returncode != 0
    finally:
        display.close()


def test_a_taken_display_is_not_taken_twice(tmp_path: Path) -> None:
    first, second = DisplayLock(":99", tmp_path), DisplayLock(":99", tmp_path)
    assert first.take()
    assert not second.take()
    assert second.holder() == str(os.getpid())
    first.release()
    assert second.take()
    second.release()


def test_a_real_display_is_for_one_run() -> None:
    display = open_display(SETTINGS)
    headed = DesktopSettings(headed=True, display=display.name)
    try:
        with pytest.raises(EngineFailure, match="display-busy") as caught:
            open_display(headed)
        assert caught.value.details["holder"] == str(os.getpid())
    finally:
        display.close()


def test_a_killed_worker_leaves_no_display() -> None:
    script = (
        "import sys,time\nfrom bots.desktop.display import open_display\n"
        "from bots.desktop.settings import DesktopSettings\n"
        f"d=open_display(DesktopSettings(first_display={FIRST},last_display={LAST}))\n"
        "print(d.name, d.processes.mark, flush=True)\ntime.sleep(60)\n"
    )
    worker = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert worker.stdout is not None
    name, mark = worker.stdout.readline().split()
    assert marked(mark)
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    deadline = time.monotonic() + 5
    while (left := marked(mark)) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert left == []
    lock = DisplayLock(name)
    assert lock.take()
    lock.release()


def test_a_missing_program_names_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    there = shutil.which

    def which(name: str, path: str | None = None) -> str | None:
        return None if name == "openbox" else there(name, path=path)

    monkeypatch.setattr(processes.shutil, "which", which)
    with pytest.raises(EngineFailure, match="program-missing") as caught:
        open_display(SETTINGS)
    assert caught.value.details == {"program": "openbox", "package": "openbox"}


def test_a_wrong_setting_is_named(tmp_path: Path) -> None:
    with pytest.raises(FlowFailure, match="setting-invalid") as caught:
        Desktop().open(FakeContext(tmp_path, desktop=options(dpi="much")))
    assert caught.value.details["name"] == "desktop.dpi"


def test_the_environment_comes_back(tmp_path: Path) -> None:
    names = ("DISPLAY", "XAUTHORITY", "DBUS_SESSION_BUS_ADDRESS", "HOME")
    before = {name: os.environ.get(name) for name in names}
    bot = Desktop()
    bot.open(FakeContext(tmp_path, desktop=options()))
    assert os.environ["DISPLAY"] == bot.display.name
    bot.close()
    assert {name: os.environ.get(name) for name in names} == before


@needs("galculator")
def test_resolution_reaches_the_programs(another: Callable[..., Doing]) -> None:
    """At 120 dots per inch everything is larger, and is found all the same."""
    do = another(dpi=120)
    do("desktop.start", "galculator")
    for key in "12+3=":
        do("desktop.click", {"role": "button", "name": key})
    assert do("desktop.read", {"role": "textbox"}) == "15"
    assert do("desktop.windows")[0]["width"] > 331
