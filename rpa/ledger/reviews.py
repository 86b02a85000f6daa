"""Reviews: questions to people. An answer sets the item free and queues its waiting run again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, insert, select, update

from rpa.ledger import records as t
from rpa.ledger.convert import AnyRow, review_record
from rpa.ledger.errors import LedgerError
from rpa.ledger.port import Masker
from rpa.ledger.runs import to_queue
from rpa.ledger.types import Claim, ReviewRecord
from rpa.ledger.writes import WritesPart

_QUESTION = b"review.question"
_ANSWER = b"review.answer"


class ReviewsPart(WritesPart):
    """A question is asked once per run, item and step: asking again brings the open one up to date."""

    def ask(
        self,
        claim: Claim,
        *,
        item_id: int | None,
        step_path: str,
        kind: str,
        question: Mapping[str, Any],
        masked: Masker,
    ) -> ReviewRecord:
        """Flushed."""
        v = t.review.c
        exact = dict(question)
        values = {
            "kind": kind,
            "question_exact": self._seal(exact, _QUESTION),
            "question_shown": masked(exact),
        }
        place = (v.run_id == claim.run_id, v.item_id == item_id, v.step_path == step_path, v.status == "open")

        def work(c: Connection) -> int:
            known = c.execute(update(t.review).where(*place).values(values).returning(v.id)).scalar()
            if known is not None:
                return int(known)
            return int(
                c.execute(
                    insert(t.review)
                    .values(
                        run_id=claim.run_id,
                        item_id=item_id,
                        step_path=step_path,
                        status="open",
                        asked=self._now(),
                        **values,
                    )
                    .returning(v.id)
                ).scalar_one()
            )

        return self.review(self._write(work, claim))

    def review(self, review_id: int, *, masked: bool = False) -> ReviewRecord:
        with self._reading() as c:
            row = c.execute(select(t.review).where(t.review.c.id == review_id)).first()
        if row is None:
            raise LedgerError("review-unknown", review=review_id)
        return self._review_record(row, masked=masked)

    def reviews(
        self,
        *,
        status: str | None = "open",
        run_id: str | None = None,
        item_id: int | None = None,
        masked: bool = True,
    ) -> list[ReviewRecord]:
        """Oldest first."""
        v = t.review.c
        query = select(t.review).order_by(v.id)
        for column, value in ((v.status, status), (v.run_id, run_id), (v.item_id, item_id)):
            query = query if value is None else query.where(column == value)
        with self._reading() as c:
            rows = c.execute(query).all()
        return [self._review_record(r, masked=masked) for r in rows]

    def answer(
        self, review_id: int, answer: Mapping[str, Any], *, by: str, rejected: bool = False
    ) -> ReviewRecord:
        """LedgerError `review-closed` when it was answered or withdrawn before."""
        v = t.review.c
        exact = dict(answer)
        status = "rejected" if rejected else "answered"

        def work(c: Connection) -> None:
            row = c.execute(
                update(t.review)
                .where(v.id == review_id, v.status == "open")
                .values(
                    status=status,
                    answer_exact=self._seal(exact, _ANSWER),
                    answer_shown=self._shown(exact),
                    by=by,
                    answered=self._now(),
                )
                .returning(v.run_id, v.item_id)
            ).first()
            if row is None:
                raise self._not_open(c, review_id)
            self._append_audit(c, by, status, f"review:{review_id}", {"run": row.run_id, "item": row.item_id})
            self._set_free(c, row.run_id, row.item_id)

        self._write(work)
        return self.review(review_id)

    def _set_free(self, c: Connection, run_id: str, item_id: int | None) -> None:
        """The item goes on when it was its last open question. A run that still runs is told by
        `answered`."""
        v, i = t.review.c, t.item.c
        if item_id is not None:
            if c.execute(select(v.id).where(v.item_id == item_id, v.status == "open").limit(1)).first():
                return
            freed = c.execute(
                update(t.item)
                .where(i.id == item_id, i.status == "waiting")
                .values(status="new", updated=self._now())
            ).rowcount
            if freed:
                c.execute(
                    update(t.run_item)
                    .where(t.run_item.c.run_id == run_id, t.run_item.c.item_id == item_id)
                    .values(status="new")
                )
        if not to_queue(c, run_id):
            c.execute(
                update(t.run).where(t.run.c.id == run_id, t.run.c.status == "running").values(answered=1)
            )

    @staticmethod
    def _not_open(c: Connection, review_id: int) -> LedgerError:
        row = c.execute(select(t.review.c.status, t.review.c.by).where(t.review.c.id == review_id)).first()
        if row is None:
            return LedgerError("review-unknown", review=review_id)
        return LedgerError("review-closed", review=review_id, status=row.status, by=row.by or "")

    def _review_record(self, row: AnyRow, *, masked: bool) -> ReviewRecord:
        if masked:
            return review_record(row, row.question_shown, row.answer_shown)
        return review_record(
            row, self._open(row.question_exact, _QUESTION), self._open(row.answer_exact, _ANSWER)
        )
