"""Items: one business transaction each, unique by (profile, flow, key), taken by at most one run at a
time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, or_, select, union_all, update

from rpa.ledger import records as t
from rpa.ledger.claims import ClaimsPart
from rpa.ledger.convert import AnyRow, item_record, with_failure
from rpa.ledger.errors import ClaimLost, LedgerError
from rpa.ledger.failures import add_failure
from rpa.ledger.types import Claim, FailureRecord, Found, ItemRecord, ItemStatus, RunStatus

TAKEABLE = (ItemStatus.new, ItemStatus.failed_application)
_SETTLED_BY_RUNNING = (ItemStatus.waiting, ItemStatus.in_doubt)
_DATA = b"item.data"
_UNTOUCHABLE = (ItemStatus.running, ItemStatus.waiting, ItemStatus.in_doubt)


class ItemsPart(ClaimsPart):
    """A run inserts unknown keys, takes new and application-failed ones, and counts the others as known."""

    def add_item(
        self,
        claim: Claim,
        *,
        flow_id: str,
        profile: str,
        key: str,
        data: Mapping[str, Any],
        data_hash: str,
        n: int,
        on_change: str = "business",
        priority: int = 0,
    ) -> Found:
        """Data of an item that is still `new` is always brought up to date. For others changed data means:
        `ignore` nothing; `again` the item is new with the new data; `business` it fails as `item-changed`."""
        with self._reading() as c:
            row = self._by_key(c, flow_id, profile, key)
        if row is not None and not self._needs_writing(row, data_hash, on_change):
            return self._known_item(claim, row, changed=row.data_hash != data_hash)
        failure_id = self.next_id() if row is not None and on_change == "business" else 0

        def work(c: Connection) -> Found:
            known = self._by_key(c, flow_id, profile, key, lock=True)
            if known is None:
                self._insert_item(
                    c,
                    claim,
                    {
                        "profile": profile,
                        "flow_id": flow_id,
                        "key": key,
                        "n": n,
                        "priority": priority,
                        **self._data_values(data, data_hash),
                    },
                )
                return Found(self._one(c, flow_id, profile, key), "new")
            return self._meet_again(c, claim, known, data, data_hash, n, on_change, failure_id)

        return self._write(work, claim)

    def foresee(
        self, flow_id: str, profile: str, key: str, data_hash: str, on_change: str
    ) -> tuple[str, str]:
        """What a run would make of an item with this key and data: `new`, `again` or `known`, and why.
        Changes nothing."""
        with self._reading() as c:
            row = self._by_key(c, flow_id, profile, key)
        if row is None:
            return "new", ""
        changed = row.data_hash != data_hash
        told = changed and row.status != ItemStatus.new and on_change == "business"
        if row.status in TAKEABLE and not told:
            return "again", str(row.status)
        if not self._needs_writing(row, data_hash, on_change):
            return "known", str(row.status)
        return ("known" if on_change == "business" else "again"), "item-changed"

    @staticmethod
    def _needs_writing(row: AnyRow, data_hash: str, on_change: str) -> bool:
        if row.status in TAKEABLE:
            return True
        return row.data_hash != data_hash and on_change != "ignore" and row.status not in _UNTOUCHABLE

    def _known_item(self, claim: Claim, row: AnyRow, *, changed: bool, reason: str = "") -> Found:
        reason = reason or str(row.status)
        counts = self._known.setdefault(claim.run_id, {})
        counts[reason] = counts.get(reason, 0) + 1
        return Found(item_record(row, self._open(row.data_exact, _DATA)), "known", reason, changed)

    def _meet_again(
        self,
        c: Connection,
        claim: Claim,
        row: AnyRow,
        data: Mapping[str, Any],
        data_hash: str,
        n: int,
        on_change: str,
        failure_id: int,
    ) -> Found:
        changed = row.data_hash != data_hash
        if not self._needs_writing(row, data_hash, on_change):
            return self._known_item(claim, row, changed=changed)
        if changed and row.status != ItemStatus.new and on_change == "business":
            return self._changed(c, claim, row, data_hash, failure_id)
        values: dict[str, Any] = {"n": n, "run_id": claim.run_id, "updated": self._now()}
        if row.data_exact is None or (changed and not (on_change == "ignore" and row.status != ItemStatus.new)):
            values |= self._data_values(data, data_hash)
        if row.status not in TAKEABLE:
            values |= {"status": "new", "tries": 0, "failure_id": None}
        c.execute(update(t.item).where(t.item.c.id == row.id).values(values))
        self._touch(c, claim.run_id, row.id, values.get("status", row.status), n)
        return Found(self._one(c, row.flow_id, row.profile, row.key), "again", changed=changed)

    def _changed(self, c: Connection, claim: Claim, row: AnyRow, data_hash: str, failure_id: int) -> Found:
        """A person must see that data changed under a known key. Told once for each new content."""
        failure = FailureRecord(
            "business", "item-changed", "", {"key": row.key, "was": str(row.status), "hash": data_hash}
        )
        last = row.failure__details or {}
        if row.failure__code == failure.code and last.get("hash") == data_hash:
            return self._known_item(claim, row, changed=True, reason="item-changed")
        told = add_failure(c, failure, failure_id, run_id=claim.run_id, now=self._now(), item_id=row.id)
        c.execute(
            update(t.item)
            .where(t.item.c.id == row.id)
            .values(status="failed_business", failure_id=told, run_id=claim.run_id, updated=self._now())
        )
        self._touch(c, claim.run_id, row.id, "failed_business", row.n)
        now = self._by_key(c, row.flow_id, row.profile, row.key)
        assert now is not None
        return self._known_item(claim, now, changed=True, reason="item-changed")

    def _data_values(self, data: Mapping[str, Any], data_hash: str) -> dict[str, Any]:
        exact = dict(data)
        return {
            "data_exact": self._seal(exact, _DATA),
            "data_shown": self._shown(exact),
            "data_hash": data_hash,
        }

    def _insert_item(self, c: Connection, claim: Claim, values: Mapping[str, Any]) -> None:
        now = self._now()
        item_id = c.execute(
            insert(t.item)
            .values(
                status="new",
                tries=0,
                run_id=claim.run_id,
                created=now,
                updated=now,
                **values,
            )
            .returning(t.item.c.id)
        ).scalar_one()
        self._touch(c, claim.run_id, item_id, "new", values["n"])

    def _touch(self, c: Connection, run_id: str, item_id: int, status: str, n: int) -> None:
        """Notes that the run touched the item."""
        ri = t.run_item.c
        done = c.execute(
            update(t.run_item).where(ri.run_id == run_id, ri.item_id == item_id).values(status=str(status))
        )
        if not done.rowcount:
            c.execute(
                insert(t.run_item).values(
                    run_id=run_id, item_id=item_id, n=n, status=str(status), since=self._now()
                )
            )

    @staticmethod
    def _by_key(c: Connection, flow_id: str, profile: str, key: str, *, lock: bool = False) -> AnyRow | None:
        i = t.item.c
        query = with_failure(t.item).where(i.profile == profile, i.flow_id == flow_id, i.key == key)
        return c.execute(query.with_for_update(of=t.item) if lock else query).first()

    def _one(self, c: Connection, flow_id: str, profile: str, key: str) -> ItemRecord:
        row = self._by_key(c, flow_id, profile, key)
        assert row is not None
        return item_record(row, self._open(row.data_exact, _DATA))

    # ── taking and ending ──
    def items_to_do(self, flow_id: str, profile: str, *, run_id: str | None = None) -> list[ItemRecord]:
        """New and application-failed ones whose time has come: priority, due, then as found. Exact data."""
        i = t.item.c
        query = (
            with_failure(t.item)
            .where(
                i.flow_id == flow_id,
                i.profile == profile,
                i.status.in_([str(s) for s in TAKEABLE]),
                or_(i.not_before.is_(None), i.not_before <= self._now()),
            )
            .order_by(i.priority.desc(), i.due.is_(None), i.due, i.n, i.id)
        )
        if run_id is not None:
            query = query.where(_touched_by(run_id))
        with self._reading() as c:
            return [item_record(r, self._open(r.data_exact, _DATA)) for r in c.execute(query)]

    def take_item(
        self, claim: Claim, item_id: int, *, from_status: Sequence[ItemStatus]
    ) -> ItemRecord | None:
        def work(c: Connection) -> ItemRecord | None:
            i = t.item.c
            allowed = [str(s) for s in from_status if s is not ItemStatus.running]
            row = c.execute(
                update(t.item)
                .where(i.id == item_id, i.status.in_(allowed))
                .values(
                    status="running",
                    tries=i.tries + 1,
                    run_id=claim.run_id,
                    token=claim.token,
                    updated=self._now(),
                )
                .returning(i.n)
            ).first()
            if row is None:
                return None
            self._touch(c, claim.run_id, item_id, "running", row.n)
            return self._item(c, item_id, masked=False)

        return self._write(work, claim)

    def end_item(
        self,
        claim: Claim,
        item_id: int,
        status: ItemStatus,
        *,
        failure: FailureRecord | None = None,
        outputs: Any = None,
        not_before: datetime | None = None,
    ) -> None:
        """An item with an open write can end only `in_doubt` (or `waiting`), whatever is asked. One that
        waits for an answer which came in the meantime is `new` at once."""
        failure_id = self.next_id() if failure else 0

        def work(c: Connection) -> None:
            final = self._final_status(c, claim, item_id, status)
            values: dict[str, Any] = {
                "status": str(final),
                "updated": self._now(),
                "not_before": not_before,
                "failure_id": None,
                "outputs_exact": self._seal(outputs, b"item.outputs"),
                "outputs_shown": self._shown(outputs),
            }
            if failure:
                values["failure_id"] = add_failure(
                    c, failure, failure_id, run_id=claim.run_id, now=self._now(), item_id=item_id
                )
            i = t.item.c
            held = (i.id == item_id, i.status == "running", i.run_id == claim.run_id, i.token == claim.token)
            if not c.execute(update(t.item).where(*held).values(values)).rowcount:
                raise ClaimLost(claim, "item not held")
            self._touch(c, claim.run_id, item_id, str(final), 0)

        self._write(work, claim, ending=True)

    def _final_status(self, c: Connection, claim: Claim, item_id: int, status: ItemStatus) -> ItemStatus:
        if status is ItemStatus.waiting and not self._still_asked(c, item_id):
            c.execute(update(t.run).where(t.run.c.id == claim.run_id).values(answered=1))
            return ItemStatus.new
        if status not in _SETTLED_BY_RUNNING and _open_write(c, item_id):
            return ItemStatus.in_doubt
        return status

    @staticmethod
    def _still_asked(c: Connection, item_id: int) -> bool:
        """Whether a question about the item is open, or none was ever asked through the ledger."""
        v = t.review.c
        statuses = set(c.execute(select(v.status).where(v.item_id == item_id)).scalars())
        return not statuses or "open" in statuses

    def reopen_item(self, item_id: int, *, actor: str) -> None:
        """Flushed, audited. Refused also while a run holds it (`item-running`)."""

        def work(c: Connection) -> None:
            i = t.item.c
            status = c.execute(select(i.status).where(i.id == item_id).with_for_update()).scalar()
            if status is None:
                raise LedgerError("item-unknown", key=item_id)
            if status == "running":
                raise LedgerError("item-running", item=item_id)
            if _open_write(c, item_id):
                raise LedgerError("item-in-doubt", item=item_id)
            c.execute(
                update(t.item)
                .where(i.id == item_id)
                .values(status="new", not_before=None, failure_id=None, updated=self._now())
            )
            c.execute(
                update(t.review)
                .where(t.review.c.item_id == item_id, t.review.c.status == "open")
                .values(status="withdrawn")
            )
            self._append_audit(c, actor, "reopen", f"item:{item_id}", {"was": status})

        self._write(work)

    # ── looking ──
    def item(self, item_id: int, *, masked: bool = False) -> ItemRecord:
        with self._reading() as c:
            return self._item(c, item_id, masked=masked)

    def _item(self, c: Connection, item_id: int, *, masked: bool) -> ItemRecord:
        row = c.execute(with_failure(t.item).where(t.item.c.id == item_id)).first()
        if row is None:
            raise LedgerError("item-unknown", key=item_id)
        return item_record(row, row.data_shown if masked else self._open(row.data_exact, _DATA))

    def item_outputs(self, item_id: int, *, masked: bool = True) -> Any:
        """What `end_item` stored as the item's outputs."""
        i = t.item.c
        with self._reading() as c:
            row = c.execute(select(i.outputs_shown, i.outputs_exact).where(i.id == item_id)).first()
        if row is None:
            raise LedgerError("item-unknown", key=item_id)
        return row.outputs_shown if masked else self._open(row.outputs_exact, b"item.outputs")

    def items(
        self,
        *,
        run_id: str | None = None,
        flow_id: str | None = None,
        profile: str | None = None,
        status: Sequence[ItemStatus] = (),
        key: str | None = None,
        limit: int | None = None,
        masked: bool = True,
    ) -> list[ItemRecord]:
        """In the order they were found. Of a run: those it touched, with their present status, the first `limit` of
        them; of all runs: the last ones."""
        i = t.item.c
        order = (i.id.desc(),) if run_id is None else (i.n, i.id)
        query = with_failure(t.item).order_by(*order).limit(limit)
        if limit is not None and flow_id is not None and run_id is None and key is None:
            query = query.where(i.id.in_(_last_of_flow(flow_id, status or tuple(ItemStatus), profile, limit)))
        else:
            query = query.where(*_wanted(run_id, status, {i.flow_id: flow_id, i.profile: profile, i.key: key}))
        with self._reading() as c:
            rows = c.execute(query).all()
        rows = rows if run_id is not None else rows[::-1]
        return [item_record(r, r.data_shown if masked else self._open(r.data_exact, _DATA)) for r in rows]

    def item_history(self, item_id: int) -> list[tuple[str, RunStatus, ItemStatus]]:
        """(run, its status, what it made of the item), oldest first."""
        ri, r = t.run_item.c, t.run.c
        query = (
            select(ri.run_id, r.status, ri.status).join(t.run, r.id == ri.run_id).where(ri.item_id == item_id)
        )
        with self._reading() as c:
            rows = c.execute(query.order_by(ri.since)).all()
        return [(run_id, RunStatus(status), ItemStatus(made)) for run_id, status, made in rows]

    def run_items(self, run_id: str) -> dict[int, ItemStatus]:
        """What a run made of each item it touched, whatever later runs made of it."""
        ri = t.run_item.c
        query = select(ri.item_id, ri.status).where(ri.run_id == run_id).order_by(ri.n, ri.item_id)
        with self._reading() as c:
            return {item_id: ItemStatus(made) for item_id, made in c.execute(query)}

    def item_counts(self, flow_id: str | None = None) -> Mapping[str, int]:
        """{status: how many}."""
        query = select(t.item.c.status, func.count()).group_by(t.item.c.status)
        if flow_id is not None:
            query = query.where(t.item.c.flow_id == flow_id)
        with self._reading() as c:
            return {str(status): int(number) for status, number in c.execute(query)}


def _wanted(run_id: str | None, status: Sequence[ItemStatus], given: Mapping[Any, str | None]) -> list[Any]:
    touched = [] if run_id is None else [_touched_by(run_id)]
    states = [t.item.c.status.in_([str(s) for s in status])] if status else []
    return [*touched, *states, *(column == value for column, value in given.items() if value is not None)]


def _last_of_flow(flow_id: str, status: Sequence[ItemStatus], profile: str | None, limit: int) -> Any:
    """Ids of the flow's last items of each of these states, read off the index; one over all states would sort them."""
    i = t.item.c
    wanted = [i.flow_id == flow_id, *([] if profile is None else [i.profile == profile])]
    each = [select(i.id).where(*wanted, i.status == str(one)).order_by(i.id.desc()).limit(limit) for one in status]
    return union_all(*(select(found.subquery().c.id) for found in each))


def _touched_by(run_id: str) -> Any:
    """By the run's few items, never by a look at each item there is."""
    return t.item.c.id.in_(select(t.run_item.c.item_id).where(t.run_item.c.run_id == run_id))


def _open_write(c: Connection, item_id: int) -> bool:
    w = t.write.c
    return (
        c.execute(select(w.id).where(w.item_id == item_id, w.verdict == "intended").limit(1)).first()
        is not None
    )
