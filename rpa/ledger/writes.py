"""Writes: the intent before the outside world is changed, the verdict after. Unique by (profile, what,
key)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Select, insert, select, update

from rpa.ledger import records as t
from rpa.ledger.attempts import AttemptsPart
from rpa.ledger.convert import AnyRow, write_record
from rpa.ledger.errors import AlreadyWritten, LedgerError
from rpa.ledger.types import Claim, Verdict, WriteRecord

_RESULT = b"write.result"
_MAY_BE_INTENDED_AGAIN = (Verdict.settled_not_done, Verdict.refused)


class WritesPart(AttemptsPart):
    """A pair is written at most once; every step of what became known is appended to `write_step`."""

    def find_write(self, profile: str, what: str, key: str) -> WriteRecord | None:
        with self._reading() as c:
            row = c.execute(_pair(profile, what, key)).first()
        return self._write_record(row) if row else None

    def intend(
        self,
        claim: Claim,
        *,
        profile: str,
        what: str,
        key: str,
        flow_id: str,
        item_id: int | None,
        step_path: str,
    ) -> WriteRecord:
        values = {
            "flow_id": flow_id,
            "item_id": item_id,
            "run_id": claim.run_id,
            "step_path": step_path,
            "verdict": str(Verdict.intended),
            "intent_at": self._now(),
            "settled_at": None,
            "settled_by": "",
            "result_exact": None,
            "result_shown": None,
        }

        def work(c: Connection) -> WriteRecord:
            known = c.execute(_pair(profile, what, key).with_for_update()).first()
            if known is None:
                c.execute(insert(t.write).values(profile=profile, what=what, key=key, **values))
            elif Verdict(known.verdict) in _MAY_BE_INTENDED_AGAIN:
                c.execute(update(t.write).where(t.write.c.id == known.id).values(values))
            else:
                raise AlreadyWritten(self._write_record(known), self._item_key(c, known))
            row = c.execute(_pair(profile, what, key)).one()
            self._append_step(c, row, claim, Verdict.intended, "")
            return self._write_record(row)

        return self._write(work, claim)

    def settle(
        self, claim: Claim | None, write_id: int, verdict: Verdict, *, by: str, result: Any = None
    ) -> None:
        """By a person (`claim` None) it is audited, and the item in doubt goes back to `new` when nothing
        of it is open any more: a replay or the next run takes it and finds the write settled."""

        def work(c: Connection) -> None:
            w = t.write.c
            row = c.execute(select(t.write).where(w.id == write_id).with_for_update()).first()
            if row is None:
                raise LedgerError("write-unknown", write=write_id)
            if claim is None and row.verdict != "intended":
                raise LedgerError("write-settled", write=write_id, verdict=row.verdict, by=row.settled_by)
            c.execute(
                update(t.write)
                .where(w.id == write_id)
                .values(
                    verdict=str(verdict),
                    settled_at=self._now(),
                    settled_by=by,
                    result_exact=self._seal(result, _RESULT),
                    result_shown=self._shown(result),
                )
            )
            self._append_step(c, row, claim, verdict, by)
            if claim is None:
                self._resolved(c, row, verdict, by)

        self._write(work, claim, ending=True)

    def _resolved(self, c: Connection, row: AnyRow, verdict: Verdict, by: str) -> None:
        w, i = t.write.c, t.item.c
        details = {"what": row.what, "key": row.key, "verdict": str(verdict), "item": row.item_id}
        self._append_audit(c, by.removeprefix("person:"), "resolve", f"write:{row.id}", details)
        if row.item_id is None:
            return
        if c.execute(select(w.id).where(w.item_id == row.item_id, w.verdict == "intended")).first() is None:
            c.execute(
                update(t.item)
                .where(i.id == row.item_id, i.status == "in_doubt")
                .values(status="new", updated=self._now())
            )

    def writes(
        self, *, item_id: int | None = None, run_id: str | None = None, open_only: bool = False
    ) -> list[WriteRecord]:
        """Oldest first. `open_only`: intended and not settled."""
        w = t.write.c
        query = select(t.write).order_by(w.id)
        for column, value in ((w.item_id, item_id), (w.run_id, run_id)):
            query = query if value is None else query.where(column == value)
        if open_only:
            query = query.where(w.verdict == "intended")
        with self._reading() as c:
            rows = c.execute(query).all()
        return [self._write_record(r) for r in rows]

    def write_steps(self, write_id: int) -> list[dict[str, Any]]:
        """{run_id, item_id, verdict, by, token, at} of everything that became known of a write, oldest
        first."""
        s = t.write_step.c
        query = select(s.run_id, s.item_id, s.verdict, s.by, s.token, s.at).where(s.write_id == write_id)
        with self._reading() as c:
            return [dict(r._mapping) for r in c.execute(query.order_by(s.id))]

    def _append_step(
        self, c: Connection, row: AnyRow, claim: Claim | None, verdict: Verdict, by: str
    ) -> None:
        c.execute(
            insert(t.write_step).values(
                write_id=row.id,
                run_id=claim.run_id if claim else row.run_id,
                item_id=row.item_id,
                verdict=str(verdict),
                by=by,
                token=claim.token if claim else 0,
                at=self._now(),
            )
        )

    def _write_record(self, row: AnyRow) -> WriteRecord:
        return write_record(row, self._open(row.result_exact, _RESULT))

    @staticmethod
    def _item_key(c: Connection, row: AnyRow) -> str:
        key = c.execute(select(t.item.c.key).where(t.item.c.id == row.item_id)).scalar()
        return str(key or row.run_id)


def _pair(profile: str, what: str, key: str) -> Select[Any]:
    w = t.write.c
    return select(t.write).where(w.profile == profile, w.what == what, w.key == key)
