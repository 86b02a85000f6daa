"""The worker dies by `kill -9` while Tryton saves a bill; `rpa replay --failed` makes it right, never twice."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import psutil
import pytest

from ocr.synthetic.demo import demo_truth, write_demo_inbox
from rpa.ledger.crypto import create_key
from tests.acceptance.tryton.erp import CLERK, CLERK_PASSWORD, Erp
from tests.acceptance.tryton.faults import Mode

pytestmark = [pytest.mark.heavy, pytest.mark.erp, pytest.mark.browser]
BILL = "03-hosting.pdf"
DONE, SILENT = "drop_answer", "hang"
POINTS: tuple[tuple[str, str, Mode, str], ...] = (
    ("party", r"model\.party\.party\.create", DONE, "child"),
    ("vendor_bill_draft", r"model\.account\.invoice\.create", SILENT, "child"),
    ("vendor_bill_draft", r"model\.account\.invoice\.create", DONE, "child"),
    ("vendor_bill_draft", r"model\.account\.invoice\.create", DONE, "supervisor"),
    ("vendor_bill", r"model\.account\.invoice\.post", SILENT, "supervisor"),
    ("vendor_bill", r"model\.account\.invoice\.post", DONE, "child"),
)


@pytest.fixture
def erp(tmp_path: Path) -> Iterator[Erp]:
    with Erp(tmp_path / "erp", faulty=True) as running:
        yield running


@pytest.fixture
def project(tmp_path: Path, erp: Erp) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    write_demo_inbox(folder / "all", seed=7)
    (folder / "inbox").mkdir()
    (folder / "all" / BILL).rename(folder / "inbox" / BILL)
    create_key(folder / "key")
    (folder / "flows.yaml").write_text(
        f'version: 1\nprofiles:\n  default:\n    inputs: {{erp_url: "http://127.0.0.1:{erp.port}/", inbox: inbox}}\n', "utf-8"
    )
    return folder


def rpa(project: Path, *arguments: str) -> subprocess.Popen[str]:
    env = {
        **os.environ, "RPA_KEY_FILE": str(project / "key"), "RPA_LEASE_S": "3",
        "RPA_SECRET_ERP_USER": CLERK, "RPA_SECRET_ERP_PASSWORD": CLERK_PASSWORD,
    }
    command = [sys.executable, "-m", "rpa.cli.main", "--project", str(project), *arguments]
    return subprocess.Popen(command, env=env, cwd=project, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def wait_for(true: Callable[[], bool], running: subprocess.Popen[str], seconds: float) -> None:
    ends = time.monotonic() + seconds
    while not true():
        assert running.poll() is None, "the run ended before: " + "".join(running.communicate())
        assert time.monotonic() < ends, "the run never got there"
        time.sleep(0.05)


def kill(supervisor: subprocess.Popen[str], whom: str) -> None:
    """SIGKILL to the process that runs the flow, or to the one that watches over it."""
    if whom == "supervisor":
        supervisor.kill()
        return
    children = [p for p in psutil.Process(supervisor.pid).children() if "rpa.worker.child" in p.cmdline()]
    assert len(children) == 1
    os.kill(children[0].pid, signal.SIGKILL)


def shown(project: Path, run: str) -> dict[str, Any]:
    out, _ = rpa(project, "show", run, "--json").communicate(timeout=60)
    return dict(json.loads(out))


@pytest.mark.timeout(400)
@pytest.mark.parametrize(("what", "request_", "mode", "whom"), POINTS, ids=[f"{p[0]}-{p[2]}-{p[3]}" for p in POINTS])
def test_each_bill_is_there_once(project: Path, erp: Erp, what: str, request_: str, mode: Mode, whom: str) -> None:
    fault = erp.fault(mode, request_, seconds=300, times=1)
    running = rpa(project, "run", "enter_vendor_bills")
    wait_for(lambda: fault.hits > 0, running, 150)
    time.sleep(1.5)  # the ERP does what it was asked, or sits on the request
    kill(running, whom)
    running.communicate(timeout=60)
    if whom == "supervisor":
        time.sleep(4)  # until the lease is over
    interrupted = shown(project, "last")

    replay = rpa(project, "replay", "--failed")
    out, errors = replay.communicate(timeout=240)
    assert replay.returncode == 0, out + errors

    truth = next(d for d in demo_truth(project / "all") if d["file"] == BILL)["bill"]
    bills = erp.bills()
    assert [(b["state"], b["supplier"], b["number"], b["date"], Decimal(b["total"])) for b in bills] == [
        ("posted", truth["supplier"], truth["number"], truth["date"], Decimal(truth["total"]))
    ]
    assert len([p for p in erp.query("parties") if p["name"] == truth["supplier"]]) == 1
    assert next(w for w in interrupted["writes"] if w["what"] == what)["verdict"] == "intended"
    writes = [*shown(project, interrupted["run"])["writes"], *shown(project, "last")["writes"]]
    now = next(w for w in writes if w["what"] == what)  # a write that was begun again belongs to the replay
    assert (now["verdict"], now["by"]) == (("settled_done", "done_if") if mode == DONE else ("committed", "expect"))
