"""The pages beside the service: they tell what the ledger knows, masked and escaped, to a browser on this machine
only."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from flows.catalogue import text
from flows.failures import EngineFailure
from rpa.cli.serve_commands import _console as beside
from rpa.console.server import console
from rpa.console.site import PAGES, Site
from rpa.ledger.types import FailureRecord, ItemStatus, RunStatus
from rpa.schedule.decide import Planner
from rpa.schedule.pauses import ALL, pause
from rpa.schedule.timing import Timing
from tests.rpa.schedule.conftest import Planning, folder, planning

PORT = 18565
EVIL = "<script>alert(1)</script> 900101-1234567"
__all__ = ["folder", "planning"]  # fixtures


def silent(event: str, **details: Any) -> None:
    """A log that nobody reads."""


@pytest.fixture
def served(planning: Planning) -> Any:
    planner = planning(
        '  nightly: {flow: note, trigger: {cron: "0 3 * * *"}}\n  often: {flow: note, trigger: {every: 1h}}\n'
    )
    timing = Timing(planner, silent, lambda _: None)
    timing.overdue()
    return SimpleNamespace(ready=True, timing=timing, planner=planner)


def ended(planner: Planner, failure: FailureRecord | None = None, name: str = "often") -> str:
    run_id = planner.run_now(name, actor="kim")
    claim, _ = planner.ledger.claim("w", run_id=run_id) or pytest.fail("not queued")
    planner.ledger.end_run(claim, RunStatus.failed if failure else RunStatus.succeeded, failure=failure)
    return run_id


def page(served: Any, path: str, **query: str) -> str:
    answer = Site(served).answer(path, query)
    assert answer.status == 200, answer.body
    return answer.body


def test_a_failure_stands_with_its_cause_and_the_command_that_does_it_again(served: Any) -> None:
    failed, good = ended(served.planner, FailureRecord("application", "odd-code", EVIL)), ended(served.planner)
    shown = page(served, "/")
    assert f"<code>rpa replay {failed}</code>" in shown
    assert f"rpa replay {good}" not in shown
    assert "&lt;script&gt;alert(1)&lt;/script&gt; 900101-1******" in shown
    assert "<script" not in shown
    assert failed in page(served, "/runs", status="failed")
    assert good not in page(served, "/runs", status="failed")


def test_what_waits_for_a_person_stands_with_its_command(served: Any) -> None:
    ledger = served.planner.ledger
    run_id = served.planner.run_now("often", actor="kim")
    claim, _ = ledger.claim("w", run_id=run_id) or pytest.fail("not queued")
    found = ledger.add_item(claim, flow_id="note", profile="default", key="bill<7>", data={}, data_hash="1", n=1)
    ledger.take_item(claim, found.item.id, from_status=[ItemStatus.new])
    review = ledger.ask(claim, item_id=found.item.id, step_path="1", kind="confirm", question={}, masked=lambda v: v)
    ledger.end_item(claim, found.item.id, ItemStatus.in_doubt)
    shown = page(served, "/")
    assert f"<code>rpa resolve {found.item.id} --not-done</code>" in shown
    assert f"<code>rpa review show {review.id}</code>" in shown
    assert "bill&lt;7&gt;" in shown
    assert f'href="/runs/{run_id}"' in shown


def test_pauses_coming_times_and_messages_are_told(served: Any) -> None:
    planner, now = served.planner, datetime.now(UTC)
    planner.ledger.fire("alert:often", "failed:r-20261121-abc", due=None, run=None, reason="failed")
    pause(planner.ledger, ALL, by="kim", why="month <end>")
    shown = page(served, "/")
    assert "month &lt;end&gt;" in shown
    assert "rpa resume --all" in shown
    assert f"{(now + timedelta(hours=9)):%Y-%m-%d}" in shown or f"{(now + timedelta(hours=33)):%Y-%m-%d}" in shown
    assert 'href="/runs/r-20261121-abc"' in shown


def test_a_schedule_reads_in_plain_words_with_the_reason_of_each_decision(served: Any) -> None:
    planner = served.planner
    planner.fire("nightly", "one", due=None, reason="due")
    pause(planner.ledger, "nightly", by="kim")
    planner.fire("nightly", "two", due=None, reason="due")
    english, korean = page(served, "/schedules/nightly"), page(served, "/schedules/nightly", lang="ko")
    assert "every day at 03:00, Seoul" in english
    assert text("firing-paused", "en") in english
    assert "매일 03:00, Seoul 시간" in korean
    assert text("firing-paused", "ko") in korean
    assert '<html lang="ko">' in korean
    assert "nightly" in page(served, "/schedules", q="night")
    assert "often" not in page(served, "/schedules", q="night")


def test_a_run_is_the_page_that_report_writes(served: Any) -> None:
    run_id = ended(served.planner, FailureRecord("application", "timed-out", EVIL))
    answer = Site(served).answer(f"/runs/{run_id}", {})
    assert answer.status == 200
    assert f"rpa replay {run_id}" in answer.body
    assert "<script" not in answer.body
    assert "default-src 'none'" in answer.policy


@pytest.mark.parametrize("path", ["/runs/r-none", "/schedules/none", "/none", "/runs/a/b", "/schedules/%3Cb%3E"])
def test_what_is_not_there_is_404_and_echoes_nothing_raw(served: Any, path: str) -> None:
    answer = Site(served).answer(path, {"lang": "<b>"})
    assert answer.status == 404
    assert "<b>" not in answer.body


@pytest.fixture
def door(served: Any) -> Iterator[str]:
    with console(served, PORT) as address:
        yield address


def test_only_this_machine_may_look_and_nobody_may_change(door: str) -> None:
    assert httpx.get(door).status_code == 200
    assert httpx.get(f"http://localhost:{PORT}/console.css").headers["content-type"].startswith("text/css")
    for host in ("evil.example", f"evil.example:{PORT}", "127.0.0.1", ""):
        assert httpx.get(door, headers={"Host": host}).status_code == 421
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        assert httpx.request(method, door, content=b"x").status_code == 405
    told = httpx.head(door)
    assert told.content == b""
    policy = told.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert told.headers["x-content-type-options"] == "nosniff"


def test_a_taken_port_is_told(served: Any, door: str) -> None:
    with pytest.raises(EngineFailure) as told, console(served, PORT):
        pass
    assert told.value.code == "serve-port-taken"


def test_pages_hold_no_script_no_style_and_no_unescaped_value() -> None:
    for file in PAGES.glob("*.html"):
        template = file.read_text("utf-8")
        assert not any(
            word in template for word in ("|safe", "<script", "style=", "autoescape", "onclick", "javascript:")
        ), file.name


def test_serve_opens_it_beside_the_service(served: Any) -> None:
    told: list[str] = []
    served.log = lambda _, **details: told.append(details["address"])
    with beside(served, PORT):
        assert httpx.get(told[0]).status_code == 200
    with beside(served, 0):
        assert len(told) == 1
