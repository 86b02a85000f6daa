"""Several processes on one ledger: nothing is claimed twice, a stopped worker writes nothing, a killed one
loses nothing that was acknowledged and repeats no write."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import Any

import pytest

from rpa.ledger.store import Ledger
from rpa.ledger.types import ItemStatus, RunStatus, Verdict
from tests.rpa.ledger import child
from tests.rpa.ledger.helpers import KEY, add, claimed, enqueue, open_ledger

PROCESSES = 4


@pytest.fixture(scope="module")
def context() -> ForkServerContext:
    """Children start in milliseconds from a server that has everything imported and no ledger open."""
    found = multiprocessing.get_context("forkserver")
    found.set_forkserver_preload(["tests.rpa.ledger.child"])
    return found


@pytest.fixture
def pool(context: ForkServerContext) -> Iterator[ProcessPoolExecutor]:
    with ProcessPoolExecutor(PROCESSES, mp_context=context) as found:
        yield found


def at_once(
    pool: ProcessPoolExecutor,
    context: ForkServerContext,
    work: Callable[..., Any],
    calls: list[tuple[Any, ...]],
) -> list[Any]:
    """All calls in processes of their own, let go together."""
    with context.Manager() as manager:
        gate = manager.Barrier(len(calls))
        return [f.result(timeout=250) for f in [pool.submit(work, *call, gate) for call in calls]]


@pytest.mark.parametrize("number", [400, pytest.param(10_000, marks=pytest.mark.heavy)])
def test_no_item_is_taken_twice(
    place: str, tmp_path: Path, pool: ProcessPoolExecutor, context: ForkServerContext, number: int
) -> None:
    with Ledger.open(place, key=KEY, artifacts=tmp_path) as ledger:
        finder = claimed(ledger)
        for n in range(number):
            add(ledger, finder, f"k{n}", n=n)
        ledger.end_run(finder, RunStatus.succeeded)
        calls = [(place, enqueue(ledger), str(tmp_path), seed) for seed in range(PROCESSES)]
        results = at_once(pool, context, child.take_all, calls)
        got = Counter(i for result in results for i in result)
        assert len(got) == number and set(got.values()) == {1}
        assert all(i.tries == 1 for i in ledger.items())
        assert ledger.verify() == []


@pytest.mark.parametrize("number", [40, pytest.param(2_000, marks=pytest.mark.heavy)])
def test_no_run_is_claimed_twice(
    place: str, tmp_path: Path, pool: ProcessPoolExecutor, context: ForkServerContext, number: int
) -> None:
    with Ledger.open(place, key=KEY, artifacts=tmp_path) as ledger:
        expected = {enqueue(ledger) for _ in range(number)}
        results = at_once(
            pool, context, child.claim_all, [(place, str(tmp_path), f"w{n}") for n in range(PROCESSES)]
        )
        got = [run_id for result in results for run_id in result]
        assert len(got) == number and set(got) == expected


def test_several_schedulers_fire_once(
    place: str, tmp_path: Path, pool: ProcessPoolExecutor, context: ForkServerContext
) -> None:
    with Ledger.open(place, key=KEY, artifacts=tmp_path) as ledger:
        enqueue(ledger)
        occurrences = [f"2026-11-21T07:{n:02}" for n in range(30)]
        results = at_once(pool, context, child.fire_all, [(place, str(tmp_path), occurrences)] * PROCESSES)
        assert Counter(o for r in results for o in r) == Counter(occurrences)
        assert len(ledger.firings()) == 30 and len(ledger.runs(limit=None)) == 31


def test_a_ledger_is_made_once_by_processes_that_open_it_together(
    tmp_path: Path, pool: ProcessPoolExecutor, context: ForkServerContext
) -> None:
    place = str(tmp_path / "rpa.db")
    assert (
        at_once(pool, context, child.claim_all, [(place, str(tmp_path), f"w{n}") for n in range(PROCESSES)])
        == [[]] * PROCESSES
    )
    with open_ledger(tmp_path) as ledger:
        assert ledger.verify() == []


def test_a_worker_that_was_stopped_too_long_writes_nothing(quick: Path, context: ForkServerContext) -> None:
    with open_ledger(quick) as ledger:
        run_id = enqueue(ledger)
        here, there = context.Pipe()
        sleeper = context.Process(target=child.suspended, args=(str(quick), run_id, there))
        sleeper.start()
        try:
            token, item_id = here.recv()
            assert sleeper.pid and here.recv() == "idle"
            os.kill(sleeper.pid, signal.SIGSTOP)
            give_up = time.monotonic() + 20
            while ledger.sweep() != [run_id]:
                assert time.monotonic() < give_up
                time.sleep(0.05)
            taker = claimed(ledger, "taker", replay_of=run_id)
            item = ledger.take_item(taker, item_id, from_status=[ItemStatus.new])
            assert item and item.tries == 2
            os.kill(sleeper.pid, signal.SIGCONT)
            while (said := here.recv()) == "idle":
                assert here.poll(30)
            assert said == ["claim-lost"] * 6
        finally:
            sleeper.kill()
            sleeper.join()
        ledger.end_item(taker, item_id, ItemStatus.succeeded)
        assert ledger.attempts(run_id) == [] and ledger.events(run_id) == [] and ledger.writes() == []
        assert ledger.run(run_id).status is RunStatus.abandoned and token == 1
        audit = [(a.who, a.what) for a in ledger.audit_log(subject=run_id)]
        assert ("sleeper", "write-refused") in audit and ("ledger", "worker-lost") in audit
        assert ledger.item(item_id).status is ItemStatus.succeeded and ledger.verify() == []


THOUSAND = [pytest.param(100, part, marks=[pytest.mark.heavy, pytest.mark.timeout(900)]) for part in range(10)]


@pytest.mark.parametrize(("kills", "seed"), [(60, 20261121), *THOUSAND])
def test_kill_at_any_moment(quick: Path, context: ForkServerContext, kills: int, seed: int) -> None:
    """0 acknowledged records lost, 0 writes repeated, every run in a known state after the next sweep."""
    chance = random.Random(seed)
    world = child.Erp(quick / "erp.txt")
    with open_ledger(quick) as ledger:
        for number in range(kills):
            said = _work_and_kill(quick, world, context, chance.randint(1, 30), chance.uniform(0.0, 0.004))
            _check_what_was_said(ledger, said)
            ledger.sweep()
            assert not ledger.runs(status=[RunStatus.running]) and not ledger.items(
                status=[ItemStatus.running]
            )
            _check_world(ledger, world)
            if number % 20 == 0 or number == kills - 1:
                assert ledger.verify() == []
        assert len(world.lines()) > kills / 4, "the children did next to nothing"
        assert any(
            s["verdict"] in ("settled_done", "settled_not_done")
            for w in ledger.writes()
            for s in ledger.write_steps(w.id)
        ), "no kill ever hit an open write"


def _work_and_kill(
    folder: Path, world: child.Erp, context: ForkServerContext, words: int, after: float
) -> list[tuple[str, Any, Any]]:
    """Lets a worker say some words, kills it a little later, and gives all it said."""
    here, there = context.Pipe(duplex=False)
    victim = context.Process(target=child.killed, args=(str(folder), str(world.path), there))
    victim.start()
    there.close()
    said = [here.recv() for _ in range(words)]
    time.sleep(after)
    victim.kill()
    victim.join()
    while here.poll():
        try:
            said.append(here.recv())
        except EOFError:
            break
    return said


def _check_what_was_said(ledger: Ledger, said: list[tuple[str, Any, Any]]) -> None:
    writes = {w.id: w for w in ledger.writes()}
    for what, subject, value in said:
        if what == "claimed":
            assert ledger.run(subject).worker == "victim"
        elif what == "ended":
            assert ledger.run(subject).status is RunStatus.succeeded
        elif what == "taken":
            assert ledger.item(subject).tries >= value
        elif what == "intended":
            assert subject in writes and any(a.id == value for a in ledger.attempts(writes[subject].run_id))
        elif what == "settled":
            assert str(value) in [s["verdict"] for s in ledger.write_steps(subject)]
        elif what == "done":
            assert ledger.item(subject).status is ItemStatus.succeeded
        else:
            assert ledger.item(subject).id == subject


def _check_world(ledger: Ledger, world: child.Erp) -> None:
    """Nothing was written twice; what was written is known as done, or is in doubt."""
    lines = Counter(world.lines())
    assert not lines or set(lines.values()) == {1}
    writes = {w.key: w for w in ledger.writes()}
    for key in lines:
        assert writes[key].verdict in (Verdict.committed, Verdict.settled_done, Verdict.intended)
    for write in writes.values():
        if write.verdict in (Verdict.committed, Verdict.settled_done):
            assert lines[write.key] == 1
        if write.verdict is Verdict.intended:
            assert write.item_id and ledger.item(write.item_id).status is ItemStatus.in_doubt
