"""What all parts of the ledger share: the database, the writer, the vault, the clock, the fence."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from functools import cached_property
from typing import Any, TypeVar

from sqlalchemy import Connection, bindparam, func, insert, select, update

from flows.data import decode, encode, simple
from rpa.ledger import records as t
from rpa.ledger.ballast import Ballast
from rpa.ledger.blobs import BlobStore
from rpa.ledger.clock import Clock
from rpa.ledger.crypto import Vault
from rpa.ledger.database import Database
from rpa.ledger.errors import ClaimLost, LedgerError
from rpa.ledger.port import Masker
from rpa.ledger.types import Claim
from rpa.ledger.writer import Writer

T = TypeVar("T")
ID_BLOCK = 1000


class Core:
    """`mask` makes the shown form of what callers hand in without a masker of their own (inputs, item data,
    outputs, answers); the engine sets it to its run's masker."""

    def __init__(
        self, database: Database, vault: Vault, clock: Clock, blobs: BlobStore, ballast: Ballast
    ) -> None:
        self.database, self.vault, self.clock, self.blobs, self.ballast = (
            database,
            vault,
            clock,
            blobs,
            ballast,
        )
        self.mask: Masker = simple
        self.writer = Writer(database, self._fence)
        self._id_lock = threading.Lock()
        self._ids: Iterator[int] = iter(())
        self._refused: set[Claim] = set()
        self._forsaken = 0
        self._known: dict[str, dict[str, int]] = {}

    # ── reading ──
    @contextmanager
    def _reading(self, *, flushed: bool = False) -> Iterator[Connection]:
        """A look at one state; with `flushed` it contains all that this process recorded so far."""
        if flushed and not self.database.read_only:
            self.writer.flush()
        with self.database.reading() as connection:
            yield connection

    # ── writing ──
    def _write(
        self, work: Callable[[Connection], T], claim: Claim | None = None, *, ending: bool = False
    ) -> T:
        """`work` in a flushed transaction, fenced by `claim`. With `ending` a full disk gives up its
        ballast."""

        def fenced(connection: Connection) -> T:
            if claim is not None:
                self._fence(connection.connection.cursor(), claim)
            return work(connection)

        try:
            return self._with_ballast(fenced, claim) if ending else self.writer.now(fenced, claim)
        except ClaimLost as lost:
            self._note_refusal(lost)
            raise

    def _with_ballast(self, work: Callable[[Connection], T], claim: Claim | None) -> T:
        """On a full disk: half of the ballast goes, then the rest together with the collected rows, which nobody
        was promised yet."""
        for give_up in (self.ballast.release, self._forsake):
            try:
                return self.writer.now(work, claim)
            except LedgerError as error:
                if error.code != "disk-full":
                    raise
                give_up()

        def last(connection: Connection) -> T:
            self._note_forsaken(connection, claim)
            return work(connection)

        return self.writer.now(last, claim)

    def _forsake(self) -> None:
        self.ballast.release()
        self._forsaken += self.writer.forsake()

    def _note_forsaken(self, connection: Connection, claim: Claim | None) -> None:
        if claim is not None and self._forsaken:
            connection.execute(
                insert(t.event).values(
                    run_id=claim.run_id,
                    item_id=None,
                    step_path="",
                    level="warning",
                    code="records-dropped",
                    message="",
                    details={"number": self._forsaken},
                    at=self._now(),
                )
            )
            self._forsaken = 0

    def _fence(self, cursor: Any, claim: Claim) -> None:
        """Raises ClaimLost unless `claim` is the run's present one. The row stays locked until the commit, so
        that nobody takes the run over in between (on SQLite the whole file is)."""
        sql, name = self._fence_query
        cursor.execute(sql, {name: claim.run_id} if name else (claim.run_id,))
        token, status = cursor.fetchone() or (0, "")
        if token != claim.token or status != "running":
            raise ClaimLost(claim, status)

    @cached_property
    def _fence_query(self) -> tuple[str, str]:
        """In the driver's own words: it runs in every transaction. With the parameter's name, if it has
        one."""
        query = select(t.run.c.token, t.run.c.status).where(t.run.c.id == bindparam("id")).with_for_update()
        compiled = query.compile(dialect=self.database.dialect)
        return str(compiled), "" if compiled.positiontup else "id"

    def _note_refusal(self, lost: ClaimLost) -> None:
        """That a suspended worker came back and was refused is itself recorded, once."""
        if lost.claim in self._refused:
            return
        self._refused.add(lost.claim)
        details = {"token": lost.claim.token, "status": lost.details["status"]}
        self.writer.now(
            lambda c: self._append_audit(c, lost.claim.worker, "write-refused", lost.claim.run_id, details)
        )

    def _append_audit(
        self, connection: Connection, who: str, what: str, subject: str, details: Mapping[str, Any]
    ) -> None:
        raise NotImplementedError

    def next_id(self) -> int:
        """An id for a row that will be written later; blocks of them are taken from the ledger."""
        with self._id_lock:
            found = next(self._ids, None)
            if found is None:
                end = self.writer.now(_take_ids)
                self._ids = iter(range(end - ID_BLOCK, end))
                found = next(self._ids)
            return found

    # ── values ──
    def _now(self) -> datetime:
        return self.clock.now()

    def _seal(self, value: Any, context: bytes) -> bytes | None:
        return (
            None
            if value is None
            else self.vault.seal(encode(value).encode("utf-8", "surrogatepass"), context)
        )

    def _open(self, sealed: bytes | None, context: bytes) -> Any:
        return (
            None
            if sealed is None
            else decode(self.vault.open(bytes(sealed), context).decode("utf-8", "surrogatepass"))
        )

    def _shown(self, value: Any, masked: Masker | None = None) -> Any:
        """The masked form, for a `Data` column."""
        return None if value is None else (masked or self.mask)(value)

    # ── leases ──
    def _lease_now(self) -> Any:
        """The clock that leases count: of this machine's boot, or the database server's."""
        if self.database.is_sqlite:
            return self.clock.boot_us()
        return _server_us()

    def _lease_boot(self) -> str:
        return self.clock.boot_id() if self.database.is_sqlite else "server"


def _server_us() -> Any:
    from sqlalchemy import BigInteger, cast

    return cast(func.extract("epoch", func.clock_timestamp()) * 1_000_000, BigInteger)


def _take_ids(connection: Connection) -> int:
    taken = connection.execute(
        update(t.counter)
        .where(t.counter.c.name == "record")
        .values(next=t.counter.c.next + ID_BLOCK)
        .returning(t.counter.c.next)
    ).scalar_one()
    return int(taken)
