"""Group commit: rows that may wait a moment are collected and written by one transaction.

`later` collects; `now` writes everything collected and its own work in one transaction, on disk when it
returns. A thread writes what nobody else wrote within `INTERVAL_S`, so a record is never longer than that
in memory. A busy producer writes its own full batches: handing each row to a competing thread would cost
more than the disk.
"""

from __future__ import annotations

import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

from sqlalchemy import Connection, Table

from flows.failures import Failure
from rpa.ledger.columns import storable
from rpa.ledger.database import Database
from rpa.ledger.errors import ClaimLost, LedgerError, Unflushed
from rpa.ledger.types import Claim

T = TypeVar("T")
Fence = Callable[[Any, Claim], None]  # a cursor in a writing transaction, and the claim
Row = tuple[Claim | None, Table, Mapping[str, Any]]
Many = tuple[str, list[Any]]

INTERVAL_S = 0.08
BATCH = 400
IDLE_ROUNDS = 25


class Writer:
    """All writing of one process. Thread-safe; one transaction at a time."""

    def __init__(self, database: Database, fence: Fence) -> None:
        self._database, self._fence = database, fence
        self._mutex = threading.RLock()
        self._queue: deque[Row] = deque()
        self._lost: dict[tuple[str, int], ClaimLost] = {}
        self._compiled: dict[tuple[str, tuple[str, ...]], Any] = {}
        self._broken: LedgerError | None = None
        self._refused: LedgerError | None = None
        self._wake = threading.Event()
        self._asleep = False
        self._closing = False
        self._thread: threading.Thread | None = None

    def later(self, claim: Claim | None, table: Table, row: Mapping[str, Any]) -> None:
        """Collects one row, its values in the form in which they are stored: times as microseconds, data as
        JSON text; all rows of a table with the same columns. Raises ClaimLost when an earlier row of this
        claim was refused, and the LedgerError that kept the thread from writing."""
        self._check(claim)
        if self._broken is not None:
            raise self._broken
        self._queue.append((claim, table, row))
        if self._thread is None or self._asleep:
            self._wake_thread()
        if len(self._queue) >= BATCH:
            self.flush()

    def now(self, work: Callable[[Connection], T], claim: Claim | None = None) -> T:
        """Runs `work` in a transaction after everything collected; on disk when it returns.

        A Failure out of `work` undoes only `work`; one of the store undoes all, and the collected rows wait.
        """
        self._check(claim)
        with self._collected() as rows, self._database.writing() as connection:
            if not rows:
                return work(connection)
            self._insert(connection.connection.cursor(), rows)
            result, refusal = _inner(connection, work)
        if refusal is not None:
            raise refusal
        return result  # type: ignore[return-value]  # set when there is no refusal

    def flush(self) -> None:
        """Everything collected so far is on disk when this returns."""
        with self._collected() as rows:  # also waits for what another thread writes right now
            if rows:
                with self._database.writing_rows() as cursor:
                    self._insert(cursor, rows)
            else:
                self._database.flush()
        self._tell_refused()

    @contextmanager
    def _collected(self) -> Iterator[list[Row]]:
        """The rows to write now. They go back into the queue when the store fails (not when it refuses them, nor
        when they stand in it and only the disk did not confirm)."""
        with self._mutex:
            rows = [self._queue.popleft() for _ in range(len(self._queue))]
            try:
                yield rows
            except LedgerError as error:
                if error.code != "ledger-refused" and not isinstance(error, Unflushed):
                    self._queue.extendleft(reversed(rows))
                raise
            self._broken = None

    def forsake(self) -> int:
        """Drops what was collected and not written: the last resort on a full disk. Returns how many rows."""
        with self._mutex:
            rows = [self._queue.popleft() for _ in range(len(self._queue))]
        return len(rows)

    def close(self) -> None:
        """Writes what is left and stops the thread."""
        self._closing = True
        self._wake.set()
        if self._thread is not None:
            self._thread.join(timeout=5)
        self.flush()

    # ── inside ──
    def _check(self, claim: Claim | None) -> None:
        self._tell_refused()
        if claim is not None and (lost := self._lost.get((claim.run_id, claim.token))) is not None:
            raise lost

    def _tell_refused(self) -> None:
        if self._refused is not None:
            refused, self._refused = self._refused, None
            raise refused

    def _insert(self, cursor: Any, rows: list[Row]) -> None:
        """The rows of claims that still hold, grouped by table; the others are dropped and remembered."""
        groups: defaultdict[Table, list[Mapping[str, Any]]] = defaultdict(list)
        good: dict[Claim | None, bool] = {None: True}
        for claim, table, row in rows:
            if claim not in good:
                good[claim] = self._holds(cursor, claim)  # type: ignore[arg-type]
            if good[claim]:
                groups[table].append(row)
        for table, values in groups.items():
            cursor.executemany(*self._statement(table, values))

    def _statement(self, table: Table, rows: list[Mapping[str, Any]]) -> Many:
        """INSERT in the driver's own words, compiled once: the values are in stored form already."""
        key = (table.name, tuple(rows[0]))
        compiled = self._compiled.get(key)
        if compiled is None:
            statement = table.insert().values(dict.fromkeys(rows[0]))
            compiled = self._compiled[key] = statement.compile(dialect=self._database.dialect)
        if compiled.positiontup is None:
            return str(compiled), [{k: _stored(v) for k, v in row.items()} for row in rows]
        names = compiled.positiontup
        return str(compiled), [tuple([_stored(row[name]) for name in names]) for row in rows]

    def _holds(self, cursor: Any, claim: Claim) -> bool:
        try:
            self._fence(cursor, claim)
        except ClaimLost as lost:
            self._lost[(claim.run_id, claim.token)] = lost
            return False
        return True

    # ── the thread ──
    def _wake_thread(self) -> None:
        if self._thread is None and not self._closing:
            self._thread = threading.Thread(target=self._watch, name="ledger-writer", daemon=True)
            self._thread.start()
        self._wake.set()

    def _watch(self) -> None:
        """Writes what lies longer than the interval. Goes to sleep only after a while without work: waking it
        for each row would cost the busy producer more than the row."""
        idle = 0
        while not self._closing:
            time.sleep(INTERVAL_S)
            idle = 0 if self._queue else idle + 1
            if self._queue:
                self._write_unasked()
            elif idle > IDLE_ROUNDS:
                self._sleep()
                idle = 0

    def _sleep(self) -> None:
        self._wake.clear()
        self._asleep = True
        if not self._queue and not self._closing:
            self._wake.wait()
        self._asleep = False

    def _write_unasked(self) -> None:
        try:
            self.flush()
        except LedgerError as error:
            if error.code == "ledger-refused":
                self._refused = error  # those rows are gone: the next caller hears of it
            else:
                self._broken = error  # they wait; who hands in more hears of it
                time.sleep(1.0)


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
