"""A commit is on disk before anybody is told of it, though it lets go of the lock before; and what happens when the
disk refuses to say so."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rpa.ledger import flushing
from rpa.ledger.errors import Unflushed
from rpa.ledger.store import Ledger
from tests.rpa.ledger.helpers import attempt, claimed, open_ledger


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with open_ledger(tmp_path) as opened:
        yield opened


@pytest.fixture
def flushed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The inodes that were flushed."""
    seen: list[int] = []
    real = flushing._flush

    def count(handle: int) -> None:
        real(handle)
        seen.append(os.fstat(handle).st_ino)

    monkeypatch.setattr(flushing, "_flush", count)
    return seen


def refuse(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(_: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(flushing, "_flush", refused)


def log_of(ledger: Ledger) -> Path:
    assert ledger.database.path
    return ledger.database.path.with_name("rpa.db-wal")


def test_each_flushed_call_flushes_the_log_once(ledger: Ledger, flushed: list[int]) -> None:
    claim = claimed(ledger)
    ledger.next_id()  # takes a block of ids, which is a commit too
    flushed.clear()
    for _ in range(3):
        ledger.audit("kim", "look", "x")
        ledger.record_attempt(claim, attempt(claim), dict)
        ledger.waiting_for_flush()
    assert flushed == [log_of(ledger).stat().st_ino] * 6
    ledger.waiting_for_flush()
    ledger.runs()
    assert len(flushed) == 6, "nothing new, nothing to flush"


def test_a_log_that_was_made_anew_is_the_one_that_is_flushed(ledger: Ledger, flushed: list[int]) -> None:
    ledger.audit("kim", "look", "x")
    before = log_of(ledger).stat()
    held = log_of(ledger).open("rb")  # so that its number is not given away again
    ledger.database.reconnect()
    assert not log_of(ledger).exists(), "the last connection takes it along"
    ledger.audit("kim", "look", "y")
    held.close()
    assert flushed[-1] == log_of(ledger).stat().st_ino != before.st_ino


def test_a_flush_that_fails_is_made_good_by_a_checkpoint(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    claim = claimed(ledger)
    ledger.next_id()  # takes a block of ids, which is a commit too
    refuse(monkeypatch)
    ledger.record_attempt(claim, attempt(claim), dict)
    ledger.waiting_for_flush()
    assert log_of(ledger).stat().st_size == 0, "everything is in the file itself"
    assert len(ledger.attempts(claim.run_id)) == 1


@pytest.mark.parametrize("how", [Ledger.waiting_for_flush, lambda ledger: ledger.audit("kim", "look", "x")])
def test_what_stands_but_may_not_be_on_disk_is_told_and_not_written_twice(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch, how: Callable[[Ledger], None]
) -> None:
    claim = claimed(ledger)
    ledger.next_id()  # takes a block of ids, which is a commit too
    with ledger.database.reading() as c:
        c.exec_driver_sql("SELECT count(*) FROM run").scalar()  # a look that keeps the checkpoint from ending
        with monkeypatch.context() as broken:
            broken.setattr("rpa.ledger.database.BUSY_S", 0.05)
            refuse(broken)
            ledger.record_attempt(claim, attempt(claim), dict)
            with pytest.raises(Unflushed, match="ledger-io"):
                how(ledger)
            with pytest.raises(Unflushed, match="ledger-io"):
                ledger.waiting_for_flush()  # still owed: nobody is told that it is on disk
    ledger.waiting_for_flush()
    assert len(ledger.attempts(claim.run_id)) == 1 and ledger.verify() == []


def test_where_there_is_no_log_sqlite_flushes_itself(tmp_path: Path, flushed: list[int]) -> None:
    """Some disks cannot do it (no shared memory): SQLite then keeps its old journal."""
    from rpa.ledger.database import Database

    database = Database(tmp_path / "plain.db")
    try:
        database._flusher_is_needed = lambda _: False  # type: ignore[method-assign, assignment]
        with database.writing() as c:
            assert c.exec_driver_sql("PRAGMA synchronous").scalar() == 2
            c.exec_driver_sql("CREATE TABLE x (y INTEGER)")
        assert flushed == []
    finally:
        database.close()
