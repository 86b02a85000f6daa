"""Writes: at most once per (profile, what, key)."""

from __future__ import annotations

import pytest

from rpa.ledger.errors import AlreadyWritten, LedgerError
from rpa.ledger.store import Ledger
from rpa.ledger.types import ItemStatus, Verdict
from tests.rpa.ledger.helpers import claimed, intend, taken

AGAIN = (Verdict.settled_not_done, Verdict.refused)


def test_an_intent_and_its_result(ledger: Ledger) -> None:
    claim = claimed(ledger)
    item = taken(ledger, claim)
    write = intend(ledger, claim, item)
    assert (write.verdict, write.item_id, write.run_id, write.step_path) == (
        "intended",
        item.id,
        claim.run_id,
        "post",
    )
    assert ledger.writes(item_id=item.id, open_only=True) == [write]
    ledger.settle(claim, write.id, Verdict.committed, by="expect", result={"outputs": {"number": "B-1"}})
    found = ledger.find_write("default", "bill", "k1")
    assert found and (found.verdict, found.settled_by) == ("committed", "expect")
    assert found.result == {"outputs": {"number": "B-1"}} and ledger.writes(open_only=True) == []
    assert ledger.find_write("prod", "bill", "k1") is None


@pytest.mark.parametrize("verdict", list(Verdict))
def test_a_second_intent_for_a_pair(ledger: Ledger, verdict: Verdict) -> None:
    claim = claimed(ledger)
    first, second = taken(ledger, claim, "INV-1"), taken(ledger, claim, "INV-2")
    write = intend(ledger, claim, first)
    if verdict is not Verdict.intended:
        ledger.settle(claim, write.id, verdict, by="expect", result={"n": 1})
    if verdict in AGAIN:
        again = intend(ledger, claim, second)
        assert (again.id, again.item_id, again.verdict, again.result) == (
            write.id,
            second.id,
            "intended",
            None,
        )
        return
    with pytest.raises(AlreadyWritten) as caught:
        intend(ledger, claim, second)
    assert caught.value.kind == "business" and caught.value.record.item_id == first.id
    assert caught.value.details == {"what": "bill", "key": "k1", "first": "INV-1", "run": claim.run_id}
    assert len(ledger.writes()) == 1


def test_a_persons_word_is_audited_and_frees_the_item(ledger: Ledger) -> None:
    claim = claimed(ledger)
    item = taken(ledger, claim)
    one, two = intend(ledger, claim, item, "k1"), intend(ledger, claim, item, "k2")
    ledger.end_item(claim, item.id, ItemStatus.in_doubt)
    ledger.settle(None, one.id, Verdict.settled_done, by="person:kim")
    assert ledger.item(item.id).status is ItemStatus.in_doubt
    ledger.settle(None, two.id, Verdict.settled_not_done, by="person:kim")
    assert ledger.item(item.id).status is ItemStatus.new
    assert [(a.who, a.what, a.subject) for a in ledger.audit_log(limit=2)] == [
        ("kim", "resolve", f"write:{two.id}"),
        ("kim", "resolve", f"write:{one.id}"),
    ]
    with pytest.raises(LedgerError, match="write-settled"):
        ledger.settle(None, one.id, Verdict.settled_not_done, by="person:kim")
    with pytest.raises(LedgerError, match="write-unknown"):
        ledger.settle(None, 99, Verdict.settled_done, by="person:kim")


def test_everything_that_became_known_is_appended(ledger: Ledger) -> None:
    claim = claimed(ledger)
    write = intend(ledger, claim, taken(ledger, claim))
    ledger.settle(claim, write.id, Verdict.refused, by="expect")
    intend(ledger, claim, ledger.item(1))
    ledger.settle(claim, write.id, Verdict.committed, by="done_if")
    assert [(s["verdict"], s["by"], s["token"]) for s in ledger.write_steps(write.id)] == [
        ("intended", "", 1),
        ("refused", "expect", 1),
        ("intended", "", 1),
        ("committed", "done_if", 1),
    ]


def test_a_write_of_a_run_without_items(ledger: Ledger) -> None:
    claim = claimed(ledger)
    write = intend(ledger, claim, None)
    assert ledger.writes(run_id=claim.run_id) == [write] and write.item_id is None
    ledger.settle(None, write.id, Verdict.settled_done, by="person:kim")
    with pytest.raises(AlreadyWritten) as caught:
        intend(ledger, claim, None)
    assert caught.value.details["first"] == claim.run_id
