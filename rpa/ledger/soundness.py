"""Whether a ledger is sound: the database's own check, references, and the kept files."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, closing

from sqlalchemy import select, text

from rpa.ledger import records as t
from rpa.ledger.blobs import BlobStore
from rpa.ledger.database import Database


def database_problems(database: Database) -> Iterator[str]:
    """SQLite's integrity and foreign-key checks; on PostgreSQL the server keeps both."""
    if not database.is_sqlite:
        return
    with _fresh(database) as looking, looking.reading() as c:
        for (line,) in c.execute(text("PRAGMA integrity_check")):
            if line != "ok":
                yield f"database: {line}"
        for table, row, parent, _ in c.execute(text("PRAGMA foreign_key_check")):
            yield f"database: row {row} of {table} refers to a missing row of {parent}"


def _fresh(database: Database) -> AbstractContextManager[Database]:
    """The check of a word index (FTS5) goes by what its connection remembers of it: one that stood open while
    others wrote finds damage where there is none."""
    assert database.path is not None
    return closing(Database(database.path, read_only=True))


def artifact_problems(database: Database, blobs: BlobStore) -> Iterator[str]:
    """Files that are gone or whose content no longer fits their address."""
    with database.reading() as c:
        names = list(c.execute(select(t.blob.c.sha256).order_by(t.blob.c.sha256)).scalars())
    for sha256 in names:
        problem = blobs.damage(sha256)
        if problem is not None:
            yield f"{problem}: {sha256}"
