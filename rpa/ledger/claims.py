"""Claims: a worker takes a run with a lease, renews it, ends it; a sweep ends the runs of lost workers.

Each claim carries a token that rises; whatever is written in its name is refused once another token, or
another status, stands in the run's row (`Core._fence`).
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, and_, delete, exists, func, insert, literal, not_, or_, select, update

import rpa
from rpa.ledger import records as t
from rpa.ledger.clock import process_lives, process_place, process_start
from rpa.ledger.errors import ClaimLost
from rpa.ledger.failures import add_failure
from rpa.ledger.runs import RunsPart
from rpa.ledger.types import Claim, FailureRecord, RunRecord, RunStatus

CLAIM_LOCK = 7_216_002  # PostgreSQL: one claimer at a time, so that two runs cannot take the same lock
FORGET_WORKERS = timedelta(days=30)
_FREE: dict[str, Any] = {
    "worker": None,
    "lease_until": None,
    "lease_boot": None,
    "place": None,
    "supervisor_pid": None,
    "supervisor_start": None,
    "child_pid": None,
    "child_start": None,
}
_MAY_GO_ON = (RunStatus.waiting, RunStatus.succeeded, RunStatus.failed)


class ClaimsPart(RunsPart):
    """The life of a claim, from the queue to the end of its run."""

    # ── claims ──
    def claim(
        self,
        worker: str,
        *,
        run_id: str | None = None,
        lease_s: float = 30.0,
        capabilities: Sequence[str] = (),
    ) -> tuple[Claim, RunRecord] | None:
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
                update(t.run)
                .where(r.id == chosen, r.status == "queued")
                .values(
                    status="running",
                    token=r.token + 1,
                    worker=worker,
                    reason=None,
                    started=func.coalesce(r.started, literal(self._now(), r.started.type)),
                    lease_boot=self._lease_boot(),
                    lease_until=self._lease_now() + int(lease_s * 1e6),
                    place=process_place(),
                    supervisor_pid=os.getpid(),
                    supervisor_start=process_start(os.getpid()),
                    child_pid=None,
                    child_start=None,
                )
                .returning(r.id, r.token)
            ).first()

        if run_id is None and not self._anything_queued():
            return None
        taken = self._write(work)
        return None if taken is None else (Claim(taken.id, taken.token, worker), self.run(taken.id))

    def _anything_queued(self) -> bool:
        """Idle workers look, they do not write."""
        with self._reading() as c:
            return (
                c.execute(select(t.run.c.id).where(t.run.c.status == "queued").limit(1)).first() is not None
            )

    def _next_queued(self, run_id: str | None, capabilities: Sequence[str]) -> Any:
        """A scalar subquery: the id of the run to claim. Order: priority, due, age."""
        r, w = t.run.alias("queued").c, t.run_want.alias("want")
        other, held = t.run.alias("other"), t.run_want.alias("held")
        taken = select(held.c.name).where(  # asked once, not once a run: queues grow long
            held.c.kind == "lock", held.c.run_id == other.c.id, other.c.status == "running"
        )
        locked = exists().where(and_(w.c.run_id == r.id, w.c.kind == "lock", w.c.name.in_(taken)))
        lacking = exists().where(
            and_(w.c.run_id == r.id, w.c.kind == "need", not_(w.c.name.in_(list(capabilities))))
        )
        query = select(r.id).where(r.status == "queued", not_(locked))
        if run_id is not None:
            return query.where(r.id == run_id).scalar_subquery()
        ready = or_(r.not_before.is_(None), r.not_before <= self._now())
        order = (r.priority.desc(), func.coalesce(r.due, r.created), r.created, r.id)
        return query.where(ready, not_(lacking)).order_by(*order).limit(1).scalar_subquery()

    def attach_child(self, claim: Claim, pid: int) -> None:
        """Tells which process executes the run, so that its death is seen before the lease ends. Flushed."""
        start = process_start(pid)
        self._write(
            lambda c: c.execute(
                update(t.run).where(t.run.c.id == claim.run_id).values(child_pid=pid, child_start=start)
            ),
            claim,
        )

    def renew(self, claim: Claim, *, lease_s: float = 30.0) -> bool:
        def work(c: Connection) -> None:
            c.execute(
                update(t.run)
                .where(t.run.c.id == claim.run_id)
                .values(lease_until=self._lease_now() + int(lease_s * 1e6), lease_boot=self._lease_boot())
            )
            c.execute(update(t.worker).where(t.worker.c.name == claim.worker).values(seen=self._now()))

        try:
            self._write(work, claim, ending=True)
        except ClaimLost:
            return False
        return True

    # ── endings ──
    def end_run(
        self,
        claim: Claim,
        status: RunStatus,
        *,
        outputs: Any = None,
        reason: str | None = None,
        failure: FailureRecord | None = None,
    ) -> None:
        """An item that the run left `running` goes back to `new`, or to `in_doubt` when a write of it is
        open. A run whose question was answered in the meantime is queued again instead of waiting."""
        failure_id = self.next_id() if failure else None

        def work(c: Connection) -> None:
            self._leave_items(c, claim.run_id)
            again = status in _MAY_GO_ON and reason is None and self._answered_meanwhile(c, claim.run_id)
            values = {
                "status": "queued" if again else str(status),
                "reason": reason,
                "answered": 0,
                "ended": None if again or status is RunStatus.waiting else self._now(),
                "outputs_exact": self._seal(outputs, b"run.outputs"),
                "outputs_shown": self._shown(outputs),
                "known": self._known.get(claim.run_id),
                **_FREE,
                "worker": claim.worker,
            }
            if failure and failure_id:
                values["failure_id"] = add_failure(
                    c, failure, failure_id, run_id=claim.run_id, now=self._now()
                )
            c.execute(update(t.run).where(t.run.c.id == claim.run_id).values(values))

        self._write(work, claim, ending=True)
        self._known.pop(claim.run_id, None)

    @staticmethod
    def _answered_meanwhile(c: Connection, run_id: str) -> bool:
        i = t.item.c
        waiting_to_go_on = exists().where(i.run_id == run_id, i.status == "new")
        return (
            c.execute(
                select(t.run.c.id).where(t.run.c.id == run_id, t.run.c.answered == 1, waiting_to_go_on)
            ).first()
            is not None
        )

    def end_abandoned(self, claim: Claim, reason: str, failure: FailureRecord | None = None) -> None:
        failure_id = self.next_id() if failure else None
        self._write(lambda c: self._abandon(c, claim.run_id, reason, failure, failure_id), claim, ending=True)

    def _abandon(
        self, c: Connection, run_id: str, reason: str, failure: FailureRecord | None, failure_id: int | None
    ) -> None:
        self._leave_items(c, run_id)
        values: dict[str, Any] = {
            **_FREE,
            "status": "abandoned",
            "reason": reason,
            "ended": self._now(),
            "answered": 0,
        }
        values.pop("worker")
        if failure and failure_id:
            values["failure_id"] = add_failure(c, failure, failure_id, run_id=run_id, now=self._now())
        c.execute(update(t.run).where(t.run.c.id == run_id).values(values))

    def _leave_items(self, c: Connection, run_id: str) -> None:
        """What a run leaves running goes back to `new`, or to `in_doubt` when its write is open."""
        i, w = t.item.c, t.write.c
        doubt = exists().where(w.item_id == i.id, w.verdict == "intended")
        left = c.execute(
            select(i.id, doubt.label("doubt")).where(i.run_id == run_id, i.status == "running")
        ).all()
        for item_id, doubtful in left:
            status = "in_doubt" if doubtful else "new"
            c.execute(update(t.item).where(i.id == item_id).values(status=status, updated=self._now()))
            c.execute(
                update(t.run_item)
                .where(t.run_item.c.run_id == run_id, t.run_item.c.item_id == item_id)
                .values(status=status)
            )

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
        query = select(
            r.id, r.worker, r.place, r.supervisor_pid, r.supervisor_start, r.child_pid, r.child_start, over
        )
        query = query.where(r.status == "running")
        rows = c.execute(query.with_for_update(skip_locked=True) if lock else query).all()
        return [(row.id, row.worker) for row in rows if row.over or _dead(row)]

    # ── who works ──
    def _seen(self, c: Connection, worker: str, capabilities: Sequence[str]) -> None:
        now = self._now()
        done = c.execute(
            update(t.worker)
            .where(t.worker.c.name == worker)
            .values(seen=now, capabilities=list(capabilities))
        )
        if not done.rowcount:
            c.execute(
                insert(t.worker).values(
                    name=worker,
                    place=process_place(),
                    pid=os.getpid(),
                    started=now,
                    seen=now,
                    capabilities=list(capabilities),
                    version=rpa.__version__,
                )
            )
            c.execute(delete(t.worker).where(t.worker.c.seen < now - FORGET_WORKERS))

    def workers(self) -> list[Mapping[str, Any]]:
        """{name, pid, started, seen, capabilities, version, runs: [run id]}, last seen first."""
        with self._reading() as c:
            rows = c.execute(select(t.worker).order_by(t.worker.c.seen.desc())).all()
            busy = c.execute(select(t.run.c.worker, t.run.c.id).where(t.run.c.status == "running")).all()
        return [
            {
                "name": r.name,
                "pid": r.pid,
                "started": r.started,
                "seen": r.seen,
                "capabilities": r.capabilities,
                "version": r.version,
                "runs": [run_id for name, run_id in busy if name == r.name],
            }
            for r in rows
        ]


def _dead(row: Any) -> bool:
    """Whether the processes of the run are known to be gone; those of other machines are left to the lease. A
    supervisor that died before it named a child counts alone: a child ends when its supervisor's pipe does, and
    no write begins without its claim."""
    if row.place != process_place() or not row.supervisor_pid:
        return False
    pairs = ((row.supervisor_pid, row.supervisor_start), (row.child_pid, row.child_start))
    return not any(process_lives(pid, start or 0) for pid, start in pairs if pid)
