"""What the dying processes of the engine's crash tests do, as top-level functions for a fork server."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.synchronize import Event
from typing import Any

from rpa.app.compose import execute
from rpa.app.project import Project
from rpa.engine.services import Silent
from rpa.ledger.database import Database
from rpa.settings import Settings
from rpa.worker.supervisor import worker_name

DIED = 9
Point = tuple[str, int]
"""`("before", 3)`: the process ends right before its third commit; `("after", 3)`: right after it."""


def perform(given: dict[str, Any], run_id: str, point: Point | None, begun: Event) -> None:
    """Claims a queued run, executes it, and ends the process at `point`. It is its own supervisor: where it
    dies nobody is left to say so."""
    begun.set()
    settings = Settings(**given)
    if point is not None:
        _die_at(point)
    with Project(settings).open_ledger() as ledger:
        claimed = ledger.claim(worker_name(), run_id=run_id, lease_s=settings.lease_s)
        assert claimed is not None
        ledger.attach_child(claimed[0], os.getpid())
    execute(settings, claimed[0], Silent())


def _die_at(point: Point) -> None:
    commits = 0

    def dying(original: Callable[[Database], Any]) -> Callable[[Database], Any]:
        @contextmanager
        def transaction(self: Database) -> Iterator[Any]:
            nonlocal commits
            with original(self) as inside:
                yield inside
                commits += 1
                number = commits
                if point == ("before", number):
                    os._exit(DIED)
            if point == ("after", number):
                os._exit(DIED)

        return transaction

    Database.writing = dying(Database.writing)  # type: ignore[method-assign]
    Database.writing_rows = dying(Database.writing_rows)  # type: ignore[method-assign]
