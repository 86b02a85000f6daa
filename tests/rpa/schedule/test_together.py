"""Many schedules: what is due at one moment is decided in one transaction, looked for with a few questions, and one
that cannot be decided keeps no other back."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from rpa.ledger.errors import LedgerError
from rpa.ledger.types import FailureRecord, NewFiring, RunStatus
from rpa.schedule import timing
from rpa.schedule.alerts import Alerts
from rpa.schedule.decide import Planner
from rpa.schedule.service import log_line
from rpa.schedule.timing import Timing
from tests.rpa.schedule.conftest import Planning

NOW = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
LINE = '  s%d: {flow: note, trigger: {cron: "0 * * * *"}, on_overlap: %s}\n'


def many(planning: Planning, number: int, policy: str = "skip", more: str = "") -> Planner:
    planner = planning("".join(LINE % (n, policy) for n in range(number)) + more)
    planner.prepare(NOW - timedelta(minutes=1))
    return planner


def spied(planner: Planner, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many rows each transaction held."""
    sizes: list[int] = []
    real = planner.ledger.fire_all

    def fire_all(firings: Sequence[NewFiring]) -> list[str | None]:
        sizes.append(len(firings))
        return real(firings)

    monkeypatch.setattr(planner.ledger, "fire_all", fire_all)
    return sizes


def names(number: int) -> list[str]:
    return [f"s{n}" for n in range(number)]


def test_what_is_due_at_one_moment_is_one_transaction(planning: Planning, monkeypatch: pytest.MonkeyPatch) -> None:
    planner, other = many(planning, 40), many(planning, 40)
    other.tick_all(names(5), NOW)
    sizes = spied(planner, monkeypatch)
    decided = planner.tick_all(names(40), NOW)
    assert sizes == [40]
    assert {d.schedule for d in decided} == set(names(40)[5:]), "five were another's"
    assert all(d.run_id and d.reason == "due" for d in decided)
    assert planner.tick_all(names(40), NOW) == []
    again = planner.tick_all(names(40), NOW + timedelta(hours=1))
    assert {(d.reason, d.run_id) for d in again} == {("overlap", "")}
    assert planner.ledger.verify(files=False) == []


def test_several_due_times_of_one_schedule_see_each_other(planning: Planning, monkeypatch: pytest.MonkeyPatch) -> None:
    """After downtime with `all`: the first catches up, the next ones find it active."""
    text = '  %s: {flow: note, trigger: {cron: "0 * * * *"}, if_missed: all, on_overlap: %s}\n'
    planner = many(planning, 0, more=text % ("a", "skip") + text % ("b", "queue"))
    sizes = spied(planner, monkeypatch)
    decided = planner.tick_all(["a", "b"], NOW + timedelta(hours=2, minutes=5))
    assert [d.reason for d in decided if d.schedule == "a"] == ["catch-up", "overlap", "overlap"]
    assert [d.reason for d in decided if d.schedule == "b"] == ["catch-up"] * 3
    assert sizes == [4, 1, 1]


def test_one_that_the_ledger_refuses_keeps_no_other_back(planning: Planning, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timing, "RETRY_S", 0.0)
    planner = many(planning, 4)
    real = planner.ledger.fire_all

    def refusing(firings: Sequence[NewFiring]) -> list[str | None]:
        if any(f.schedule == "s2" for f in firings):
            raise LedgerError("ledger-refused", ledger="x", reason="y")
        return real(firings)

    monkeypatch.setattr(planner.ledger, "fire_all", refusing)
    told: list[tuple[str, str]] = []
    made = Timing(planner, lambda event, **d: told.append((event, d["schedule"])), lambda _: None)
    real_tick = planner.tick_all
    object.__setattr__(planner, "tick_all", lambda n: real_tick(n, NOW))  # the planner is frozen
    made.tick(*names(4))
    assert told == [("tick-failed", "s0, s1, s2, s3")]
    made.again()
    assert [t for t in told if t[0] == "fired"] == [("fired", n) for n in ("s0", "s1", "s3")]
    assert ("tick-failed", "s2") in told


def silent(event: str, **details: Any) -> None:
    """A log that nobody reads."""


def lines(path: Path) -> list[str]:
    return [json.loads(line)["subject"] for line in path.read_text().splitlines()] if path.exists() else []


def test_looking_for_incidents_asks_as_much_for_many_schedules_as_for_one(
    planning: Planning, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    for number in (1, 60):
        line = "  t%d: {flow: note, trigger: {every: 1h}, notify: {on: [failed, late, missed, stuck, circuit]}}\n"
        planner = planning("".join(line % n for n in range(number)))
        alerts, count = Alerts(planner, silent), [0]
        alerts.look(force=True)
        real = planner.ledger.database.reading

        def reading(real: Any = real, count: list[int] = count) -> Any:
            count[0] += 1
            return real()

        monkeypatch.setattr(planner.ledger.database, "reading", reading)
        alerts.look(force=True)
        asked.append(count[0])
    assert asked[0] == asked[1] <= 5


def test_who_was_quiet_looks_back_and_nothing_is_told_twice(planning: Planning, folder: Path) -> None:
    now = datetime.now(UTC)
    local = now + timedelta(hours=9)
    quiet = f"{local - timedelta(hours=1):%H:%M}-{local + timedelta(hours=1):%H:%M}"
    text = "  %s: {flow: note, trigger: {every: 1h}, notify: {on: [failed], file: told.jsonl%s}}\n"
    planner = planning(text % ("loud", "") + text % ("hushed", f', quiet: "{quiet}"'))
    alerts = Alerts(planner, silent)
    alerts.look(now - timedelta(hours=2), force=True)
    for name in ("loud", "hushed"):
        run_id = planner.run_now(name, actor="kim")
        claim, _ = planner.ledger.claim("w", run_id=run_id) or pytest.fail("nothing queued")
        planner.ledger.end_run(claim, RunStatus.failed, failure=FailureRecord("application", "timed-out", ""))
    for minutes in (0, 1, 2):
        alerts.look(now + timedelta(minutes=minutes), force=True)
    assert lines(folder / "told.jsonl") == ["[failed] loud"]
    for minutes in (120, 121):
        alerts.look(now + timedelta(minutes=minutes), force=True)
    assert lines(folder / "told.jsonl") == ["[failed] loud", "[failed] hushed"]


def test_a_manifest_may_be_larger_than_a_flow(planning: Planning) -> None:
    text = f"  # {'x' * 1000}\n" * 1100 + LINE % (1, "skip")
    assert len(text) > 1 << 20
    assert list(planning(text).project.manifest.schedules) == ["s1"]


def test_lines_of_the_log_never_mix(monkeypatch: pytest.MonkeyPatch) -> None:
    out = StringIO()
    monkeypatch.setattr(sys, "stderr", out)

    def tell() -> None:
        for _ in range(200):
            log_line("fired", schedule="x" * 200)

    threads = [threading.Thread(target=tell) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    told = out.getvalue().split("\n")
    assert len(told) == 801
    assert all(json.loads(line)["event"] == "fired" for line in told[:-1])
