"""What an earlier try recorded, and what of it may be used again (the replay table of the flow language).

    acts on nothing, gave outputs   → its recorded outputs are reused
    acts on the screen              → done again
    a write block                   → skipped whole when committed or settled done (see `writes`)
    acts outside, `repeatable`      → done again
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from flows.action import ActionSpec
from flows.data import encode
from rpa.ledger.types import AttemptRecord, OutcomeKind

_GOOD = (OutcomeKind.succeeded, OutcomeKind.reused)


@dataclass(frozen=True)
class Prior:
    """The last good attempt of each step of one item. `same_params` is asked under `--latest`;
    `from_step`: from this path on nothing is reused."""

    by_path: dict[str, AttemptRecord] = field(default_factory=dict)
    same_params: bool = False
    from_step: str | None = None

    @staticmethod
    def of(attempts: Iterable[AttemptRecord], *, same_params: bool = False, from_step: str | None = None) -> Prior:
        good = {a.step_path: a for a in attempts if a.phase == "steps" and a.outcome in _GOOD}
        return Prior(good, same_params, from_step)

    def reusable(self, spec: ActionSpec, path: str, params: Any, *, after_from: bool) -> AttemptRecord | None:
        """The attempt whose outputs stand for doing the step again, if the table allows it."""
        if after_from or spec.acts != "nothing":
            return None
        attempt = self.by_path.get(path)
        if attempt is None or attempt.outputs is None or attempt.action != spec.name:
            return None
        if self.same_params and encode(attempt.params) != encode(params):
            return None
        return attempt
