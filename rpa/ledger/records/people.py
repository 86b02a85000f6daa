"""What was asked of people, and who did what."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlmodel import SQLModel

from rpa.ledger.columns import NEVER_REUSED, data, moment, sealed, table, text, whole


class Review(SQLModel, table=True):
    """A question to a person, and the answer."""

    __tablename__ = "review"
    __table_args__ = (
        Index("review_status", "status"),
        Index("review_item", "item_id"),
        Index("review_run", "run_id"),
        NEVER_REUSED,
    )
    id: int | None = whole(key=True)
    run_id: str = text("run.id", "CASCADE")
    item_id: int | None = whole("item.id", "CASCADE", nullable=True)
    step_path: str = text()
    kind: str = text()
    question_exact: bytes | None = sealed(nullable=True)
    question_shown: Any = data(nullable=True)
    status: str = text()
    answer_exact: bytes | None = sealed(nullable=True)
    answer_shown: Any = data(nullable=True)
    by: str | None = text(nullable=True)
    asked: datetime = moment()
    answered: datetime | None = moment(nullable=True)


class Audit(SQLModel, table=True):
    """Who did what, hash-chained: `hash` covers the row and the hash before it."""

    __tablename__ = "audit"
    __table_args__ = (Index("audit_subject", "subject"), NEVER_REUSED)
    id: int | None = whole(key=True)
    at: datetime = moment()
    who: str = text()
    what: str = text()
    subject: str = text()
    details: str = text()
    before: str = text()
    hash: str = text()


review = table(Review)
audit = table(Audit)
