"""Reviews: asked once, answered once, and whoever waits goes on."""

from __future__ import annotations

import pytest

from rpa.ledger.errors import LedgerError
from rpa.ledger.store import Ledger
from rpa.ledger.types import Claim, ItemStatus, ReviewRecord, RunStatus
from tests.rpa.ledger.helpers import claimed, taken


def ask(ledger: Ledger, claim: Claim, item_id: int | None, path: str = "bill") -> ReviewRecord:
    return ledger.ask(
        claim,
        item_id=item_id,
        step_path=path,
        kind="extraction",
        question={"iban": "DE89370400440532013000"},
        masked=lambda _: {"iban": "•••"},
    )


def waiting(ledger: Ledger) -> tuple[Claim, int, ReviewRecord]:
    claim = claimed(ledger)
    item = taken(ledger, claim)
    review = ask(ledger, claim, item.id)
    ledger.end_item(claim, item.id, ItemStatus.waiting)
    ledger.end_run(claim, RunStatus.waiting)
    return claim, item.id, review


def test_a_question_is_stored_twice(ledger: Ledger) -> None:
    _, item_id, review = waiting(ledger)
    assert review.question == {"iban": "DE89370400440532013000"} and review.status == "open"
    assert [r.question for r in ledger.reviews(item_id=item_id)] == [{"iban": "•••"}]
    assert ledger.reviews(item_id=item_id, masked=False)[0].question == review.question


def test_an_answer_sets_item_and_run_free(ledger: Ledger) -> None:
    claim, item_id, review = waiting(ledger)
    assert ledger.run(claim.run_id).status is RunStatus.waiting
    answered = ledger.answer(review.id, {"total": "1.00"}, by="lee")
    assert (answered.status, answered.answer, answered.by) == ("answered", {"total": "1.00"}, "lee")
    assert ledger.item(item_id).status is ItemStatus.new
    assert ledger.run(claim.run_id).status is RunStatus.queued
    again = ledger.claim("w2")
    assert again and again[0].token == 2 and again[1].id == claim.run_id
    assert ledger.audit_log(limit=1)[0].what == "answered"


def test_a_rejection_is_an_answer_too(ledger: Ledger) -> None:
    claim, item_id, review = waiting(ledger)
    assert ledger.answer(review.id, {"reason": "no"}, by="lee", rejected=True).status == "rejected"
    assert (
        ledger.item(item_id).status is ItemStatus.new and ledger.run(claim.run_id).status is RunStatus.queued
    )


def test_a_question_is_answered_once(ledger: Ledger) -> None:
    _, _, review = waiting(ledger)
    ledger.answer(review.id, {}, by="lee")
    with pytest.raises(LedgerError, match="review-closed"):
        ledger.answer(review.id, {}, by="kim")
    with pytest.raises(LedgerError, match="review-unknown"):
        ledger.answer(99, {}, by="kim")
    with pytest.raises(LedgerError, match="review-unknown"):
        ledger.review(99)


def test_asking_again_brings_the_open_question_up_to_date(ledger: Ledger) -> None:
    claim = claimed(ledger)
    item = taken(ledger, claim)
    assert (
        ask(ledger, claim, item.id).id
        == ask(ledger, claim, item.id).id
        != ask(ledger, claim, item.id, "other").id
    )


def test_an_item_with_two_questions_waits_for_both(ledger: Ledger) -> None:
    claim = claimed(ledger)
    item = taken(ledger, claim)
    one, two = ask(ledger, claim, item.id, "a"), ask(ledger, claim, item.id, "b")
    ledger.end_item(claim, item.id, ItemStatus.waiting)
    ledger.end_run(claim, RunStatus.waiting)
    ledger.answer(one.id, {}, by="lee")
    assert ledger.item(item.id).status is ItemStatus.waiting
    ledger.answer(two.id, {}, by="lee")
    assert ledger.run(claim.run_id).status is RunStatus.queued


def test_an_answer_that_is_faster_than_the_engine_is_not_lost(ledger: Ledger) -> None:
    claim = claimed(ledger)
    item = taken(ledger, claim)
    review = ask(ledger, claim, item.id)
    ledger.answer(review.id, {}, by="lee")
    ledger.end_item(claim, item.id, ItemStatus.waiting)
    assert ledger.item(item.id).status is ItemStatus.new
    ledger.end_run(claim, RunStatus.waiting)
    assert ledger.run(claim.run_id).status is RunStatus.queued


def test_an_answer_between_the_items_end_and_the_runs_end_is_not_lost(ledger: Ledger) -> None:
    claim = claimed(ledger)
    item = taken(ledger, claim)
    review = ask(ledger, claim, item.id)
    ledger.end_item(claim, item.id, ItemStatus.waiting)
    ledger.answer(review.id, {}, by="lee")
    ledger.end_run(claim, RunStatus.succeeded)
    assert ledger.run(claim.run_id).status is RunStatus.queued
    assert ledger.claim("w2") is not None


def test_cancelling_a_waiting_run_withdraws_its_questions(ledger: Ledger) -> None:
    claim, item_id, review = waiting(ledger)
    ledger.request_cancel(claim.run_id, actor="kim")
    assert ledger.item(item_id).status is ItemStatus.cancelled
    assert ledger.review(review.id).status == "withdrawn" and ledger.reviews() == []


def test_only_a_waiting_run_is_queued_again(ledger: Ledger) -> None:
    claim, _, _ = waiting(ledger)
    ledger.requeue(claim.run_id, actor="kim")
    with pytest.raises(LedgerError, match="run-not-waiting"):
        ledger.requeue(claim.run_id, actor="kim")
