"""Runs: enqueued, claimed with a lease, renewed, ended, swept when their worker is lost."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, delete, exists, func, insert, literal, not_, or_, select, update

import rpa
from rpa.ledger import records as t
from rpa.ledger.audit import AuditPart
from rpa.ledger.clock import process_lives, process_place, process_start
from rpa.ledger.convert import run_record, with_failure
from rpa.ledger.errors import ClaimLost, LedgerError
from rpa.ledger.failures import add_failure
from rpa.ledger.types import Claim, FailureRecord, NewRun, RunRecord, RunStatus

CLAIM_LOCK = 7_216_002  # PostgreSQL: one claimer at a time, so that two runs cannot take the same lock
_LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's: no i, l, o, u
_FREE = {
    "worker": None, "lease_until": None, "lease_boot": None, "place": None, "supervisor_pid": None,
    "supervisor_start": None, "child_pid": None, "child_start": None,
}
_MAY_GO_ON = (RunStatus.waiting, RunStatus.succeeded, RunStatus.failed)
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
            if c.execute(select(t.flow_revision.c.revision).where(t.flow_revision.c.revision == revision)).first():
                return
            pairs = [[name, text] for name, text in texts.items()]  # a list keeps the order: the flow comes first
            c.execute(insert(t.flow_revision).values(
                revision=revision, flow_id=flow_id, title=title, texts=pairs, created=self._now()))

        with self._reading() as c:
            if c.execute(select(t.flow_revision.c.revision).where(t.flow_revision.c.revision == revision)).first():
                return
        self._write(work)

    def revision(self, revision: str) -> Mapping[str, str]:
        with self._reading() as c:
            pairs = c.execute(select(t.flow_revision.c.texts).where(t.flow_revision.c.revision == revision)).scalar()
        if pairs is None:
            raise LedgerError("revision-unknown", revision=revision)
        return dict(pairs)

    def approve(self, revision: str, *, by: str) -> None:
        """A second person read this flow text. Flushed, audited."""
        def work(c: Connection) -> None:
            done = c.execute(update(t.flow_revision).where(t.flow_revision.c.revision == revision)
                             .values(approved=self._now(), approved_by=by))
            if not done.rowcount:
                raise LedgerError("revision-unknown", revision=revision)
            self._append_audit(c, by, "approve", revision, {})

        self._write(work)

    def approved_by(self, revision: str) -> str | None:
        with self._reading() as c:
            return c.execute(select(t.flow_revision.c.approved_by)
                             .where(t.flow_revision.c.revision == revision)).scalar()

    # ── the queue ──
    def enqueue(self, run: NewRun) -> str:
        return self._write(lambda c: self._enqueue(c, run))

    def _enqueue(self, c: Connection, run: NewRun) -> str:
        if not c.execute(select(t.flow_revision.c.revision).where(t.flow_revision.c.revision == run.revision)).first():
            raise LedgerError("revision-unknown", revision=run.revision)
        now = self._now()
        row = {
            "id": self._free_run_id(c, now), "flow_id": run.flow_id, "revision": run.revision,
            "status": "queued", "profile": run.profile, "trigger": run.trigger,
            "inputs_exact": self._seal(dict(run.inputs), b"run.inputs"), "inputs_shown": self._shown(dict(run.inputs)),
            "options": dict(run.options), "replay_of": run.replay_of, "frozen_now": run.frozen_now or now,
            "created": now, "actor": run.actor, "schedule": run.schedule, "occurrence": run.occurrence,
            "due": run.due, "not_before": run.not_before, "priority": run.priority,
            "max_duration_us": None if run.max_duration_s is None else int(run.max_duration_s * 1e6),
        }
        c.execute(insert(t.run).values(row))
        needs = run.options.get("needs") or ()
        wants = [("lock", name) for name in dict.fromkeys(run.locks)] + [("need", str(n)) for n in dict.fromkeys(needs)]
        if wants:
            c.execute(insert(t.run_want), [{"run_id": row["id"], "kind": k, "name": n} for k, n in wants])
        what = "replay" if run.replay_of else "enqueue"
        self._append_audit(c, run.actor or "?", what, str(row["id"]),
                           {"flow": run.flow_id, "trigger": run.trigger, "replay_of": run.replay_of or ""})
        return str(row["id"])

    @staticmethod
    def _free_run_id(c: Connection, now: datetime) -> str:
        while True:
            run_id = new_run_id(now)
            if not c.execute(select(t.run.c.id).where(t.run.c.id == run_id)).first():
                return run_id

    def requeue(self, run_id: str, *, actor: str) -> None:
        def work(c: Connection) -> None:
            if not _to_queue(c, run_id):
                raise LedgerError("run-not-waiting", run=run_id)
            self._append_audit(c, actor, "requeue", run_id, {})

        self._write(work)

    # ── claims ──
    def claim(self, worker: str, *, run_id: str | None = None, lease_s: float = 30.0,
              capabilities: Sequence[str] = ()) -> tuple[Claim, RunRecord] | None:
        self.ballast.check()
        self.sweep()
        self.ballast.lay()

        def work(c: Connection) -> Any:
            if not self.database.is_sqlite:
                c.execute(select(func.pg_advisory_xact_lock(CLAIM_LOCK)))
            self._seen(c, worker, capabilities)
            r = t.run.c
            chosen = self._next_queued(run_id, capabilities)
            return c.execute(
                update(t.run).where(r.id == chosen, r.status == "queued").values(
                    status="running", token=r.token + 1, worker=worker, reason=None,
                    started=func.coalesce(r.started, literal(self._now(), r.started.type)),
                    lease_boot=self._lease_boot(), lease_until=self._lease_now() + int(lease_s * 1e6),
                    place=process_place(), supervisor_pid=os.getpid(), supervisor_start=process_start(os.getpid()),
                    child_pid=None, child_start=None,
                ).returning(r.id, r.token)
            ).first()

        if run_id is None and not self._anything_queued():
            return None
        taken = self._write(work)
        return None if taken is None else (Claim(taken.id, taken.token, worker), self.run(taken.id))

    def _anything_queued(self) -> bool:
        """Idle workers look, they do not write."""
        with self._reading() as c:
            return c.execute(select(t.run.c.id).where(t.run.c.status == "queued").limit(1)).first() is not None

    def _next_queued(self, run_id: str | None, capabilities: Sequence[str]) -> Any:
        """A scalar subquery: the id of the run to claim. Order: priority, due, age."""
        r, w = t.run.alias("queued").c, t.run_want.alias("want")
        other, held = t.run.alias("other"), t.run_want.alias("held")
        locked = exists().where(and_(
            w.c.run_id == r.id, w.c.kind == "lock", held.c.kind == "lock", held.c.name == w.c.name,
            other.c.id == held.c.run_id, other.c.status == "running"))
        lacking = exists().where(and_(
            w.c.run_id == r.id, w.c.kind == "need", not_(w.c.name.in_(list(capabilities)))))
        query = select(r.id).where(r.status == "queued", not_(locked))
        if run_id is not None:
            return query.where(r.id == run_id).scalar_subquery()
        ready = or_(r.not_before.is_(None), r.not_before <= self._now())
        order = (r.priority.desc(), func.coalesce(r.due, r.created), r.created, r.id)
        return query.where(ready, not_(lacking)).order_by(*order).limit(1).scalar_subquery()

    def attach_child(self, claim: Claim, pid: int) -> None:
        """Tells which process executes the run, so that its death is seen before the lease ends. Flushed."""
        start = process_start(pid)
        self._write(lambda c: c.execute(update(t.run).where(t.run.c.id == claim.run_id)
                                        .values(child_pid=pid, child_start=start)), claim)

    def renew(self, claim: Claim, *, lease_s: float = 30.0) -> bool:
        def work(c: Connection) -> None:
            c.execute(update(t.run).where(t.run.c.id == claim.run_id).values(
                lease_until=self._lease_now() + int(lease_s * 1e6), lease_boot=self._lease_boot()))
            c.execute(update(t.worker).where(t.worker.c.name == claim.worker).values(seen=self._now()))

        try:
            self._write(work, claim, ending=True)
        except ClaimLost:
            return False
        return True

    # ── endings ──
    def end_run(self, claim: Claim, status: RunStatus, *, outputs: Any = None, reason: str | None = None,
                failure: FailureRecord | None = None) -> None:
        """An item that the run left `running` goes back to `new`, or to `in_doubt` when a write of it is open. A
        run whose question was answered in the meantime is queued again instead of waiting."""
        failure_id = self.next_id() if failure else None

        def work(c: Connection) -> None:
            self._leave_items(c, claim.run_id)
            again = status in _MAY_GO_ON and reason is None and self._answered_meanwhile(c, claim.run_id)
            values = {
                "status": "queued" if again else str(status), "reason": reason, "answered": 0,
                "ended": None if again or status is RunStatus.waiting else self._now(),
                "outputs_exact": self._seal(outputs, b"run.outputs"), "outputs_shown": self._shown(outputs),
                "known": self._known.get(claim.run_id), **_FREE, "worker": claim.worker,
            }
            if failure and failure_id:
                values["failure_id"] = add_failure(c, failure, failure_id, run_id=claim.run_id, now=self._now())
            c.execute(update(t.run).where(t.run.c.id == claim.run_id).values(values))

        self._write(work, claim, ending=True)
        self._known.pop(claim.run_id, None)

    @staticmethod
    def _answered_meanwhile(c: Connection, run_id: str) -> bool:
        i = t.item.c
        waiting_to_go_on = exists().where(i.run_id == run_id, i.status == "new")
        return c.execute(select(t.run.c.id).where(t.run.c.id == run_id, t.run.c.answered == 1, waiting_to_go_on)
                         ).first() is not None

    def end_abandoned(self, claim: Claim, reason: str, failure: FailureRecord | None = None) -> None:
        failure_id = self.next_id() if failure else None
        self._write(lambda c: self._abandon(c, claim.run_id, reason, failure, failure_id), claim, ending=True)

    def _abandon(self, c: Connection, run_id: str, reason: str, failure: FailureRecord | None,
                 failure_id: int | None) -> None:
        self._leave_items(c, run_id)
        values: dict[str, Any] = {**_FREE, "status": "abandoned", "reason": reason, "ended": self._now(), "answered": 0}
        values.pop("worker")
        if failure and failure_id:
            values["failure_id"] = add_failure(c, failure, failure_id, run_id=run_id, now=self._now())
        c.execute(update(t.run).where(t.run.c.id == run_id).values(values))

    def _leave_items(self, c: Connection, run_id: str) -> None:
        """What a run leaves running goes back to `new`, or to `in_doubt` when its write is open."""
        i, w = t.item.c, t.write.c
        doubt = exists().where(w.item_id == i.id, w.verdict == "intended")
        left = c.execute(select(i.id, doubt.label("doubt")).where(i.run_id == run_id, i.status == "running")).all()
        for item_id, doubtful in left:
            status = "in_doubt" if doubtful else "new"
            c.execute(update(t.item).where(i.id == item_id).values(status=status, updated=self._now()))
            c.execute(update(t.run_item).where(t.run_item.c.run_id == run_id, t.run_item.c.item_id == item_id)
                      .values(status=status))

    def sweep(self) -> list[str]:
        lost = {run_id: self.next_id() for run_id, _ in self._lost_runs()}
        if not lost:
            return []

        def work(c: Connection) -> list[str]:
            gone = [(run_id, worker) for run_id, worker in self._lost_in(c, lock=True) if run_id in lost]
            for run_id, worker in gone:
                failure = FailureRecord("engine", "worker-lost", "", {"worker": worker or ""}, "maybe")
                self._abandon(c, run_id, "worker-lost", failure, lost[run_id])
                self._append_audit(c, "ledger", "worker-lost", run_id, {"worker": worker or ""})
            return [run_id for run_id, _ in gone]

        return self._write(work, ending=True)

    def _lost_runs(self) -> list[tuple[str, str | None]]:
        with self._reading() as c:
            return self._lost_in(c)

    def _lost_in(self, c: Connection, *, lock: bool = False) -> list[tuple[str, str | None]]:
        """Running runs whose lease is over, or whose processes on this machine are dead."""
        r = t.run.c
        over = or_(r.lease_boot != self._lease_boot(), r.lease_until < self._lease_now()).label("over")
        query = select(r.id, r.worker, r.place, r.supervisor_pid, r.supervisor_start, r.child_pid, r.child_start, over)
        query = query.where(r.status == "running")
        rows = c.execute(query.with_for_update(skip_locked=True) if lock else query).all()
        return [(row.id, row.worker) for row in rows if row.over or _dead(row)]

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
        c.execute(update(t.run_item).where(t.run_item.c.run_id == run_id, t.run_item.c.status == "waiting")
                  .values(status="cancelled"))
        c.execute(update(t.item).where(i.run_id == run_id, i.status == "waiting")
                  .values(status="cancelled", updated=self._now()))
        c.execute(update(t.review).where(t.review.c.run_id == run_id, t.review.c.status == "open")
                  .values(status="withdrawn"))

    def cancel_requested(self, run_id: str) -> bool:
        with self._reading() as c:
            return c.execute(select(t.run.c.cancel_asked).where(t.run.c.id == run_id)).scalar() is not None

    # ── who works ──
    def _seen(self, c: Connection, worker: str, capabilities: Sequence[str]) -> None:
        now = self._now()
        done = c.execute(update(t.worker).where(t.worker.c.name == worker)
                         .values(seen=now, capabilities=list(capabilities)))
        if not done.rowcount:
            c.execute(insert(t.worker).values(
                name=worker, place=process_place(), pid=os.getpid(), started=now, seen=now,
                capabilities=list(capabilities), version=rpa.__version__))
            c.execute(delete(t.worker).where(t.worker.c.seen < _days_before(now, 30)))

    def workers(self) -> list[Mapping[str, Any]]:
        """{name, pid, started, seen, capabilities, version, runs: [run id]}, last seen first."""
        with self._reading() as c:
            rows = c.execute(select(t.worker).order_by(t.worker.c.seen.desc())).all()
            busy = c.execute(select(t.run.c.worker, t.run.c.id).where(t.run.c.status == "running")).all()
        return [{
            "name": r.name, "pid": r.pid, "started": r.started, "seen": r.seen, "capabilities": r.capabilities,
            "version": r.version, "runs": [run_id for name, run_id in busy if name == r.name],
        } for r in rows]

    # ── one run ──
    def run(self, run_id: str, *, masked: bool = False) -> RunRecord:
        with self._reading() as c:
            found = self._find_run(c, run_id)
            row = c.execute(with_failure(t.run).where(t.run.c.id == found)).one()
            counts = _counts(c, [found]).get(found, {})
        if masked:
            return run_record(row, row.inputs_shown, row.outputs_shown, _with_known(counts, row.known))
        inputs = self._open(row.inputs_exact, b"run.inputs")
        return run_record(row, inputs, self._open(row.outputs_exact, b"run.outputs"), _with_known(counts, row.known))

    def _find_run(self, c: Connection, given: str) -> str:
        r = t.run.c
        if c.execute(select(r.id).where(r.id == given)).first():
            return given
        query = select(r.id).order_by(r.created.desc(), r.id.desc()).limit(1)
        if given != "last":
            begins = and_(r.id >= given, r.id < given + "~") if self.database.is_sqlite else r.id.startswith(given, autoescape=True)
            query = select(r.id).where(begins).limit(2)
        found = [str(x) for x in c.execute(query).scalars()]
        if len(found) != 1 or not given:
            raise LedgerError("run-ambiguous" if found else "run-unknown", run=given)
        return found[0]


def _to_queue(c: Connection, run_id: str) -> bool:
    done = c.execute(update(t.run).where(t.run.c.id == run_id, t.run.c.status == "waiting")
                     .values(status="queued", ended=None, answered=0))
    return bool(done.rowcount)


def _dead(row: Any) -> bool:
    """Whether both processes of the run are known to be gone. Unknown ones are left to the lease."""
    if row.place != process_place() or not row.child_pid or not row.supervisor_pid:
        return False
    pairs = ((row.supervisor_pid, row.supervisor_start), (row.child_pid, row.child_start))
    return not any(process_lives(pid, start or 0) for pid, start in pairs)


def _days_before(now: datetime, days: int) -> datetime:
    from datetime import timedelta

    return now - timedelta(days=days)


def _counts(c: Connection, run_ids: Sequence[str]) -> dict[str, dict[str, int]]:
    """{run id: {item status: how many}}."""
    ri = t.run_item.c
    query = select(ri.run_id, ri.status, func.count()).where(ri.run_id.in_(run_ids)).group_by(ri.run_id, ri.status)
    found: dict[str, dict[str, int]] = {}
    for run_id, status, number in c.execute(query):
        found.setdefault(run_id, {})[status] = number
    return found


def _with_known(counts: Mapping[str, int], known: Mapping[str, int] | None) -> dict[str, int]:
    """The counts, and how many items were `known`."""
    return {**counts, "known": sum(known.values())} if known else dict(counts)
