"""The ledger's tables. These classes never leave `rpa/ledger/`; `types.py` holds what others see.

`*_exact` columns are envelopes of the project key, for the engine alone; `*_shown` columns hold the masked
form for show, report, log, search and export. Everything that happened is appended; runs, items and writes
carry their present state beside it.

The migrations make the tables. Indexes over some rows only are so on PostgreSQL too, but say it there: naming that
option here would load PostgreSQL's dialect at each start, also for a file.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, Table, UniqueConstraint
from sqlalchemy import text as sql
from sqlmodel import SQLModel

from rpa.ledger.columns import data, flag, moment, sealed, text, whole

_STRICT: dict[str, Any] = {"sqlite_strict": True}
_NEVER_REUSED: dict[str, Any] = {"sqlite_strict": True, "sqlite_autoincrement": True}


class FlowRevision(SQLModel, table=True):
    """The texts of a flow and of the flows it calls, as they were."""

    __tablename__ = "flow_revision"
    __table_args__ = (Index("flow_revision_flow", "flow_id", "created"), _STRICT)
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
        _STRICT,
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
    __table_args__ = (Index("run_want_name", "kind", "name"), _STRICT)
    run_id: str = text("run.id", "CASCADE", key=True)
    kind: str = text(key=True)
    name: str = text(key=True)


class Item(SQLModel, table=True):
    """One business transaction. Its row outlives its runs, so that a document is never entered twice."""

    __tablename__ = "item"
    __table_args__ = (
        UniqueConstraint("profile", "flow_id", "key", name="item_key"),
        Index("item_status", "flow_id", "profile", "status"),
        Index("item_run", "run_id", "status"),
        _NEVER_REUSED,
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
    __table_args__ = (Index("run_item_item", "item_id"), _STRICT)
    run_id: str = text("run.id", "CASCADE", key=True)
    item_id: int = whole("item.id", "CASCADE", key=True)
    n: int = whole()
    status: str = text()
    since: datetime = moment()


class Attempt(SQLModel, table=True):
    """The n-th try of one step for one item try. `exact` and `shown` hold {params, outputs, notes}."""

    __tablename__ = "attempt"
    __table_args__ = (Index("attempt_run", "run_id", "item_id"), _STRICT)
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


class Failure(SQLModel, table=True):
    """Why something failed. Message and details arrive masked."""

    __tablename__ = "failure"
    __table_args__ = (Index("failure_run", "run_id", "item_id"), Index("failure_code", "code", "at"), _STRICT)
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
        _NEVER_REUSED,
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
    __table_args__ = (Index("write_step_write", "write_id"), _NEVER_REUSED)
    id: int | None = whole(key=True)
    write_id: int = whole("write.id", "CASCADE")
    run_id: str = text()
    item_id: int | None = whole(nullable=True)
    verdict: str = text()
    by: str = text()
    token: int = whole()
    at: datetime = moment()


class Blob(SQLModel, table=True):
    """A kept file's content in the artifact store, named by its SHA-256. `kept`: when it was kept last."""

    __tablename__ = "blob"
    __table_args__ = (_STRICT,)
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
        _STRICT,
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


class Review(SQLModel, table=True):
    """A question to a person, and the answer."""

    __tablename__ = "review"
    __table_args__ = (
        Index("review_status", "status"),
        Index("review_item", "item_id"),
        Index("review_run", "run_id"),
        _NEVER_REUSED,
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
    __table_args__ = (Index("audit_subject", "subject"), _NEVER_REUSED)
    id: int | None = whole(key=True)
    at: datetime = moment()
    who: str = text()
    what: str = text()
    subject: str = text()
    details: str = text()
    before: str = text()
    hash: str = text()


class Firing(SQLModel, table=True):
    """One (schedule, occurrence): started a run, or the reason why not. Outlives its run."""

    __tablename__ = "firing"
    __table_args__ = (
        UniqueConstraint("schedule", "occurrence", name="firing_once"),
        Index("firing_at", "schedule", "at"),
        _NEVER_REUSED,
    )
    id: int | None = whole(key=True)
    schedule: str = text()
    occurrence: str = text()
    run_id: str | None = text(nullable=True)
    reason: str = text()
    at: datetime = moment()
    due: datetime | None = moment(nullable=True)


class Event(SQLModel, table=True):
    """One line of a run's log."""

    __tablename__ = "event"
    __table_args__ = (Index("event_run", "run_id"), _NEVER_REUSED)
    id: int | None = whole(key=True)
    run_id: str = text("run.id", "CASCADE")
    item_id: int | None = whole(nullable=True)
    step_path: str = text()
    level: str = text()
    code: str = text()
    message: str = text()
    details: Any = data()
    at: datetime = moment()


class Worker(SQLModel, table=True):
    """Who claims runs, and when it was heard of last."""

    __tablename__ = "worker"
    __table_args__ = (_STRICT,)
    name: str = text(key=True)
    place: str = text()
    pid: int = whole()
    started: datetime = moment()
    seen: datetime = moment()
    capabilities: Any = data()
    version: str = text()


class State(SQLModel, table=True):
    """Sealed plain data kept between runs."""

    __tablename__ = "state"
    __table_args__ = (_STRICT,)
    name: str = text(key=True)
    exact: bytes = sealed()
    updated: datetime = moment()


class Meta(SQLModel, table=True):
    """Facts about this ledger: its id, its key's id, the head of the audit chain, the last clean-up."""

    __tablename__ = "meta"
    __table_args__ = (_STRICT,)
    name: str = text(key=True)
    value: str = text()


class Counter(SQLModel, table=True):
    """Where the next block of ids begins for rows whose id is known before they are written."""

    __tablename__ = "counter"
    __table_args__ = (_STRICT,)
    name: str = text(key=True)
    next: int = whole()


METADATA = SQLModel.metadata


def table(model: type[SQLModel]) -> Table:
    """The SQLAlchemy table of a table class."""
    found: Table = model.__table__  # type: ignore[attr-defined]
    return found


flow_revision = table(FlowRevision)
run = table(Run)
run_want = table(RunWant)
item = table(Item)
run_item = table(RunItem)
attempt = table(Attempt)
failure = table(Failure)
write = table(Write)
write_step = table(WriteStep)
blob = table(Blob)
artifact = table(Artifact)
review = table(Review)
audit = table(Audit)
firing = table(Firing)
event = table(Event)
worker = table(Worker)
state = table(State)
meta = table(Meta)
counter = table(Counter)
