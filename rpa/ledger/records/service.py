"""What schedules started, and who works."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import SQLModel

from rpa.ledger.columns import NEVER_REUSED, STRICT, data, moment, table, text, whole


class Firing(SQLModel, table=True):
    """One (schedule, occurrence): started a run, or the reason why not. Outlives its run."""

    __tablename__ = "firing"
    __table_args__ = (
        UniqueConstraint("schedule", "occurrence", name="firing_once"),
        Index("firing_at", "schedule", "at"),
        NEVER_REUSED,
    )
    id: int | None = whole(key=True)
    schedule: str = text()
    occurrence: str = text()
    run_id: str | None = text(nullable=True)
    reason: str = text()
    at: datetime = moment()
    due: datetime | None = moment(nullable=True)


class Worker(SQLModel, table=True):
    """Who claims runs, and when it was heard of last."""

    __tablename__ = "worker"
    __table_args__ = (STRICT,)
    name: str = text(key=True)
    place: str = text()
    pid: int = whole()
    started: datetime = moment()
    seen: datetime = moment()
    capabilities: Any = data()
    version: str = text()


firing = table(Firing)
worker = table(Worker)
