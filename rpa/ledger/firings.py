"""Firings of schedules: one row per (schedule, occurrence), with its run or with the reason why there is none."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Text, bindparam, column, func, or_, select, update, values

from rpa.ledger import records as t
from rpa.ledger.convert import firing_record
from rpa.ledger.queries import MOST, QueriesPart
from rpa.ledger.types import FiringRecord, NewFiring, NewRun

NEWEST = 8  # rows of a schedule among which its latest due time is looked for
MANY = 5000  # names in one query
ACTIVE = ("queued", "running")


class FiringsPart(QueriesPart):
    """Who comes first decides; what belongs together is decided in one transaction."""

    def fire(
        self, schedule: str, occurrence: str, *, due: datetime | None, run: NewRun | None, reason: str
    ) -> str | None:
        """The run's id; an empty text when the firing was recorded without a run; None when another was
        first."""
        return self.fire_all([NewFiring(schedule, occurrence, due, reason, run)])[0]

    def fire_all(self, firings: Sequence[NewFiring]) -> list[str | None]:
        """As `fire`, for many in one flushed transaction; answers in the order given. No pair twice."""
        prepared = [self._run_values(f.run) if f.run else {} for f in firings]  # before anybody has to wait

        def work(c: Connection) -> list[str | None]:
            won = self._won(c, firings)
            mine = [n for n, f in enumerate(firings) if f.run and won[n]]
            runs = [firings[n].run for n in mine]
            ids = self._enqueue_all(c, [r for r in runs if r], [prepared[n] for n in mine])
            started = dict(zip(mine, ids, strict=True))
            _note_runs(c, {won[n]: run_id for n, run_id in started.items()})
            return [started.get(n, "") if row else None for n, row in enumerate(won)]

        return self._write(work) if firings else []

    def _won(self, c: Connection, firings: Sequence[NewFiring]) -> list[int]:
        """The new row of each firing; 0 where another was first."""
        f, now = t.firing.c, self._now()
        rows = [
            {"schedule": x.schedule, "occurrence": x.occurrence, "reason": x.reason, "at": now, "due": x.due}
            for x in firings
        ]
        once = _insert_once(self.database.is_sqlite).returning(f.id, f.schedule, f.occurrence)
        taken = {(schedule, occurrence): row for row, schedule, occurrence in c.execute(once, rows)}
        return [taken.get((x.schedule, x.occurrence), 0) for x in firings]

    # ── looking ──
    def firings(
        self,
        schedule: str | None = None,
        *,
        beginning: str | None = None,
        since: datetime | None = None,
        limit: int = 100,
    ) -> list[FiringRecord]:
        """Newest first; of one schedule, or of those whose name has this beginning."""
        f = t.firing.c
        wanted = [] if schedule is None else [f.schedule == schedule]
        wanted += [] if beginning is None else [self._begins(f.schedule, beginning)]
        wanted += [] if since is None else [f.at >= since]
        query = select(t.firing).where(*wanted).order_by(f.at.desc(), f.id.desc()).limit(limit)
        with self._reading() as c:
            return [firing_record(r) for r in c.execute(query)]

    def silent_firings(
        self, after: int, *, since: datetime, reasons: Sequence[str], beginning: str
    ) -> tuple[list[FiringRecord], int]:
        """Rows without a run for one of these reasons, or one with this beginning, newest first, at most
        5,000; and the number of the newest row of all, to be given as `after` the next time."""
        f = t.firing.c
        wanted = or_(f.reason.in_(reasons), f.reason.startswith(beginning, autoescape=True))
        query = select(t.firing).where(f.id > after, f.run_id.is_(None), f.at >= since, wanted)
        with self._reading() as c:
            newest = c.execute(select(func.max(f.id))).scalar() or 0
            rows = c.execute(query.where(f.id <= newest).order_by(f.id.desc()).limit(MOST)).all()
        return [firing_record(r) for r in rows], int(newest)

    def last_dues(self, schedules: Sequence[str]) -> dict[str, datetime]:
        """{schedule: latest due time among its newest rows}; without those that have none."""
        f, wanted = t.firing.c, _wanted(schedules[:MANY])
        newest = select(f.due).where(f.schedule == wanted.c.schedule).order_by(f.at.desc(), f.id.desc())
        found = newest.limit(NEWEST).correlate(wanted).subquery()
        latest = select(func.max(found.c.due)).correlate(wanted).scalar_subquery()
        return self._of_each(wanted, latest, schedules, self.last_dues)

    def last_endings(self, schedules: Sequence[str]) -> dict[str, str]:
        """{schedule: how the newest of its runs that are over ended}; without those that have none."""
        r, wanted = t.run.c, _wanted(schedules[:MANY])
        newest = select(r.status).where(r.schedule == wanted.c.schedule, r.ended.is_not(None))
        status = newest.order_by(r.created.desc(), r.id.desc()).limit(1).correlate(wanted).scalar_subquery()
        return self._of_each(wanted, status, schedules, self.last_endings)

    def _of_each(self, wanted: Any, value: Any, schedules: Sequence[str], again: Any) -> dict[str, Any]:
        if not schedules:
            return {}
        with self._reading() as c:
            found = {name: told for name, told in c.execute(select(wanted.c.schedule, value)) if told is not None}
        return {**found, **again(schedules[MANY:])}

    def active_schedules(self) -> set[str]:
        """Schedules with a run that is queued or running."""
        r = t.run.c
        query = select(r.schedule).where(r.status.in_(ACTIVE), r.schedule.is_not(None)).distinct()
        with self._reading() as c:
            return set(c.execute(query).scalars())


def _wanted(schedules: Sequence[str]) -> Any:
    """The names as a table of their own, so that each is answered by a look into an index."""
    return values(column("schedule", Text), name="wanted").data([(s,) for s in schedules]).cte("wanted")


def _note_runs(c: Connection, runs: dict[int, str]) -> None:
    """Each firing row's run."""
    if runs:
        named = update(t.firing).where(t.firing.c.id == bindparam("row")).values(run_id=bindparam("run"))
        c.execute(named, [{"row": row, "run": run} for row, run in runs.items()])


def _insert_once(sqlite: bool) -> Any:
    """INSERT … ON CONFLICT DO NOTHING into the firings."""
    if sqlite:
        from sqlalchemy.dialects.sqlite import insert as sqlite_insert

        return sqlite_insert(t.firing).on_conflict_do_nothing()
    from sqlalchemy.dialects.postgresql import insert as postgresql_insert

    return postgresql_insert(t.firing).on_conflict_do_nothing()
