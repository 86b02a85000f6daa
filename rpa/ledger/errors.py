"""What can go wrong with the ledger itself, each with a stable code of `flows/messages/ledger.yaml`.

EngineFailure
└── LedgerError       the store: disk, key, version, an unknown id, a refused operation
    ├── Unflushed     committed, but perhaps not on disk
    └── ClaimLost     this process no longer holds the run: it may write nothing
BusinessFailure
└── AlreadyWritten    the pair (what, key) stands in the ledger already
"""

from __future__ import annotations

from typing import Any

from flows.failures import BusinessFailure, EngineFailure
from rpa.ledger.types import Claim, WriteRecord


class LedgerError(EngineFailure):
    """The ledger cannot do what was asked. Nothing was changed."""

    def __init__(self, code: str, message: str = "", **details: Any) -> None:
        super().__init__(code, message or _plain(code, details), details=details)


class Unflushed(LedgerError):
    """What was committed stands in the ledger, but the disk did not say that it has it."""


class ClaimLost(LedgerError):
    """Another process took the run over, or a sweep ended it. Nothing was changed."""

    def __init__(self, claim: Claim, now: str = "") -> None:
        super().__init__("claim-lost", run=claim.run_id, token=claim.token, worker=claim.worker, status=now)
        self.claim = claim


class AlreadyWritten(BusinessFailure):
    """The outside world holds this write already, or may hold it. `record` is the first one."""

    def __init__(self, record: WriteRecord, first: str = "") -> None:
        details = {"what": record.what, "key": record.key, "first": first, "run": record.run_id}
        super().__init__("already-written", _plain("already-written", details), details=details)
        self.record = record


def _plain(code: str, details: dict[str, Any]) -> str:
    return f"{code}: " + ", ".join(f"{k}={v}" for k, v in details.items() if v != "") if details else code


_SQLITE = (
    ("database or disk is full", "disk-full"),
    ("readonly database", "ledger-read-only"),
    ("unable to open database", "ledger-unopenable"),
    ("disk i/o error", "ledger-io"),
    ("database is locked", "ledger-busy"),
    ("malformed", "ledger-corrupt"),
    ("not a database", "ledger-corrupt"),
)
_POSTGRESQL = (
    ("no space left on device", "disk-full"),
    ("could not extend file", "disk-full"),
    ("read-only transaction", "ledger-read-only"),
    ("lock timeout", "ledger-busy"),
    ("could not connect", "ledger-unreachable"),
    ("connection", "ledger-unreachable"),
    ("terminating", "ledger-unreachable"),
)


def translated(error: BaseException, place: str) -> LedgerError | None:
    """A driver's error as a LedgerError, or None for one that is a mistake in our own statements."""
    reason = str(error).strip()
    if any(kind.__name__ in ("IntegrityError", "DataError") for kind in type(error).__mro__):
        return LedgerError("ledger-refused", ledger=place, reason=reason)
    for words, code in (*_SQLITE, *_POSTGRESQL):
        if words in reason.lower():
            return LedgerError(code, ledger=place, reason=reason)
    return None
