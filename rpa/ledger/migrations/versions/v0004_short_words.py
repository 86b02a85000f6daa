"""Items are listed by state and by flow at once; runs are found by words of two signs, as many Korean ones are, or one.

Such a word is the beginning of trigrams, and `…_words_terms` tells which there are. So that one at the very end
of a text begins one too, the index is over the text with two end marks behind it.
"""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

SEARCHED = (("item", "key"), ("failure", "message"))
END = "|| char(3, 3)"


def upgrade() -> None:
    op.create_index("item_state", "item", ["status", "id"])
    op.create_index("item_flow", "item", ["flow_id", "status", "id"])
    if op.get_bind().dialect.name == "sqlite":
        for table, column in SEARCHED:
            _index(table, column)


def _index(table: str, column: str) -> None:
    words = f"{table}_words"
    for trigger in ("come", "gone", "changed"):
        op.execute(f"DROP TRIGGER {words}_{trigger}")
    op.execute(f"DROP TABLE {words}")
    op.execute(f"CREATE VIEW {words}_said AS SELECT id, {column} {END} AS {column} FROM {table}")
    op.execute(
        f"CREATE VIRTUAL TABLE {words} "
        f"USING fts5({column}, content='{words}_said', content_rowid='id', tokenize='trigram')"
    )
    op.execute(f"INSERT INTO {words}({words}) VALUES ('rebuild')")
    op.execute(f"CREATE VIRTUAL TABLE {words}_terms USING fts5vocab({words}, row)")
    gone = f"INSERT INTO {words}({words}, rowid, {column}) VALUES ('delete', old.id, old.{column} {END});"
    come = f"INSERT INTO {words}(rowid, {column}) VALUES (new.id, new.{column} {END});"
    op.execute(f"CREATE TRIGGER {words}_come AFTER INSERT ON {table} BEGIN {come} END")
    op.execute(f"CREATE TRIGGER {words}_gone AFTER DELETE ON {table} BEGIN {gone} END")
    op.execute(f"CREATE TRIGGER {words}_changed AFTER UPDATE OF {column} ON {table} BEGIN {gone} {come} END")
