"""Recording in the browser, appending to a flow, and healing a flow after its page has changed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bots.browser.launch import find_browser
from bots.browser.record import Recording
from flows.failures import Failure
from rpa.app import healing
from rpa.app.compose import enqueue, execute
from rpa.app.project import Project
from rpa.app.recording import append_to_flow, recorded_page, seen_on_page, write_flow
from rpa.engine.services import Silent
from rpa.ledger.crypto import create_key
from rpa.ledger.types import RunStatus
from rpa.settings import load_settings

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(find_browser() is None, reason="no Chromium, Chrome or Edge is installed"),
]
PAGE = """<!doctype html><title>Bills</title><h1>Bills</h1><label>Password <input type=password></label>
<form onsubmit="return false"><label>Supplier <input></label> <label>Total <input></label>
<button onclick="this.form.reset()">Add</button></form>"""
BEFORE = """<!doctype html><section aria-label=Totals><label for=g>Gross total</label>
<input id=g name=gross value=119.00></section><button id=pay name=pay title="Pays the bill">Pay now</button>
<button>Cancel</button>"""
AFTER = BEFORE.replace("Gross total", "Grand total").replace("Pay now", "Pay")
FLOW = """flow: totals
inputs:
  url: text
steps:
  - browser.open: "${inputs.url}"
  - id: gross
    browser.read: Gross total   # what the page says
  - browser.hover: Cancel
  - browser.click: {target: {role: button, name: Pay now}}
    timeout: 2s
outputs:
  gross: "${gross}"
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    create_key(tmp_path / "key")
    (tmp_path / "flows").mkdir()
    (tmp_path / "flows.yaml").write_text("version: 1\n")
    (tmp_path / "flows" / "totals.yaml").write_text(FLOW)
    (tmp_path / "bills.html").write_text(PAGE)
    given = {"project": tmp_path, "key_file": str(tmp_path / "key"), "pace": 0}
    return Project(load_settings(given, environ={}))


def _enter(page: Any) -> None:
    page.get_by_label("Password").fill("hunter22")
    for supplier, total in (("Kim", "10.00"), ("Lee", "20.00"), ("Park", "30.00")):
        page.get_by_label("Supplier").fill(supplier)
        page.get_by_label("Total").fill(total)
        page.get_by_role("button", name="Add").click()
    page.wait_for_timeout(200)


def _record(project: Project, told: list[str]) -> Recording:
    url = (project.settings.project / "bills.html").as_uri()
    return recorded_page(project.settings, url, 0, told.append, headed=False, act=_enter)


def test_rows_typed_again_and_again_become_items(project: Project) -> None:
    told: list[str] = []
    folder = project.settings.project
    flow, rows = write_flow(project.settings, _record(project, told), folder / "flows" / "typed.yaml")
    assert rows.read_text() == "supplier,total\nKim,10.00\nLee,20.00\nPark,30.00\n"
    assert "hunter22" not in flow.read_text() + "".join(told)
    assert any("fill" in line and "fits 1" in line for line in told)
    loaded = project.flow("typed")  # free of errors
    assert list(loaded.secrets) == ["password"]
    assert loaded.items is not None
    with pytest.raises(Failure, match="file-exists"):
        write_flow(project.settings, Recording("x", [{"verb": "click", "target": {"text": "a"}}]), flow)


def test_appended_steps_keep_the_rest_of_the_flow(project: Project) -> None:
    path = append_to_flow(project, "totals", _record(project, []))
    text = path.read_text()
    assert text.startswith(FLOW[: FLOW.index("inputs:")])
    assert "# what the page says" in text
    flow = project.flow("totals")
    assert {"url", "supplier", "total", "supplier_2"} <= set(flow.inputs)
    assert list(flow.secrets) == ["password"]
    assert list(flow.outputs or ()) == ["gross"]


def test_nothing_done_is_no_flow(project: Project) -> None:
    with pytest.raises(Failure, match="nothing-recorded"):
        write_flow(project.settings, Recording("http://x"), project.settings.project / "new.yaml")


def test_the_inspector_names_everything(project: Project) -> None:
    url = (project.settings.project / "bills.html").as_uri()
    things, picture = seen_on_page(project.settings, url, 0, picture=True)
    assert [t["target"] for t in things if t["role"] == "textbox"] == [
        '{label: "Password"}', '{label: "Supplier"}', '{label: "Total"}',
    ]
    assert picture.startswith(b"\x89PNG")


def _run(project: Project, url: str) -> tuple[str, RunStatus]:
    run_id = enqueue(project, project.flow("totals"), {"url": url})
    claim, _ = project.ledger.claim("test", run_id=run_id) or pytest.fail("nothing queued")
    return run_id, execute(project.settings, claim, Silent())


def test_a_moved_target_is_proposed_and_taken_over_only_on_request(project: Project) -> None:
    folder = project.settings.project
    page = folder / "page.html"
    page.write_text(BEFORE)
    run_id, status = _run(project, page.as_uri())
    assert status == RunStatus.succeeded
    with pytest.raises(Failure, match="patch-nothing"):
        healing.proposals(project, run_id)
    page.write_text(AFTER)
    run_id, status = _run(project, page.as_uri())
    assert status == RunStatus.failed  # the click was not moved by itself
    found = healing.proposals(project, run_id)
    assert [(p.acted, p.patch) for p in found] == [
        (True, '{label: "Grand total"}'), (False, '{role: "button", name: "Pay"}'),
    ]
    texts = healing.healed(found)
    flow = folder / "flows" / "totals.yaml"
    assert flow.read_text() == FLOW
    assert '+    browser.read: {label: "Grand total"}   # what the page says' in healing.diff(texts)
    healing.apply(project, texts)
    assert flow.read_text() == FLOW.replace("read: Gross total", 'read: {label: "Grand total"}').replace(
        "{role: button, name: Pay now}", '{role: "button", name: "Pay"}'
    )
    assert _run(project, page.as_uri())[1] == RunStatus.succeeded
