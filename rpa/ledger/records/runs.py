"""What runs, and with which lease."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlalchemy import text as sql
from sqlmodel import SQLModel

from rpa.ledger.columns import STRICT, data, flag, moment, sealed, table, text, whole


class FlowRevision(SQLModel, table=True):
    """The texts of a flow and of the flows it calls, as they were."""

    __tablename__ = "flow_revision"
    __table_args__ = (Index("flow_revision_flow", "flow_id", "created"), STRICT)
    revision: str = text(key=True)
    flow_id: str = text()
    title: str = text()
    texts: Any = data()
    created: datetime = moment()
    approved: datetime | None = moment(nullable=True)
    approved_by: str | None = text(nullable=True)


class Run(SQLModel, table=True):
    """One execution of one revision, with its lease. `token` rises with every claim and fences the loser."""

    __tablename__ = "run"
    __table_args__ = (
        Index("run_status", "status", "created"),
        Index("run_created", "created"),
        Index("run_flow", "flow_id", "created"),
        Index(
            "run_queue",
            "priority",
            "created",
            sqlite_where=sql("status = 'queued'"),
        ),
        Index("run_schedule", "schedule", "created"),
        Index("run_replay", "replay_of"),
        Index(
            "run_reason",
            "reason",
            "created",
            sqlite_where=sql("reason IS NOT NULL"),
        ),
        Index("run_ended", "ended"),
        Index("run_actor", "actor", "created"),
        STRICT,
    )
    id: str = text(key=True)
    flow_id: str = text()
    revision: str = text("flow_revision.revision")
    status: str = text()
    profile: str = text()
    trigger: str = text()
    inputs_exact: bytes | None = sealed(nullable=True)
    inputs_shown: Any = data(nullable=True)
    outputs_exact: bytes | None = sealed(nullable=True)
    outputs_shown: Any = data(nullable=True)
    options: Any = data()
    replay_of: str | None = text("run.id", "SET NULL", nullable=True)
    frozen_now: datetime = moment()
    created: datetime = moment()
    started: datetime | None = moment(nullable=True)
    ended: datetime | None = moment(nullable=True)
    actor: str = text()
    reason: str | None = text(nullable=True)
    failure_id: int | None = whole(nullable=True)
    known: Any = data(nullable=True)
    schedule: str | None = text(nullable=True)
    occurrence: str | None = text(nullable=True)
    due: datetime | None = moment(nullable=True)
    not_before: datetime | None = moment(nullable=True)
    priority: int = whole()
    max_duration_us: int | None = whole(nullable=True)
    pinned: int = flag("pinned")
    answered: int = flag("answered")
    cancel_asked: datetime | None = moment(nullable=True)
    cancel_by: str | None = text(nullable=True)
    worker: str | None = text(nullable=True)
    token: int = whole(server_default="0")
    lease_until: int | None = whole(nullable=True)
    lease_boot: str | None = text(nullable=True)
    place: str | None = text(nullable=True)
    supervisor_pid: int | None = whole(nullable=True)
    supervisor_start: int | None = whole(nullable=True)
    child_pid: int | None = whole(nullable=True)
    child_start: int | None = whole(nullable=True)


class RunWant(SQLModel, table=True):
    """What a run needs before it may be claimed: a `lock` that nobody holds, a `need` that the worker can
    do."""

    __tablename__ = "run_want"
    __table_args__ = (Index("run_want_name", "kind", "name"), STRICT)
    run_id: str = text("run.id", "CASCADE", key=True)
    kind: str = text(key=True)
    name: str = text(key=True)


flow_revision = table(FlowRevision)
run = table(Run)
run_want = table(RunWant)
