"""Backups by SQLite's online backup API, never by copying a live file."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from pathlib import Path

from rpa.ledger.database import Database, sqlite_module
from rpa.ledger.durable import flush_folder
from rpa.ledger.errors import LedgerError

_PAGES = 2000


def backup_file(database: Database, target: Path) -> Path:
    """A consistent copy of the SQLite ledger at `target` (which must not exist), while others go on
    writing."""
    if target.exists():
        raise LedgerError("file-exists", path=str(target))
    module = sqlite_module()
    partial = target.with_name(target.name + ".part")
    partial.unlink(missing_ok=True)
    source = module.connect(str(database.path), timeout=30)
    copy = module.connect(str(partial))
    try:
        source.backup(copy, pages=_PAGES)
        found = copy.execute("PRAGMA quick_check").fetchone()[0]
        if found != "ok":
            raise LedgerError("ledger-corrupt", ledger=database.place, reason=str(found))
        copy.execute("PRAGMA journal_mode=DELETE")
    except (sqlite3.Error, module.Error) as error:
        raise LedgerError("backup-failed", file=str(target), reason=str(error)) from error
    finally:
        copy.close()
        source.close()
    _make_durable(partial)
    partial.rename(target)
    flush_folder(target.parent)
    return target


def backup_before_upgrade(database: Database, version: str) -> None:
    """`rpa.db.before-0002-20261121-070000` beside the ledger. PostgreSQL: its rows as an export file."""
    now = datetime.now(UTC)
    if database.path is not None:
        backup_file(
            database, database.path.with_name(f"{database.path.name}.from-{version}-{now:%Y%m%d-%H%M%S-%f}")
        )
        return
    from rpa.ledger.transfer import export_file

    export_file(database, Path(f"ledger-from-{version}-{now:%Y%m%d-%H%M%S-%f}.jsonl.gz"))


def _make_durable(path: Path) -> None:
    import os

    with path.open("rb+") as file:
        os.fsync(file.fileno())
