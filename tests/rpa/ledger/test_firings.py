"""Firings: who comes first decides, many in one transaction, and a long queue of their runs stays quick."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest

from rpa.ledger.errors import LedgerError
from rpa.ledger.runs import new_run_id
from rpa.ledger.store import Ledger
from rpa.ledger.types import ItemStatus, NewFiring, NewRun, RunStatus
from tests.rpa.ledger.helpers import START, FakeClock, add, claimed, enqueue


def new(schedule: str, occurrence: str = "one", *, run: bool = True, **more: object) -> NewFiring:
    made = NewRun("bills", "bills-1", {"n": schedule}, schedule=schedule, locks=(f"schedule:{schedule}",), actor="x")
    return NewFiring(schedule, occurrence, START, "due" if run else "overlap", made if run else None)


@pytest.fixture(autouse=True)
def known(ledger: Ledger) -> None:
    ledger.put_revision("bills", "bills-1", {"bills": "flow: bills"})


def test_many_are_decided_together_and_each_once(ledger: Ledger) -> None:
    assert ledger.fire("b", "one", due=None, run=None, reason="holiday") == ""
    told = ledger.fire_all([new("a"), new("b"), new("c", run=False), new("a", "two")])
    assert told[1] is None, "another was first"
    assert told[2] == "", "recorded without a run"
    assert told[0] and told[3] and told[0] != told[3]
    assert ledger.fire_all([new("a"), new("c"), new("d")])[:2] == [None, None]
    assert {r.schedule for r in ledger.runs()} == {"a", "d"}
    assert {f.occurrence: f.run_id for f in ledger.firings("a")} == {"one": told[0], "two": told[3]}
    assert ledger.run(told[0]).inputs == {"n": "a"}
    assert [a.subject for a in ledger.audit_log() if a.what == "enqueue"][-2:] == [told[3], told[0]]
    assert ledger.verify() == []
    assert ledger.fire_all([]) == []


def test_one_that_cannot_be_stored_leaves_nothing_behind(ledger: Ledger) -> None:
    with pytest.raises(LedgerError, match="revision-unknown"):
        ledger.fire_all([new("a"), NewFiring("b", "one", None, "due", NewRun("bills", "nowhere", {}))])
    assert ledger.firings() == []
    assert ledger.runs() == []


def test_runs_of_one_moment_have_ids_of_their_own(ledger: Ledger, clock: FakeClock) -> None:
    """Two signs by chance are 1,024 ids in a moment; thousands can be due in it."""
    ids = ledger.fire_all([new(f"s{n}") for n in range(2500)])
    assert len(set(ids)) == 2500
    assert all(str(i).startswith(new_run_id(clock.now())[:-2]) for i in ids)
    more = {enqueue(ledger) for _ in range(100)}
    assert len(more) == 100


def test_what_was_due_last_and_how_it_ended(ledger: Ledger, clock: FakeClock) -> None:
    hours = [START + timedelta(hours=n) for n in range(3)]
    ledger.fire_all([NewFiring("a", f"{n}", due, "missed") for n, due in enumerate(hours)])
    clock.advance(seconds=1)
    ledger.fire("a", "0/backfill", due=hours[0], run=None, reason="backfill")
    assert ledger.last_dues(["a", "b"]) == {"a": hours[2]}
    assert ledger.last_dues([]) == {}
    ledger.fire_all([new("c"), new("d")])
    for status in (RunStatus.failed, RunStatus.succeeded):
        claim, run = ledger.claim("w") or pytest.fail("nothing queued")
        assert run.schedule in ledger.active_schedules()
        ledger.end_run(claim, status)
    endings = ledger.last_endings(["a", "c", "d"])
    assert sorted(endings.values()) == ["failed", "succeeded"]
    assert ledger.active_schedules() == set()


def test_firings_are_found_by_the_beginning_of_the_name_and_by_time(ledger: Ledger, clock: FakeClock) -> None:
    ledger.fire("alert:a", "failed:1", due=None, run=None, reason="failed")
    clock.advance(hours=2)
    ledger.fire("alert:b", "failed:2", due=None, run=None, reason="failed")
    ledger.fire("alertb", "x", due=None, run=None, reason="due")
    assert [f.occurrence for f in ledger.firings(beginning="alert:")] == ["failed:2", "failed:1"]
    since = clock.now() - timedelta(hours=1)
    assert [f.occurrence for f in ledger.firings(beginning="alert:", since=since)] == ["failed:2"]


def test_runs_are_counted_by_state(ledger: Ledger, clock: FakeClock) -> None:
    ledger.fire_all([new(f"s{n}") for n in range(3)])
    claim, _ = ledger.claim("w") or pytest.fail("nothing queued")
    ledger.end_run(claim, RunStatus.succeeded)
    clock.advance(days=2)
    assert ledger.run_counts(clock.now() - timedelta(days=1)) == {"queued": 2}
    assert ledger.run_counts(clock.now() - timedelta(days=3)) == {"queued": 2, "succeeded": 1}


def test_a_claim_from_a_long_queue_of_runs_with_locks_is_quick(ledger: Ledger) -> None:
    """It holds the ledger meanwhile. Asked per run for the locks of all others, 9,000 took 17 s."""
    ledger.fire_all([new(f"s{n}") for n in range(3000)])
    assert ledger.claim("w") is not None
    begun = time.monotonic()
    assert ledger.claim("w") is not None
    assert time.monotonic() - begun < 1


def test_news_of_many_schedules_in_one_look(ledger: Ledger, clock: FakeClock) -> None:
    """Late ones and bad ends since a moment, open ones that are overdue, and what did not fire."""
    due = {"due": START + timedelta(minutes=10)}
    ids = [enqueue(ledger, schedule=f"s{n}", **due) for n in range(3)] + [enqueue(ledger)]
    clock.advance(minutes=5)
    for run_id, status in zip(ids[:2], (RunStatus.failed, RunStatus.succeeded), strict=True):
        claim, _ = ledger.claim("w", run_id=run_id) or pytest.fail("not queued")
        ledger.end_run(claim, status)
    assert [r.id for r in ledger.ended_runs(START, [RunStatus.failed])] == [ids[0]]
    assert ledger.ended_runs(clock.now() + timedelta(seconds=1), [RunStatus.failed]) == []
    assert ledger.overdue_runs(due=clock.now(), made=START) == []
    clock.advance(minutes=10)
    assert [r.id for r in ledger.overdue_runs(due=clock.now(), made=START)] == [ids[2]], "no run without a schedule"
    claim, _ = ledger.claim("w", run_id=ids[2]) or pytest.fail("not queued")
    ledger.end_run(claim, RunStatus.succeeded)
    assert [r.id for r in ledger.ended_runs(START, [RunStatus.failed], late=True)] == [ids[2], ids[0]]
    assert ledger.last_end() == clock.now()
    assert ledger.last_step(ids[2]) is None


def test_what_did_not_fire_since_the_last_look(ledger: Ledger, clock: FakeClock) -> None:
    reasons = ("missed", "missed-beyond-grace", "login-refused", "holiday")
    ledger.fire_all([NewFiring("s", r, None, r) for r in reasons])

    def look(after: int) -> tuple[list[str], int]:
        rows, newest = ledger.silent_firings(after, since=START, reasons=["login-refused"], beginning="missed")
        return [r.reason for r in rows], newest

    found, newest = look(0)
    assert found == ["login-refused", "missed-beyond-grace", "missed"]
    assert look(newest) == ([], newest)
    ledger.fire("s", "later", due=None, run=None, reason="missed: and 3 before it")
    assert look(newest)[0] == ["missed: and 3 before it"]


def test_items_that_nobody_has_taken(ledger: Ledger) -> None:
    claim = claimed(ledger)
    items = [add(ledger, claim, key, n=n).item.id for n, key in enumerate("abc")]
    ledger.take_item(claim, items[1], from_status=[ItemStatus.new])
    assert ledger.new_items("bills") == [items[0], items[2]]
    assert ledger.new_items("other") == []
