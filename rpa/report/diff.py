"""Two runs side by side: status, items, step outcomes, outputs, timing."""

from __future__ import annotations

from typing import Any

from flows.data import simple
from rpa.ledger.port import LedgerPort
from rpa.ledger.types import RunRecord


def diff_runs(ledger: LedgerPort, first: RunRecord, second: RunRecord) -> list[dict[str, Any]]:
    """Rows {item, what, first, second} for everything that differs, in masked form."""
    rows = [{"item": "", "what": "status", "first": str(first.status), "second": str(second.status)}]
    one, other = _steps(ledger, first), _steps(ledger, second)
    for key in sorted({*one, *other}):
        rows += _compare(key, one.get(key), other.get(key))
    return [r for r in rows if r["first"] != r["second"]]


def _steps(ledger: LedgerPort, run: RunRecord) -> dict[tuple[str, str], Any]:
    names = {i.id: str(i.data.get("name") or i.key) for i in ledger.items(flow_id=run.flow_id)}
    return {(names.get(a.item_id or 0, ""), a.step_path): a for a in ledger.attempts(run.id)}


def _compare(key: tuple[str, str], one: Any, other: Any) -> list[dict[str, Any]]:
    item, step = key
    return [
        {"item": item, "what": f"{step} {what}", "first": read(one), "second": read(other)}
        for what, read in (
            ("outcome", lambda a: str(a.outcome) if a else "did not run"),
            ("outputs", lambda a: str(simple(a.outputs))[:80] if a else ""),
        )
    ]
