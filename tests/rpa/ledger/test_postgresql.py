"""A first look at PostgreSQL in the fast suite: one story from queue to answer. The whole suite runs on it
too, marked heavy."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from rpa.ledger.errors import AlreadyWritten, LedgerError
from rpa.ledger.operations import health, prune, stats
from rpa.ledger.store import Ledger
from rpa.ledger.types import ItemStatus, RunStatus, Verdict
from tests.rpa.ledger.helpers import KEY, add, attempt, claimed, failure, intend, open_ledger, taken


def test_a_run_on_postgresql(new_database: Callable[..., str], tmp_path: Path) -> None:
    url = new_database()
    with Ledger.open(url, key=KEY, artifacts=tmp_path) as ledger:
        claim = claimed(ledger, inputs={"inbox": "in \0 \ud800"}, locks=("erp",))
        assert ledger.run(claim.run_id).inputs == {"inbox": "in \0 \ud800"}
        item = taken(ledger, claim)
        for n in range(3):
            ledger.record_attempt(
                claim, attempt(claim, item, f"s{n} \0", failure=failure() if n else None), dict
            )
        write = intend(ledger, claim, item)
        with pytest.raises(AlreadyWritten):
            intend(ledger, claim, item)
        ledger.settle(claim, write.id, Verdict.committed, by="expect", result={"n": 1})
        review = ledger.ask(claim, item_id=item.id, step_path="r", kind="q", question={"a": 1}, masked=dict)
        ledger.end_item(claim, item.id, ItemStatus.waiting)
        ledger.end_run(claim, RunStatus.waiting)
        ledger.answer(review.id, {"a": 2}, by="kim")
        again = ledger.claim("w2")
        assert again and again[0].token == 2 and ledger.sweep() == []
        assert len(ledger.attempts(claim.run_id)) == 3 and add(ledger, again[0], "a").how == "again"
        with pytest.raises(LedgerError, match="claim-lost"):
            ledger.end_run(claim, RunStatus.succeeded)
        ledger.end_run(again[0], RunStatus.succeeded)
        assert stats(ledger)["rows"]["attempt"] == 3 and prune(ledger).runs == 0 and ledger.verify() == []
    assert health(url, key=KEY)["ok"]


def test_a_new_database_gets_its_tables(new_database: Callable[..., str], tmp_path: Path) -> None:
    url = new_database(empty=True)
    with pytest.raises(LedgerError, match="ledger-missing"):
        Ledger.open(url, key=KEY, artifacts=tmp_path, create=False)
    with Ledger.open(url, key=KEY, artifacts=tmp_path) as ledger:
        claimed(ledger)
    with Ledger.open(url, key=KEY, artifacts=tmp_path, read_only=True) as looking:
        assert len(looking.runs()) == 1
        with pytest.raises(LedgerError, match="ledger-read-only"):
            claimed(looking)


def test_a_broken_connection_is_told_and_made_again(new_database: Callable[..., str], tmp_path: Path) -> None:
    from sqlalchemy import text

    with Ledger.open(new_database(), key=KEY, artifacts=tmp_path) as ledger:
        claim = claimed(ledger)
        kill = text(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() "
            "AND datname = current_database()"
        )
        with pytest.raises(LedgerError, match="ledger-unreachable"):
            ledger.writer.now(lambda c: c.execute(text("SELECT pg_terminate_backend(pg_backend_pid())")))
        with ledger.database.reading() as c:
            c.execute(kill)
        assert ledger.renew(claim) and ledger.run(claim.run_id).status is RunStatus.running


def test_a_program_starts_without_delay(tmp_path: Path) -> None:
    """Import, open and a query cost little more than `import sqlmodel` alone (the figure is in the bench)."""
    import time

    open_ledger(tmp_path).close()
    look = f"from rpa.ledger.store import Ledger; Ledger.open({str(tmp_path / 'rpa.db')!r}, key=None).runs()"

    def seconds(code: str) -> float:
        before = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[3])
        return time.perf_counter() - before

    pairs = [(seconds("import sqlmodel"), seconds(look)) for _ in range(3)]
    assert min(ours / base for base, ours in pairs) < 2.0, pairs
