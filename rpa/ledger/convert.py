"""Rows of the tables as the records that others see."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Row, Select, select

from flows.data import decode
from rpa.ledger import records as t
from rpa.ledger.types import (
    ArtifactRecord,
    AttemptRecord,
    EventRecord,
    FailureRecord,
    FiringRecord,
    ItemRecord,
    ItemStatus,
    OutcomeKind,
    ReviewRecord,
    RunRecord,
    RunStatus,
    Verdict,
    WriteRecord,
)

AnyRow = Row[Any]
_FAILURE_NAMES = tuple(c.name for c in t.failure.c)
_FAILURE = {f"failure__{c.name}": c for c in t.failure.c}


def with_failure(table: Any) -> Select[Any]:
    """`SELECT table.*, failure.*` by the table's `failure_id`."""
    joined = table.outerjoin(t.failure, t.failure.c.id == table.c.failure_id)
    return select(*table.c, *(c.label(name) for name, c in _FAILURE.items())).select_from(joined)


def joined_failure(row: AnyRow) -> FailureRecord | None:
    m = row._mapping
    return (
        None
        if m["failure__id"] is None
        else failure_record({n: m[f"failure__{n}"] for n in _FAILURE_NAMES})
    )


def failure_record(m: Mapping[str, Any]) -> FailureRecord:
    return FailureRecord(
        kind=m["kind"],
        code=m["code"],
        message=m["message"],
        details=m["details"] or {},
        effect=m["effect"],
        step_path=m["step_path"],
        id=m["id"],
        run_id=m["run_id"],
        item_id=m["item_id"],
        at=m["at"],
    )


def run_record(row: AnyRow, inputs: Any, outputs: Any, counts: Mapping[str, int]) -> RunRecord:
    return RunRecord(
        id=row.id,
        flow_id=row.flow_id,
        revision=row.revision,
        status=RunStatus(row.status),
        profile=row.profile,
        trigger=row.trigger,
        inputs=inputs or {},
        outputs=outputs,
        options=row.options or {},
        replay_of=row.replay_of,
        frozen_now=row.frozen_now,
        created=row.created,
        started=row.started,
        ended=row.ended,
        worker=row.worker,
        actor=row.actor,
        reason=row.reason,
        counts=counts,
        failure=joined_failure(row),
        schedule=row.schedule,
        occurrence=row.occurrence,
        due=row.due,
        priority=row.priority,
        max_duration_s=None if row.max_duration_us is None else row.max_duration_us / 1e6,
    )


def item_record(row: AnyRow, data: Any) -> ItemRecord:
    return ItemRecord(
        id=row.id,
        flow_id=row.flow_id,
        profile=row.profile,
        key=row.key,
        status=ItemStatus(row.status),
        data=data or {},
        data_hash=row.data_hash,
        tries=row.tries,
        run_id=row.run_id,
        created=row.created,
        updated=row.updated,
        failure=joined_failure(row),
        n=row.n,
        priority=row.priority,
        not_before=row.not_before,
        due=row.due,
        erased=row.data_exact is None,
    )


def attempt_record(row: AnyRow, values: Mapping[str, Any]) -> AttemptRecord:
    return AttemptRecord(
        run_id=row.run_id,
        item_id=row.item_id,
        item_try=row.item_try,
        step_path=row.step_path,
        step_try=row.step_try,
        action=row.action,
        params=values.get("params"),
        outcome=OutcomeKind(row.outcome),
        outputs=values.get("outputs"),
        failure=joined_failure(row),
        started=row.started,
        ended=row.ended,
        reason=row.reason,
        notes=values.get("notes") or {},
        phase=row.phase,
        name=row.name,
        id=row.id,
        artifacts=tuple(decode(row.artifacts)) if row.artifacts else (),
    )


def write_record(row: AnyRow, result: Any) -> WriteRecord:
    return WriteRecord(
        id=row.id,
        profile=row.profile,
        what=row.what,
        key=row.key,
        item_id=row.item_id,
        run_id=row.run_id,
        step_path=row.step_path,
        verdict=Verdict(row.verdict),
        intent_at=row.intent_at,
        settled_at=row.settled_at,
        settled_by=row.settled_by,
        result=result,
        flow_id=row.flow_id,
    )


def artifact_record(row: AnyRow, path: str) -> ArtifactRecord:
    return ArtifactRecord(
        id=row.id,
        run_id=row.run_id,
        item_id=row.item_id,
        step_path=row.step_path,
        kind=row.kind,
        name=row.name,
        sha256=row.sha256,
        size=row.size,
        media_type=row.media_type,
        path=path,
        created=row.created,
        keep_until=row.keep_until,
    )


def review_record(row: AnyRow, question: Any, answer: Any) -> ReviewRecord:
    return ReviewRecord(
        id=row.id,
        run_id=row.run_id,
        item_id=row.item_id,
        step_path=row.step_path,
        kind=row.kind,
        question=question or {},
        status=row.status,
        answer=answer,
        by=row.by,
        asked=row.asked,
        answered=row.answered,
    )


def firing_record(row: AnyRow) -> FiringRecord:
    return FiringRecord(row.schedule, row.occurrence, row.run_id, row.reason, row.at, row.due)


def event_record(row: AnyRow) -> EventRecord:
    return EventRecord(
        row.run_id, row.item_id, row.step_path, row.level, row.code, row.message, row.details or {}, row.at
    )
