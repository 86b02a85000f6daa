"""Group commit: rows that may wait a moment are collected and written by one transaction.

`later` collects; `now` writes everything collected and its own work in one transaction, on disk when it returns.
A thread writes what nobody else wrote within `INTERVAL_S`, so a record is never longer than that in memory. A
busy producer writes its own full batches: handing each row to a competing thread would cost more than the disk.
"""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from sqlalchemy import Connection, Table

from flows.failures import Failure
from rpa.ledger.columns import storable
from rpa.ledger.database import Database
from rpa.ledger.errors import ClaimLost, LedgerError
from rpa.ledger.types import Claim

T = TypeVar("T")
Fence = Callable[[Connection, Claim], None]
Row = tuple[Claim | None, Table, Mapping[str, Any]]
Many = tuple[str, list[Any]]

INTERVAL_S = 0.08
BATCH = 400


class Writer:
    """All writing of one process. Thread-safe; one transaction at a time."""

    def __init__(self, database: Database, fence: Fence) -> None:
        self._database, self._fence = database, fence
        self._mutex = threading.RLock()
        self._queue: list[Row] = []
        self._oldest = 0.0
        self._lost: dict[tuple[str, int], ClaimLost] = {}
        self._compiled: dict[tuple[str, tuple[str, ...]], Any] = {}
        self._broken: LedgerError | None = None
        self._wake = threading.Event()
        self._closing = False
        self._thread: threading.Thread | None = None

    def later(self, claim: Claim | None, table: Table, row: Mapping[str, Any]) -> None:
        """Collects one row, its values in the form in which they are stored (times as microseconds, data as JSON
        text; all rows of a table with the same columns). Raises ClaimLost when an earlier row of this claim was refused, and the LedgerError
        that kept the thread from writing."""
        self._check(claim)
        if not self._queue:
            self._oldest = time.monotonic()
            self._wake.set()
        self._queue.append((claim, table, row))
        self._ensure_thread()
        if len(self._queue) >= BATCH:
            self.flush()

    def now(self, work: Callable[[Connection], T], claim: Claim | None = None) -> T:
        """Runs `work` in a transaction after everything collected; on disk when it returns.

        A Failure out of `work` undoes only `work`; one of the store undoes all, and the collected rows wait.
        """
        self._check(claim)
        with self._mutex:
            rows, self._queue = self._queue, []
            try:
                with self._database.writing() as connection:
                    if not rows:
                        return work(connection)
                    self._insert(connection, rows)
                    result, refusal = _inner(connection, work)
            except LedgerError as error:
                if error.code != "ledger-refused":
                    self._queue[:0] = rows
                raise
        if refusal is not None:
            raise refusal
        return result  # type: ignore[return-value]  # set when there is no refusal

    def flush(self) -> None:
        """Everything collected so far is on disk when this returns."""
        with self._mutex:
            if self._queue:
                self.now(lambda _: None)
        self._check(None)

    def close(self) -> None:
        """Writes what is left and stops the thread."""
        self._closing = True
        self._wake.set()
        if self._thread is not None:
            self._thread.join(timeout=5)
        self.flush()

    # ── inside ──
    def _check(self, claim: Claim | None) -> None:
        if self._broken is not None:
            broken, self._broken = self._broken, None
            raise broken
        if claim is not None and (lost := self._lost.get((claim.run_id, claim.token))) is not None:
            raise lost

    def _insert(self, connection: Connection, rows: list[Row]) -> None:
        """The rows of claims that still hold, grouped by table; the others are dropped and remembered."""
        groups: defaultdict[Table, list[Mapping[str, Any]]] = defaultdict(list)
        good: dict[Claim | None, bool] = {None: True}
        for claim, table, row in rows:
            if claim not in good:
                good[claim] = self._holds(connection, claim)  # type: ignore[arg-type]
            if good[claim]:
                groups[table].append(row)
        for table, values in groups.items():
            connection.exec_driver_sql(*self._statement(connection, table, values))

    def _statement(self, connection: Connection, table: Table, rows: list[Mapping[str, Any]]) -> Many:
        """INSERT in the driver's own words, compiled once: the values are in stored form already."""
        key = (table.name, tuple(rows[0]))
        compiled = self._compiled.get(key)
        if compiled is None:
            statement = table.insert().values(dict.fromkeys(rows[0]))
            compiled = self._compiled[key] = statement.compile(dialect=connection.dialect)
        if compiled.positiontup is None:
            return str(compiled), [{k: _stored(v) for k, v in row.items()} for row in rows]
        names = compiled.positiontup
        return str(compiled), [tuple([_stored(row[name]) for name in names]) for row in rows]

    def _holds(self, connection: Connection, claim: Claim) -> bool:
        try:
            self._fence(connection, claim)
        except ClaimLost as lost:
            self._lost[(claim.run_id, claim.token)] = lost
            return False
        return True

    def _ensure_thread(self) -> None:
        if self._thread is None and not self._closing:
            self._thread = threading.Thread(target=self._watch, name="ledger-writer", daemon=True)
            self._thread.start()

    def _watch(self) -> None:
        while not self._closing:
            self._wake.wait()
            self._wake.clear()
            while self._queue and not self._closing:
                wait = self._oldest + INTERVAL_S - time.monotonic()
                if wait > 0:
                    time.sleep(wait)
                    continue
                self._write_unasked()

    def _write_unasked(self) -> None:
        try:
            self.now(lambda _: None)
        except LedgerError as error:
            self._broken = error  # told to the next caller
            self._oldest = time.monotonic() + 1.0  # and not tried again at once


def _stored(value: Any) -> Any:
    return storable(value) if type(value) is str else value


def _inner(connection: Connection, work: Callable[[Connection], T]) -> tuple[T | None, Failure | None]:
    """`work` in a savepoint of its own, so that its refusal does not undo the rows before it."""
    savepoint = connection.begin_nested()
    try:
        result = work(connection)
    except Failure as refusal:
        savepoint.rollback()
        return None, refusal
    savepoint.commit()
    return result, None
