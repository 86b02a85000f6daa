"""Export and import: every row as a JSON line, whatever the schema's version, between SQLite and PostgreSQL.

The first line names the ledger and its schema. Sealed values stay sealed.
"""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import IO, Any

from sqlalchemy import Connection, MetaData, Table, func, select, text

from rpa.ledger.database import Database
from rpa.ledger.durable import replace_file
from rpa.ledger.errors import LedgerError
from rpa.ledger.search import is_index_table

SCHEMA = 1
_BATCH = 500
_VERSION = "alembic_version"


def export_rows(database: Database) -> Iterator[Mapping[str, Any]]:
    """A header, then `{"schema": 1, "table": …, "row": {…}}`, parents first. One consistent state."""
    with database.reading() as c:
        if not database.is_sqlite:
            c.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
        tables = _tables(c)
        version = c.execute(text(f"SELECT version_num FROM {_VERSION}")).scalar_one()
        ledger = c.execute(text("SELECT value FROM meta WHERE name = 'ledger_id'")).scalar_one()
        yield {"schema": SCHEMA, "ledger": ledger, "version": version}
        for table in tables:
            for row in c.execution_options(stream_results=True).execute(_ordered(table)):
                yield {
                    "schema": SCHEMA,
                    "table": table.name,
                    "row": {k: _out(v) for k, v in row._mapping.items()},
                }


def import_rows(database: Database, lines: Iterable[Mapping[str, Any]]) -> int:
    """Fills an empty database with an export and leaves it at the export's schema. Returns the rows.

    LedgerError `ledger-not-empty`, `import-invalid`.
    """
    from rpa.ledger.upgrade import migrate, revisions

    rows = iter(lines)
    head = next(rows, {})
    if head.get("schema") != SCHEMA or head.get("version") not in revisions():
        raise LedgerError(
            "import-invalid", reason=f"schema {head.get('schema')}, version {head.get('version')}"
        )
    with database.writing() as c:
        if _tables(c):
            raise LedgerError("ledger-not-empty", ledger=database.place)
        migrate(c, str(head["version"]))
        tables = {table.name: table for table in _tables(c)}
        number = _fill(c, tables, rows)
        if not database.is_sqlite:
            _set_sequences(c, tables.values())
    return number


def export_file(database: Database, path: Path) -> int:
    """Writes the export, gzipped when the name ends in `.gz`; returns the rows. All or nothing."""
    partial = path.with_name(path.name + ".part")
    number = -1
    with _open(partial, "wt", path.suffix) as file:
        for line in export_rows(database):
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
            number += 1
    replace_file(path, partial)
    partial.unlink()
    return number


def read_export(path: Path) -> Iterator[Mapping[str, Any]]:
    """The lines of an export file. LedgerError `import-invalid` for what is none."""
    with _open(path, "rt", path.suffix) as file:
        for number, line in enumerate(file, 1):
            try:
                yield json.loads(line)
            except ValueError as error:
                raise LedgerError("import-invalid", reason=f"line {number}: {error}") from None


def _open(path: Path, mode: str, suffix: str) -> IO[str]:
    if suffix == ".gz":
        return gzip.open(path, mode, encoding="utf-8")  # type: ignore[return-value]  # text mode
    return path.open(mode, encoding="utf-8")


def _tables(c: Connection) -> list[Table]:
    """The ledger's tables as they are in the database, parents first."""
    metadata = MetaData()
    metadata.reflect(
        c, only=lambda name, _: name != _VERSION and not name.startswith("sqlite_") and not is_index_table(name)
    )
    return list(metadata.sorted_tables)


def _ordered(table: Table) -> Any:
    """Rows so that a row comes after the one it refers to: replays after their originals."""
    order = [table.c.created] if table.name == "run" else list(table.primary_key)
    return select(table).order_by(*order)


def _fill(c: Connection, tables: Mapping[str, Table], lines: Iterable[Mapping[str, Any]]) -> int:
    number = 0
    for name, group in groupby(lines, key=lambda line: line.get("table")):
        table = tables.get(str(name))
        if table is None:
            raise LedgerError("import-invalid", reason=f"unknown table {name}")
        batch: list[dict[str, Any]] = []
        for line in group:
            batch.append({k: _in(v) for k, v in line["row"].items()})
            number += 1
            if len(batch) == _BATCH:
                c.execute(table.insert(), batch)
                batch = []
        if batch:
            c.execute(table.insert(), batch)
    return number


def _set_sequences(c: Connection, tables: Iterable[Table]) -> None:
    """Rows came with their ids: PostgreSQL's counters must go on after them."""
    for table in tables:
        sequence = (
            c.execute(
                text("SELECT pg_get_serial_sequence(:t, :c)"), {"t": f'"{table.name}"', "c": "id"}
            ).scalar()
            if "id" in table.c
            else None
        )
        if sequence:
            highest = c.execute(select(func.coalesce(func.max(table.c.id), 0))).scalar_one()
            c.execute(text("SELECT setval(:s, :n)"), {"s": sequence, "n": max(int(highest), 1)})


def _out(value: Any) -> Any:
    return (
        {"$sealed": base64.b64encode(bytes(value)).decode()}
        if isinstance(value, bytes | memoryview)
        else value
    )


def _in(value: Any) -> Any:
    return base64.b64decode(value["$sealed"]) if isinstance(value, dict) else value
