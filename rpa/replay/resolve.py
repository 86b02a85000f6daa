"""Settling a doubt by a person's word."""

from __future__ import annotations

from flows.failures import FlowFailure
from rpa.ledger.port import LedgerPort
from rpa.ledger.types import Verdict, WriteRecord


def resolve_item(ledger: LedgerPort, item_id: int, *, happened: bool, by: str) -> list[WriteRecord]:
    """Settles every open write of the item and lets the next run take it. Raises FlowFailure when none is
    open."""
    open_writes = ledger.writes(item_id=item_id, open_only=True)
    if not open_writes:
        raise FlowFailure("nothing-in-doubt", details={"item": item_id})
    verdict = Verdict.settled_done if happened else Verdict.settled_not_done
    for write in open_writes:
        ledger.settle(None, write.id, verdict, by=f"person:{by}", result={"outputs": None, "steps": {}})
        ledger.audit(by, "resolve", f"item:{item_id}", {"write": write.id, "verdict": str(verdict)})
    ledger.reopen_item(item_id, actor=by)
    return [w for w in ledger.writes(item_id=item_id) if w.id in {o.id for o in open_writes}]
