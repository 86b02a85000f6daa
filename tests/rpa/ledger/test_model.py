"""The ledger against a model: whatever is called in whatever order, by workers that hold a claim and by
workers that lost it, the ledger and a few dictionaries agree."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from rpa.ledger.errors import AlreadyWritten, ClaimLost, LedgerError
from rpa.ledger.store import Ledger
from rpa.ledger.types import Claim, ItemStatus, RunStatus, Verdict
from tests.rpa.ledger.helpers import FakeClock, add, attempt, enqueue, intend, open_ledger

KEYS = st.sampled_from(["a", "b", "c"])
ENDS = st.sampled_from(
    [s for s in ItemStatus if s not in (ItemStatus.running, ItemStatus.new)] + [ItemStatus.new]
)
RUN_ENDS = st.sampled_from([RunStatus.succeeded, RunStatus.failed, RunStatus.waiting, RunStatus.cancelled])
SETTLED = st.sampled_from([v for v in Verdict if v is not Verdict.intended])
OPEN_AGAIN = (Verdict.settled_not_done, Verdict.refused)


@dataclass
class ModelItem:
    status: str = "new"
    tries: int = 0
    run: str = ""
    token: int = 0


@dataclass
class ModelRun:
    status: str = "queued"
    token: int = 0
    lease_until: float = 0.0
    steps: int = 0
    asked: set[str] = field(default_factory=set)


class LedgerMachine(RuleBasedStateMachine):
    """Three keys, any number of runs; each rule acts on the ledger and says what must have come of it."""

    template: Path

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(
            tempfile.mkdtemp(dir="/dev/shm" if Path("/dev/shm").is_dir() else None, prefix="ledger-")
        )
        self.clock = FakeClock()
        self.runs: dict[str, ModelRun] = {}
        self.items: dict[str, ModelItem] = {}
        self.ids: dict[str, int] = {}
        self.writes: dict[str, tuple[str, str]] = {}
        self.claims: list[Claim] = []
        self.audits = 0

    @initialize()
    def start(self) -> None:
        shutil.copy(self.template, self.folder / "rpa.db")
        self.open()

    def open(self) -> None:
        self.ledger: Ledger = open_ledger(self.folder, self.clock)

    def teardown(self) -> None:
        if hasattr(self, "ledger"):
            assert self.ledger.verify(files=False) == []
            self.ledger.close()
        shutil.rmtree(self.folder)

    # ── what the model says ──
    def holds(self, claim: Claim) -> bool:
        run = self.runs[claim.run_id]
        return run.token == claim.token and run.status == "running"

    def doubtful(self, key: str) -> bool:
        return any(item == key and verdict == "intended" for item, verdict in self.writes.values())

    def left(self, run_id: str) -> None:
        for key, item in self.items.items():
            if item.status == "running" and item.run == run_id:
                item.status = "in_doubt" if self.doubtful(key) else "new"

    def swept(self) -> None:
        now = self.clock.boot_us() / 1e6
        for run_id, run in self.runs.items():
            if run.status == "running" and run.lease_until < now:
                self.left(run_id)
                run.status = "abandoned"

    def doing(self, claim: Claim, call: Any) -> Any:
        """What `call` gives, or None when the claim is lost: then it must say so."""
        if self.holds(claim):
            return call()
        with pytest.raises(ClaimLost):
            call()
        return None

    # ── runs ──
    @rule()
    def enqueue(self) -> None:
        self.clock.offset += timedelta(milliseconds=200)  # ids have a part of chance: their age decides
        self.runs[enqueue(self.ledger)] = ModelRun()

    @rule(lease=st.sampled_from([5.0, 30.0]))
    def claim(self, lease: float) -> None:
        self.swept()
        found = self.ledger.claim("w", lease_s=lease)
        queued = [r for r in self.runs.values() if r.status == "queued"]
        assert (found is None) == (not queued)
        if found:
            run = self.runs[found[0].run_id]
            assert run.status == "queued" and found[0].token == run.token + 1
            run.status, run.token, run.lease_until = (
                "running",
                run.token + 1,
                self.clock.boot_us() / 1e6 + lease,
            )
            self.claims.append(found[0])

    @precondition(lambda self: self.claims)
    @rule(data=st.data())
    def renew(self, data: st.DataObject) -> None:
        claim = data.draw(st.sampled_from(self.claims))
        assert self.ledger.renew(claim) == self.holds(claim)
        if self.holds(claim):
            self.runs[claim.run_id].lease_until = self.clock.boot_us() / 1e6 + 30

    @rule(seconds=st.sampled_from([1, 6, 31]))
    def time_passes(self, seconds: int) -> None:
        self.clock.advance(seconds=seconds)

    @rule()
    def sweep(self) -> None:
        expected = {
            i
            for i, r in self.runs.items()
            if r.status == "running" and r.lease_until < self.clock.boot_us() / 1e6
        }
        assert set(self.ledger.sweep()) == expected
        self.swept()

    @precondition(lambda self: self.claims)
    @rule(data=st.data(), status=RUN_ENDS)
    def end_run(self, data: st.DataObject, status: RunStatus) -> None:
        claim = data.draw(st.sampled_from(self.claims))
        if self.doing(claim, lambda: self.ledger.end_run(claim, status) or True):
            self.left(claim.run_id)
            self.runs[claim.run_id].status = str(status)

    @precondition(lambda self: self.runs)
    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        run_id = data.draw(st.sampled_from(list(self.runs)))
        run = self.runs[run_id]
        over = run.status in ("succeeded", "failed", "cancelled", "abandoned")
        assert self.ledger.request_cancel(run_id, actor="kim") == (not over)
        if run.status in ("queued", "waiting"):
            run.status = "cancelled"
            for item in self.items.values():
                if item.run == run_id and item.status == "waiting":
                    item.status = "cancelled"

    # ── items ──
    @precondition(lambda self: self.claims)
    @rule(data=st.data(), key=KEYS)
    def add(self, data: st.DataObject, key: str) -> None:
        claim = data.draw(st.sampled_from(self.claims))
        known = self.items.get(key)
        takeable = known is not None and known.status in ("new", "failed_application")
        if known is not None and not takeable:  # nothing to write, so nothing to refuse
            assert add(self.ledger, claim, key).how == "known"
            return
        found = self.doing(claim, lambda: add(self.ledger, claim, key))
        if found:
            assert found.how == ("again" if known else "new")
            item = self.items.setdefault(key, ModelItem())
            item.run = claim.run_id
            self.ids[key] = found.item.id

    @precondition(lambda self: self.claims and self.items)
    @rule(data=st.data())
    def take(self, data: st.DataObject) -> None:
        claim, key = data.draw(st.sampled_from(self.claims)), data.draw(st.sampled_from(sorted(self.items)))
        item = self.items[key]
        wanted = [ItemStatus.new, ItemStatus.failed_application, ItemStatus.in_doubt]
        if not self.holds(claim):
            self.doing(claim, lambda: self.ledger.take_item(claim, self.ids[key], from_status=wanted))
            return
        found = self.ledger.take_item(claim, self.ids[key], from_status=wanted)
        assert (found is not None) == (item.status in wanted)
        if found:
            item.status, item.tries, item.run, item.token = (
                "running",
                item.tries + 1,
                claim.run_id,
                claim.token,
            )
            assert found.tries == item.tries

    @precondition(lambda self: self.claims and self.items)
    @rule(data=st.data(), status=ENDS)
    def end_item(self, data: st.DataObject, status: ItemStatus) -> None:
        claim, key = data.draw(st.sampled_from(self.claims)), data.draw(st.sampled_from(sorted(self.items)))
        item = self.items[key]
        held = self.holds(claim) and (item.status, item.run, item.token) == (
            "running",
            claim.run_id,
            claim.token,
        )
        if not held:
            with pytest.raises(ClaimLost):
                self.ledger.end_item(claim, self.ids[key], status)
            return
        self.ledger.end_item(claim, self.ids[key], status)
        doubt = self.doubtful(key) and status not in (ItemStatus.waiting, ItemStatus.in_doubt)
        item.status = "in_doubt" if doubt else str(status)

    @precondition(lambda self: self.items)
    @rule(data=st.data())
    def reopen(self, data: st.DataObject) -> None:
        key = data.draw(st.sampled_from(sorted(self.items)))
        item = self.items[key]
        if item.status == "running" or self.doubtful(key):
            with pytest.raises(LedgerError):
                self.ledger.reopen_item(self.ids[key], actor="kim")
            return
        self.ledger.reopen_item(self.ids[key], actor="kim")
        item.status = "new"

    # ── writes and steps ──
    @precondition(lambda self: self.claims and self.items)
    @rule(data=st.data(), pair=st.sampled_from(["k1", "k2"]))
    def intend(self, data: st.DataObject, pair: str) -> None:
        claim, key = data.draw(st.sampled_from(self.claims)), data.draw(st.sampled_from(sorted(self.items)))
        item = self.ledger.item(self.ids[key])
        known = self.writes.get(pair)
        if self.holds(claim) and known and known[1] not in OPEN_AGAIN:
            with pytest.raises(AlreadyWritten) as caught:
                intend(self.ledger, claim, item, pair)
            assert caught.value.details["first"] == known[0]
            return
        if self.doing(claim, lambda: intend(self.ledger, claim, item, pair)):
            self.writes[pair] = (key, "intended")

    @precondition(lambda self: self.writes)
    @rule(data=st.data(), verdict=SETTLED)
    def settle(self, data: st.DataObject, verdict: Verdict) -> None:
        pair = data.draw(st.sampled_from(sorted(self.writes)))
        key, known = self.writes[pair]
        found = self.ledger.find_write("default", "bill", pair)
        assert found is not None
        if known != "intended":
            with pytest.raises(LedgerError):
                self.ledger.settle(None, found.id, verdict, by="person:kim")
            return
        self.ledger.settle(None, found.id, verdict, by="person:kim")
        self.writes[pair] = (key, str(verdict))
        if self.items[key].status == "in_doubt" and not self.doubtful(key):
            self.items[key].status = "new"

    @precondition(lambda self: self.claims)
    @rule(data=st.data(), number=st.integers(1, 5))
    def record(self, data: st.DataObject, number: int) -> None:
        claim = data.draw(st.sampled_from(self.claims))
        try:
            for _ in range(number):
                self.ledger.record_attempt(claim, attempt(claim), dict)
            self.ledger.waiting_for_flush()
        except ClaimLost:
            assert not self.holds(claim)
        if self.holds(claim):
            self.runs[claim.run_id].steps += number

    @rule()
    def close_and_open(self) -> None:
        self.ledger.close()
        self.open()

    # ── what must always be so ──
    @invariant()
    def they_agree(self) -> None:
        if not hasattr(self, "ledger"):
            return
        assert {r.id: str(r.status) for r in self.ledger.runs(limit=None)} == {
            i: r.status for i, r in self.runs.items()
        }
        found = {i.key: (str(i.status), i.tries) for i in self.ledger.items()}
        assert found == {k: (i.status, i.tries) for k, i in self.items.items()}
        assert {w.key: str(w.verdict) for w in self.ledger.writes()} == {
            p: v for p, (_, v) in self.writes.items()
        }
        for run_id, run in self.runs.items():
            assert len(self.ledger.attempts(run_id)) == run.steps


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("template")
    open_ledger(folder).close()
    return folder / "rpa.db"


# 5,000 in pieces of a few minutes; each draws examples of its own.
FIVE_THOUSAND = [
    pytest.param(250, 30, part, marks=[pytest.mark.heavy, pytest.mark.timeout(1200)]) for part in range(20)
]


@pytest.mark.parametrize(("examples", "steps", "part"), [(25, 25, 0), *FIVE_THOUSAND])
def test_the_ledger_does_what_the_model_says(template: Path, examples: int, steps: int, part: int) -> None:
    LedgerMachine.template = template
    run_state_machine_as_test(
        LedgerMachine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            derandomize=examples < 100,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
