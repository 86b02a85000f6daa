"""Runs: the flow texts they point at, the queue, cancelling, and one run's record."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from rpa.ledger import records as t
from rpa.ledger.audit import AuditPart, Entry
from rpa.ledger.convert import run_record, with_failure
from rpa.ledger.errors import LedgerError
from rpa.ledger.search import id_begins
from rpa.ledger.types import NewRun, RunRecord

_LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's: no i, l, o, u
_OVER = ("succeeded", "failed", "cancelled", "abandoned")


def new_run_id(now: datetime, chance: int = 2) -> str:
    """`r-20261121-7f3k2x`: the day, four signs of the time of day (about 0.1 s), `chance` by chance."""
    share = (now.hour * 3600 + now.minute * 60 + now.second + now.microsecond / 1e6) / 86400
    moment = int(share * 32**4)
    signs = "".join(_LETTERS[moment >> shift & 31] for shift in (15, 10, 5, 0))
    return f"r-{now:%Y%m%d}-{signs}{''.join(secrets.choice(_LETTERS) for _ in range(chance))}"


class RunsPart(AuditPart):
    """One door into execution: everything enqueues, a worker claims."""

    # ── flows ──
    def put_revision(self, flow_id: str, revision: str, texts: Mapping[str, str], title: str = "") -> None:
        """Flushed. A revision that is there already stays as it is."""

        def work(c: Connection) -> None:
            if c.execute(
                select(t.flow_revision.c.revision).where(t.flow_revision.c.revision == revision)
            ).first():
                return
            pairs = [
                [name, text] for name, text in texts.items()
            ]  # a list keeps the order: the flow comes first
            c.execute(
                insert(t.flow_revision).values(
                    revision=revision, flow_id=flow_id, title=title, texts=pairs, created=self._now()
                )
            )

        with self._reading() as c:
            if c.execute(
                select(t.flow_revision.c.revision).where(t.flow_revision.c.revision == revision)
            ).first():
                return
        self._write(work)

    def revision(self, revision: str) -> Mapping[str, str]:
        with self._reading() as c:
            pairs = c.execute(
                select(t.flow_revision.c.texts).where(t.flow_revision.c.revision == revision)
            ).scalar()
        if pairs is None:
            raise LedgerError("revision-unknown", revision=revision)
        return dict(pairs)

    def approve(self, revision: str, *, by: str) -> None:
        """A second person read this flow text. Flushed, audited."""

        def work(c: Connection) -> None:
            done = c.execute(
                update(t.flow_revision)
                .where(t.flow_revision.c.revision == revision)
                .values(approved=self._now(), approved_by=by)
            )
            if not done.rowcount:
                raise LedgerError("revision-unknown", revision=revision)
            self._append_audit(c, by, "approve", revision, {})

        self._write(work)

    def approved_by(self, revision: str) -> str | None:
        with self._reading() as c:
            return c.execute(
                select(t.flow_revision.c.approved_by).where(t.flow_revision.c.revision == revision)
            ).scalar()

    # ── the queue ──
    def enqueue(self, run: NewRun) -> str:
        prepared = self._run_values(run)
        return self._write(lambda c: self._enqueue_all(c, [run], [prepared])[0])

    def _run_values(self, run: NewRun) -> dict[str, Any]:
        """The row of a run to be queued, without what only the transaction knows."""
        return {
            "flow_id": run.flow_id,
            "revision": run.revision,
            "status": "queued",
            "profile": run.profile,
            "trigger": run.trigger,
            "inputs_exact": self._seal(dict(run.inputs), b"run.inputs"),
            "inputs_shown": self._shown(dict(run.inputs)),
            "options": dict(run.options),
            "replay_of": run.replay_of,
            "actor": run.actor,
            "schedule": run.schedule,
            "occurrence": run.occurrence,
            "due": run.due,
            "not_before": run.not_before,
            "priority": run.priority,
            "max_duration_us": None if run.max_duration_s is None else int(run.max_duration_s * 1e6),
        }

    def _enqueue_all(
        self, c: Connection, runs: Sequence[NewRun], prepared: Sequence[Mapping[str, Any]]
    ) -> list[str]:
        """Their ids, in order; `prepared` holds `_run_values` of each."""
        if not runs:
            return []
        _know_revisions(c, {run.revision for run in runs})
        now = self._now()
        ids = _free_run_ids(c, now, len(runs))
        rows = [
            {**values, "id": run_id, "frozen_now": run.frozen_now or now, "created": now}
            for run_id, run, values in zip(ids, runs, prepared, strict=True)
        ]
        c.execute(insert(t.run), rows)
        wants = [want for run_id, run in zip(ids, runs, strict=True) for want in _wants(run_id, run)]
        if wants:
            c.execute(insert(t.run_want), wants)
        self._append_audits(c, [_queued(run_id, run) for run_id, run in zip(ids, runs, strict=True)])
        return ids

    def requeue(self, run_id: str, *, actor: str) -> None:
        def work(c: Connection) -> None:
            if not to_queue(c, run_id):
                raise LedgerError("run-not-waiting", run=run_id)
            self._append_audit(c, actor, "requeue", run_id, {})

        self._write(work)

    # ── cancelling ──
    def request_cancel(self, run_id: str, *, actor: str) -> bool:
        """A queued or waiting run ends at once, a running one is asked to. False when it was over already."""

        def work(c: Connection) -> bool:
            status = c.execute(select(t.run.c.status).where(t.run.c.id == run_id).with_for_update()).scalar()
            if status is None:
                raise LedgerError("run-unknown", run=run_id)
            if status in _OVER:
                return False
            values: dict[str, Any] = {"cancel_asked": self._now(), "cancel_by": actor}
            if status != "running":
                self._withdraw(c, run_id)
                values |= {"status": "cancelled", "reason": "cancelled", "ended": self._now()}
            c.execute(update(t.run).where(t.run.c.id == run_id).values(values))
            self._append_audit(c, actor, "cancel", run_id, {"status": status})
            return True

        return self._write(work, ending=True)

    def _withdraw(self, c: Connection, run_id: str) -> None:
        """A cancelled run's questions are not asked any more; their items count as cancelled."""
        i = t.item.c
        c.execute(
            update(t.run_item)
            .where(t.run_item.c.run_id == run_id, t.run_item.c.status == "waiting")
            .values(status="cancelled")
        )
        c.execute(
            update(t.item)
            .where(i.run_id == run_id, i.status == "waiting")
            .values(status="cancelled", updated=self._now())
        )
        c.execute(
            update(t.review)
            .where(t.review.c.run_id == run_id, t.review.c.status == "open")
            .values(status="withdrawn")
        )

    def cancel_requested(self, run_id: str) -> bool:
        with self._reading() as c:
            return c.execute(select(t.run.c.cancel_asked).where(t.run.c.id == run_id)).scalar() is not None

    # ── one run ──
    def run(self, run_id: str, *, masked: bool = False) -> RunRecord:
        with self._reading() as c:
            found = self._find_run(c, run_id)
            row = c.execute(with_failure(t.run).where(t.run.c.id == found)).one()
            counts = item_counts_of(c, [found]).get(found, {})
        if masked:
            return run_record(row, row.inputs_shown, row.outputs_shown, with_known(counts, row.known))
        inputs = self._open(row.inputs_exact, b"run.inputs")
        return run_record(
            row, inputs, self._open(row.outputs_exact, b"run.outputs"), with_known(counts, row.known)
        )

    def _find_run(self, c: Connection, given: str) -> str:
        r = t.run.c
        if c.execute(select(r.id).where(r.id == given)).first():
            return given
        newest = select(func.max(r.created)).scalar_subquery()  # by its index: an order by both would sort all runs
        query = select(r.id).where(r.created == newest).order_by(r.id.desc()).limit(1)
        if given != "last":
            query = select(r.id).where(id_begins(c, given)).limit(2)
        found = [str(x) for x in c.execute(query).scalars()]
        if len(found) != 1 or not given:
            raise LedgerError("run-ambiguous" if found else "run-unknown", run=given)
        return found[0]


def _know_revisions(c: Connection, revisions: set[str]) -> None:
    known = t.flow_revision.c.revision
    missing = revisions - set(c.execute(select(known).where(known.in_(revisions))).scalars())
    if missing:
        raise LedgerError("revision-unknown", revision=min(missing))


def _free_run_ids(c: Connection, now: datetime, number: int) -> list[str]:
    """So many new ids. Each try has a sign more, since 1,024 of one moment can be taken."""
    found: dict[str, None] = {}
    chance = 2 if number == 1 else 4
    while len(found) < number:
        tried = {new_run_id(now, chance) for _ in range(number - len(found))}
        taken = set(c.execute(select(t.run.c.id).where(t.run.c.id.in_(tried))).scalars())
        found.update(dict.fromkeys(sorted(tried - taken)))
        chance += 1
    return list(found)


def _wants(run_id: str, run: NewRun) -> Iterator[dict[str, str]]:
    needs = run.options.get("needs") or ()
    for kind, names in (("lock", run.locks), ("need", needs)):
        yield from ({"run_id": run_id, "kind": kind, "name": str(n)} for n in dict.fromkeys(names))


def _queued(run_id: str, run: NewRun) -> Entry:
    details = {"flow": run.flow_id, "trigger": run.trigger, "replay_of": run.replay_of or ""}
    return run.actor or "?", "replay" if run.replay_of else "enqueue", run_id, details


def to_queue(c: Connection, run_id: str) -> bool:
    done = c.execute(
        update(t.run)
        .where(t.run.c.id == run_id, t.run.c.status == "waiting")
        .values(status="queued", ended=None, answered=0)
    )
    return bool(done.rowcount)


def item_counts_of(c: Connection, run_ids: Sequence[str]) -> dict[str, dict[str, int]]:
    """{run id: {item status: how many}}."""
    ri = t.run_item.c
    query = (
        select(ri.run_id, ri.status, func.count())
        .where(ri.run_id.in_(run_ids))
        .group_by(ri.run_id, ri.status)
    )
    found: dict[str, dict[str, int]] = {}
    for run_id, status, number in c.execute(query):
        found.setdefault(run_id, {})[status] = number
    return found


def with_known(counts: Mapping[str, int], known: Mapping[str, int] | None) -> dict[str, int]:
    """The counts, and how many items were `known`."""
    return {**counts, "known": sum(known.values())} if known else dict(counts)
