"""The ledger's daily clean-up, by whoever has nothing else to do: an idle worker, or `rpa run` at its end."""

from __future__ import annotations

import threading
import time

from rpa.ledger.operations import Pruned, Retention, maintain
from rpa.ledger.store import Ledger
from rpa.settings import Settings

LOOK_S = 600.0


def retention(settings: Settings) -> Retention:
    """What the settings keep; 0 days there means for ever."""
    return Retention(
        succeeded_days=settings.keep_succeeded_days or None,
        failed_days=settings.keep_failed_days or None,
        data_days=settings.keep_data_days or None,
    )


class Upkeep:
    """Asks the ledger at most every ten minutes whether the clean-up of the day is due. Thread-safe: one
    thread cleans up while others go on.
    """

    def __init__(self, ledger: Ledger, settings: Settings) -> None:
        self._ledger, self._retention = ledger, retention(settings)
        self._busy = threading.Lock()
        self._next = 0.0

    def when_idle(self) -> Pruned | None:
        """What was removed; None when nothing was due. LedgerError when the ledger cannot be cleaned up."""
        if time.monotonic() < self._next or not self._busy.acquire(blocking=False):
            return None
        try:
            self._next = time.monotonic() + LOOK_S
            return maintain(self._ledger, self._retention)
        finally:
            self._busy.release()
