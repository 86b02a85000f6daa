"""Items: unique keys, what a run takes, changed data, holding and ending."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from rpa.ledger.errors import ClaimLost, LedgerError
from rpa.ledger.store import Ledger
from rpa.ledger.types import ItemStatus, RunStatus, Verdict
from tests.rpa.ledger.helpers import FakeClock, add, attempt, claimed, failure, intend, taken

DONE = [s for s in ItemStatus if s not in (ItemStatus.new, ItemStatus.failed_application, ItemStatus.running)]


def ended(ledger: Ledger, status: ItemStatus, key: str = "a") -> int:
    """An item that a finished run left in `status`."""
    claim = claimed(ledger)
    item = taken(ledger, claim, key)
    if status is ItemStatus.in_doubt:
        intend(ledger, claim, item, key)
    ledger.end_item(claim, item.id, status)
    ledger.end_run(claim, RunStatus.succeeded)
    return item.id


def test_an_unknown_key_is_new(ledger: Ledger) -> None:
    claim = claimed(ledger)
    found = add(ledger, claim, "a", {"total": 3})
    assert (found.how, found.item.status, found.item.data, found.item.tries) == (
        "new",
        "new",
        {"total": 3},
        0,
    )
    assert found.item.run_id == claim.run_id
    assert ledger.run(claim.run_id).counts == {"new": 1}


@pytest.mark.parametrize("status", DONE)
def test_a_finished_item_is_known_and_left_alone(ledger: Ledger, status: ItemStatus) -> None:
    item_id = ended(ledger, status)
    claim = claimed(ledger)
    found = add(ledger, claim, "a")
    assert (found.how, found.reason, found.item.status) == ("known", status, status)
    assert not found.changed and ledger.items(run_id=claim.run_id) == []
    ledger.end_run(claim, RunStatus.succeeded)
    assert ledger.run(claim.run_id).counts == {"known": 1} and ledger.item(item_id).status is status


def test_an_item_that_failed_by_application_is_taken_again(ledger: Ledger) -> None:
    item_id = ended(ledger, ItemStatus.failed_application)
    claim = claimed(ledger)
    found = add(ledger, claim, "a", n=4)
    assert (found.how, found.item.id, found.item.n) == ("again", item_id, 4)
    again = ledger.take_item(claim, item_id, from_status=[ItemStatus.failed_application])
    assert again and again.tries == 2


@pytest.mark.parametrize(
    ("on_change", "how", "status", "total"),
    [
        ("ignore", "known", "succeeded", 1),
        ("again", "again", "new", 2),
        ("business", "known", "failed_business", 1),
    ],
)
def test_changed_data_of_a_finished_item(
    ledger: Ledger, on_change: str, how: str, status: str, total: int
) -> None:
    claim = claimed(ledger)
    item = ledger.take_item(
        claim, add(ledger, claim, "a", {"total": 1}).item.id, from_status=[ItemStatus.new]
    )
    assert item
    ledger.end_item(claim, item.id, ItemStatus.succeeded)
    for _ in range(2):
        found = add(ledger, claim, "a", {"total": 2}, "h2", on_change=on_change)
    assert (found.how, found.item.status, found.item.data) == (how, status, {"total": total})
    codes = [f.code for f in ledger.failures(claim.run_id)]
    assert codes == (["item-changed"] if on_change == "business" else [])


def test_a_reopened_item_takes_the_changed_data(ledger: Ledger) -> None:
    item_id = ended(ledger, ItemStatus.succeeded)
    claim = claimed(ledger)
    assert add(ledger, claim, "a", {"v": 2}, "h2").item.status is ItemStatus.failed_business
    ledger.reopen_item(item_id, actor="kim")
    found = add(ledger, claim, "a", {"v": 2}, "h2")
    assert (found.how, found.item.data, found.item.status) == ("again", {"v": 2}, "new")


def test_an_item_in_doubt_is_never_changed_by_new_data(ledger: Ledger) -> None:
    ended(ledger, ItemStatus.in_doubt)
    found = add(ledger, claimed(ledger), "a", {"v": 2}, "h2", on_change="again")
    assert (found.how, found.item.status, found.changed) == ("known", "in_doubt", True)


def test_keys_are_unique_per_profile_and_flow(ledger: Ledger) -> None:
    claim = claimed(ledger)
    common = {"key": "a", "data": {}, "data_hash": "h", "n": 1}
    ids = {
        ledger.add_item(claim, flow_id=f, profile=p, **common).item.id  # type: ignore[arg-type]
        for f in ("bills", "orders")
        for p in ("test", "prod")
        for _ in range(2)
    }
    assert len(ids) == 4


def test_an_item_is_held_by_one_run(ledger: Ledger) -> None:
    one, two = claimed(ledger), claimed(ledger)
    item = taken(ledger, one)
    assert ledger.take_item(two, item.id, from_status=list(ItemStatus)) is None
    assert add(ledger, two, "a").how == "known"
    with pytest.raises(ClaimLost):
        ledger.end_item(two, item.id, ItemStatus.succeeded)
    assert ledger.item(item.id).status is ItemStatus.running


def test_an_open_write_leaves_the_item_in_doubt_whatever_is_said(ledger: Ledger) -> None:
    claim = claimed(ledger)
    item = taken(ledger, claim)
    write = intend(ledger, claim, item)
    ledger.end_item(claim, item.id, ItemStatus.succeeded)
    assert ledger.item(item.id).status is ItemStatus.in_doubt
    with pytest.raises(LedgerError, match="item-in-doubt"):
        ledger.reopen_item(item.id, actor="kim")
    ledger.settle(None, write.id, Verdict.settled_not_done, by="person:kim")
    assert ledger.item(item.id).status is ItemStatus.new


def test_a_running_item_cannot_be_reopened(ledger: Ledger) -> None:
    item = taken(ledger, claimed(ledger))
    with pytest.raises(LedgerError, match="item-running"):
        ledger.reopen_item(item.id, actor="kim")
    with pytest.raises(LedgerError, match="item-unknown"):
        ledger.reopen_item(999, actor="kim")


def test_the_failure_of_an_item_is_the_one_its_last_step_recorded(ledger: Ledger) -> None:
    claim = claimed(ledger)
    item = taken(ledger, claim)
    ledger.record_attempt(
        claim, attempt(claim, item, "post/1:browser.click", failure=failure(), outcome="failed"), dict
    )
    ledger.end_item(claim, item.id, ItemStatus.failed_application, failure=failure())
    told = ledger.item(item.id).failure
    assert told and told.step_path == "post/1:browser.click"
    assert len(ledger.failures(claim.run_id)) == 1


def test_what_is_to_do_goes_by_priority_due_and_place(ledger: Ledger, clock: FakeClock) -> None:
    claim = claimed(ledger)
    for n, (key, priority) in enumerate((("c", 0), ("a", 0), ("b", 9))):
        add(ledger, claim, key, n=n, priority=priority)
    later = taken(ledger, claim, "later", 9)
    ledger.end_item(
        claim, later.id, ItemStatus.failed_application, not_before=clock.now() + timedelta(minutes=5)
    )
    assert [i.key for i in ledger.items_to_do("bills", "default")] == ["b", "c", "a"]
    clock.advance(minutes=6)
    assert [i.key for i in ledger.items_to_do("bills", "default", run_id=claim.run_id)] == [
        "b",
        "c",
        "a",
        "later",
    ]
    assert ledger.items_to_do("bills", "prod") == []


def test_what_a_run_made_of_an_item_stays_known(ledger: Ledger) -> None:
    item_id = ended(ledger, ItemStatus.failed_application)
    claim = claimed(ledger)
    add(ledger, claim, "a")
    ledger.take_item(claim, item_id, from_status=[ItemStatus.failed_application])
    ledger.end_item(claim, item_id, ItemStatus.succeeded, outputs={"number": 7})
    assert [made for _, _, made in ledger.item_history(item_id)] == ["failed_application", "succeeded"]
    assert ledger.item_outputs(item_id) == {"number": 7}
    assert [i.key for i in ledger.items(status=[ItemStatus.succeeded], key="a", flow_id="bills")] == ["a"]


def test_a_list_over_all_runs_ends_with_the_last_items_in_the_order_they_were_found(ledger: Ledger) -> None:
    for flow in ("bills", "orders"):
        claim = claimed(ledger, flow=flow)
        for number in range(4):
            given = {"flow_id": flow, "profile": "default", "key": f"{flow}-{number}", "data": {}, "data_hash": "h"}
            found = ledger.add_item(claim, **given, n=number).item  # type: ignore[arg-type]
            assert ledger.take_item(claim, found.id, from_status=[ItemStatus.new])
            ledger.end_item(claim, found.id, ItemStatus.succeeded if number % 2 else ItemStatus.failed_business)
        ledger.end_run(claim, RunStatus.succeeded)

    def keys(**asked: Any) -> list[str]:
        return [i.key for i in ledger.items(**asked)]

    assert keys(limit=3) == ["orders-1", "orders-2", "orders-3"]
    assert keys(flow_id="bills", limit=3) == ["bills-1", "bills-2", "bills-3"]
    assert keys(flow_id="bills", status=[ItemStatus.failed_business], limit=1) == ["bills-2"]
    assert keys(flow_id="bills", profile="other", limit=3) == []
    assert keys(status=[ItemStatus.succeeded], limit=2) == ["orders-1", "orders-3"]
    assert keys(run_id=claim.run_id, limit=2) == ["orders-0", "orders-1"], "of a run the first ones"
