"""Clocks that jump and stop, a service that was down, a year of a real manifest: every due time is decided
once."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from pathlib import Path
from types import SimpleNamespace

import pytest

from rpa.ledger.types import RunStatus
from rpa.schedule import service as service_module
from rpa.schedule.decide import Planner
from rpa.schedule.service import Service
from rpa.settings import Settings
from tests.rpa.schedule.conftest import Planning
from tests.rpa.schedule.test_service import Log, until, write

HOURLY = '  s: {flow: note, trigger: {cron: "0 */3 * * *"}, grace: 30d, on_overlap: queue%s}\n'
START = datetime.now(UTC).replace(minute=1, second=0, microsecond=0)
NAMES = ("bills", "night", "pay")
JUMPS = [timedelta(hours=1), timedelta(hours=-1), timedelta(days=1), timedelta(days=-1), timedelta(hours=7)]


def work_off(planner: Planner) -> None:
    while (claimed := planner.ledger.claim("w")) is not None:
        planner.ledger.end_run(claimed[0], RunStatus.succeeded)


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("policy", ["none", "last", "all"])
def test_whatever_the_clock_does_every_due_time_is_decided_once(
    planning: Planning, policy: str, seed: int
) -> None:
    """Ticks every hour or so of a clock that jumps by an hour or a day, stands still or was not looked at,
    by one service that is started again now and then."""
    chance, text = random.Random(seed), HOURLY % f", if_missed: {policy}"
    planner, now = planning(text), START
    latest = START
    planner.tick("s", now)
    for _ in range(40):
        now += chance.choice([timedelta(minutes=70)] * 8 + [timedelta(0), *JUMPS])
        if chance.random() < 0.1:
            planner = planning(text)
            planner.prepare(now)
        planner.tick("s", now)
        latest = max(latest, now)
    rows = planner.ledger.firings("s", limit=10_000)
    plan = planner.plan("s")
    assert plan is not None
    dues = [d.occurrence for d in takewhile(lambda d: d.at <= latest, plan.after(START))]
    assert Counter(r.occurrence for r in rows) == Counter(dues)
    runs = planner.ledger.runs(schedule="s", limit=None)
    assert sorted(r.occurrence or "" for r in runs) == sorted(r.occurrence for r in rows if r.run_id)
    if policy == "all":
        assert len(runs) == len(dues)
    if policy == "none":
        assert {r.reason for r in rows} <= {"due", "missed"}


@pytest.mark.heavy
def test_a_year_with_downtime_holidays_and_change_days(planning: Planning) -> None:
    """A simulated year of three schedules, with two outages."""
    planner = planning(
        '  bills: {flow: note, trigger: {cron: "0 7 * * mon-fri"}, on_holiday: next_working_day,'
        " timezone: Asia/Seoul, on_overlap: queue}\n"
        '  night: {flow: note, trigger: {at: "02:30"}, timezone: America/New_York, on_overlap: queue}\n'
        '  pay: {flow: note, trigger: {cron: "0 9 25 * *"}, on_holiday: previous_working_day,'
        " timezone: Asia/Seoul, on_overlap: queue}\n",
        "calendar: {country: KR, closed: ['2026-12-31']}\n",
    )
    now, end = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
    outages = [(datetime(2026, 4, 7, tzinfo=UTC), 3), (datetime(2026, 9, 22, tzinfo=UTC), 6)]
    planner.prepare(now)
    while now < end:
        for name in NAMES:
            planner.tick(name, now)
        plans = [planner.plan(name) for name in NAMES]
        now = min(due.at for plan in plans if plan and (due := plan.next(now)))
        for begin, days in outages:
            if begin <= now < begin + timedelta(days=days):
                now = begin + timedelta(days=days)
    told = {n: planner.ledger.firings(n, limit=1000) for n in NAMES}
    fired = {n: sorted(r.occurrence for r in rows if r.run_id) for n, rows in told.items()}
    assert len(fired["night"]) == 365 - 3 - 6, (
        "once a day also on both change days; the outages ended too late for their last"
    )
    assert [n for n in fired["night"] if n.startswith("2026-11-01")] == ["2026-11-01T02:30"]
    assert [n for n in fired["night"] if n.startswith("2026-03-08")] == ["2026-03-08T02:30"]
    assert [d[5:10] for d in fired["pay"]] == [
        *("01-23", "02-25", "03-25", "04-24", "05-22", "06-25", "07-24", "08-25", "10-23", "11-25", "12-24"),
    ], "September's fell on Chuseok, was due on the 23rd and missed beyond its grace"
    assert "2026-12-31T07:00" not in fired["bills"]
    for rows in told.values():
        assert all(r.reason for r in rows)
        assert len({r.occurrence for r in rows}) == len(rows)


def test_the_service_plans_anew_when_the_clock_was_set(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(folder, "  s: {flow: note, trigger: {every: 1h}}\n")
    shift = [0.0]
    fake = SimpleNamespace(time=lambda: time.time() + shift[0], monotonic=time.monotonic)
    monkeypatch.setattr(service_module, "time", fake)
    log = Log()
    service = Service(Settings(project=folder, key_file=str(folder / "key")), log=log, concurrency=0)
    thread = threading.Thread(target=service.run)
    thread.start()
    try:
        until(lambda: log.of("service-ready"))
        for jump in (3600, -3600, 86_400):
            before = len(log.of("clock-jumped"))
            shift[0] += jump
            until(lambda number=before: len(log.of("clock-jumped")) > number)
    finally:
        service.stopping.set()
        thread.join(60)
    assert [round(d["seconds"], -1) for d in log.of("clock-jumped")] == [3600, -3600, 86_400]
    service.ledger.close()
