"""Migrations: every older schema opens, after a backup, and ends like a fresh one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from sqlalchemy import UniqueConstraint, inspect, text

from rpa.ledger import upgrade
from rpa.ledger.database import Database, sqlite_module, sqlite_report
from rpa.ledger.errors import LedgerError
from rpa.ledger.migrations import HEAD
from rpa.ledger.records import all_tables
from rpa.ledger.search import is_index_table
from rpa.ledger.store import Ledger
from tests.rpa.ledger.helpers import KEY, claimed, open_ledger

STAYING = ("flow_revision", "item")
SCHEMAS = Path(__file__).parent / "schemas"


def schema_of(path: Path) -> list[str]:
    connection = sqlite_module().connect(str(path))
    rows = connection.execute(
        "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY name"
    )
    return [re.sub(r"\s+", " ", sql).strip() for (sql,) in rows]


def test_head_is_the_newest_migration() -> None:
    assert upgrade.revisions()[-1] == HEAD


def test_the_migrations_make_what_the_records_say(ledger: Ledger) -> None:
    """Tables, columns with type and null, indexes, unique keys, references."""
    with ledger.database.reading() as c:
        found = inspect(c)
        names = {name for name in found.get_table_names() if not is_index_table(name)}
        assert names - {"alembic_version"} == set(all_tables().tables)
        for name, table in all_tables().tables.items():
            real = {
                col["name"]: (col["type"].compile(c.dialect), col["nullable"])
                for col in found.get_columns(name)
            }
            assert real == {col.name: (col.type.compile(c.dialect), col.nullable) for col in table.columns}, (
                name
            )
            indexes = {i["name"] for i in found.get_indexes(name)} - {
                u["name"] for u in found.get_unique_constraints(name)
            }
            assert {i for i in indexes if not is_index_table(str(i))} == {i.name for i in table.indexes}, name
            references = {
                (r["referred_table"], *r["constrained_columns"], r["options"].get("ondelete"))
                for r in found.get_foreign_keys(name)
            }
            assert references == {
                (f.column.table.name, f.parent.name, f.ondelete) for f in table.foreign_keys
            }, name


def test_each_reference_to_what_may_go_is_found_by_an_index() -> None:
    """Else each row that goes would be looked for in the whole of the other table. Flow texts and items stay."""
    for table in all_tables().tables.values():
        led = {next(iter(table.primary_key.columns)).name} | {i.columns[0].name for i in table.indexes}
        led |= {next(iter(c.columns)).name for c in table.constraints if isinstance(c, UniqueConstraint)}
        going = {f.parent.name for f in table.foreign_keys if f.column.table.name not in STAYING}
        assert going <= led, table.name


def test_every_table_is_strict_and_flags_are_checked(tmp_path: Path) -> None:
    open_ledger(tmp_path).close()
    tables = [sql for sql in schema_of(tmp_path / "rpa.db") if sql.startswith("CREATE TABLE") and "_words_" not in sql]
    assert len(tables) > 15
    assert [t.split()[2] for t in tables if not t.endswith("STRICT")] == ["alembic_version"]
    assert sum("CHECK (" in t for t in tables) == 2


def test_the_file_is_set_up_for_durability(tmp_path: Path) -> None:
    with open_ledger(tmp_path) as ledger:
        with ledger.database.writing() as c:
            values = {
                p: c.execute(text(f"PRAGMA {p}")).scalar()
                for p in ("journal_mode", "synchronous", "foreign_keys", "auto_vacuum")
            }
        with ledger.database.reading() as c:
            assert [c.execute(text(f"PRAGMA {p}")).scalar() for p in ("busy_timeout", "query_only")] == [
                30000,
                1,
            ]
    # NORMAL: the commit appends to the log, and `Flusher` flushes it (test_flushing.py, test_power_loss.py)
    assert values == {"journal_mode": "wal", "synchronous": 1, "foreign_keys": 1, "auto_vacuum": 2}
    assert sqlite_report().safe, sqlite_report()


def test_a_schema_file_stands_for_each_released_schema() -> None:
    assert [p.stem for p in sorted(SCHEMAS.glob("*.sql"))] == upgrade.revisions()


@pytest.mark.parametrize("version", [p.stem for p in sorted(SCHEMAS.glob("*.sql"))])
def test_an_older_ledger_opens_with_all_it_holds(tmp_path: Path, version: str) -> None:
    path = tmp_path / "rpa.db"
    connection = sqlite_module().connect(str(path))
    connection.executescript((SCHEMAS / f"{version}.sql").read_text("utf-8"))
    connection.close()
    with open_ledger(tmp_path) as ledger:
        assert ledger.verify(files=False) == []
        assert [r.id for r in ledger.runs()] == ["r-20261121-7000aa"]
        assert ledger.run("last").inputs == {"inbox": "in"} and ledger.item(1).key == "a"
        assert ledger.writes()[0].verdict == "intended" and ledger.audit_log()
        claimed(ledger)
    backups = [p for p in tmp_path.iterdir() if f".from-{version}-" in p.name]
    assert len(backups) == (0 if version == HEAD else 1)
    (tmp_path / "fresh").mkdir()
    open_ledger(tmp_path / "fresh").close()
    assert schema_of(path) == schema_of(tmp_path / "fresh/rpa.db")


def test_an_upgrade_that_fails_changes_nothing_and_leaves_a_backup(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_ledger(tmp_path).close()
    before = schema_of(tmp_path / "rpa.db")
    monkeypatch.setattr("rpa.ledger.store.HEAD", "0999")

    def broken(connection: object, _: str) -> None:
        connection.execute(text("CREATE TABLE half (id INTEGER)"))  # type: ignore[attr-defined]
        raise RuntimeError("the power went")

    monkeypatch.setattr("rpa.ledger.upgrade.migrate", broken)
    with pytest.raises(RuntimeError):
        open_ledger(tmp_path)
    monkeypatch.undo()
    assert schema_of(tmp_path / "rpa.db") == before
    (saved,) = [p for p in tmp_path.iterdir() if ".from-" in p.name]
    assert schema_of(saved) == before


def test_a_newer_ledger_is_left_alone(tmp_path: Path) -> None:
    with open_ledger(tmp_path) as ledger:
        ledger.writer.now(lambda c: c.execute(text("UPDATE alembic_version SET version_num = '9999'")))
    with pytest.raises(LedgerError, match="ledger-newer"):
        open_ledger(tmp_path)


def test_looking_never_makes_or_upgrades_a_ledger(tmp_path: Path) -> None:
    for more in ({"create": False}, {"read_only": True}):
        with pytest.raises(LedgerError, match="ledger-missing"):
            open_ledger(tmp_path, **more)
    assert list(tmp_path.iterdir()) == []
    with open_ledger(tmp_path) as ledger:
        claimed(ledger)
        with open_ledger(tmp_path, read_only=True) as looking:
            assert len(looking.runs()) == 1 and looking.verify() == []
            with pytest.raises(LedgerError, match="ledger-read-only"):
                claimed(looking)


def test_another_database_is_refused() -> None:
    with pytest.raises(LedgerError, match="ledger-url"):
        Database("mysql://localhost/x")
    with pytest.raises(LedgerError, match="ledger-unreachable"):
        Ledger.open("postgresql://rpa@127.0.0.1:5549/nothing", key=KEY)


def test_opening_a_current_ledger_does_not_import_the_migrations(tmp_path: Path) -> None:
    import subprocess
    import sys

    open_ledger(tmp_path).close()
    code = f"""
import sys
from rpa.ledger.store import Ledger
ledger = Ledger.open({str(tmp_path / "rpa.db")!r}, key=bytes(range(32)))
ledger.runs()
ledger.close()
print([m for m in sys.modules if m.split('.')[0] in ('alembic', 'psutil', 'gzip')])
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[3],
    )
    assert done.stdout.strip() == "[]"
