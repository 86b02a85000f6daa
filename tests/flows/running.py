"""Runs a test case of a flow through the real engine and a real ledger, with fakes in place of bots."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flows.action import Catalog
from flows.data import Secret, plain
from flows.model import Flow
from flows.testing import Case, FakeBot, Performed, Result, fake_catalog
from rpa.engine.runner import RunEngine
from rpa.engine.services import Services
from rpa.ledger.store import Ledger
from rpa.ledger.types import NewRun

KEY = bytes(range(32))
BOTS = ("browser", "desktop")


def run_case(flow: Flow, case: Case, catalog: Catalog, folder: Path) -> Result:
    """What the case's run did."""
    if case.items is not None and flow.items is not None:
        items = replace(flow.items, source="list", params={"list": list(case.items)})
        flow = replace(flow, items=items)
    performed = Performed()
    with Ledger.open(folder / "rpa.db", key=KEY, artifacts=folder / "artifacts") as ledger:
        run_id = _enqueued(ledger, flow, case)
        found = ledger.claim("test", run_id=run_id)
        assert found is not None
        claim, record = found[0], ledger.run(run_id)
        services = Services(
            ledger=ledger,
            catalog=fake_catalog(catalog, case, performed),
            bots={name: lambda: FakeBot(case) for name in BOTS},
            secret=lambda name: Secret(name, case.secrets.get(name, f"secret {name}")),
            project=folder,
            artifacts=folder / "artifacts",
            options={"pace": 0},
        )
        RunEngine(services, flow, claim, record).execute()
        return _result(ledger, run_id, performed)


def _enqueued(ledger: Ledger, flow: Flow, case: Case) -> str:
    now = case.now or datetime(2026, 11, 20, 9, 0)
    ledger.put_revision(flow.id, flow.revision, {flow.id: flow.text}, flow.title)
    inputs = plain(dict(case.inputs))
    return ledger.enqueue(NewRun(flow.id, flow.revision, inputs, frozen_now=now.replace(tzinfo=UTC)))


def _result(ledger: Ledger, run_id: str, performed: Performed) -> Result:
    record = ledger.run(run_id)
    items = ledger.items(run_id=run_id)
    failures = [*ledger.failures(run_id), *([record.failure] if record.failure else [])]
    outputs: Mapping[str, Any] = record.outputs or {}
    return Result(
        status=str(record.status),
        items={item.key: str(item.status) for item in items},
        outputs=outputs,
        writes=tuple(
            {"what": w.what, "key": w.key, "verdict": str(w.verdict)} for w in ledger.writes(run_id=run_id)
        ),
        done=tuple(name for name, _ in performed.actions),
        failures=tuple(dict.fromkeys(f.code for f in failures)),
    )
