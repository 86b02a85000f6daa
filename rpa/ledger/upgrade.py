"""Brings a ledger to the newest schema. Imported only when it is not there yet: Alembic starts slowly."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

FOLDER = Path(__file__).parent / "migrations"


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def migrate(connection: Connection, to: str) -> None:
    """Runs the missing migrations up to revision `to` inside the connection's open transaction."""
    command.upgrade(_config(connection), to)


def revisions() -> list[str]:
    """All revisions, oldest first."""
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    return [s.revision for s in reversed(list(ScriptDirectory.from_config(config).walk_revisions()))]
