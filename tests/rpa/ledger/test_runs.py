"""Runs: queue, claims, leases, locks, sweep, cancelling."""

from __future__ import annotations

import re
from datetime import timedelta
from itertools import product

import pytest

from rpa.ledger.clock import process_start
from rpa.ledger.errors import ClaimLost, LedgerError
from rpa.ledger.store import Ledger
from rpa.ledger.types import ItemStatus, NewRun, RunStatus, Verdict
from tests.rpa.ledger.helpers import FakeClock, add, attempt, claimed, enqueue, event, failure, intend, taken


def test_a_run_keeps_what_it_was_given(ledger: Ledger, clock: FakeClock) -> None:
    run_id = enqueue(
        ledger,
        inputs={"inbox": "in"},
        actor="kim",
        trigger="schedule",
        schedule="daily",
        occurrence="2026-11-21T07:00",
        due=clock.now(),
        priority=3,
        max_duration_s=7200.0,
        options={"limit": 2},
    )
    run = ledger.run(run_id)
    assert re.fullmatch(r"r-20261121-[0-9a-hjkmnp-tv-z]{6}", run_id)
    assert (run.status, run.inputs, run.actor, run.trigger) == (
        RunStatus.queued,
        {"inbox": "in"},
        "kim",
        "schedule",
    )
    assert (run.schedule, run.occurrence, run.due) == ("daily", "2026-11-21T07:00", clock.now())
    assert (run.priority, run.max_duration_s, run.options) == (3, 7200.0, {"limit": 2})
    assert run.frozen_now == clock.now() and run.started is None


def test_a_run_of_an_unknown_flow_text_is_refused(ledger: Ledger) -> None:
    with pytest.raises(LedgerError) as caught:
        ledger.enqueue(NewRun("bills", "nowhere", {}))
    assert caught.value.code == "revision-unknown"


def test_flow_texts_keep_their_order_and_stay_as_they_were(ledger: Ledger) -> None:
    ledger.put_revision("bills", "r1", {"zeta": "flow: zeta", "alpha": "flow: alpha"})
    ledger.put_revision("bills", "r1", {"other": "text"})
    assert list(ledger.revision("r1").items()) == [("zeta", "flow: zeta"), ("alpha", "flow: alpha")]
    ledger.approve("r1", by="lee")
    assert ledger.approved_by("r1") == "lee"


def test_the_queue_goes_by_priority_due_and_age(ledger: Ledger, clock: FakeClock) -> None:
    old = enqueue(ledger)
    clock.advance(seconds=1)
    enqueue_late = enqueue(ledger, not_before=clock.now() + timedelta(hours=1))
    due = enqueue(ledger, due=clock.now() - timedelta(hours=1))
    high = enqueue(ledger, priority=5)
    order = []
    while found := ledger.claim("w"):
        order.append(found[1].id)
    assert order == [high, due, old]
    clock.advance(hours=2)
    ledger.sweep()
    found = ledger.claim("w")
    assert found and found[1].id == enqueue_late


def test_a_claim_is_given_once(ledger: Ledger) -> None:
    run_id = enqueue(ledger)
    first = ledger.claim("w1", run_id=run_id)
    assert first and first[0].token == 1 and first[1].status is RunStatus.running
    assert ledger.claim("w2", run_id=run_id) is None and ledger.claim("w2") is None
    assert [w["runs"] for w in ledger.workers() if w["name"] == "w1"] == [[run_id]]


def test_a_lock_is_held_by_one_running_run(ledger: Ledger) -> None:
    first, second = (enqueue(ledger, locks=("erp_login",)) for _ in range(2))
    other = enqueue(ledger, locks=("printer",))
    claim = ledger.claim("w1", run_id=first)
    assert claim and ledger.claim("w2", run_id=second) is None
    assert ledger.claim("w3", run_id=other) is not None
    ledger.end_run(claim[0], RunStatus.succeeded)
    assert ledger.claim("w2", run_id=second) is not None


def test_a_worker_takes_only_what_it_can_do(ledger: Ledger) -> None:
    run_id = enqueue(ledger, options={"needs": ["desktop", "excel"]})
    assert ledger.claim("w1", capabilities=["desktop"]) is None
    found = ledger.claim("w1", capabilities=["excel", "desktop"])
    assert found and found[1].id == run_id


def test_a_renewed_lease_holds_and_another_boot_ends_it(ledger: Ledger, clock: FakeClock) -> None:
    if not ledger.database.is_sqlite:
        pytest.skip("PostgreSQL's leases count the server's clock")
    claim = claimed(ledger)
    clock.advance(seconds=20)
    assert ledger.renew(claim)
    clock.advance(seconds=20)
    assert ledger.sweep() == [] and ledger.renew(claim)
    clock.boot = "boot-2"
    assert ledger.sweep() == [claim.run_id]
    assert not ledger.renew(claim)


def test_a_wall_clock_that_jumps_ends_no_lease(ledger: Ledger, clock: FakeClock) -> None:
    claim = claimed(ledger)
    clock.offset = timedelta(days=400)
    assert ledger.sweep() == [] and ledger.renew(claim)


def expire(ledger: Ledger, clock: FakeClock) -> None:
    """Lets all leases end: by the clock, or on PostgreSQL (which counts its own) by hand."""
    clock.advance(seconds=31)
    if not ledger.database.is_sqlite:
        from sqlalchemy import update

        from rpa.ledger import records as t

        ledger.writer.now(lambda c: c.execute(update(t.run).values(lease_until=0)))


def test_a_lost_worker_ends_its_run_and_gives_its_items_back(ledger: Ledger, clock: FakeClock) -> None:
    claim = claimed(ledger)
    plain, writing, done = (taken(ledger, claim, k, n) for n, k in enumerate("abc"))
    intend(ledger, claim, writing)
    ledger.end_item(claim, done.id, ItemStatus.succeeded)
    expire(ledger, clock)
    assert ledger.sweep() == [claim.run_id] and ledger.sweep() == []
    run = ledger.run(claim.run_id)
    assert (run.status, run.reason) == (RunStatus.abandoned, "worker-lost")
    assert run.failure and (run.failure.code, run.failure.effect) == ("worker-lost", "maybe")
    assert [ledger.item(i.id).status for i in (plain, writing, done)] == ["new", "in_doubt", "succeeded"]
    assert run.counts == {"new": 1, "in_doubt": 1, "succeeded": 1}
    assert any(a.what == "worker-lost" and a.subject == claim.run_id for a in ledger.audit_log())


def test_every_write_of_a_lost_claim_is_refused_and_changes_nothing(ledger: Ledger, clock: FakeClock) -> None:
    claim = claimed(ledger)
    item = taken(ledger, claim)
    write = intend(ledger, claim, item)
    expire(ledger, clock)
    ledger.sweep()
    before = (ledger.item(item.id), ledger.run(claim.run_id), ledger.writes(), ledger.reviews(status=None))
    refused = [
        lambda: ledger.end_run(claim, RunStatus.succeeded),
        lambda: ledger.end_abandoned(claim, "worker-crashed"),
        lambda: add(ledger, claim, "b"),
        lambda: ledger.take_item(claim, item.id, from_status=list(ItemStatus)),
        lambda: ledger.end_item(claim, item.id, ItemStatus.succeeded),
        lambda: intend(ledger, claim, item, "k2"),
        lambda: ledger.settle(claim, write.id, Verdict.committed, by="expect"),
        lambda: ledger.ask(claim, item_id=item.id, step_path="r", kind="q", question={}, masked=dict),
        lambda: ledger.attach_child(claim, 1),
        lambda: (
            ledger.record_attempt(claim, attempt(claim, item), dict),
            ledger.waiting_for_flush(),
            ledger.record_attempt(claim, attempt(claim, item), dict),
        ),
        lambda: (
            ledger.event(claim, event(claim)),
            ledger.waiting_for_flush(),
            ledger.event(claim, event(claim)),
        ),
    ]
    for call in refused:
        with pytest.raises(ClaimLost):
            call()
    assert (
        ledger.item(item.id),
        ledger.run(claim.run_id),
        ledger.writes(),
        ledger.reviews(status=None),
    ) == before
    assert ledger.attempts(claim.run_id) == [] and ledger.events(claim.run_id) == []
    assert [a.who for a in ledger.audit_log() if a.what == "write-refused"] == ["w1"]


@pytest.mark.parametrize("attached", [True, False])
def test_a_dead_worker_is_seen_before_its_lease_ends(ledger: Ledger, attached: bool) -> None:
    """Also one that died between its claim and naming the process of the run."""
    import subprocess
    import sys

    from sqlalchemy import update

    from rpa.ledger import records as t

    claim = claimed(ledger)
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    if attached:
        ledger.attach_child(claim, child.pid)
    supervisor = {"supervisor_pid": child.pid, "supervisor_start": process_start(child.pid)}
    ledger.writer.now(lambda c: c.execute(update(t.run).values(**supervisor)))
    assert ledger.sweep() == []
    child.kill()
    child.wait()
    assert ledger.sweep() == [claim.run_id]


def test_the_supervisors_word_ends_a_run_like_a_sweep(ledger: Ledger) -> None:
    claim = claimed(ledger)
    item = taken(ledger, claim)
    ledger.end_abandoned(claim, "timed-out", failure("timed-out", step_path="post"))
    run = ledger.run(claim.run_id)
    assert (run.status, run.reason) == (RunStatus.abandoned, "timed-out")
    assert run.failure and run.failure.step_path == "post"
    assert ledger.item(item.id).status is ItemStatus.new


def test_ending_a_run_frees_what_it_left_running(ledger: Ledger) -> None:
    claim = claimed(ledger)
    item = taken(ledger, claim)
    ledger.end_run(claim, RunStatus.cancelled, reason="cancelled", outputs={"n": 1})
    run = ledger.run(claim.run_id)
    assert (run.status, run.reason, run.outputs) == (RunStatus.cancelled, "cancelled", {"n": 1})
    assert run.ended is not None and ledger.item(item.id).status is ItemStatus.new


def test_cancelling(ledger: Ledger) -> None:
    queued, running = enqueue(ledger), claimed(ledger)
    assert ledger.request_cancel(queued, actor="kim")
    assert ledger.run(queued).status is RunStatus.cancelled
    assert not ledger.request_cancel(queued, actor="kim")
    assert not ledger.cancel_requested(running.run_id)
    assert ledger.request_cancel(running.run_id, actor="kim") and ledger.cancel_requested(running.run_id)
    assert ledger.run(running.run_id).status is RunStatus.running
    with pytest.raises(LedgerError, match="run-unknown"):
        ledger.request_cancel("r-nothing", actor="kim")


def test_runs_are_found_by_prefix_and_last(ledger: Ledger, clock: FakeClock) -> None:
    first = enqueue(ledger)
    clock.advance(days=1)
    second = enqueue(ledger)
    assert ledger.run("last").id == second and ledger.run(first[:10]).id == first
    for given, code in (
        ("r-2", "run-ambiguous"),
        ("r-1", "run-unknown"),
        ("", "run-ambiguous"),
        ("%", "run-unknown"),
    ):
        with pytest.raises(LedgerError) as caught:
            ledger.run(given)
        assert caught.value.code == code


def test_runs_are_listed_newest_first_by_what_is_asked(ledger: Ledger, clock: FakeClock) -> None:
    bad = claimed(ledger, flow="bills", actor="kim")
    item = taken(ledger, bad, "INV-77")
    ledger.record_attempt(bad, attempt(bad, item, failure=failure("page-changed"), outcome="failed"), dict)
    ledger.end_item(bad, item.id, ItemStatus.failed_application, failure=failure("page-changed"))
    ledger.end_run(bad, RunStatus.failed, reason="stop-after")
    clock.advance(hours=1)
    good = claimed(ledger, flow="orders")
    ledger.end_run(good, RunStatus.succeeded)
    both, a, b = [good.run_id, bad.run_id], [bad.run_id], [good.run_id]
    cases = [
        ({}, both),
        ({"limit": 1}, b),
        ({"flow_id": "bills"}, a),
        ({"status": [RunStatus.failed]}, a),
        ({"since": clock.now()}, b),
        ({"until": clock.now()}, a),
        ({"code": "page-changed"}, a),
        ({"code": "stop-after"}, a),
        ({"text": "inv-77"}, a),
        ({"text": "order"}, b),
        ({"text": "KIM"}, a),
        ({"text": "page changed"}, a),
        ({"text": "100%"}, []),
        ({"schedule": "x"}, []),
        ({"replay_of": bad.run_id}, []),
    ]
    for asked, expected in cases:
        assert [r.id for r in ledger.runs(**asked)] == expected, asked  # type: ignore[arg-type]
    assert ledger.runs(flow_id="bills")[0].counts == {"failed_application": 1}
    for text in ('inv-77 "', "7", "V-7", "김", bad.run_id, bad.run_id[4:], "page_changed", "stop-a"):
        everywhere = [r.id for r in ledger.runs(text=text, limit=None)]
        for limit, few in product((1, 2), (1, 200)):
            with pytest.MonkeyPatch.context() as patched:
                patched.setattr("rpa.ledger.search.FEW", few)
                assert [r.id for r in ledger.runs(text=text, limit=limit)] == everywhere[:limit], text


def test_runs_are_found_by_words_of_one_and_two_signs_wherever_they_stand(ledger: Ledger) -> None:
    claim = claimed(ledger)
    for key in ("서울 한빛상사", "Qz", "x\"y"):
        taken(ledger, claim, key)
    ledger.end_run(claim, RunStatus.failed, failure=failure("page-changed", message="값이 없음"))
    other = claimed(ledger)
    ledger.end_run(other, RunStatus.succeeded)
    for word in ("서울", "울 ", "상사", "빛상", "qz", "QZ", "z", "서", "값이", "없음", "음", '"y', 'x"'):
        for limit in (None, 1, 50):
            assert [r.id for r in ledger.runs(text=word, limit=limit)] == [claim.run_id], (word, limit)
    for word in ("부산", "사서", "zq", "zz", "%", "_z", '"'):
        expected = [claim.run_id] if word == '"' else []
        assert [r.id for r in ledger.runs(text=word)] == expected, word


def test_words_follow_a_key_that_goes(ledger: Ledger) -> None:
    claim = claimed(ledger)
    item = taken(ledger, claim, "서울")
    ledger.writer.now(lambda c: c.exec_driver_sql(f"UPDATE item SET key = '부산' WHERE id = {item.id}"))
    assert ledger.runs(text="서울") == [] and len(ledger.runs(text="부산")) == 1
    assert ledger.verify(files=False) == []


def test_a_frequent_code_finds_the_same_runs_as_a_rare_one(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed = []
    for number in range(6):
        claim = claimed(ledger)
        told = failure("page-changed") if number % 2 else None
        ledger.end_run(claim, RunStatus.failed, reason=None if number else "page-changed", failure=told)
        failed += [claim.run_id] if number % 2 or not number else []
    rare = [r.id for r in ledger.runs(code="page-changed")]
    monkeypatch.setattr("rpa.ledger.search.NEWEST", 2)
    monkeypatch.setattr("rpa.ledger.search.FEW", 1)
    assert [r.id for r in ledger.runs(code="page-changed")] == rare and set(rare) == set(failed)
    assert len(ledger.runs(code="page-changed", status=[RunStatus.failed], limit=2)) == 2
