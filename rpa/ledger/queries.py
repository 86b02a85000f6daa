"""Looking for runs, and state between runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, delete, func, insert, literal_column, or_, select, union_all, update

from rpa.ledger import records as t
from rpa.ledger import search
from rpa.ledger.convert import run_record, with_failure
from rpa.ledger.reviews import ReviewsPart
from rpa.ledger.runs import item_counts_of, with_known
from rpa.ledger.search import Sought, failed_with, saying
from rpa.ledger.types import RunRecord, RunStatus

_STATE = b"state.exact"
MOST = 5000  # records of one look at all schedules


class QueriesPart(ReviewsPart):
    """Shows only masked values, except `get_state`."""

    def runs(
        self,
        *,
        flow_id: str | None = None,
        status: Sequence[RunStatus] = (),
        since: datetime | None = None,
        until: datetime | None = None,
        text: str | None = None,
        code: str | None = None,
        replay_of: str | None = None,
        schedule: str | None = None,
        limit: int | None = 50,
    ) -> list[RunRecord]:
        """Newest first. `text` begins the id, or stands in the flow, who started it, the reason, a failure's
        message or an item's key; `code` is a failure's or the run's reason."""
        r = t.run.c
        wanted = [
            column == value
            for column, value in ((r.flow_id, flow_id), (r.replay_of, replay_of), (r.schedule, schedule))
            if value is not None
        ]
        wanted += [] if since is None else [r.created >= since]
        wanted += [] if until is None else [r.created < until]
        with self._reading(flushed=True) as c:
            sought = [] if code is None else [failed_with(code)]
            sought += [saying(c, text)] if text else []
            rows = _rows(c, wanted, status, sought, limit)
            counts = item_counts_of(c, [row.id for row in rows])
        return [
            run_record(
                row, row.inputs_shown, row.outputs_shown, with_known(counts.get(row.id, {}), row.known)
            )
            for row in rows
        ]

    def ended_runs(self, since: datetime, status: Sequence[RunStatus], *, late: bool = False) -> list[RunRecord]:
        """Runs of schedules that ended since then in one of these states (with `late` also those that ended
        after they were due), newest first, at most 5,000."""
        r = t.run.c
        state = func.coalesce(r.status, "")  # the moment is to be looked up, not the state
        wanted = [state.in_([str(s) for s in status]), *([r.ended > r.due] if late else [])]
        return self._found(r.ended >= since, r.schedule.is_not(None), or_(*wanted))

    def overdue_runs(self, *, due: datetime, made: datetime) -> list[RunRecord]:
        """Runs of schedules that are not over and were due before `due` or queued before `made`."""
        r = t.run.c
        still = r.status.in_(("queued", "running", "waiting"))
        return self._found(still, r.schedule.is_not(None), or_(r.due < due, r.created < made))

    def _found(self, *wanted: Any) -> list[RunRecord]:
        newest = with_failure(t.run).where(*wanted).order_by(t.run.c.created.desc()).limit(MOST)
        with self._reading(flushed=True) as c:
            rows = c.execute(newest).all()
            counts = item_counts_of(c, [row.id for row in rows])
        return [
            run_record(row, row.inputs_shown, row.outputs_shown, with_known(counts.get(row.id, {}), row.known))
            for row in rows
        ]

    def last_end(self) -> datetime | None:
        """When the run that ended last did."""
        with self._reading(flushed=True) as c:
            return c.execute(select(func.max(t.run.c.ended))).scalar()

    def new_items(self, flow_id: str) -> list[int]:
        """Numbers of the flow's items that nobody has taken yet, in order."""
        i = t.item.c
        with self._reading(flushed=True) as c:
            query = select(i.id).where(i.flow_id == flow_id, i.status == "new").order_by(i.id)
            return list(c.execute(query).scalars())

    def last_step(self, run_id: str) -> datetime | None:
        """When the run's last recorded step ended."""
        a = t.attempt.c
        with self._reading(flushed=True) as c:
            return c.execute(select(func.max(a.ended)).where(a.run_id == run_id)).scalar()

    def run_counts(self, since: datetime) -> dict[str, int]:
        """{status: how many}, of runs that are queued, running or waiting and of those made since then."""
        r = t.run.c
        counted = or_(r.status.in_(("queued", "running", "waiting")), r.created >= since)
        with self._reading() as c:
            found = c.execute(select(r.status, func.count()).where(counted).group_by(r.status))
            return {str(status): int(number) for status, number in found}

    # ── state ──
    def get_states(self, prefix: str) -> dict[str, Any]:
        """{name: value} of all whose name begins so."""
        n = t.state.c.name
        with self._reading() as c:
            rows = c.execute(select(n, t.state.c.exact).where(self._begins(n, prefix))).all()
        return {name: self._open(sealed, _STATE) for name, sealed in rows}

    def put_states(self, values: Mapping[str, Any]) -> None:
        """Many in one flushed transaction; None removes."""
        sealed, now = {k: self._seal(v, _STATE) for k, v in values.items()}, self._now()
        rows = [{"name": k, "exact": v, "updated": now} for k, v in sealed.items() if v is not None]

        def work(c: Connection) -> None:
            names = list(sealed)
            for n in range(0, len(names), 500):
                c.execute(delete(t.state).where(t.state.c.name.in_(names[n : n + 500])))
            if rows:
                c.execute(insert(t.state), rows)

        self._write(work)

    def get_state(self, name: str) -> Any | None:
        with self._reading() as c:
            sealed = c.execute(select(t.state.c.exact).where(t.state.c.name == name)).scalar()
        return self._open(sealed, _STATE)

    def put_state(self, name: str, value: Any | None) -> None:
        """Flushed. None removes it."""
        sealed, now = self._seal(value, _STATE), self._now()

        def work(c: Connection) -> None:
            named = t.state.c.name == name
            if sealed is None:
                c.execute(delete(t.state).where(named))
            elif not c.execute(update(t.state).where(named).values(exact=sealed, updated=now)).rowcount:
                c.execute(insert(t.state).values(name=name, exact=sealed, updated=now))

        self._write(work)

    def _begins(self, column: Any, beginning: str) -> Any:
        """A range can use the index; on another database its order may differ."""
        if self.database.is_sqlite:
            return and_(column >= beginning, column < beginning + "\U0010ffff")
        return column.startswith(beginning, autoescape=True)

    def state_names(self) -> list[str]:
        with self._reading() as c:
            return list(c.execute(select(t.state.c.name).order_by(t.state.c.name)).scalars())


def _rows(
    c: Connection, wanted: Sequence[Any], status: Sequence[RunStatus], sought: Sequence[Sought], limit: int | None
) -> Sequence[Any]:
    """The newest runs that are `wanted` and `sought`."""
    r = t.run.c
    query = with_failure(t.run).order_by(*_newest_first(c)).limit(limit)
    if sought and limit is not None:
        newest = r.id.in_(_newest(c, wanted, status or (None,), search.NEWEST))
        rows = c.execute(query.where(newest, *(s.of_run for s in sought))).all()
        if len(rows) == limit:
            return rows
    wanted = [*wanted, *(s.anywhere(c) for s in sought)]
    return c.execute(query.where(r.id.in_(_newest(c, wanted, status, limit))) if status else query.where(*wanted)).all()


def _newest_first(c: Connection) -> tuple[Any, Any]:
    """SQLite's indexes end with the row's number: an order by that is read off them, one by id would sort all runs."""
    last = literal_column("run.rowid") if c.dialect.name == "sqlite" else t.run.c.id
    return t.run.c.created.desc(), last.desc()


def _newest(c: Connection, wanted: Sequence[Any], status: Sequence[RunStatus | None], limit: int | None) -> Any:
    """Ids of the newest runs of each status: each by the index, so that a few are found among millions."""
    r = t.run.c
    each = [
        select(
            select(r.id)
            .where(*([] if one is None else [r.status == str(one)]), *wanted)
            .order_by(*_newest_first(c))
            .limit(limit)
            .subquery()
            .c.id
        )
        for one in status
    ]
    return union_all(*each) if len(each) > 1 else each[0]
