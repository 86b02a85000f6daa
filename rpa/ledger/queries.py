"""Looking for runs, and state between runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, delete, exists, func, insert, or_, select, union, union_all, update

from rpa.ledger import records as t
from rpa.ledger.convert import run_record, with_failure
from rpa.ledger.reviews import ReviewsPart
from rpa.ledger.runs import item_counts_of, with_known
from rpa.ledger.types import RunRecord, RunStatus

_STATE = b"state.exact"
_MANY = 2000


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
        """Newest first. `text` is looked for in ids, flow, who started it, reason, failure messages and
        item keys; `code` is a failure's or the run's reason."""
        r = t.run.c
        wanted = [
            column == value
            for column, value in ((r.flow_id, flow_id), (r.replay_of, replay_of), (r.schedule, schedule))
            if value is not None
        ]
        wanted += [] if since is None else [r.created >= since]
        wanted += [] if until is None else [r.created < until]
        wanted += [_says(text)] if text else []
        query = with_failure(t.run).order_by(r.created.desc(), r.id.desc()).limit(limit)
        with self._reading(flushed=True) as c:
            wanted += [] if code is None else [_failed_with(c, code)]
            query = query.where(r.id.in_(_newest(wanted, status, limit))) if status else query.where(*wanted)
            rows = c.execute(query).all()
            counts = item_counts_of(c, [row.id for row in rows])
        return [
            run_record(
                row, row.inputs_shown, row.outputs_shown, with_known(counts.get(row.id, {}), row.known)
            )
            for row in rows
        ]

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


def _newest(wanted: Sequence[Any], status: Sequence[RunStatus], limit: int | None) -> Any:
    """Ids of the newest runs of each status: each by the index, so that a few are found among millions."""
    r = t.run.c
    each = [
        select(
            select(r.id)
            .where(r.status == str(one), *wanted)
            .order_by(r.created.desc(), r.id.desc())
            .limit(limit)
            .subquery()
            .c.id
        )
        for one in status
    ]
    return union_all(*each) if len(each) > 1 else each[0]


def _failed_with(c: Connection, code: str) -> Any:
    """Whether a failure of the run had that code, or it ended for that reason. A few such runs are looked up;
    where there are many, the newest are soon met by going through the runs.
    """
    f, r = t.failure.alias("coded").c, t.run.c
    told = select(f.run_id).where(f.code == code)
    if int(c.execute(select(func.count()).select_from(told.limit(_MANY).subquery())).scalar_one()) >= _MANY:
        return or_(r.reason == code, exists().where(f.run_id == r.id, f.code == code))
    ended = t.run.alias("ended").c
    return r.id.in_(union(told, select(ended.id).where(ended.reason == code)))


def _says(text: str) -> Any:
    """Whether `text` stands anywhere in what identifies a run or says why it failed."""
    r, f, i, ri = t.run.c, t.failure.alias("told").c, t.item.c, t.run_item.c
    told = exists().where(f.run_id == r.id, or_(f.message.icontains(text, autoescape=True), f.code == text))
    key = exists().where(ri.run_id == r.id, i.id == ri.item_id, i.key.icontains(text, autoescape=True))
    own = [c.icontains(text, autoescape=True) for c in (r.id, r.flow_id, r.actor, r.reason)]
    return or_(*own, told, key)
