"""Retention: what goes, what stays, and the room that comes back."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from rpa.ledger.errors import LedgerError
from rpa.ledger.operations import Retention, erase_item, maintain, pin, prune, stats
from rpa.ledger.retention import file_bytes
from rpa.ledger.store import Ledger
from rpa.ledger.types import ItemStatus, RunStatus, Verdict
from tests.rpa.ledger.helpers import FakeClock, attempt, claimed, failure, intend, open_ledger, taken

NOW = timedelta()


def finished(
    ledger: Ledger,
    key: str,
    status: RunStatus = RunStatus.succeeded,
    item_status: ItemStatus = ItemStatus.succeeded,
) -> str:
    claim = claimed(ledger)
    item = taken(ledger, claim, key)
    ledger.record_attempt(claim, attempt(claim, item, outputs={"text": "x" * 2000}), dict)
    ledger.keep(
        claim,
        run_id=claim.run_id,
        item_id=item.id,
        step_path="p",
        kind="html",
        name="p.html",
        data=f"page {key}".encode(),
        media_type="text/html",
    )
    write = intend(ledger, claim, item, key)
    if item_status is not ItemStatus.in_doubt:
        ledger.settle(claim, write.id, Verdict.committed, by="expect", result={"n": key})
    ended = failure() if status is RunStatus.failed else None
    ledger.end_item(claim, item.id, item_status, failure=ended)
    ledger.end_run(claim, status, failure=ended)
    return claim.run_id


def test_old_runs_go_and_failures_stay_longer(ledger: Ledger, clock: FakeClock) -> None:
    good, bad = finished(ledger, "a"), finished(ledger, "b", RunStatus.failed, ItemStatus.failed_business)
    clock.advance(days=31)
    fresh = finished(ledger, "c")
    assert prune(ledger, dry_run=True).runs == 1 and len(ledger.runs()) == 3
    done = prune(ledger, orphan_grace=NOW)
    assert (done.runs, done.files) == (1, 1) and {r.id for r in ledger.runs()} == {bad, fresh}
    assert ledger.attempts(good) == [] and not ledger.artifacts(good)
    clock.advance(days=150)
    prune(ledger, orphan_grace=NOW)
    assert [r.id for r in ledger.runs()] == [] and ledger.verify() == []


def test_items_and_writes_stay_for_ever_without_their_data(ledger: Ledger, clock: FakeClock) -> None:
    finished(ledger, "a")
    clock.advance(days=400)
    assert prune(ledger, orphan_grace=NOW).items_erased == 1
    (item,) = ledger.items(masked=False)
    assert (item.key, item.status, item.data, item.run_id) == ("a", "succeeded", {}, None)
    known = ledger.find_write("default", "bill", "a")
    assert known and known.verdict is Verdict.committed and known.result is None
    claim = claimed(ledger)
    from tests.rpa.ledger.helpers import add

    assert add(ledger, claim, "a").how == "known"
    assert ledger.verify() == [] and len(ledger.audit_log()) > 0


def test_pinned_runs_and_runs_with_open_items_stay(ledger: Ledger, clock: FakeClock) -> None:
    pinned, doubtful = finished(ledger, "a"), finished(ledger, "b", RunStatus.failed, ItemStatus.in_doubt)
    beginning = pinned[:-1] if pinned[:-1] != doubtful[:-1] else pinned  # ids are drawn: two may begin alike
    assert pin(ledger, beginning, on=True, actor="kim") == pinned
    clock.advance(days=1000)
    assert prune(ledger, orphan_grace=NOW).runs == 0
    assert {r.id for r in ledger.runs()} == {pinned, doubtful} and ledger.artifacts(pinned)
    pin(ledger, pinned, on=False, actor="kim")
    assert prune(ledger, orphan_grace=NOW).runs == 1


def test_a_file_that_another_run_names_stays(ledger: Ledger, clock: FakeClock) -> None:
    finished(ledger, "a")
    clock.advance(days=31)
    claim = claimed(ledger)
    kept = ledger.keep(
        claim,
        run_id=claim.run_id,
        item_id=None,
        step_path="",
        kind="html",
        name="p",
        data=b"page a",
        media_type="text/html",
    )
    prune(ledger, orphan_grace=NOW)
    assert Path(kept.path).exists() and ledger.verify() == []


def test_a_fresh_orphan_is_left_alone(ledger: Ledger, clock: FakeClock) -> None:
    finished(ledger, "a")
    clock.advance(days=31)
    assert prune(ledger, Retention(), orphan_grace=timedelta(days=60)).files == 0
    assert prune(ledger).files == 1


def test_keep_until_ends_a_file_before_its_run(ledger: Ledger, clock: FakeClock) -> None:
    claim = claimed(ledger)
    ledger.keep(
        claim,
        run_id=claim.run_id,
        item_id=None,
        step_path="",
        kind="video",
        name="v",
        data=b"v",
        media_type="video/webm",
        keep_until=clock.now() + timedelta(days=1),
    )
    clock.advance(days=2)
    done = prune(ledger, orphan_grace=NOW)
    assert (done.artifacts, done.files, done.runs) == (1, 1, 0)


def test_the_disk_gets_its_room_back(tmp_path: Path, clock: FakeClock) -> None:
    with open_ledger(tmp_path, clock) as ledger:
        claim = claimed(ledger)
        for n in range(3000):
            ledger.record_attempt(claim, attempt(claim, None, f"s{n}", outputs={"text": "x" * 1000}), dict)
        ledger.end_run(claim, RunStatus.succeeded)
        clock.advance(days=31)
        full = file_bytes(ledger)
        done = prune(ledger)
        found = stats(ledger)
        assert (
            done.freed > 0.8 * full and found["bytes"] <= 2 * found["live_bytes"] and found["free_bytes"] == 0
        )


def test_cleaning_up_is_due_once_a_day(ledger: Ledger, clock: FakeClock) -> None:
    assert maintain(ledger) is not None and maintain(ledger) is None
    clock.advance(days=1)
    assert maintain(ledger) is not None


def test_an_item_can_be_forgotten(ledger: Ledger) -> None:
    run_id = finished(ledger, "a")
    held = taken(ledger, claimed(ledger), "b")
    with pytest.raises(LedgerError, match="item-running"):
        erase_item(ledger, held.id, actor="kim")
    erase_item(ledger, 1, actor="kim")
    assert ledger.item(1).data == {} and ledger.item(1).status is ItemStatus.succeeded
    (step,) = ledger.attempts(run_id, masked=False)
    assert step.outputs is None and ledger.artifacts(run_id) == []
    assert ledger.audit_log(limit=1)[0].what == "erase"


def test_stats_say_what_there_is(ledger: Ledger) -> None:
    finished(ledger, "a")
    found = stats(ledger)
    assert (
        found["runs"] == {"succeeded": 1}
        and found["items"] == {"succeeded": 1}
        and found["rows"]["attempt"] == 1
    )
    assert found["artifacts"]["files"] == 1 and found["bytes"] > 0 and found["oldest_run"] is not None
