"""What `rpa ledger …` does, as plain functions: backup, restore, export, import, prune, stats, verify,
report.

backup(ledger, folder)                 → Backup        restore(folder, url, key=…)   → list of problems
export(ledger, file)                   → rows          import_(file, url, key=…)     → rows
prune(ledger, retention, dry_run=…)    → Pruned        maintain(ledger)              → Pruned | None
stats(ledger)                          → dict          ledger.verify()               → list of problems
pin(ledger, run, on=…, actor=…)        → run id        erase_item(ledger, id, actor=…)
health(url, key=…)                     → dict, for `rpa doctor`
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import func, select, text

from rpa.ledger import records as t
from rpa.ledger.backup import backup_file
from rpa.ledger.columns import from_us
from rpa.ledger.database import Database, sqlite_report
from rpa.ledger.durable import replace_file
from rpa.ledger.errors import LedgerError
from rpa.ledger.migrations import HEAD
from rpa.ledger.retention import Pruned, Retention, erase_item, file_bytes, last_pruned, maintain, pin, prune
from rpa.ledger.store import Ledger
from rpa.ledger.transfer import export_file, import_rows, read_export

__all__ = [
    "Backup",
    "Pruned",
    "Retention",
    "backup",
    "erase_item",
    "export",
    "health",
    "import_",
    "maintain",
    "pin",
    "prune",
    "restore",
    "stats",
]
_DATABASE, _ROWS, _FILES, _ABOUT = "rpa.db", "rows.jsonl.gz", "artifacts", "backup.json"


@dataclass(frozen=True, slots=True)
class Backup:
    folder: Path
    ledger: str
    version: str
    files: int
    bytes: int


def backup(ledger: Ledger, folder: Path, *, files: bool = True) -> Backup:
    """A consistent copy in `folder` (new or empty) while work goes on: rows first, then the files they
    name. The project key is not in it. LedgerError `file-exists`, `backup-failed`, `disk-full`."""
    if folder.exists() and any(folder.iterdir()):
        raise LedgerError("file-exists", path=str(folder))
    folder.mkdir(parents=True, exist_ok=True)
    ledger.waiting_for_flush()
    if ledger.database.is_sqlite:
        backup_file(ledger.database, folder / _DATABASE)
    else:
        export_file(ledger.database, folder / _ROWS)
    number, size = _copy_files(ledger, folder / _FILES) if files else (0, 0)
    made = Backup(folder, ledger.id, HEAD, number, size)
    about = {
        "schema": 1,
        **asdict(made),
        "folder": ".",
        "made": ledger.clock.now().isoformat(),
        "complete": files,
    }
    replace_file(folder / _ABOUT, json.dumps(about, indent=1).encode() + b"\n")
    return made


def _copy_files(ledger: Ledger, folder: Path) -> tuple[int, int]:
    with ledger.database.reading() as c:
        names = list(c.execute(select(t.blob.c.sha256)).scalars())
    number = size = 0
    for sha256 in names:
        source = ledger.blobs.find(sha256)
        if not source.exists():
            continue  # `verify` tells; a backup of what is there is better than none
        replace_file(folder / source.relative_to(ledger.blobs.folder), source)
        number, size = number + 1, size + source.stat().st_size
    return number, size


def restore(folder: Path, url: str | Path, *, key: bytes | None, artifacts: Path | None = None) -> list[str]:
    """Makes the ledger at `url` (which must not exist or be empty) from a backup, and verifies it. Returns
    the problems found. LedgerError `backup-missing`, `ledger-not-empty`."""
    if not (folder / _ABOUT).is_file():
        raise LedgerError("backup-missing", file=str(folder))
    database = Database(url)
    try:
        _restore_rows(folder, database)
    finally:
        database.close()
    with Ledger.open(url, key=key, artifacts=artifacts) as ledger:
        for source in sorted((folder / _FILES).rglob("*")):
            if source.is_file():
                replace_file(ledger.blobs.folder / source.relative_to(folder / _FILES), source)
        ledger.audit("ledger", "restore", ledger.id, {"from": folder.name})
        return ledger.verify()


def _restore_rows(folder: Path, database: Database) -> None:
    saved = folder / _DATABASE
    if not saved.is_file():
        import_rows(database, read_export(folder / _ROWS))
    elif database.path is None:
        import_rows(database, _rows_of(saved))
    elif database.path.exists():
        raise LedgerError("ledger-not-empty", ledger=database.place)
    else:
        replace_file(database.path, saved, mode=0o600)


def _rows_of(saved: Path) -> Any:
    from rpa.ledger.transfer import export_rows

    return export_rows(Database(saved, read_only=True))


def export(ledger: Ledger, file: Path) -> int:
    """All rows as JSON lines (gzipped when the name ends in `.gz`). Returns how many. Files are not in it."""
    if file.exists():
        raise LedgerError("file-exists", path=str(file))
    ledger.waiting_for_flush()
    return export_file(ledger.database, file)


def import_(file: Path, url: str | Path, *, key: bytes | None, artifacts: Path | None = None) -> int:
    """Fills a new ledger at `url` from an export, also of an older version and of the other kind of
    database."""
    database = Database(url)
    try:
        number = import_rows(database, read_export(file))
    finally:
        database.close()
    with Ledger.open(url, key=key, artifacts=artifacts) as ledger:
        ledger.audit("ledger", "import", ledger.id, {"from": file.name, "rows": number})
    return number


def stats(ledger: Ledger) -> dict[str, Any]:
    """Sizes in bytes, rows per table, runs and items per status, oldest run, last clean-up."""
    ledger.waiting_for_flush()
    with ledger.database.reading() as c:
        rows = {
            name: int(c.execute(select(func.count()).select_from(table)).scalar_one())
            for name, table in sorted(t.all_tables().tables.items())
        }
        per_status = select(t.run.c.status, func.count()).group_by(t.run.c.status)
        runs = {str(s): int(n) for s, n in c.execute(per_status)}
        stored = c.execute(select(func.count(), func.coalesce(func.sum(t.blob.c.size), 0))).one()
        oldest = c.execute(select(func.min(t.run.c.created))).scalar()
        pages = _pages(c) if ledger.database.is_sqlite else {}
    return {
        "schema": 1,
        "ledger": ledger.id,
        "place": ledger.database.place,
        "version": HEAD,
        "rows": rows,
        "runs": runs,
        "items": dict(ledger.item_counts()),
        "bytes": file_bytes(ledger),
        **pages,
        "artifacts": {"files": int(stored[0]), "bytes": int(stored[1]), "quota": ledger.artifact_quota},
        "oldest_run": from_us(oldest) if isinstance(oldest, int) else oldest,
        "pruned": last_pruned(ledger),
        "disk_free": ledger.ballast.free(),
    }


def _pages(c: Any) -> dict[str, int]:
    size, used, free = (
        int(c.execute(text(f"PRAGMA {p}")).scalar_one())
        for p in ("page_size", "page_count", "freelist_count")
    )
    return {"live_bytes": size * (used - free), "free_bytes": size * free}


def health(url: str | Path, *, key: bytes | None) -> Mapping[str, Any]:
    """For `rpa doctor`: never raises for what is wrong with the ledger, but says it: {sqlite, ledger, code,
    …}."""
    report = sqlite_report()
    found: dict[str, Any] = {
        "sqlite": asdict(report),
        "ledger": str(url),
        "ok": report.safe,
        "code": "" if report.safe else "sqlite-unsafe",
    }
    try:
        with Ledger.open(url, key=key, create=False, read_only=True) as ledger:
            found["disk_free"] = (
                shutil.disk_usage(ledger.database.path.parent).free if ledger.database.path else None
            )
            found["problems"] = ledger.verify(files=False)
    except LedgerError as error:
        return {**found, "ok": False, "code": error.code, "details": error.details}
    return {**found, "ok": found["ok"] and not found["problems"]}
