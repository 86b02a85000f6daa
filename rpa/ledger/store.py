"""The ledger: everything that is remembered, on SQLite or PostgreSQL by URL.

    Core → AuditPart → RunsPart → ClaimsPart → ItemsPart → AttemptsPart → WritesPart → ReviewsPart →
    QueriesPart → FiringsPart → Ledger

Open it in the process that uses it, never before a fork.
"""

from __future__ import annotations

import atexit
import hashlib
import secrets
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from sqlalchemy import Connection, insert, inspect, select, text, update

from rpa.ledger import records as t
from rpa.ledger.audit import HEAD as AUDIT_HEAD
from rpa.ledger.ballast import Ballast
from rpa.ledger.blobs import BlobStore
from rpa.ledger.clock import Clock, SystemClock
from rpa.ledger.crypto import Vault
from rpa.ledger.database import Database
from rpa.ledger.errors import LedgerError
from rpa.ledger.firings import FiringsPart
from rpa.ledger.migrations import HEAD

_KEY = "key_id"


class Ledger(FiringsPart):
    """Implements `port.LedgerPort`. Made by `Ledger.open`; a context manager."""

    @classmethod
    def open(
        cls,
        url: str | Path,
        *,
        key: bytes | None,
        artifacts: Path | None = None,
        clock: Clock | None = None,
        create: bool = True,
        read_only: bool = False,
    ) -> Self:
        """Opens (and with `create` makes) a ledger and brings it to the newest schema, after a backup.

        `url`: a file, or `postgresql+psycopg://…`. Without `key` masked values can be read, nothing exact.
        `artifacts`: folder of kept files; default beside the file. Errors: LedgerError `ledger-missing`,
        `ledger-newer`, `ledger-older` (read-only), `key-wrong`, `ledger-…` of the store.
        """
        database = Database(url, read_only=read_only)
        if database.path is not None:
            _check_place(database.path, create=create and not read_only)
        vault = Vault(key)
        folder = artifacts or (database.path.parent if database.path else Path.cwd()) / "artifacts"
        ballast = Ballast(None if read_only else database.path)
        ledger = cls(database, vault, clock or SystemClock(), BlobStore(folder, vault), ballast)
        try:
            ledger._prepare(create=create)
        except BaseException:
            database.close()
            raise
        atexit.register(ledger.close)
        return ledger

    def close(self) -> None:
        """Writes what is left; the ledger cannot be used afterwards."""
        atexit.unregister(self.close)
        try:
            if not self.database.read_only:
                self.writer.close()
        finally:
            self.database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def waiting_for_flush(self) -> None:
        self.writer.flush()

    # ── opening ──
    def _prepare(self, *, create: bool) -> None:
        with self.database.reading() as c:
            version = _version(c)
        if version is None and not create:
            raise LedgerError("ledger-missing", ledger=self.database.place)
        if version != HEAD:
            self._upgrade(version)
        self._check_key()

    def _upgrade(self, version: str | None) -> None:
        if self.database.read_only:
            raise LedgerError(
                "ledger-missing" if version is None else "ledger-older",
                ledger=self.database.place,
                version=version or "",
                wanted=HEAD,
            )
        from rpa.ledger import upgrade
        from rpa.ledger.backup import backup_before_upgrade

        if version is not None and version not in upgrade.revisions():
            raise LedgerError("ledger-newer", ledger=self.database.place, version=version, known=HEAD)
        if version is not None:
            backup_before_upgrade(self.database, version)
        with self.database.writing() as c:
            _one_upgrade_at_a_time(c, sqlite=self.database.is_sqlite)
            if _version(c) != HEAD:  # nobody did it in the meantime
                upgrade.migrate(c, HEAD)
                _first_facts(c, self.vault)
        self.ballast.lay()

    def _check_key(self) -> None:
        """Another key than the one the ledger was made with would write what nobody can read together."""
        if self.vault.locked:
            return
        with self.database.reading() as c:
            known = c.execute(select(t.meta.c.value).where(t.meta.c.name == _KEY)).scalar_one()
        if known == "" and not self.database.read_only:
            with self.database.writing() as c:
                c.execute(
                    update(t.meta)
                    .where(t.meta.c.name == _KEY, t.meta.c.value == "")
                    .values(value=self.vault.id.hex())
                )
        elif known not in ("", self.vault.id.hex()):
            raise LedgerError("key-wrong", wanted=known, given=self.vault.id.hex())

    @property
    def id(self) -> str:
        """Names this ledger for ever (also its restored copies)."""
        with self.database.reading() as c:
            return str(c.execute(select(t.meta.c.value).where(t.meta.c.name == "ledger_id")).scalar_one())

    # ── soundness ──
    def verify(self, *, files: bool = True) -> list[str]:
        """With `files=False` artifacts are not read (for large stores)."""
        from rpa.ledger.soundness import artifact_problems, database_problems

        if not self.database.read_only:
            self.writer.flush()
        problems = [*database_problems(self.database), *self.chain_problems()]
        return [*problems, *artifact_problems(self.database, self.blobs)] if files else problems

    def iter_export(self) -> Iterator[Mapping[str, Any]]:
        """Every row of every table, parents first: `{"schema": 1, "table": …, "row": {…}}`. Sealed values
        stay sealed (base64), so the export is readable in full only with the project key."""
        from rpa.ledger.transfer import export_rows

        if not self.database.read_only:
            self.writer.flush()
        return export_rows(self.database)


def _check_place(path: Path, *, create: bool) -> None:
    if path.exists():
        return
    if not create:
        raise LedgerError("ledger-missing", ledger=str(path))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LedgerError("ledger-unopenable", ledger=str(path), reason=str(error)) from error


def _version(c: Connection) -> str | None:
    if not inspect(c).has_table("alembic_version"):
        return None
    found = c.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return None if found is None else str(found)


def _one_upgrade_at_a_time(c: Connection, *, sqlite: bool) -> None:
    if not sqlite:  # SQLite's BEGIN IMMEDIATE is that already
        c.execute(text("SELECT pg_advisory_xact_lock(7216003)"))


def _first_facts(c: Connection, vault: Vault) -> None:
    if c.execute(select(t.meta.c.name).where(t.meta.c.name == AUDIT_HEAD)).first():
        return
    ledger_id = hashlib.sha256(secrets.token_bytes(16) + str(time.time_ns()).encode()).hexdigest()[:16]
    facts = {AUDIT_HEAD: "", _KEY: vault.id.hex(), "ledger_id": ledger_id}
    c.execute(insert(t.meta), [{"name": n, "value": v} for n, v in facts.items()])
    c.execute(insert(t.counter).values(name="record", next=1))
