"""What is known of the ledger itself, and what is kept between runs."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import SQLModel

from rpa.ledger.columns import STRICT, moment, sealed, table, text, whole


class State(SQLModel, table=True):
    """Sealed plain data kept between runs."""

    __tablename__ = "state"
    __table_args__ = (STRICT,)
    name: str = text(key=True)
    exact: bytes = sealed()
    updated: datetime = moment()


class Meta(SQLModel, table=True):
    """Facts about this ledger: its id, its key's id, the head of the audit chain, the last clean-up."""

    __tablename__ = "meta"
    __table_args__ = (STRICT,)
    name: str = text(key=True)
    value: str = text()


class Counter(SQLModel, table=True):
    """Where the next block of ids begins for rows whose id is known before they are written."""

    __tablename__ = "counter"
    __table_args__ = (STRICT,)
    name: str = text(key=True)
    next: int = whole()


state = table(State)
meta = table(Meta)
counter = table(Counter)
