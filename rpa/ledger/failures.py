"""Failures: one row each, however many times it is told (by the attempt, the item, the run)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from rpa.ledger import records as t
from rpa.ledger.types import FailureRecord


def failure_row(failure: FailureRecord, failure_id: int, *, run_id: str, now: datetime) -> Mapping[str, Any]:
    return {
        "id": failure_id,
        "run_id": run_id,
        "item_id": failure.item_id,
        "step_path": failure.step_path,
        "kind": failure.kind,
        "code": failure.code,
        "message": failure.message,
        "details": dict(failure.details),
        "effect": failure.effect,
        "at": failure.at or now,
    }


def add_failure(
    c: Connection,
    failure: FailureRecord,
    failure_id: int,
    *,
    run_id: str,
    now: datetime,
    item_id: int | None = None,
) -> int:
    """The id of the failure's row. An item that ends, or a run, repeats what its last attempt recorded:
    then the attempt's row (which knows the step) stands for it."""
    f = t.failure.c
    item_id = failure.item_id if failure.item_id is not None else item_id
    if not failure.step_path:
        query = select(f.id, f.code, f.effect).where(f.run_id == run_id, f.item_id == item_id)
        last = c.execute(query.order_by(f.id.desc()).limit(1)).first()
        if last is not None and last.code == failure.code and last.effect == failure.effect:
            return int(last.id)
    row = {**failure_row(failure, failure_id, run_id=run_id, now=now), "item_id": item_id}
    c.execute(insert(t.failure).values(row))
    return failure_id
