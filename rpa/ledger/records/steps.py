"""What happened step by step."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlmodel import SQLModel

from rpa.ledger.columns import NEVER_REUSED, STRICT, data, moment, sealed, table, text, whole


class Attempt(SQLModel, table=True):
    """The n-th try of one step for one item try. `exact` and `shown` hold {params, outputs, notes}."""

    __tablename__ = "attempt"
    __table_args__ = (Index("attempt_run", "run_id", "item_id"), STRICT)
    id: int = whole(key=True, autoincrement=False)
    run_id: str = text("run.id", "CASCADE")
    item_id: int | None = whole("item.id", "CASCADE", nullable=True)
    item_try: int = whole()
    step_path: str = text()
    step_try: int = whole()
    phase: str = text()
    name: str = text()
    action: str = text()
    outcome: str = text()
    reason: str = text()
    exact: bytes | None = sealed(nullable=True)
    shown: str | None = text(nullable=True)
    artifacts: str | None = text(nullable=True)
    failure_id: int | None = whole(nullable=True)
    token: int = whole()
    started: datetime = moment()
    ended: datetime = moment()


class Event(SQLModel, table=True):
    """One line of a run's log."""

    __tablename__ = "event"
    __table_args__ = (Index("event_run", "run_id"), NEVER_REUSED)
    id: int | None = whole(key=True)
    run_id: str = text("run.id", "CASCADE")
    item_id: int | None = whole(nullable=True)
    step_path: str = text()
    level: str = text()
    code: str = text()
    message: str = text()
    details: Any = data()
    at: datetime = moment()


attempt = table(Attempt)
event = table(Event)
