"""Settle first: before anything of an item is done again, its open writes are probed.

The item's steps are walked without doing anything: recorded outputs stand in, conditions and loops are
evaluated on them, and where the walk meets a write with an intent and no result its `done_if` runs.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from flows.failures import Failure
from flows.model import Flow, Step
from rpa.engine.prior import Prior
from rpa.engine.signals import InDoubt, ItemStopped
from rpa.engine.state import RunState
from rpa.engine.steps import Scope, Steps
from rpa.engine.writes import WriteBlock, settle_open
from rpa.ledger.types import OutcomeKind, Verdict


class _Reached(Exception):
    """The walk came to a write that never began: nothing after it can be open."""


class _Walk(Steps):
    def __init__(self, run: RunState, flow: Flow, prior: Prior) -> None:
        super().__init__(run, flow)
        self._recorded = prior.by_path

    def attempt(self, step: Step, scope: Scope, path: str, step_try: int = 1) -> Any:
        recorded = self._recorded.get(path)
        return recorded.outputs if recorded else None

    def record(self, step: Step, path: str, outcome: OutcomeKind, **_: Any) -> None:
        return

    def _write(self, step: Step, scope: Scope, path: str) -> None:
        block = WriteBlock(self, step, scope, path)
        known = block.ledger.find_write(self.run.record.profile, block.writes.what, block._key())
        if known is None or known.item_id != self.run.item_id:
            raise _Reached
        if known.verdict is Verdict.intended:
            settle_open(Steps(self.run, self.flow), step, scope, path, known)
            known = block.ledger.find_write(known.profile, known.what, known.key)
        if known is None or known.verdict not in (Verdict.committed, Verdict.settled_done):
            raise _Reached
        block._finish(known.result, OutcomeKind.skipped)


def settle_item(run: RunState, flow: Flow, scope: Mapping[str, Any], prior: Prior) -> None:
    """Settles the item's open writes; raises InDoubt when one stays unknown."""
    ledger = run.services.ledger
    if not ledger.writes(item_id=run.item_id, open_only=True):
        return
    with suppress(_Reached, ItemStopped, Failure):  # what could be reached is settled; the rest is counted below
        _Walk(run, flow, prior).all(flow.steps, dict(scope))
    left = ledger.writes(item_id=run.item_id, open_only=True)
    if left:
        raise InDoubt(left[0].id, None)
