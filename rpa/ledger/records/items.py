"""The business transactions of flows."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import SQLModel

from rpa.ledger.columns import NEVER_REUSED, STRICT, data, moment, sealed, table, text, whole


class Item(SQLModel, table=True):
    """One business transaction. Its row outlives its runs, so that a document is never entered twice."""

    __tablename__ = "item"
    __table_args__ = (
        UniqueConstraint("profile", "flow_id", "key", name="item_key"),
        Index("item_status", "flow_id", "profile", "status"),
        Index("item_run", "run_id", "status"),
        Index("item_state", "status", "id"),
        Index("item_flow", "flow_id", "status", "id"),
        NEVER_REUSED,
    )
    id: int | None = whole(key=True)
    profile: str = text()
    flow_id: str = text()
    key: str = text()
    status: str = text()
    data_exact: bytes | None = sealed(nullable=True)
    data_shown: Any = data(nullable=True)
    data_hash: str = text()
    outputs_exact: bytes | None = sealed(nullable=True)
    outputs_shown: Any = data(nullable=True)
    tries: int = whole()
    n: int = whole()
    priority: int = whole()
    not_before: datetime | None = moment(nullable=True)
    due: datetime | None = moment(nullable=True)
    run_id: str | None = text("run.id", "SET NULL", nullable=True)
    token: int = whole(server_default="0")
    failure_id: int | None = whole(nullable=True)
    created: datetime = moment()
    updated: datetime = moment()


class RunItem(SQLModel, table=True):
    """That a run touched an item, and what it made of it."""

    __tablename__ = "run_item"
    __table_args__ = (Index("run_item_item", "item_id"), STRICT)
    run_id: str = text("run.id", "CASCADE", key=True)
    item_id: int = whole("item.id", "CASCADE", key=True)
    n: int = whole()
    status: str = text()
    since: datetime = moment()


item = table(Item)
run_item = table(RunItem)
