"""Kept files."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import SQLModel

from rpa.ledger.columns import STRICT, flag, moment, table, text, whole


class Blob(SQLModel, table=True):
    """A kept file's content in the artifact store, named by its SHA-256. `kept`: when it was kept last."""

    __tablename__ = "blob"
    __table_args__ = (STRICT,)
    sha256: str = text(key=True)
    size: int = whole()
    sealed: int = flag("sealed")
    kept: datetime = moment()


class Artifact(SQLModel, table=True):
    """A kept file of a run: what it is and where it came from."""

    __tablename__ = "artifact"
    __table_args__ = (
        Index("artifact_run", "run_id"),
        Index("artifact_blob", "sha256"),
        Index("artifact_keep", "keep_until"),
        STRICT,
    )
    id: int = whole(key=True, autoincrement=False)
    run_id: str = text("run.id", "CASCADE")
    item_id: int | None = whole("item.id", "CASCADE", nullable=True)
    step_path: str = text()
    kind: str = text()
    name: str = text()
    sha256: str = text("blob.sha256")
    size: int = whole()
    media_type: str = text()
    created: datetime = moment()
    keep_until: datetime | None = moment(nullable=True)


blob = table(Blob)
artifact = table(Artifact)
