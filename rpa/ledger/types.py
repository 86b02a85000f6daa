"""The ledger's records as frozen values, and the words for their states.

SQLModel classes never leave `rpa/ledger/`; everything outside works with these. Times are aware UTC
datetimes. `data`, `inputs`, `outputs`, `answer` are plain data (`flows.data`) in their *exact* form when read
by the engine, and in their *masked* form when read for show (`masked=True` queries).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class RunStatus(StrEnum):
    queued = "queued"
    running = "running"
    waiting = "waiting"
    succeeded = "succeeded"
    failed = "failed"
    cancelled = "cancelled"
    abandoned = "abandoned"


class ItemStatus(StrEnum):
    new = "new"
    running = "running"
    waiting = "waiting"
    succeeded = "succeeded"
    failed_business = "failed_business"
    failed_application = "failed_application"
    failed_flow = "failed_flow"
    in_doubt = "in_doubt"
    cancelled = "cancelled"


class OutcomeKind(StrEnum):
    succeeded = "succeeded"
    failed = "failed"
    skipped = "skipped"
    rescued = "rescued"  # failed, but a catch or `on_error: continue` went on
    reused = "reused"  # a replay took the recorded outputs


class Verdict(StrEnum):
    """What is known of a write."""

    intended = "intended"  # intent recorded, no result: in doubt until settled
    committed = "committed"  # an ending `done` was seen
    settled_done = "settled_done"  # a probe or a person says it happened
    settled_not_done = "settled_not_done"  # a probe or a person says it did not happen
    refused = "refused"  # a business ending was seen


@dataclass(frozen=True, slots=True)
class FailureRecord:
    kind: str
    code: str
    message: str
    details: Mapping[str, Any] = field(default_factory=dict)
    effect: str = "none"
    step_path: str = ""
    id: int = 0
    run_id: str = ""
    item_id: int | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class NewRun:
    """What is enqueued. `key_*` columns of a replay say which items it takes and from where."""

    flow_id: str
    revision: str
    inputs: Mapping[str, Any]
    profile: str = "default"
    trigger: str = "cli"
    frozen_now: datetime | None = None
    replay_of: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    actor: str = ""
    priority: int = 0
    due: datetime | None = None
    not_before: datetime | None = None
    max_duration_s: float | None = None
    schedule: str | None = None
    occurrence: str | None = None
    locks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RunRecord:
    id: str
    flow_id: str
    revision: str
    status: RunStatus
    profile: str
    trigger: str
    inputs: Mapping[str, Any]
    outputs: Mapping[str, Any] | None
    options: Mapping[str, Any]
    replay_of: str | None
    frozen_now: datetime
    created: datetime
    started: datetime | None
    ended: datetime | None
    worker: str | None
    actor: str
    reason: str | None  # a code, when the run ended for a reason of its own (stop-after, worker-lost, …)
    counts: Mapping[str, int]  # items per status that this run touched, plus `known`
    failure: FailureRecord | None
    schedule: str | None = None
    occurrence: str | None = None
    due: datetime | None = None
    priority: int = 0
    max_duration_s: float | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to work on a run until the lease ends. `token` rises with every claim and fences the
    loser."""

    run_id: str
    token: int
    worker: str


@dataclass(frozen=True, slots=True)
class ItemRecord:
    """`n` is its position in the run that found it. `data_hash` tells whether its data changed."""

    id: int
    flow_id: str
    profile: str
    key: str
    status: ItemStatus
    data: Mapping[str, Any]
    data_hash: str
    tries: int
    run_id: str | None  # the run that touched it last
    created: datetime
    updated: datetime
    failure: FailureRecord | None
    n: int = 0
    priority: int = 0
    not_before: datetime | None = None
    due: datetime | None = None
    erased: bool = False  # retention, or a person, took its data away


@dataclass(frozen=True, slots=True)
class Found:
    """What adding an item found: `new`, `again` (may be taken: new or failed_application), or `known`."""

    item: ItemRecord
    how: str
    reason: str = ""
    changed: bool = False


@dataclass(frozen=True, slots=True)
class AttemptRecord:
    """The n-th try of one step for one item try (item_id None: session, on_failure or itemless scope)."""

    run_id: str
    item_id: int | None
    item_try: int
    step_path: str
    step_try: int
    action: str
    params: Any
    outcome: OutcomeKind
    outputs: Any
    failure: FailureRecord | None
    started: datetime
    ended: datetime
    reason: str = ""  # of a skip or a reuse
    notes: Mapping[str, Any] = field(default_factory=dict)
    phase: str = "steps"  # session | steps | done_if | on_failure
    name: str = ""
    id: int = 0
    artifacts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WriteRecord:
    id: int
    profile: str
    what: str
    key: str
    item_id: int | None
    run_id: str
    step_path: str
    verdict: Verdict
    intent_at: datetime | None
    settled_at: datetime | None
    settled_by: str  # expect | done_if | person:NAME
    result: Any
    flow_id: str = ""


@dataclass(frozen=True, slots=True)
class ArtifactRecord:
    id: int
    run_id: str
    item_id: int | None
    step_path: str
    kind: str
    name: str
    sha256: str
    size: int
    media_type: str
    path: str
    created: datetime
    keep_until: datetime | None


@dataclass(frozen=True, slots=True)
class ReviewRecord:
    id: int
    run_id: str
    item_id: int | None
    step_path: str
    kind: str
    question: Mapping[str, Any]
    status: str  # open | answered | rejected | withdrawn
    answer: Mapping[str, Any] | None
    by: str | None
    asked: datetime
    answered: datetime | None


@dataclass(frozen=True, slots=True)
class AuditRecord:
    id: int
    at: datetime
    who: str
    what: str
    subject: str
    details: Mapping[str, Any]
    hash: str


@dataclass(frozen=True, slots=True)
class NewFiring:
    """What was due, with the run that it starts or without one; `reason` says why."""

    schedule: str
    occurrence: str
    due: datetime | None
    reason: str
    run: NewRun | None = None


@dataclass(frozen=True, slots=True)
class FiringRecord:
    schedule: str
    occurrence: str
    run_id: str | None
    reason: str
    at: datetime
    due: datetime | None = None


@dataclass(frozen=True, slots=True)
class EventRecord:
    """One line of a run's log: `level` debug | info | warning; `code` when it has a catalogue text."""

    run_id: str
    item_id: int | None
    step_path: str
    level: str
    code: str
    message: str
    details: Mapping[str, Any]
    at: datetime
