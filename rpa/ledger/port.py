"""What the rest of the program may ask of the ledger. One implementation (`store.Ledger`), SQLite or
PostgreSQL.

Mutations by a running engine carry its `Claim`; when the claim is no longer the current one they raise
`ClaimLost` and change nothing. "Flushed" means on disk (fsync) when the call returns; all other records of a
process go through one writer thread and are flushed at least every 100 ms and before any flushed call.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from rpa.ledger.types import (
    ArtifactRecord,
    AttemptRecord,
    AuditRecord,
    Claim,
    EventRecord,
    FailureRecord,
    FiringRecord,
    Found,
    ItemRecord,
    ItemStatus,
    NewFiring,
    NewRun,
    ReviewRecord,
    RunRecord,
    RunStatus,
    Verdict,
    WriteRecord,
)

Masker = Callable[[Any], Any]


class LedgerPort(Protocol):
    mask: Masker  # the shown form of inputs, item data, outputs and results

    # ── flows and runs ───────────────────────────────────────────────────────────────────────────
    def put_revision(self, flow_id: str, revision: str, texts: Mapping[str, str],
                     title: str = "") -> None: ...
    def revision(self, revision: str) -> Mapping[str, str]:
        """{relative path or id: text} of a flow and the flows it calls; the flow itself comes first."""
    def enqueue(self, run: NewRun) -> str:
        """Flushed. Returns the run id (sortable, short, readable: e.g. `r-20261121-7f3k2`)."""
    def requeue(self, run_id: str, *, actor: str) -> None:
        """A waiting run whose question was answered is queued again."""
    def attach_child(self, claim: Claim, pid: int) -> None:
        """Tells which process executes the run: its death is then seen before the lease ends. Flushed."""
    def claim(self, worker: str, *, run_id: str | None = None, lease_s: float = 30.0,
              capabilities: Sequence[str] = ()) -> tuple[Claim, RunRecord] | None:
        """One `UPDATE … RETURNING`: the next queued run (priority, due, age) whose locks are free, or
        `run_id` itself. Status becomes running, a new token is issued."""
    def renew(self, claim: Claim, *, lease_s: float = 30.0) -> bool:
        """False when the lease is lost."""
    def end_run(self, claim: Claim, status: RunStatus, *, outputs: Any = None, reason: str | None = None,
                failure: FailureRecord | None = None) -> None:
        """Flushed; releases lease and locks."""
    def request_cancel(self, run_id: str, *, actor: str) -> bool: ...
    def cancel_requested(self, run_id: str) -> bool: ...
    def sweep(self) -> list[str]:
        """Ends runs whose lease expired as `abandoned` (reason worker-lost); running items go back to
        `new`, or to `in_doubt` when one of their writes is `intended`. Returns the run ids."""
    def end_abandoned(self, claim: Claim, reason: str, failure: FailureRecord | None = None) -> None:
        """The supervisor's word for a child that died: like `sweep` for this run only. Flushed."""

    # ── items ────────────────────────────────────────────────────────────────────────────────────
    def add_item(self, claim: Claim, *, flow_id: str, profile: str, key: str, data: Mapping[str, Any],
                 data_hash: str, n: int, on_change: str = "business", priority: int = 0) -> Found:
        """Inserts an unknown key as `new`. Known: status decides (`Found.how`); changed data by
        `on_change`."""
    def foresee(self, flow_id: str, profile: str, key: str, data_hash: str, on_change: str) -> tuple[str, str]:
        """What a run would make of such an item: new, again or known, and why. Changes nothing."""
    def items_to_do(self, flow_id: str, profile: str, *, run_id: str | None = None) -> list[ItemRecord]: ...
    def take_item(self, claim: Claim, item_id: int, *,
                  from_status: Sequence[ItemStatus]) -> ItemRecord | None:
        """Flushed; `running`, tries + 1. None when another run holds it or its status differs."""
    def end_item(self, claim: Claim, item_id: int, status: ItemStatus, *,
                 failure: FailureRecord | None = None, outputs: Any = None,
                 not_before: datetime | None = None) -> None:
        """Flushed."""
    def item(self, item_id: int, *, masked: bool = False) -> ItemRecord: ...
    def items(self, *, run_id: str | None = None, flow_id: str | None = None, profile: str | None = None,
              status: Sequence[ItemStatus] = (), key: str | None = None, limit: int | None = None,
              masked: bool = True) -> list[ItemRecord]: ...
    def run_items(self, run_id: str) -> dict[int, ItemStatus]:
        """What a run made of each item it touched."""
    def reopen_item(self, item_id: int, *, actor: str) -> None:
        """Back to `new`. Refused (LedgerError item-in-doubt) while a write of it is intended."""

    # ── attempts, events, artifacts ──────────────────────────────────────────────────────────────
    def record_attempt(self, claim: Claim, attempt: AttemptRecord, masked: Masker) -> int:
        """Queued to the writer thread. Stored twice: exact (encrypted) and `masked`. Returns its id."""
    def attempts(self, run_id: str, *, item_id: int | None = None, step_path: str | None = None,
                 phase: str | None = None, masked: bool = True) -> list[AttemptRecord]: ...
    def event(self, claim: Claim, event: EventRecord) -> None: ...
    def events(self, run_id: str) -> list[EventRecord]: ...
    def keep(self, claim: Claim | None, *, run_id: str, item_id: int | None, step_path: str, kind: str,
             name: str, data: bytes | Path, media_type: str, encrypt: bool = False) -> ArtifactRecord:
        """Content-addressed copy in the artifact store, fsynced before its row."""
    def artifacts(self, run_id: str, *, item_id: int | None = None) -> list[ArtifactRecord]: ...
    def artifact_path(self, sha256: str) -> Path: ...
    def artifact_bytes(self, sha256: str) -> bytes: ...

    # ── writes ───────────────────────────────────────────────────────────────────────────────────
    def find_write(self, profile: str, what: str, key: str) -> WriteRecord | None: ...
    def intend(self, claim: Claim, *, profile: str, what: str, key: str, flow_id: str, item_id: int | None,
               step_path: str) -> WriteRecord:
        """Flushed, right before the committing step. A pair that is settled_not_done or refused is intended
        anew; any other existing pair raises `AlreadyWritten` with that record."""
    def settle(self, claim: Claim | None, write_id: int, verdict: Verdict, *, by: str,
               result: Any = None) -> None:
        """Flushed."""
    def writes(self, *, item_id: int | None = None, run_id: str | None = None,
               open_only: bool = False) -> list[WriteRecord]: ...

    # ── reviews ──────────────────────────────────────────────────────────────────────────────────
    def ask(self, claim: Claim, *, item_id: int | None, step_path: str, kind: str,
            question: Mapping[str, Any], masked: Masker) -> ReviewRecord: ...
    def review(self, review_id: int, *, masked: bool = False) -> ReviewRecord: ...
    def reviews(self, *, status: str | None = "open", run_id: str | None = None,
                item_id: int | None = None, masked: bool = True) -> list[ReviewRecord]: ...
    def answer(self, review_id: int, answer: Mapping[str, Any], *, by: str,
               rejected: bool = False) -> ReviewRecord:
        """Flushed; audited; the item goes from `waiting` to `new` and its waiting run is queued again."""

    # ── audit, firings, state, locks ─────────────────────────────────────────────────────────────
    def audit(self, who: str, what: str, subject: str, details: Mapping[str, Any] | None = None) -> None: ...
    def audit_log(self, *, subject: str | None = None, limit: int | None = None) -> list[AuditRecord]: ...
    def verify(self) -> list[str]:
        """Problems of the audit chain, the database (integrity, foreign keys) and the artifacts; empty:
        sound."""
    def fire(self, schedule: str, occurrence: str, *, due: datetime | None, run: NewRun | None,
             reason: str) -> str | None:
        """One transaction: the firing row (unique) and, when `run` is given, its run. None when another
        process was first."""
    def fire_all(self, firings: Sequence[NewFiring]) -> list[str | None]:
        """As `fire`, for many in one flushed transaction; answers in the order given."""
    def firings(self, schedule: str | None = None, *, beginning: str | None = None,
                since: datetime | None = None, limit: int = 100) -> list[FiringRecord]: ...
    def last_dues(self, schedules: Sequence[str]) -> dict[str, datetime]:
        """{schedule: latest due time among its newest rows}; without those that have none."""
    def last_endings(self, schedules: Sequence[str]) -> dict[str, str]:
        """{schedule: how the newest of its runs that are over ended}."""
    def active_schedules(self) -> set[str]:
        """Schedules with a run that is queued or running."""
    def get_state(self, name: str) -> Any | None:
        """Encrypted plain data kept between runs (browser sessions, vendor memory, pauses, seen mails)."""
    def put_state(self, name: str, value: Any | None) -> None: ...
    def get_states(self, prefix: str) -> dict[str, Any]: ...
    def put_states(self, values: Mapping[str, Any]) -> None:
        """Many in one flushed transaction; None removes."""

    # ── queries ──────────────────────────────────────────────────────────────────────────────────
    def run(self, run_id: str, *, masked: bool = False) -> RunRecord:
        """Accepts a unique prefix and `last`. LedgerError run-unknown otherwise."""
    def runs(self, *, flow_id: str | None = None, status: Sequence[RunStatus] = (),
             since: datetime | None = None, until: datetime | None = None, text: str | None = None,
             code: str | None = None, replay_of: str | None = None, schedule: str | None = None,
             limit: int | None = 50) -> list[RunRecord]: ...
    def run_counts(self, since: datetime) -> dict[str, int]:
        """{status: how many}, of runs that are queued, running or waiting and of those made since then."""
    def failures(self, run_id: str) -> list[FailureRecord]: ...
    def waiting_for_flush(self) -> None:
        """Returns when everything queued so far is on disk."""
    def close(self) -> None: ...
    def iter_export(self) -> Iterator[Mapping[str, Any]]: ...
    def workers(self) -> Iterable[Mapping[str, Any]]: ...
