"""What child processes of the ledger's tests do. Top-level functions, so that a fork server can call them."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from rpa.ledger.errors import LedgerError
from rpa.ledger.store import Ledger
from rpa.ledger.types import Claim, ItemRecord, ItemStatus, RunStatus, Verdict
from tests.rpa.ledger.helpers import KEY, add, attempt, event, intend, open_ledger


# ── contention ──
def take_all(url: str, run_id: str, artifacts: str, seed: int, gate: Any) -> list[int]:
    """Claims `run_id` and takes whatever item it can get, in an order of its own. Returns what it got."""
    with Ledger.open(url, key=KEY, artifacts=Path(artifacts)) as ledger:
        found = ledger.claim(f"w{seed}", run_id=run_id)
        assert found is not None
        gate.wait(timeout=60)
        ids = [i.id for i in ledger.items(status=[ItemStatus.new])]
        random.Random(seed).shuffle(ids)
        return [i for i in ids if ledger.take_item(found[0], i, from_status=[ItemStatus.new]) is not None]


def claim_all(url: str, artifacts: str, name: str, gate: Any) -> list[str]:
    """Claims and ends runs until none is queued."""
    got: list[str] = []
    with Ledger.open(url, key=KEY, artifacts=Path(artifacts)) as ledger:
        gate.wait(timeout=60)
        while (found := ledger.claim(name)) is not None:
            got.append(found[1].id)
            ledger.end_run(found[0], RunStatus.succeeded)
    return got


def fire_all(url: str, artifacts: str, occurrences: list[str], gate: Any) -> list[str]:
    """Fires every occurrence; returns those that it was first for."""
    from rpa.ledger.types import NewRun

    with Ledger.open(url, key=KEY, artifacts=Path(artifacts)) as ledger:
        gate.wait(timeout=60)
        run = NewRun("bills", "bills-1", {})
        return [
            o for o in occurrences if ledger.fire("daily", o, due=None, run=run, reason="due") is not None
        ]


# ── a worker that is stopped ──
def suspended(folder: str, run_id: str, out: Connection) -> None:
    """Works until its claim is lost, then says which calls were refused."""
    with open_ledger(Path(folder)) as ledger:
        found = ledger.claim("sleeper", run_id=run_id, lease_s=1.0)
        assert found is not None
        claim = found[0]
        item = ledger.take_item(claim, add(ledger, claim, "a").item.id, from_status=[ItemStatus.new])
        assert item is not None
        out.send((claim.token, item.id))
        until = time.monotonic() + 60
        while ledger.renew(claim, lease_s=1.0) and time.monotonic() < until:
            out.send("idle")  # stopped inside a transaction it would hold SQLite's one writing lock
            time.sleep(0.5)
        out.send([_code(call) for call in _all_writes(ledger, claim, item)])


def _all_writes(ledger: Ledger, claim: Claim, item: ItemRecord) -> list[Callable[[], object]]:
    def collected() -> None:
        ledger.record_attempt(claim, attempt(claim, item, "late"), dict)
        ledger.event(claim, event(claim, "late"))
        ledger.waiting_for_flush()
        ledger.event(claim, event(claim, "late"))

    return [
        collected,
        lambda: intend(ledger, claim, item),
        lambda: ledger.end_item(claim, item.id, ItemStatus.succeeded),
        lambda: ledger.end_run(claim, RunStatus.succeeded),
        lambda: add(ledger, claim, "late"),
        lambda: ledger.take_item(claim, item.id, from_status=list(ItemStatus)),
    ]


def _code(call: Callable[[], object]) -> str:
    try:
        call()
    except LedgerError as error:
        return error.code
    return "accepted"


# ── a worker that is killed ──
def killed(folder: str, erp: str, out: Connection) -> None:
    """Works on, and says after each flushed call what it may rely on from now on. Never ends by itself."""
    with open_ledger(Path(folder)) as ledger:
        world = Erp(Path(erp))
        number = 0
        while True:
            found = ledger.claim("victim", run_id=_new_run(ledger))
            assert found is not None
            claim = found[0]
            ledger.attach_child(claim, os.getpid())
            out.send(("claimed", claim.run_id, None))
            for item in _left(ledger):
                _settle_first(ledger, claim, item, world, out)
                _one_item(ledger, claim, item, world, out)
            for _ in range(3):
                number += 1
                item = add(ledger, claim, f"{claim.run_id}/{number}", n=number).item
                out.send(("added", item.id, None))
                _one_item(ledger, claim, item, world, out)
            ledger.end_run(claim, RunStatus.succeeded)
            out.send(("ended", claim.run_id, None))


class Erp:
    """The outside world: a file of lines, written for good."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def write(self, key: str) -> None:
        with self.path.open("ab", buffering=0) as file:
            file.write(f"{key}\n".encode())

    def lines(self) -> list[str]:
        return self.path.read_text("utf-8").split() if self.path.exists() else []


def _new_run(ledger: Ledger) -> str:
    from tests.rpa.ledger.helpers import enqueue

    return enqueue(ledger)


def _left(ledger: Ledger) -> list[ItemRecord]:
    """What dead runs left: open ones and those in doubt (as a replay takes them)."""
    ledger.sweep()
    return ledger.items(status=[ItemStatus.new, ItemStatus.in_doubt])


def _settle_first(ledger: Ledger, claim: Claim, item: ItemRecord, world: Erp, out: Connection) -> None:
    for write in ledger.writes(item_id=item.id, open_only=True):
        verdict = Verdict.settled_done if write.key in world.lines() else Verdict.settled_not_done
        ledger.settle(claim, write.id, verdict, by="done_if")
        out.send(("settled", write.id, verdict))


def _one_item(ledger: Ledger, claim: Claim, item: ItemRecord, world: Erp, out: Connection) -> None:
    taken = ledger.take_item(claim, item.id, from_status=[ItemStatus.new, ItemStatus.in_doubt])
    if taken is None:
        return
    out.send(("taken", item.id, taken.tries))
    first = ledger.record_attempt(claim, attempt(claim, taken, "read"), dict)
    known = ledger.find_write("default", "bill", item.key)
    if known is None or known.verdict is Verdict.settled_not_done:
        write = intend(ledger, claim, taken, item.key)
        out.send(("intended", write.id, first))
        world.write(item.key)
        ledger.settle(claim, write.id, Verdict.committed, by="expect", result={"key": item.key})
        out.send(("settled", write.id, Verdict.committed))
    ledger.record_attempt(claim, attempt(claim, taken, "post"), dict)
    ledger.end_item(claim, item.id, ItemStatus.succeeded)
    out.send(("done", item.id, None))
