"""The audit log: append-only and hash-chained. A changed, removed or inserted row breaks the chain; removed
last rows show because the head of the chain is kept apart."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from flows.data import decode, encode, simple
from rpa.ledger import records as t
from rpa.ledger.columns import storable, to_us
from rpa.ledger.core import Core
from rpa.ledger.types import AuditRecord

HEAD = "audit_head"
Entry = tuple[str, str, str, Mapping[str, Any]]  # who, what, subject, details
CHAIN_LOCK = 7_216_001  # PostgreSQL: one appender at a time


class AuditPart(Core):
    """Who (OS user or reviewer) did what to which subject."""

    def audit(self, who: str, what: str, subject: str, details: Mapping[str, Any] | None = None) -> None:
        """Flushed."""
        self._write(lambda c: self._append_audit(c, who, what, subject, details or {}))

    def audit_log(self, *, subject: str | None = None, limit: int | None = None) -> list[AuditRecord]:
        """Newest first."""
        a = t.audit.c
        query = select(t.audit).order_by(a.id.desc()).limit(limit)
        if subject is not None:
            query = query.where(a.subject == subject)
        with self._reading() as c:
            rows = c.execute(query).all()
        return [AuditRecord(r.id, r.at, r.who, r.what, r.subject, decode(r.details), r.hash) for r in rows]

    def _append_audit(
        self, connection: Connection, who: str, what: str, subject: str, details: Mapping[str, Any]
    ) -> None:
        self._append_audits(connection, [(who, what, subject, details)])

    def _append_audits(self, connection: Connection, entries: Sequence[Entry]) -> None:
        """Links each to the one before it."""
        if not self.database.is_sqlite:
            connection.execute(select(func.pg_advisory_xact_lock(CHAIN_LOCK)))
        head, rows = connection.execute(select(t.meta.c.value).where(t.meta.c.name == HEAD)).scalar_one(), []
        for who, what, subject, details in entries:
            row: dict[str, Any] = {
                "at": self._now(),
                "who": storable(who),
                "what": what,
                "subject": storable(subject),
                "details": storable(encode(simple(details))),
                "before": head,
            }
            head = row["hash"] = link(
                to_us(row["at"]), row["who"], row["what"], row["subject"], row["details"], head
            )
            rows.append(row)
        connection.execute(insert(t.audit), rows)
        connection.execute(update(t.meta).where(t.meta.c.name == HEAD).values(value=head))

    def chain_problems(self) -> Iterator[str]:
        """What is wrong with the chain, one line each."""
        with self._reading() as c:
            head = c.execute(select(t.meta.c.value).where(t.meta.c.name == HEAD)).scalar_one()
            before = ""
            for r in c.execute(select(t.audit).order_by(t.audit.c.id)).yield_per(1000):
                if r.before != before:
                    yield f"audit {r.id}: the row before it was changed or removed"
                if r.hash != link(to_us(r.at), r.who, r.what, r.subject, r.details, r.before):
                    yield f"audit {r.id}: the row was changed"
                before = r.hash
            if before != head:
                yield "audit: the last rows were removed"


def link(at_us: int, who: str, what: str, subject: str, details: str, before: str) -> str:
    """SHA-256 over the row's fields and the hash before it, each with its length so that none can shift."""
    fields = (str(at_us), who, what, subject, details, before)
    return hashlib.sha256("".join(f"{len(f)}:{f}" for f in fields).encode()).hexdigest()
