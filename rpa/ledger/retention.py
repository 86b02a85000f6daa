"""Retention: what is old goes, and the disk gets its room back. Items and writes stay for ever, without their
data: a document is never entered twice, however long ago it was."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, delete, exists, not_, or_, select, text, update

from rpa.ledger import records as t
from rpa.ledger.attempts import ORPHAN_GRACE
from rpa.ledger.database import BUSY_S
from rpa.ledger.store import Ledger

_BATCH = 200
_LAST = "pruned_at"
_HELD = ("running", "waiting", "in_doubt")
_PAGES = 2000


@dataclass(frozen=True, slots=True)
class Retention:
    """Days that things are kept. None: for ever. Pinned runs, and runs with open items, are always kept."""

    succeeded_days: float | None = 30
    failed_days: float | None = 180
    data_days: float | None = 365


@dataclass(frozen=True, slots=True)
class Pruned:
    """What a clean-up removed. `freed` and `file_freed`: bytes of the ledger and of the artifact store."""

    runs: int = 0
    items_erased: int = 0
    artifacts: int = 0
    files: int = 0
    firings: int = 0
    freed: int = 0
    file_freed: int = 0


def prune(
    ledger: Ledger,
    retention: Retention | None = None,
    *,
    dry_run: bool = False,
    orphan_grace: timedelta = ORPHAN_GRACE,
) -> Pruned:
    """Removes what is older than `retention`, in short transactions, then returns the room to the disk."""
    retention, now = retention or Retention(), ledger.clock.now()
    ledger.waiting_for_flush()
    if dry_run:
        return Pruned(runs=len(list(_old_runs(ledger, retention, now))))
    before = file_bytes(ledger)
    runs = sum(_remove_runs(ledger, batch) for batch in _batches(_old_runs(ledger, retention, now)))
    erased = _erase_old_data(ledger, retention, now)
    artifacts = _expired_artifacts(ledger, now)
    firings = _old_firings(ledger, retention, now)
    files, file_freed = _orphans(ledger, now - orphan_grace)
    give_back_room(ledger)
    _note(ledger, now)
    return Pruned(runs, erased, artifacts, files, firings, max(0, before - file_bytes(ledger)), file_freed)


def maintain(
    ledger: Ledger, retention: Retention | None = None, *, every: timedelta = timedelta(days=1)
) -> Pruned | None:
    """`prune` when the last one is `every` ago: for whoever idles (a serving worker). None when it was not
    due."""
    last, now = last_pruned(ledger), ledger.clock.now()
    return prune(ledger, retention) if last is None or now - last >= every else None


def last_pruned(ledger: Ledger) -> datetime | None:
    with ledger.database.reading() as c:
        found = c.execute(select(t.meta.c.value).where(t.meta.c.name == _LAST)).scalar()
    return datetime.fromisoformat(found) if found else None


def pin(ledger: Ledger, run_id: str, *, on: bool, actor: str) -> str:
    """Keeps a run for ever, or no longer. Audited. Returns the full id."""
    found = ledger.run(run_id, masked=True).id

    def work(c: Connection) -> None:
        c.execute(update(t.run).where(t.run.c.id == found).values(pinned=int(on)))
        ledger._append_audit(c, actor, "pin" if on else "unpin", found, {})

    ledger.writer.now(work)
    return found


def erase_item(ledger: Ledger, item_id: int, *, actor: str) -> None:
    """Forgets what an item held (its data, its attempts' values, questions, files); that it was done stays
    known. Refused with `item-running` or `item-in-doubt` like reopening."""
    from rpa.ledger.errors import LedgerError

    status = ledger.item(item_id, masked=True).status
    if status in _HELD:
        raise LedgerError("item-in-doubt" if status == "in_doubt" else "item-running", item=item_id)

    def work(c: Connection) -> None:
        _erase_items(c, [item_id])
        c.execute(update(t.attempt).where(t.attempt.c.item_id == item_id).values(exact=None, shown=None))
        c.execute(
            update(t.review)
            .where(t.review.c.item_id == item_id)
            .values(question_exact=None, question_shown=None, answer_exact=None, answer_shown=None)
        )
        c.execute(delete(t.artifact).where(t.artifact.c.item_id == item_id))
        ledger._append_audit(c, actor, "erase", f"item:{item_id}", {})

    ledger.writer.now(work)


# ── runs ──
def _old_runs(ledger: Ledger, retention: Retention, now: datetime) -> Iterator[str]:
    r, ri, i = t.run.c, t.run_item.c, t.item.c
    held = exists().where(ri.run_id == r.id, i.id == ri.item_id, i.run_id == r.id, i.status.in_(_HELD))
    ages = []
    for days, statuses in (
        (retention.succeeded_days, ("succeeded", "cancelled")),
        (retention.failed_days, ("failed", "abandoned")),
    ):
        if days is not None:
            ages.append((r.status.in_(statuses)) & (r.ended < now - timedelta(days=days)))
    if not ages:
        return
    with ledger.database.reading() as c:
        found = list(
            c.execute(select(r.id).where(or_(*ages), r.pinned == 0, not_(held)).order_by(r.created)).scalars()
        )
    yield from found


def _batches(ids: Iterator[str]) -> Iterator[list[str]]:
    from itertools import islice

    while batch := list(islice(ids, _BATCH)):
        yield batch


def _remove_runs(ledger: Ledger, ids: list[str]) -> int:
    """References first where the schema keeps none; attempts, events, failures, reviews go with their run. An
    item's failure is one of a run that touched it: so they are found without going through all items.
    """

    def work(c: Connection) -> int:
        gone = select(t.failure.c.id).where(t.failure.c.run_id.in_(ids))
        touched = select(t.run_item.c.item_id).where(t.run_item.c.run_id.in_(ids))
        of_gone = (t.item.c.id.in_(touched), t.item.c.failure_id.in_(gone))
        c.execute(update(t.item).where(*of_gone).values(failure_id=None))
        return int(c.execute(delete(t.run).where(t.run.c.id.in_(ids))).rowcount)

    return ledger.writer.now(work)


def _erase_old_data(ledger: Ledger, retention: Retention, now: datetime) -> int:
    if retention.data_days is None:
        return 0
    i, w, cut = t.item.c, t.write.c, now - timedelta(days=retention.data_days)
    old = select(i.id).where(
        i.run_id.is_(None), i.updated < cut, i.data_exact.is_not(None), i.status.not_in(_HELD)
    )

    def work(c: Connection) -> int:
        ids = list(c.execute(old.limit(_BATCH)).scalars())
        _erase_items(c, ids)
        return len(ids)

    total = 0
    while erased := ledger.writer.now(work):
        total += erased
    ledger.writer.now(
        lambda c: c.execute(
            update(t.write).where(w.settled_at < cut).values(result_exact=None, result_shown=None)
        )
    )
    return total


def _erase_items(c: Connection, ids: list[int]) -> None:
    c.execute(
        update(t.item)
        .where(t.item.c.id.in_(ids))
        .values(data_exact=None, data_shown=None, outputs_exact=None, outputs_shown=None)
    )


def _old_firings(ledger: Ledger, retention: Retention, now: datetime) -> int:
    if retention.failed_days is None:
        return 0
    old = delete(t.firing).where(t.firing.c.at < now - timedelta(days=retention.failed_days))
    return ledger.writer.now(lambda c: int(c.execute(old).rowcount))


# ── files ──
def _expired_artifacts(ledger: Ledger, now: datetime) -> int:
    pinned = select(t.run.c.id).where(t.run.c.pinned == 1)
    old = delete(t.artifact).where(t.artifact.c.keep_until < now, t.artifact.c.run_id.not_in(pinned))
    return ledger.writer.now(lambda c: int(c.execute(old).rowcount))


def _orphan_query(before: datetime) -> Select[Any]:
    b = t.blob.c
    return select(b.sha256).where(b.kept < before, not_(exists().where(t.artifact.c.sha256 == b.sha256)))


def _orphans(ledger: Ledger, before: datetime) -> tuple[int, int]:
    """Contents that no artifact names any more. The file goes under the lock that `keep` takes too."""

    def work(c: Connection) -> tuple[int, int]:
        names = list(c.execute(_orphan_query(before).limit(_BATCH)).scalars())
        freed = sum(ledger.blobs.remove(sha256) for sha256 in names)
        c.execute(delete(t.blob).where(t.blob.c.sha256.in_(names)))
        return len(names), freed

    files = freed = 0
    while (step := ledger.writer.now(work))[0]:
        files, freed = files + step[0], freed + step[1]
    ledger._stored_bytes = -1
    return files, freed


# ── room ──
def give_back_room(ledger: Ledger) -> None:
    """SQLite: free pages go back to the disk, and so does the write-ahead log. PostgreSQL does it by
    itself."""
    if not ledger.database.is_sqlite:
        return
    with ledger.database.bare() as cursor:
        cursor.execute(f"PRAGMA busy_timeout={int(BUSY_S * 1000)}")
        left, before = _free_pages(cursor), -1
        while left and left != before:
            cursor.execute(f"PRAGMA incremental_vacuum({_PAGES})")
            cursor.fetchall()  # it goes on only while its empty rows are fetched
            left, before = _free_pages(cursor), left
        with ledger.database.copying_alone:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            cursor.fetchall()


def _free_pages(cursor: Any) -> int:
    cursor.execute("PRAGMA freelist_count")
    return int(cursor.fetchone()[0])


def file_bytes(ledger: Ledger) -> int:
    """What the ledger occupies: file and write-ahead log, or PostgreSQL's database."""
    path = ledger.database.path
    if path is None:
        with ledger.database.reading() as c:
            return int(c.execute(text("SELECT pg_database_size(current_database())")).scalar_one())
    wal = path.with_name(path.name + "-wal")
    return path.stat().st_size + (wal.stat().st_size if wal.exists() else 0)


def _note(ledger: Ledger, now: datetime) -> None:
    def work(c: Connection) -> None:
        c.execute(delete(t.meta).where(t.meta.c.name == _LAST))
        c.execute(t.meta.insert().values(name=_LAST, value=now.isoformat()))

    ledger.writer.now(work)
