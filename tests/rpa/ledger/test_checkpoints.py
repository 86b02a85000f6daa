"""SQLite's log is copied beside the work, so that it begins anew although several write without a pause."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path

import pytest

from rpa.ledger import checkpoints
from rpa.ledger.checkpoints import Checkpointer
from rpa.ledger.store import Ledger
from tests.rpa.ledger.helpers import open_ledger


@pytest.fixture
def both(quick: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Ledger]]:
    """Two on one file; a log is long when it has some pages."""
    monkeypatch.setattr(checkpoints, "EVERY", 10)
    monkeypatch.setattr(checkpoints, "LONG", 60)
    with ExitStack() as opened:
        yield [opened.enter_context(open_ledger(quick)) for _ in range(2)]


def pages_in_log(ledger: Ledger) -> int:
    with ledger.database.bare() as cursor:
        return int(cursor.execute("PRAGMA wal_checkpoint(NOOP)").fetchone()[1])


def beginnings(lengths: list[int]) -> int:
    return sum(later < earlier for earlier, later in pairwise(lengths))


def test_a_log_that_two_write_to_begins_anew(both: list[Ledger]) -> None:
    lengths: list[int] = []
    give_up = time.monotonic() + 20
    while beginnings(lengths) < 3 and time.monotonic() < give_up:
        for ledger in both:
            ledger.audit("kim", "look", "x")
        lengths.append(pages_in_log(both[0]))
    assert beginnings(lengths) == 3, "the log only ever grew"
    assert both[0].verify() == [] and len(both[1].audit_log()) == 2 * len(lengths)


def test_after_it_was_closed_the_next_commits_begin_another_thread(both: list[Ledger]) -> None:
    for _ in range(2):
        for _ in range(10):
            both[0].audit("kim", "look", "x")
        copying = both[0].database._checkpointer
        assert copying._thread is not None and copying._thread.is_alive()
        both[0].database.reconnect()
        assert copying._thread is None


def test_a_copy_that_fails_disturbs_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoints, "EVERY", 1)
    tried: list[int] = []

    def refused() -> None:
        tried.append(1)
        raise sqlite3.OperationalError("disk I/O error")

    copying = Checkpointer(refused, sqlite3.Error)
    give_up = time.monotonic() + 10
    while len(tried) < 3 and time.monotonic() < give_up:
        copying.committed()
    copying.close()
    assert len(tried) >= 3, "it is tried again"
