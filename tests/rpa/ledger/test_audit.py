"""The audit chain, firings, state between runs."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from rpa.ledger.store import Ledger
from rpa.ledger.types import NewRun
from tests.rpa.ledger.helpers import FakeClock, add, claimed, enqueue, open_ledger


def chained(ledger: Ledger) -> None:
    for n in range(5):
        ledger.audit("kim", "reveal", f"item:{n}", {"field": "iban", "n": n})


def test_who_did_what_is_kept_in_order(ledger: Ledger, clock: FakeClock) -> None:
    chained(ledger)
    log = ledger.audit_log(limit=2)
    assert [(a.who, a.what, a.subject, a.details) for a in log] == [
        ("kim", "reveal", "item:4", {"field": "iban", "n": 4}),
        ("kim", "reveal", "item:3", {"field": "iban", "n": 3}),
    ]
    assert log[0].at == clock.now() and [a.subject for a in ledger.audit_log(subject="item:1")] == ["item:1"]
    assert ledger.verify() == []


@pytest.mark.parametrize(
    ("tampering", "problem"),
    [
        ("UPDATE audit SET who = 'lee' WHERE id = 3", "audit 3: the row was changed"),
        ("UPDATE audit SET at = at + 1 WHERE id = 3", "audit 3: the row was changed"),
        ("UPDATE audit SET what = 'revealitem:', subject = '2' WHERE id = 3", "audit 3: the row was changed"),
        ("DELETE FROM audit WHERE id = 3", "audit 4: the row before it was changed or removed"),
        ("DELETE FROM audit WHERE id = 5", "audit: the last rows were removed"),
        ("DELETE FROM audit", "audit: the last rows were removed"),
    ],
)
def test_tampering_is_seen(ledger: Ledger, tampering: str, problem: str) -> None:
    chained(ledger)
    ledger.writer.now(lambda c: c.execute(text(tampering)))
    assert problem in ledger.verify()


def test_everything_that_starts_work_is_audited(ledger: Ledger) -> None:
    first = enqueue(ledger, actor="kim")
    enqueue(ledger, actor="lee", replay_of=first)
    assert [(a.who, a.what) for a in ledger.audit_log()] == [("lee", "replay"), ("kim", "enqueue")]


def test_a_schedule_fires_once_per_occurrence(ledger: Ledger, clock: FakeClock) -> None:
    ledger.put_revision("bills", "r1", {"bills": "x"})
    run = NewRun("bills", "r1", {}, schedule="daily", occurrence="2026-11-21T07:00")
    run_id = ledger.fire("daily", "2026-11-21T07:00", due=clock.now(), run=run, reason="due")
    assert run_id and ledger.run(run_id).schedule == "daily"
    assert ledger.fire("daily", "2026-11-21T07:00", due=clock.now(), run=run, reason="due") is None
    clock.advance(days=1)
    assert ledger.fire("daily", "2026-11-22T07:00", due=clock.now(), run=None, reason="holiday") == ""
    assert [(f.occurrence, f.run_id, f.reason) for f in ledger.firings("daily")] == [
        ("2026-11-22T07:00", None, "holiday"),
        ("2026-11-21T07:00", run_id, "due"),
    ]
    assert ledger.firings("other") == [] and len(ledger.firings(limit=1)) == 1
    assert len(ledger.runs()) == 1 and ledger.firings()[1].due == clock.now() - timedelta(days=1)


def test_state_is_kept_between_runs(ledger: Ledger) -> None:
    assert ledger.get_state("mail:seen") is None
    ledger.put_state("mail:seen", {"ids": [1, 2]})
    ledger.put_state("mail:seen", {"ids": [3]})
    assert ledger.get_state("mail:seen") == {"ids": [3]} and ledger.state_names() == ["mail:seen"]
    ledger.put_state("mail:seen", None)
    assert ledger.get_state("mail:seen") is None


def test_an_export_names_every_table_parents_first(ledger: Ledger) -> None:
    claimed(ledger)
    lines = list(ledger.iter_export())
    assert lines[0]["ledger"] == ledger.id and all(line["schema"] == 1 for line in lines)
    tables = [line["table"] for line in lines[1:]]
    assert {"run", "flow_revision", "audit", "worker", "meta"} <= set(tables)
    assert tables.index("flow_revision") < tables.index("run")


def test_a_ledger_stays_sound_while_others_write(tmp_path: Path) -> None:
    """The word index is checked by a connection of its own: one that stood open would see damage in what others
    added."""
    with open_ledger(tmp_path) as looking, open_ledger(tmp_path) as working:
        claim = claimed(working)
        for number in range(3):
            add(working, claim, f"document-{number}.pdf", n=number)
            assert looking.verify() == [] == working.verify()
