"""Runs: the flow texts they point at, the queue, cancelling, and one run's record."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, func, insert, select, update

from rpa.ledger import records as t
from rpa.ledger.audit import AuditPart
from rpa.ledger.convert import run_record, with_failure
from rpa.ledger.errors import LedgerError
from rpa.ledger.types import NewRun, RunRecord

_LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's: no i, l, o, u
_OVER = ("succeeded", "failed", "cancelled", "abandoned")


def new_run_id(now: datetime) -> str:
    """`r-20261121-7f3k2x`: the day, four signs of the time of day (about 0.1 s), two by chance."""
    share = (now.hour * 3600 + now.minute * 60 + now.second + now.microsecond / 1e6) / 86400
    moment = int(share * 32**4)
    signs = "".join(_LETTERS[moment >> shift & 31] for shift in (15, 10, 5, 0))
    return f"r-{now:%Y%m%d}-{signs}{secrets.choice(_LETTERS)}{secrets.choice(_LETTERS)}"


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
        return self._write(lambda c: self._enqueue(c, run))

    def _enqueue(self, c: Connection, run: NewRun) -> str:
        if not c.execute(
            select(t.flow_revision.c.revision).where(t.flow_revision.c.revision == run.revision)
        ).first():
            raise LedgerError("revision-unknown", revision=run.revision)
        now = self._now()
        row = {
            "id": self._free_run_id(c, now),
            "flow_id": run.flow_id,
            "revision": run.revision,
            "status": "queued",
            "profile": run.profile,
            "trigger": run.trigger,
            "inputs_exact": self._seal(dict(run.inputs), b"run.inputs"),
            "inputs_shown": self._shown(dict(run.inputs)),
            "options": dict(run.options),
            "replay_of": run.replay_of,
            "frozen_now": run.frozen_now or now,
            "created": now,
            "actor": run.actor,
            "schedule": run.schedule,
            "occurrence": run.occurrence,
            "due": run.due,
            "not_before": run.not_before,
            "priority": run.priority,
            "max_duration_us": None if run.max_duration_s is None else int(run.max_duration_s * 1e6),
        }
        c.execute(insert(t.run).values(row))
        needs = run.options.get("needs") or ()
        wants = [("lock", name) for name in dict.fromkeys(run.locks)] + [
            ("need", str(n)) for n in dict.fromkeys(needs)
        ]
        if wants:
            c.execute(insert(t.run_want), [{"run_id": row["id"], "kind": k, "name": n} for k, n in wants])
        what = "replay" if run.replay_of else "enqueue"
        self._append_audit(
            c,
            run.actor or "?",
            what,
            str(row["id"]),
            {"flow": run.flow_id, "trigger": run.trigger, "replay_of": run.replay_of or ""},
        )
        return str(row["id"])

    @staticmethod
    def _free_run_id(c: Connection, now: datetime) -> str:
        while True:
            run_id = new_run_id(now)
            if not c.execute(select(t.run.c.id).where(t.run.c.id == run_id)).first():
                return run_id

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
        query = select(r.id).order_by(r.created.desc(), r.id.desc()).limit(1)
        if given != "last":
            begins = (
                and_(r.id >= given, r.id < given + "~")
                if self.database.is_sqlite
                else r.id.startswith(given, autoescape=True)
            )
            query = select(r.id).where(begins).limit(2)
        found = [str(x) for x in c.execute(query).scalars()]
        if len(found) != 1 or not given:
            raise LedgerError("run-ambiguous" if found else "run-unknown", run=given)
        return found[0]


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
