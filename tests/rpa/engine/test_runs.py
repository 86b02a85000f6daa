"""Runs, replays and crashes through the real command: nothing lost, nothing done twice."""

from __future__ import annotations

import pytest

from rpa.engine.crashpoints import NAMES
from tests.rpa.engine.conftest import Rpa


def test_a_run_writes_each_item_once_and_knows_them_afterwards(rpa: Rpa) -> None:
    code, first = rpa("run", "texts")
    assert (code, first["status"], first["outputs"]) == (0, "succeeded", {"done": 2})
    assert rpa.journal() == ["a first", "b second"]
    code, second = rpa("run", "texts")
    assert (code, second["counts"].get("known")) == (0, 2)
    assert rpa.journal() == ["a first", "b second"]


def test_a_business_failure_fails_the_run_and_stops_nothing_else(rpa: Rpa) -> None:
    (rpa.folder / "inbox" / "bad.txt").write_text("x")
    code, run = rpa("run", "texts")
    status = {i["name"]: i["status"] for i in run["items"]}
    assert (code, status) == (1, {"a.txt": "succeeded", "b.txt": "succeeded", "bad.txt": "failed_business"})
    failure = next(i["failure"] for i in run["items"] if i["name"] == "bad.txt")
    assert (failure["kind"], failure["code"]) == ("business", "assertion-failed")


def test_the_exit_codes_of_flow_errors_and_unknown_flows(rpa: Rpa) -> None:
    (rpa.folder / "flows" / "wrong.yaml").write_text("flow: wrong\nsteps:\n  - data.sett: 1\n")
    code, found = rpa("check", "wrong")
    assert code == 2
    assert [d["code"] for d in found["diagnostics"] if d["severity"] == "error"] == ["unknown-action"]
    code, error = rpa("run", "nowhere")
    assert (code, error["error"]["code"]) == (2, "flow-missing")


FAST = ("after-intent", "after-item-end")
"""The others, and every commit, are tried without the command in `test_crashes`."""


POINTS = [pytest.param(name, marks=() if name in FAST else pytest.mark.heavy) for name in NAMES]


@pytest.mark.parametrize("point", POINTS)
def test_a_crash_anywhere_then_replay_writes_each_line_exactly_once(rpa: Rpa, point: str) -> None:
    code, crashed = rpa("run", "texts", RPA_CRASH_AT=point)
    assert code != 0, f"the crash point {point} was not reached: {crashed}"
    code, _ = rpa("replay", "--failed")
    assert code in (0, 1)
    code, _ = rpa("run", "texts")
    assert sorted(rpa.journal()) == ["a first", "b second"]


def test_a_write_without_a_probe_stays_in_doubt_until_a_person_settles_it(rpa: Rpa) -> None:
    flow = rpa.folder / "flows" / "texts.yaml"
    text = flow.read_text()
    begin, end = text.index("      done_if:"), text.index("    files.append")
    flow.write_text(text[:begin] + text[end:])
    rpa("run", "texts", RPA_CRASH_AT="after-intent")
    rpa("replay", "--failed")
    _, found = rpa("items", "--status", "in_doubt")
    assert [i["name"] for i in found["items"]] == ["a.txt"]
    assert rpa.journal() in ([], ["b second"])
    code, _ = rpa("items", "--status", "in_doubt")
    assert code == 0
