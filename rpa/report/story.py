"""Everything that the ledger tells about one run, gathered once, in masked form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rpa.ledger.port import LedgerPort
from rpa.ledger.types import (
    ArtifactRecord,
    AttemptRecord,
    EventRecord,
    ItemRecord,
    ItemStatus,
    ReviewRecord,
    RunRecord,
    WriteRecord,
)

_ORDER = (
    ItemStatus.in_doubt,
    ItemStatus.failed_flow,
    ItemStatus.failed_application,
    ItemStatus.failed_business,
    ItemStatus.waiting,
    ItemStatus.running,
    ItemStatus.new,
    ItemStatus.cancelled,
    ItemStatus.succeeded,
)


@dataclass(frozen=True)
class ItemStory:
    """One item and what this run did with it, in order of time."""

    item: ItemRecord
    attempts: tuple[AttemptRecord, ...]
    artifacts: tuple[ArtifactRecord, ...]
    writes: tuple[WriteRecord, ...]
    reviews: tuple[ReviewRecord, ...]


@dataclass(frozen=True)
class RunStory:
    """A run with its items, those that need somebody first; `around`: attempts outside any item."""

    run: RunRecord
    items: tuple[ItemStory, ...]
    around: tuple[AttemptRecord, ...]
    events: tuple[EventRecord, ...]
    artifacts: tuple[ArtifactRecord, ...]
    title: str
    first: datetime
    last: datetime


def is_extraction(outputs: Any) -> bool:
    """Whether a step's outputs are what `document.extract` or `review.ask` gives."""
    return (
        isinstance(outputs, Mapping) and isinstance(outputs.get("details"), Mapping) and "doctype" in outputs
    )


def run_story(ledger: LedgerPort, run_id: str) -> RunStory:
    """Reads the run. LedgerError `run-unknown`."""
    run = ledger.run(run_id, masked=True)
    attempts, artifacts, writes = (
        ledger.attempts(run.id),
        ledger.artifacts(run.id),
        ledger.writes(run_id=run.id),
    )
    reviews = ledger.reviews(status=None, run_id=run.id)
    stories = [
        ItemStory(
            item,
            tuple(a for a in attempts if a.item_id == item.id),
            tuple(a for a in artifacts if a.item_id == item.id),
            tuple(w for w in writes if w.item_id == item.id),
            tuple(r for r in reviews if r.item_id == item.id),
        )
        for item in ledger.items(run_id=run.id)
    ]
    stories.sort(key=lambda s: (_ORDER.index(s.item.status), s.item.n, s.item.id))
    times = [run.started or run.created, *(t for a in attempts for t in (a.started, a.ended))]
    return RunStory(
        run,
        tuple(stories),
        tuple(a for a in attempts if a.item_id is None),
        tuple(ledger.events(run.id)),
        tuple(a for a in artifacts if a.item_id is None),
        run.flow_id,
        min(times),
        max([*times, run.ended or times[0]]),
    )
