"""Ways an item leaves its steps that are not failures."""

from __future__ import annotations

from typing import Any

REHEARSED = "rehearsal: stopped before the committing step"
"""The reason of a step that a rehearsal did not do."""


class Suspended(Exception):
    """A person is asked; the item waits."""

    def __init__(self, review_id: int) -> None:
        super().__init__(f"waiting for review {review_id}")
        self.review_id = review_id


class ItemStopped(Exception):
    """A `stop: succeed` step: the item is done."""


class Rehearsed(Exception):
    """A committing step was reached in a rehearsal; nothing was committed."""


class Cancelled(Exception):
    """Somebody asked the run to stop."""


class InDoubt(Exception):
    """A write may or may not have happened and its probe could not tell."""

    def __init__(self, write_id: int, cause: Any) -> None:
        super().__init__(f"write {write_id} is in doubt")
        self.write_id = write_id
        self.cause = cause
