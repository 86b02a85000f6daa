"""What happened step by step: attempts, events and kept files. Collected, and written in groups."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from flows.data import decode, encode
from rpa.ledger import records as t
from rpa.ledger.columns import to_us
from rpa.ledger.convert import artifact_record, attempt_record, event_record, failure_record, with_failure
from rpa.ledger.errors import LedgerError
from rpa.ledger.failures import failure_row
from rpa.ledger.items import ItemsPart
from rpa.ledger.port import Masker
from rpa.ledger.types import ArtifactRecord, AttemptRecord, Claim, EventRecord, FailureRecord

_EXACT = b"attempt.exact"
QUOTA = 20 << 30
ORPHAN_GRACE = timedelta(hours=1)


class AttemptsPart(ItemsPart):
    """`artifact_quota` bounds the artifact store, in bytes."""

    artifact_quota: int = QUOTA
    _stored_bytes: int = -1

    # ── attempts ──
    def record_attempt(self, claim: Claim, attempt: AttemptRecord, masked: Masker) -> int:
        attempt_id = self.next_id()
        failure_id = self._attempt_failure(claim, attempt)
        values = {"params": attempt.params, "outputs": attempt.outputs, "notes": dict(attempt.notes)}
        self.writer.later(
            claim,
            t.attempt,
            {
                "id": attempt_id,
                "run_id": attempt.run_id,
                "item_id": attempt.item_id,
                "item_try": attempt.item_try,
                "step_path": attempt.step_path,
                "step_try": attempt.step_try,
                "phase": attempt.phase,
                "name": attempt.name,
                "action": attempt.action,
                "outcome": str(attempt.outcome),
                "reason": attempt.reason,
                "exact": self._seal(values, _EXACT),
                "shown": encode(masked(values)),
                "artifacts": encode(list(attempt.artifacts)) if attempt.artifacts else None,
                "failure_id": failure_id,
                "token": claim.token,
                "started": to_us(attempt.started),
                "ended": to_us(attempt.ended),
            },
        )
        return attempt_id

    def _attempt_failure(self, claim: Claim, attempt: AttemptRecord) -> int | None:
        if attempt.failure is None:
            return None
        failure_id = self.next_id()
        row = failure_row(attempt.failure, failure_id, run_id=attempt.run_id, now=attempt.ended)
        self.writer.later(
            claim,
            t.failure,
            {
                **row,
                "item_id": attempt.item_id,
                "step_path": attempt.failure.step_path or attempt.step_path,
                "details": encode(row["details"]),
                "at": to_us(row["at"]),
            },
        )
        return failure_id

    def attempts(
        self,
        run_id: str,
        *,
        item_id: int | None = None,
        step_path: str | None = None,
        phase: str | None = None,
        masked: bool = True,
    ) -> list[AttemptRecord]:
        """In the order they ended. An attempt whose exact values were erased comes back with none."""
        a = t.attempt.c
        query = with_failure(t.attempt).where(a.run_id == run_id).order_by(a.ended, a.id)
        for column, value in ((a.item_id, item_id), (a.step_path, step_path), (a.phase, phase)):
            query = query if value is None else query.where(column == value)
        with self._reading(flushed=True) as c:
            rows = c.execute(query).all()
        if masked:
            return [attempt_record(r, decode(r.shown) if r.shown else {}) for r in rows]
        return [attempt_record(r, self._open(r.exact, _EXACT) or {}) for r in rows]

    def failures(self, run_id: str) -> list[FailureRecord]:
        """All that went wrong in a run, rescued ones included, oldest first."""
        f = t.failure.c
        with self._reading(flushed=True) as c:
            rows = c.execute(select(t.failure).where(f.run_id == run_id).order_by(f.at, f.id)).all()
        return [failure_record(dict(r._mapping)) for r in rows]

    # ── events ──
    def event(self, claim: Claim, event: EventRecord) -> None:
        self.writer.later(
            claim,
            t.event,
            {
                "run_id": event.run_id,
                "item_id": event.item_id,
                "step_path": event.step_path,
                "level": event.level,
                "code": event.code,
                "message": event.message,
                "details": encode(event.details),
                "at": to_us(event.at),
            },
        )

    def events(self, run_id: str) -> list[EventRecord]:
        e = t.event.c
        with self._reading(flushed=True) as c:
            return [
                event_record(r) for r in c.execute(select(t.event).where(e.run_id == run_id).order_by(e.id))
            ]

    # ── kept files ──
    def keep(
        self,
        claim: Claim | None,
        *,
        run_id: str,
        item_id: int | None,
        step_path: str,
        kind: str,
        name: str,
        data: bytes | Path,
        media_type: str,
        encrypt: bool = False,
        keep_until: datetime | None = None,
    ) -> ArtifactRecord:
        """LedgerError `artifact-quota` when the store would grow over `artifact_quota`."""
        self._check_quota(len(data) if isinstance(data, bytes) else data.stat().st_size)
        sha256, size = self.blobs.put(data, seal=encrypt)
        row: dict[str, Any] = {
            "id": self.next_id(),
            "run_id": run_id,
            "item_id": item_id,
            "step_path": step_path,
            "kind": kind,
            "name": name,
            "sha256": sha256,
            "size": size,
            "media_type": media_type,
            "created": self._now(),
            "keep_until": keep_until,
        }
        self._note_blob(sha256, size, data, sealed=encrypt)
        self.writer.later(
            claim,
            t.artifact,
            {
                **row,
                "created": to_us(row["created"]),
                "keep_until": to_us(keep_until) if keep_until else None,
            },
        )
        return ArtifactRecord(path=str(self.blobs.path(sha256, sealed=encrypt)), **row)

    def _check_quota(self, size: int) -> None:
        if self._stored_bytes < 0:
            with self._reading() as c:
                self._stored_bytes = int(
                    c.execute(select(func.coalesce(func.sum(t.blob.c.size), 0))).scalar_one()
                )
        if self._stored_bytes + size > self.artifact_quota:
            raise LedgerError(
                "artifact-quota", used_mb=self._stored_bytes >> 20, quota_mb=self.artifact_quota >> 20
            )

    def _note_blob(self, sha256: str, size: int, data: bytes | Path, *, sealed: bool) -> None:
        """The content's row. One that was kept long ago may be about to be cleaned up: then it is kept
        anew, and its file is looked for again under the same lock that the clean-up holds."""
        b, now = t.blob.c, self._now()
        named = b.sha256 == sha256

        def work(c: Connection) -> None:
            if not c.execute(update(t.blob).where(named).values(kept=now)).rowcount:
                c.execute(insert(t.blob).values(sha256=sha256, size=size, sealed=int(sealed), kept=now))
                self._stored_bytes += size
            self.blobs.put(data, seal=sealed)

        with self._reading() as c:
            kept = c.execute(select(b.kept).where(named)).scalar()
        if kept is None or now - kept > ORPHAN_GRACE / 2:
            self._write(work)

    def artifacts(self, run_id: str, *, item_id: int | None = None) -> list[ArtifactRecord]:
        a = t.artifact.c
        query = select(t.artifact).where(a.run_id == run_id).order_by(a.id)
        query = query if item_id is None else query.where(a.item_id == item_id)
        with self._reading(flushed=True) as c:
            rows = c.execute(query).all()
        return [artifact_record(r, str(self.blobs.find(r.sha256))) for r in rows]

    def artifact_path(self, sha256: str) -> Path:
        """Where the content lies. A sealed one (`….sealed`) is read by `artifact_bytes`."""
        return self.blobs.find(sha256)

    def artifact_bytes(self, sha256: str) -> bytes:
        """The content, unsealed and checked against its address."""
        return self.blobs.read(sha256)
