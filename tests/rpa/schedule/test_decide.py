"""The ledger decides: once per occurrence, with a reason for every time that did not fire."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from rpa.ledger.types import FailureRecord, RunStatus
from rpa.schedule.decide import Planner
from rpa.schedule.pauses import ALL, pause, resume
from tests.rpa.schedule.conftest import Planning

HOURLY = '  s: {flow: note, trigger: {cron: "0 * * * *"}, grace: 150m%s}\n'
NOW = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)


def hours(number: float) -> datetime:
    return NOW + timedelta(hours=number)


def tick(planner: Planner, at: datetime) -> list[tuple[float, str, bool]]:
    """(hours after NOW, reason, whether it fired)"""
    told = planner.tick("s", at)
    return [((d.due - NOW) / timedelta(hours=1), d.reason, bool(d.run_id)) for d in told if d.due]


def end(planner: Planner, status: RunStatus, code: str = "") -> None:
    claimed = planner.ledger.claim("w")
    assert claimed is not None
    failure = FailureRecord("application", code, "") if code else None
    planner.ledger.end_run(claimed[0], status, failure=failure)


def test_each_occurrence_fires_once_also_with_two_services(planning: Planning) -> None:
    one, two = planning(HOURLY % ""), planning(HOURLY % "")
    assert tick(one, hours(0.5)) == [] == tick(two, hours(0.5))
    assert tick(one, hours(1)) == [(1, "due", True)]
    assert tick(two, hours(1.01)) == [] == tick(one, hours(1.01))
    assert len(one.ledger.runs(schedule="s")) == 1


@pytest.mark.parametrize(
    ("policy", "told"),
    [
        ("none", [(n, "missed", False) for n in (1, 2, 3, 4)]),
        ("last", [(1, "missed", False), (2, "missed", False), (3, "missed", False), (4, "catch-up", True)]),
        (
            "all",
            [
                (1, "missed-beyond-grace", False),
                (2, "catch-up", True),
                (3, "catch-up", True),
                (4, "catch-up", True),
            ],
        ),
    ],
)
def test_after_downtime_each_policy_does_what_it_says(
    planning: Planning, policy: str, told: list[object]
) -> None:
    planner = planning(HOURLY % f", if_missed: {policy}, on_overlap: queue")
    tick(planner, hours(0.5))
    assert tick(planner, hours(4.5)) == told


def test_the_last_missed_one_beyond_grace_does_not_fire(planning: Planning) -> None:
    planner = planning((HOURLY % "").replace("0 * * * *", "0 */12 * * *").replace("150m", "1m"))
    tick(planner, hours(0))
    assert {reason for _, reason, _ in tick(planner, hours(48) + timedelta(minutes=5))} <= {
        "missed",
        "missed-beyond-grace",
    }


def test_a_clock_that_jumps_back_fires_nothing_twice(planning: Planning) -> None:
    planner = planning(HOURLY % "")
    tick(planner, hours(0.5))
    assert len(tick(planner, hours(1))) == 1
    assert tick(planner, hours(0.7)) == [] == tick(planner, hours(1.3))


@pytest.mark.parametrize(
    ("policy", "reason", "fired"),
    [("skip", "overlap", False), ("queue", "due", True), ("cancel_running", "due", True)],
)
def test_overlap(planning: Planning, policy: str, reason: str, fired: bool) -> None:
    planner = planning(HOURLY % f", on_overlap: {policy}")
    tick(planner, hours(0.5))
    tick(planner, hours(1))
    claimed = planner.ledger.claim("w")
    assert claimed is not None
    assert tick(planner, hours(2)) == [(2, reason, fired)]
    assert planner.ledger.cancel_requested(claimed[0].run_id) == (policy == "cancel_running")
    assert planner.ledger.claim("w") is None, "runs of one schedule never run side by side"


def test_failures_stop_it_only_on_request_and_until_resumed(planning: Planning) -> None:
    planner = planning(HOURLY % ", stop_after_failures: 2")
    tick(planner, hours(0.5))
    for n in (1, 2):
        assert tick(planner, hours(n)) == [(n, "due", True)]
        end(planner, RunStatus.failed)
    assert tick(planner, hours(3)) == [(3, "stopped-after-failures", False)]
    resume(planner.ledger, "s", by="kim")
    assert tick(planner, hours(4)) == [(4, "due", True)]


def test_a_refused_login_stops_the_schedule_at_once(planning: Planning) -> None:
    planner = planning(HOURLY % "")
    tick(planner, hours(0.5))
    tick(planner, hours(1))
    end(planner, RunStatus.failed, "login-refused")
    assert tick(planner, hours(2)) == [(2, "login-refused", False)]


def test_pauses_of_one_and_of_all(planning: Planning) -> None:
    planner = planning(HOURLY % "")
    tick(planner, hours(0.5))
    for hour, name in ((1, "s"), (3, ALL)):
        pause(planner.ledger, name, by="kim", why="month end")
        assert tick(planner, hours(hour)) == [(hour, "paused", False)]
        resume(planner.ledger, name, by="kim")
        assert tick(planner, hours(hour + 1)) == [(hour + 1, "due", True)]
        end(planner, RunStatus.succeeded)


def test_what_cannot_start_is_a_row_with_the_reason(planning: Planning, folder: Path) -> None:
    planner = planning(HOURLY % "")
    tick(planner, hours(0.5))
    (folder / "flows" / "note.yaml").write_text("flow: note\nsteps:\n  - files.apend: x\n")
    assert tick(planner, hours(1)) == [(1, "flow-invalid", False)]
    (folder / "flows" / "note.yaml").unlink()
    assert tick(planner, hours(2)) == [(2, "flow-missing", False)]


def test_an_unapproved_text_does_not_run(planning: Planning) -> None:
    planner = planning(HOURLY % ", require_approval: true")
    tick(planner, hours(0.5))
    assert tick(planner, hours(1)) == [(1, "not-approved", False)]


def test_a_changed_trigger_has_missed_nothing(planning: Planning) -> None:
    tick(planning(HOURLY % ""), hours(0.5))
    changed = planning((HOURLY % "").replace("0 * * * *", "30 * * * *"))
    assert tick(changed, hours(5.2)) == []
    assert tick(changed, hours(5.5)) == [(5.5, "due", True)]
