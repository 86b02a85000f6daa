"""A second person's word for a flow text. What a person wrote they cannot approve."""

from __future__ import annotations

from pathlib import Path

from flows.failures import FlowFailure
from flows.model import Flow
from rpa.ledger.store import Ledger


def approve_flow(ledger: Ledger, flow: Flow, path: Path, *, by: str) -> None:
    """Audited by the ledger. The first person is who owns the flow's file, which is who wrote it on a machine
    with accounts. Raises FlowFailure `approval-own`."""
    if by == author(path):
        raise FlowFailure("approval-own", details={"who": by, "flow": flow.id})
    ledger.approve(flow.revision, by=by)


def author(path: Path) -> str | None:
    """The owner of the file; None where the system does not know one."""
    try:
        return path.owner()
    except (KeyError, NotImplementedError):
        return None
