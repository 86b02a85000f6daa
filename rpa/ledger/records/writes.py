"""What was changed outside, and what is known of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy import text as sql
from sqlmodel import SQLModel

from rpa.ledger.columns import NEVER_REUSED, data, moment, sealed, table, text, whole


class Write(SQLModel, table=True):
    """A change of the outside world, unique by (profile, what, key), and what is known of it."""

    __tablename__ = "write"
    __table_args__ = (
        UniqueConstraint("profile", "what", "key", name="write_key"),
        Index("write_item", "item_id"),
        Index("write_run", "run_id"),
        Index(
            "write_open",
            "item_id",
            sqlite_where=sql("verdict = 'intended'"),
        ),
        NEVER_REUSED,
    )
    id: int | None = whole(key=True)
    profile: str = text()
    what: str = text()
    key: str = text()
    flow_id: str = text()
    item_id: int | None = whole("item.id", nullable=True)
    run_id: str = text()
    step_path: str = text()
    verdict: str = text()
    intent_at: datetime | None = moment(nullable=True)
    settled_at: datetime | None = moment(nullable=True)
    settled_by: str = text()
    result_exact: bytes | None = sealed(nullable=True)
    result_shown: Any = data(nullable=True)


class WriteStep(SQLModel, table=True):
    """Everything that ever became known of a write, appended."""

    __tablename__ = "write_step"
    __table_args__ = (Index("write_step_write", "write_id"), NEVER_REUSED)
    id: int | None = whole(key=True)
    write_id: int = whole("write.id", "CASCADE")
    run_id: str = text()
    item_id: int | None = whole(nullable=True)
    verdict: str = text()
    by: str = text()
    token: int = whole()
    at: datetime = moment()


write = table(Write)
write_step = table(WriteStep)
