"""What went wrong."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlmodel import SQLModel

from rpa.ledger.columns import STRICT, data, moment, table, text, whole


class Failure(SQLModel, table=True):
    """Why something failed. Message and details arrive masked."""

    __tablename__ = "failure"
    __table_args__ = (Index("failure_run", "run_id", "item_id"), Index("failure_code", "code", "at"), STRICT)
    id: int = whole(key=True, autoincrement=False)
    run_id: str = text("run.id", "CASCADE")
    item_id: int | None = whole("item.id", "CASCADE", nullable=True)
    step_path: str = text()
    kind: str = text()
    code: str = text()
    message: str = text()
    details: Any = data()
    effect: str = text()
    at: datetime = moment()


failure = table(Failure)
