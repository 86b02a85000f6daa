"""How the ledger's database is opened: SQLite with the pragmas that durability needs, or PostgreSQL by URL.

SQLite 3.7.0 to 3.51.2 can corrupt a WAL file when several processes write and checkpoint at once. The
driver is therefore `pysqlite3`, which carries a newer library; `sqlite_report` tells what is really loaded.
"""

from __future__ import annotations

import itertools
import os
import sqlite3
import time
import warnings
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from sqlalchemy import Connection, Dialect, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import QueuePool

from rpa.ledger.checkpoints import LONGEST, Checkpointer
from rpa.ledger.errors import LedgerError, Unflushed, translated
from rpa.ledger.flushing import Flusher

SAFE_SQLITE = (3, 51, 3)
BUSY_S = 30.0
_WAL_LIMIT = 64 << 20
_AT_ONCE = 4
_SHORTEST_S, _LONGEST_S = 0.00005, 0.005
_PG_OPTIONS = "-c lock_timeout=30s -c idle_in_transaction_session_timeout=30s -c timezone=UTC"


def sqlite_module() -> ModuleType:
    """The SQLite driver: `pysqlite3` where it is installed, else Python's own."""
    try:
        import pysqlite3.dbapi2 as found  # type: ignore[import-untyped]
    except ImportError:
        return sqlite3
    module: ModuleType = found
    return module


_LOCKED: type[Exception] = sqlite_module().OperationalError


@dataclass(frozen=True, slots=True)
class SqliteReport:
    """Which SQLite is loaded, and whether several processes may share one ledger with it."""

    module: str
    version: str
    safe: bool
    wanted: str = ".".join(map(str, SAFE_SQLITE))


def sqlite_report() -> SqliteReport:
    module = sqlite_module()
    safe = tuple(module.sqlite_version_info) >= SAFE_SQLITE
    return SqliteReport(module.__name__.split(".")[0], module.sqlite_version, safe)


def parse_url(url: str | Path) -> URL:
    """A path or a URL as SQLAlchemy's URL. LedgerError `ledger-url` for another kind of database."""
    text = str(url)
    parsed = make_url(text) if "://" in text else URL.create("sqlite", database=text)
    if parsed.get_backend_name() not in ("sqlite", "postgresql"):
        raise LedgerError("ledger-url", url=parsed.render_as_string(hide_password=True))
    if parsed.drivername == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
    return parsed


class Database:
    """Two ways in: `reading()` for a consistent look, `writing()` for one short exclusive transaction."""

    def __init__(self, url: str | Path, *, read_only: bool = False) -> None:
        self.url = parse_url(url)
        self.read_only = read_only
        self.path = Path(self.url.database or "").absolute() if self.is_sqlite else None
        self.place = str(self.path) if self.path else self.url.render_as_string(hide_password=True)
        self._readers = self._engine(write=False)
        self._writers = None if read_only else self._engine(write=True)
        self._held: Connection | None = None
        self._log_is_ours = False
        self._flusher = Flusher(self.path) if self.path and not read_only else None
        self._checkpointer = Checkpointer(self._another, sqlite_module().Error)

    @property
    def is_sqlite(self) -> bool:
        return self.url.get_backend_name() == "sqlite"

    @property
    def dialect(self) -> Dialect:
        return self._readers.dialect

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that sees one state and changes nothing."""
        with self._translated(), self._readers.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A writing transaction (BEGIN IMMEDIATE on SQLite): committed and on disk at the end, rolled back on an
        exception. One at a time: `writer.Writer` sees to it."""
        if self._writers is None:
            raise LedgerError("ledger-read-only", ledger=self.place, reason="opened read-only")
        with self._translated():
            connection = self._writing_connection(self._writers)
            try:
                with connection.begin():
                    yield connection
                self._committed()
            finally:
                if connection is not self._held:
                    connection.close()

    @contextmanager
    def writing_rows(self) -> Iterator[Any]:
        """Like `writing`, but gives the driver's own cursor: for groups of rows, where SQLAlchemy's share
        would be larger than the disk's."""
        if self._writers is None:
            raise LedgerError("ledger-read-only", ledger=self.place, reason="opened read-only")
        with self._translated():
            connection = self._writing_connection(self._writers)
            bare = connection.connection.dbapi_connection
            assert bare is not None
            try:
                cursor = bare.cursor()
                if self.is_sqlite:
                    _wait_for_turn(cursor)
                yield cursor
                bare.commit()
                self._committed()
            except BaseException:
                bare.rollback()
                raise
            finally:
                if connection is not self._held:
                    connection.close()

    def _committed(self) -> None:
        if self._flusher is not None and self._log_is_ours:
            self._flusher.owed = True
            self.flush()
            self._checkpointer.committed()

    def flush(self) -> None:
        """What was committed is on disk when this returns; nothing to do where the commit itself sees to that.
        LedgerError `ledger-io` (`Unflushed`) when the disk refuses."""
        if self._flusher is None or not self._flusher.owed:
            return
        try:
            self._flusher.flush()
        except OSError as error:
            self._flush_by_checkpoint(self._flusher, error)

    def _flush_by_checkpoint(self, flusher: Flusher, error: OSError) -> None:
        """A second flush would prove nothing: after a failed one the system may hold the pages for written. A
        checkpoint reads them once more and writes and flushes them elsewhere, into the ledger file."""
        with self.copying_alone, self.bare() as cursor:
            busy, *_ = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if busy:
            raise Unflushed("ledger-io", ledger=self.place, reason=str(error)) from error
        flusher.owed = False

    @property
    def copying_alone(self) -> AbstractContextManager[bool]:
        """Nothing else of this process copies SQLite's log meanwhile."""
        return self._checkpointer.alone

    def _writing_connection(self, writers: Engine) -> Connection:
        """SQLite's one writing connection is kept: taking it from the pool costs as much as a small commit. A
        server's is taken each time, because the pool then sees that it broke."""
        if not self.is_sqlite:
            return writers.connect()
        if self._held is None or self._held.closed or self._held.invalidated:
            self._held = writers.connect()
        return self._held

    @contextmanager
    def bare(self) -> Iterator[Any]:
        """The driver's cursor outside any transaction, for what SQLite allows only there (vacuum,
        checkpoint)."""
        assert self._writers is not None
        with self._translated():
            connection = self._writers.raw_connection()
            try:
                yield connection.cursor()
            finally:
                connection.close()

    def reconnect(self) -> None:
        """Drops all connections; the next use opens new ones."""
        if self._held is not None:
            self._held.close()
            self._held = None
        self._checkpointer.close()
        if self._flusher is not None:
            self._flusher.close()
        self._readers.dispose()
        if self._writers is not None:
            self._writers.dispose()

    def close(self) -> None:
        self.reconnect()

    @contextmanager
    def _translated(self) -> Iterator[None]:
        driver = self._readers.dialect.loaded_dbapi.Error
        try:
            yield
        except (DBAPIError, driver) as error:
            cause = error.orig if isinstance(error, DBAPIError) and error.orig else error
            ours = translated(cause, self.place)
            if ours is None:
                raise
            if ours.code == "ledger-unopenable" and self._on_read_only_disk():
                ours = LedgerError("ledger-read-only", ledger=self.place, reason=ours.details["reason"])
            if ours.code in ("ledger-io", "ledger-unreachable"):
                self.reconnect()
            raise ours from error

    def _on_read_only_disk(self) -> bool:
        """SQLite cannot make its index file there and says only that it cannot open the ledger."""
        return self.path is not None and self.path.exists() and not os.access(self.path.parent, os.W_OK)

    # ── engines ──
    def _engine(self, *, write: bool) -> Engine:
        return self._sqlite(write=write) if self.is_sqlite else self._postgresql(write=write)

    def _postgresql(self, *, write: bool) -> Engine:
        url = (
            self.url.update_query_dict({"options": _PG_OPTIONS})
            if "options" not in self.url.query
            else self.url
        )
        engine = create_engine(
            url, pool_pre_ping=True, pool_size=1 if write else 4, max_overflow=0 if write else 8
        )
        if not write:
            engine = engine.execution_options(postgresql_readonly=True)
        return engine

    def _sqlite(self, *, write: bool) -> Engine:
        module = sqlite_module()
        if not sqlite_report().safe:
            warnings.warn(
                f"SQLite {module.sqlite_version} can damage a ledger shared by processes",
                RuntimeWarning,
                stacklevel=4,
            )
        engine = create_engine(
            "sqlite+pysqlite://",
            module=module,
            creator=lambda: self._connect(module, write=write),
            poolclass=QueuePool,
            pool_size=2 if write else 4,
            max_overflow=0 if write else 8,
            pool_reset_on_return=None if write else "rollback",
        )
        event.listen(engine, "begin", _begin_writing if write else _begin_reading)
        return engine

    def _connect(self, module: ModuleType, *, write: bool) -> Any:
        assert self.path is not None
        if write:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        connection = module.connect(
            self._uri(),
            uri=True,
            timeout=BUSY_S,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=256,
        )
        for pragma in _pragmas(write=write):
            _execute(connection, module, pragma)
        if write and self._flusher_is_needed(connection):
            self._log_is_ours = True
            connection.execute("PRAGMA synchronous=NORMAL")  # `Flusher` flushes, outside the lock
        return connection

    def _another(self) -> Any:
        """A writing connection beside the one that is kept."""
        return self._connect(sqlite_module(), write=True)

    def _flusher_is_needed(self, connection: Any) -> bool:
        """Where a disk cannot do without its old journal, SQLite stays with it and flushes it itself."""
        return bool(connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal")

    def _uri(self) -> str:
        assert self.path is not None
        mode = "?mode=ro" if self.read_only else ""
        if self.read_only and not os.access(self.path.parent, os.W_OK):
            mode = (
                "?immutable=1"  # a read-only disk: nobody can write, and WAL needs its index file otherwise
            )
        return self.path.as_uri() + mode


def _pragmas(*, write: bool) -> list[str]:
    common = ["foreign_keys=ON", "temp_store=MEMORY", "cache_size=-16384"]
    if not write:
        return [*common, "query_only=ON"]
    return [
        "auto_vacuum=INCREMENTAL",
        "journal_mode=WAL",
        "synchronous=FULL",
        f"journal_size_limit={_WAL_LIMIT}",
        f"wal_autocheckpoint={LONGEST}",  # `Checkpointer` does it, beside the work
        "trusted_schema=OFF",
        *common,
        "busy_timeout=0",  # the last: from here on `_wait_for_turn` waits
    ]


def _execute(connection: Any, module: ModuleType, pragma: str) -> None:
    """Switching to WAL asks for a lock without waiting for it, so we wait."""
    give_up = time.monotonic() + BUSY_S
    while True:
        try:
            connection.execute(f"PRAGMA {pragma}").fetchall()
            return
        except module.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > give_up:
                raise
            time.sleep(0.01)


def _begin_reading(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")


def _begin_writing(connection: Connection) -> None:
    _wait_for_turn(connection.connection.cursor())


def _wait_for_turn(cursor: Any) -> None:
    """BEGIN IMMEDIATE as soon as nobody else writes. SQLite's own waiting sleeps 1 to 100 ms at a time,
    while our transactions take a fraction of one: with several writers the disk would idle most of the
    time."""
    give_up, pause = time.monotonic() + BUSY_S, _SHORTEST_S
    for tries in itertools.count(1):
        try:
            cursor.execute("BEGIN IMMEDIATE")
            return
        except _LOCKED as error:
            if "locked" not in str(error) or time.monotonic() > give_up:
                raise
        if tries > _AT_ONCE:  # a sleep takes longer than most transactions
            time.sleep(pause)
            pause = min(pause * 1.2, _LONGEST_S)
