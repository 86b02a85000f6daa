"""A process of a run that dies tells how and where; what its errors' messages held stays out of the ledger."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from rpa.ledger.crypto import create_key
from rpa.worker.last_words import ending, plain

TRACE = """Loading
Traceback (most recent call last):
  File "/somewhere/rpa/worker/child.py", line 73, in main
    execute(settings)
  File "/somewhere/bots/desktop/texts.py", line 120, in _read
    lines["hunter2"]
KeyError: 'hunter2'
"""


def test_places_and_kinds_are_kept_and_messages_are_not() -> None:
    assert plain(TRACE).splitlines() == ["child.py:73 in main", "texts.py:120 in _read", "KeyError"]
    assert plain("hunter2 was typed\n") == ""


@pytest.mark.parametrize(("status", "words"), [(1, "exit code 1"), (-11, "SIGSEGV"), (-9, "SIGKILL")])
def test_how_a_process_ended_has_a_name(status: int, words: str) -> None:
    assert ending(status) == words


def test_a_crash_in_foreign_code_stands_in_the_failure_with_its_place(tmp_path: Path) -> None:
    create_key(tmp_path / "key")
    (tmp_path / "flows").mkdir()
    (tmp_path / "flows.yaml").write_text("version: 1\n")
    with socket.create_server(("127.0.0.1", 0)) as server:  # never answers: the step hangs in it
        server.settimeout(60)
        address = f"http://127.0.0.1:{server.getsockname()[1]}/"
        (tmp_path / "flows" / "asks.yaml").write_text(f"flow: asks\nsteps:\n  - http.get: {address}\n")
        run = subprocess.Popen(
            [sys.executable, "-m", "rpa.cli.main", "--project", str(tmp_path), "run", "asks", "--json"],
            env={**os.environ, "RPA_KEY_FILE": str(tmp_path / "key")},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        server.accept()
        (child,) = [c for c in psutil.Process(run.pid).children() if "rpa.worker.child" in c.cmdline()]
        child.send_signal(signal.SIGSEGV)
        said, errors = run.communicate(timeout=60)
    failure = json.loads(said)["failure"]
    assert failure["code"] == "worker-crashed"
    assert failure["details"]["status"].startswith("SIGSEGV: Fatal Python error: Segmentation fault, "), failure
    assert ".py:" in failure["details"]["trace"]
    assert "Segmentation fault" in errors, "the whole of it still goes to the terminal"
