"""Attempts, events, kept files: stored twice, in groups, and never in clear text."""

from __future__ import annotations

import hashlib
import time
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from flows.data import Secret
from rpa.ledger.errors import LedgerError
from rpa.ledger.store import Ledger
from rpa.ledger.types import ItemStatus, OutcomeKind, RunStatus
from tests.rpa.ledger.helpers import (
    KEY,
    START,
    FakeClock,
    add,
    attempt,
    claimed,
    event,
    failure,
    intend,
    open_ledger,
    taken,
)


def hide(value: Any) -> Any:
    return {"hidden": len(value)}


def test_an_attempt_is_stored_exactly_and_masked(ledger: Ledger) -> None:
    claim = claimed(ledger)
    item = taken(ledger, claim)
    exact = {"total": Decimal("1234.50"), "due": date(2026, 12, 1), "text": "송장 №7 \ud800"}
    given = attempt(
        claim,
        item,
        "post/lines[a b]/2:browser.fill",
        outputs=exact,
        step_try=2,
        phase="done_if",
        params={"password": Secret("erp", "hunter2")},
        notes={"score": Decimal("0.9")},
        name="Fill",
        artifacts=("ab",),
        ended=START + timedelta(seconds=2),
        reason="again",
    )
    given_id = ledger.record_attempt(claim, given, hide)
    (found,) = ledger.attempts(claim.run_id, masked=False)
    assert found.id == given_id and found.outputs == exact and found.params == {"password": Secret("erp", "")}
    assert found.notes == {"score": Decimal("0.9")} and found.artifacts == ("ab",)
    assert (found.step_path, found.step_try, found.phase, found.name) == (
        given.step_path,
        2,
        "done_if",
        "Fill",
    )
    assert found.ended - found.started == timedelta(seconds=2)
    (shown,) = ledger.attempts(claim.run_id)
    assert shown.outputs is None and shown.params is None


def test_attempts_come_in_order_and_by_what_is_asked(ledger: Ledger) -> None:
    claim = claimed(ledger)
    item = taken(ledger, claim)
    for n, (path, phase) in enumerate((("login", "session"), ("read", "steps"), ("post", "steps"))):
        given = attempt(
            claim, item if phase == "steps" else None, path, phase=phase, ended=START + timedelta(seconds=n)
        )
        ledger.record_attempt(claim, given, dict)

    def paths(**asked: Any) -> list[str]:
        return [a.step_path for a in ledger.attempts(claim.run_id, **asked)]

    assert paths() == ["login", "read", "post"] and paths(item_id=item.id) == ["read", "post"]
    assert paths(phase="session") == ["login"] and paths(step_path="post") == ["post"]


def test_a_failed_attempt_carries_its_failure(ledger: Ledger) -> None:
    claim = claimed(ledger)
    told = failure("page-changed", details={"url": "x"}, effect="maybe", message="bad \0 text")
    ledger.record_attempt(claim, attempt(claim, None, "post", failure=told, outcome=OutcomeKind.failed), dict)
    (found,) = ledger.attempts(claim.run_id)
    assert found.failure and (found.failure.code, found.failure.effect, found.failure.step_path) == (
        "page-changed",
        "maybe",
        "post",
    )
    assert ledger.failures(claim.run_id) == [found.failure] and found.failure.message == "bad ␀ text"


def test_nothing_exact_stands_in_clear_text(tmp_path: Path) -> None:
    secret = "DE89370400440532013000"
    with open_ledger(tmp_path) as ledger:
        ledger.mask = lambda _: {"shown": "•••"}
        claim = claimed(ledger, inputs={"iban": secret})
        item = taken(ledger, claim, "a")
        add(ledger, claim, "b", {"iban": secret})
        ledger.record_attempt(claim, attempt(claim, item, params={"iban": secret}, outputs=[secret]), hide)
        write = intend(ledger, claim, item)
        ledger.settle(claim, write.id, "committed", by="expect", result={"iban": secret})  # type: ignore[arg-type]
        review = ledger.ask(
            claim, item_id=item.id, step_path="r", kind="q", question={"iban": secret}, masked=hide
        )
        ledger.answer(review.id, {"iban": secret}, by="lee")
        ledger.put_state("session", {"cookie": secret})
        ledger.end_item(claim, item.id, ItemStatus.succeeded, outputs={"iban": secret})
        ledger.keep(
            claim,
            run_id=claim.run_id,
            item_id=None,
            step_path="",
            kind="text",
            name="a.txt",
            data=secret.encode(),
            media_type="text/plain",
            encrypt=True,
        )
        ledger.end_run(claim, RunStatus.succeeded, outputs={"iban": secret})
        exact = [
            ledger.run(claim.run_id).inputs,
            ledger.run(claim.run_id).outputs,
            ledger.item(2).data,
            write and ledger.writes()[0].result,
            ledger.review(review.id).answer,
            ledger.get_state("session"),
        ]
        assert all(secret in str(value) for value in exact)
        stored = b"".join(p.read_bytes() for p in tmp_path.rglob("*") if p.is_file())
        assert secret.encode() not in stored
        shown = [ledger.runs(), ledger.items(), ledger.attempts(claim.run_id), ledger.reviews(status=None)]
        assert secret not in str(shown) and "•••" in str(shown)


def test_without_the_key_masked_values_can_be_read_and_nothing_exact(tmp_path: Path) -> None:
    with open_ledger(tmp_path) as ledger:
        run_id = claimed(ledger, inputs={"a": 1}).run_id
    with open_ledger(tmp_path, key=None) as ledger:
        assert ledger.runs()[0].inputs == {"a": 1} and ledger.run(run_id, masked=True).id == run_id
        for call in (lambda: ledger.run(run_id), lambda: claimed(ledger)):
            with pytest.raises(LedgerError, match="key-missing"):
                call()
    with pytest.raises(LedgerError, match="key-wrong"):
        open_ledger(tmp_path, key=bytes(32))


def test_a_record_reaches_the_disk_within_a_tenth_of_a_second(tmp_path: Path) -> None:
    with open_ledger(tmp_path) as ledger:
        claim = claimed(ledger)
        with open_ledger(tmp_path) as other:
            late = []
            for n in range(5):
                before = time.monotonic()
                ledger.record_attempt(claim, attempt(claim, None, f"s{n}"), dict)
                while len(other.attempts(claim.run_id)) <= n:
                    assert time.monotonic() < before + 10
                    time.sleep(0.002)
                late.append(time.monotonic() - before)
    assert sorted(late)[2] < 0.15, late  # the median: this machine may be busy


def test_collected_rows_are_written_with_the_next_flushed_call(ledger: Ledger) -> None:
    claim = claimed(ledger)
    for n in range(1000):
        ledger.record_attempt(claim, attempt(claim, None, f"s{n}"), dict)
    ledger.event(claim, event(claim, "한글"))
    item = taken(ledger, claim)
    assert not ledger.writer._queue and len(ledger.attempts(claim.run_id)) == 1000
    assert [e.message for e in ledger.events(claim.run_id)] == ["한글"] and item.tries == 1


def test_ids_never_repeat_over_processes_and_openings(tmp_path: Path) -> None:
    ids: list[int] = []
    for _ in range(3):
        with open_ledger(tmp_path) as one, open_ledger(tmp_path) as two:
            claims = [claimed(one), claimed(two)]
            ids += [
                led.record_attempt(c, attempt(c), dict) for led, c in zip((one, two), claims, strict=True)
            ]
    assert len(set(ids)) == len(ids)


# ── kept files ──
def keep(ledger: Ledger, data: bytes | Path = b"<html>", **more: Any) -> Any:
    claim = more.pop("claim", None)
    run_id = more.pop("run_id", claim.run_id if claim else "")
    return ledger.keep(
        claim,
        run_id=run_id,
        item_id=None,
        step_path="post",
        kind="html",
        name="page.html",
        data=data,
        media_type="text/html",
        **more,
    )


def test_a_kept_file_is_named_by_its_content(ledger: Ledger, tmp_path: Path) -> None:
    claim = claimed(ledger)
    first = keep(ledger, claim=claim)
    source = tmp_path / "page.html"
    source.write_bytes(b"<html>")
    second = keep(ledger, source, claim=claim)
    assert (
        first.sha256 == second.sha256 == hashlib.sha256(b"<html>").hexdigest() and first.path == second.path
    )
    assert Path(first.path).read_bytes() == b"<html>" and ledger.artifact_path(first.sha256) == Path(
        first.path
    )
    assert [a.id for a in ledger.artifacts(claim.run_id)] == [first.id, second.id]
    assert ledger.verify() == []


def test_a_sealed_file_can_be_read_through_the_ledger_only(ledger: Ledger) -> None:
    claim = claimed(ledger)
    kept = keep(ledger, b"cookie=1", claim=claim, encrypt=True)
    assert b"cookie" not in Path(kept.path).read_bytes() and ledger.artifact_bytes(kept.sha256) == b"cookie=1"
    assert ledger.artifacts(claim.run_id)[0].path == kept.path and ledger.verify() == []


def test_verify_names_files_that_are_gone_or_changed(ledger: Ledger) -> None:
    claim = claimed(ledger)
    gone, changed = keep(ledger, b"a", claim=claim), keep(ledger, b"b", claim=claim)
    Path(gone.path).unlink()
    Path(changed.path).write_bytes(b"x")
    assert sorted(ledger.verify()) == sorted(
        [f"artifact-missing: {gone.sha256}", f"artifact-damaged: {changed.sha256}"]
    )
    with pytest.raises(LedgerError, match="artifact-missing"):
        ledger.artifact_bytes(gone.sha256)
    with pytest.raises(LedgerError, match="artifact-unknown"):
        ledger.artifact_path("../../etc/passwd")


def test_kept_files_have_a_quota(ledger: Ledger) -> None:
    claim = claimed(ledger)
    ledger.artifact_quota = 10
    keep(ledger, b"12345678", claim=claim)
    with pytest.raises(LedgerError, match="artifact-quota"):
        keep(ledger, b"90123", claim=claim)


def test_a_file_of_an_unknown_run_is_refused(ledger: Ledger) -> None:
    keep(ledger, b"a", run_id="r-nothing")
    with pytest.raises(LedgerError, match="ledger-refused"):
        ledger.waiting_for_flush()
    ledger.waiting_for_flush()  # the refused row is gone, the writer goes on
    assert claimed(ledger).token == 1


def test_key_and_clock_are_used(clock: FakeClock, ledger: Ledger) -> None:
    assert len(KEY) == 32 and ledger.run(claimed(ledger).run_id).created == clock.now()
