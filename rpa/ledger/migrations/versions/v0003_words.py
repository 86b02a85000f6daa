"""Runs are found by words of item keys and failure messages: trigrams, kept by the database itself.

SQLite: FTS5 over the tables' own text. PostgreSQL: `pg_trgm`, where it is there and may be made; without it the
same questions are answered by going through the rows.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

SEARCHED = (("item", "key"), ("failure", "message"))


def upgrade() -> None:
    op.create_index("run_actor", "run", ["actor", "created"])
    sqlite = op.get_bind().dialect.name == "sqlite"
    if not sqlite and not _trigrams():
        return
    for table, column in SEARCHED:
        _on_sqlite(table, column) if sqlite else _on_postgresql(table, column)


def _on_sqlite(table: str, column: str) -> None:
    words = f"{table}_words"
    gone = f"INSERT INTO {words}({words}, rowid, {column}) VALUES ('delete', old.id, old.{column});"
    come = f"INSERT INTO {words}(rowid, {column}) VALUES (new.id, new.{column});"
    op.execute(
        f"CREATE VIRTUAL TABLE {words} USING fts5({column}, content='{table}', content_rowid='id', tokenize='trigram')"
    )
    op.execute(f"INSERT INTO {words}({words}) VALUES ('rebuild')")
    op.execute(f"CREATE TRIGGER {words}_come AFTER INSERT ON {table} BEGIN {come} END")
    op.execute(f"CREATE TRIGGER {words}_gone AFTER DELETE ON {table} BEGIN {gone} END")
    op.execute(f"CREATE TRIGGER {words}_changed AFTER UPDATE OF {column} ON {table} BEGIN {gone} {come} END")


def _on_postgresql(table: str, column: str) -> None:
    op.execute(f"CREATE INDEX {table}_words ON {table} USING gin (lower({column}) gin_trgm_ops)")


def _trigrams() -> bool:
    bind = op.get_bind()
    if bind.execute(sa.text("SELECT 1 FROM pg_extension WHERE extname = 'pg_trgm'")).first():
        return True
    if not bind.execute(sa.text("SELECT 1 FROM pg_available_extensions WHERE name = 'pg_trgm'")).first():
        return False
    try:
        with bind.begin_nested():
            bind.execute(sa.text("CREATE EXTENSION IF NOT EXISTS pg_trgm"))
    except sa.exc.ProgrammingError:  # only some may make an extension
        return False
    return True
