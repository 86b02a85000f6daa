"""Wherever a run's process dies, nothing is lost, no write is repeated, and the doubt is told.

The process ends right before or right after each of its commits, or is killed at any instant. Between an
intent and the commit after it lies the effect on the outside world: both sides of every write are among them.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import shutil
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from multiprocessing.context import ForkServerContext
from pathlib import Path

import pytest

from rpa.app.compose import enqueue
from rpa.app.project import Project
from rpa.ledger.crypto import create_key
from rpa.ledger.types import ItemStatus, RunRecord, RunStatus, Verdict
from rpa.replay.enqueue import enqueue_replay
from rpa.replay.resolve import resolve_item
from rpa.replay.select import of_run
from rpa.settings import load_settings
from tests.rpa.engine import dying

ITEMS = ("a", "b")
NEEDED = ("bots.catalog", "flows.loader", "rpa.ledger.store", "rpa.ledger.crypto", "rpa.schedule.manifest")
PROBES = {
    "line": "      done_if:\n        - files.contains: {path: lines.txt, text: \"${item.stem}\"}\n",
    "row": "      done_if:\n        - tables.find: {file: rows.csv, where: {key: \"${item.stem}\"}}\n",
}
FLOW = """flow: crashing
items:
  from: {{files: "inbox/*.txt"}}
steps:
  - id: text
    files.read: "${{item.path}}"
  - for_each: {{in: [1, 2], as: n}}
    do:
      - id: part
        data.set: "${{text | trim}} ${{n}}"
  - id: line
    writes:
      what: line
      key: "${{item.stem}}"
{line}    do:
      - id: said
        data.set: "${{item.stem}}"
      - files.append: {{path: lines.txt, line: "${{said}}"}}
        commits: true
      - files.exists: lines.txt
    expect:
      - done: "${{true}}"
  - id: row
    writes:
      what: row
      key: "${{item.stem}}"
{row}    tables.append: {{file: rows.csv, row: {{key: "${{item.stem}}"}}}}
    expect:
      - done: "${{true}}"
"""


class World:
    """A project, and what its runs did to the outside."""

    def __init__(self, folder: Path, context: ForkServerContext, *, probes: bool) -> None:
        self.folder, self.context = folder, context
        create_key(folder / "key")
        (folder / "flows.yaml").write_text("version: 1\n")
        texts = {f"inbox/{name}.txt": name for name in ITEMS}
        given = PROBES if probes else dict.fromkeys(PROBES, "")
        for name, text in {**texts, "flows/crashing.yaml": FLOW.format(**given)}.items():
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_text(text)
        environ = {"RPA_KEY_FILE": str(folder / "key"), "RPA_PACE": "0"}
        self.settings = load_settings({"project": str(folder), "lease_s": 2.0}, environ=environ)
        self.project = Project(self.settings)
        self.ledger = self.project.ledger
        self.took = 0.0

    def queue(self) -> str:
        return enqueue(self.project, self.project.flow("crashing"), {})

    def perform(self, run_id: str, point: dying.Point | None = None, after: float | None = None) -> RunRecord:
        """Executes the run in a process of its own, which dies at `point` or `after` some seconds."""
        begun = self.context.Event()
        work = (self.settings.model_dump(mode="json"), run_id, point, begun)
        process = self.context.Process(target=dying.perform, args=work)
        process.start()
        assert begun.wait(60)
        started = time.monotonic()
        if after is not None:
            time.sleep(after)
            process.kill()
        process.join(60)
        self.took = time.monotonic() - started
        assert process.exitcode in (0, dying.DIED, -signal.SIGKILL)
        return self.after_a_sweep(run_id)

    def after_a_sweep(self, run_id: str) -> RunRecord:
        """Only a death between the claim and naming the own process waits for the end of the lease."""
        give_up = time.monotonic() + 5 * self.settings.lease_s
        while True:
            self.ledger.sweep()
            run = self.ledger.run(run_id)
            if run.status is not RunStatus.running:
                return run
            assert time.monotonic() < give_up, "nobody sees that the run's process is dead"
            time.sleep(0.05)

    def recover(self, run: RunRecord) -> None:
        """What people do after a crash: replay, settle what only they can know, and run again."""
        for item in self.ledger.items(status=[ItemStatus.in_doubt]):
            self.check_doubt(item.id)
        again = run.status is RunStatus.queued
        self.perform(run.id if again else enqueue_replay(self.project, of_run(self.ledger, run.id)))
        for item in self.ledger.items(status=[ItemStatus.in_doubt]):
            [write] = self.ledger.writes(item_id=item.id, open_only=True)
            resolve_item(self.ledger, item.id, happened=write.key in self.done()[write.what], by="kim")
        if self.ledger.items(status=[ItemStatus.new]) or len(self.ledger.items()) < len(ITEMS):
            self.perform(self.queue())

    def check_doubt(self, item_id: int) -> None:
        opened = self.ledger.writes(item_id=item_id, open_only=True)
        assert len(opened) == 1, "an item in doubt names the write that is open"

    def done(self) -> dict[str, Counter[str]]:
        lines, rows = self.folder / "lines.txt", self.folder / "rows.csv"
        return {
            "line": Counter(lines.read_text().split() if lines.exists() else []),
            "row": Counter(rows.read_text().split()[1:] if rows.exists() else []),
        }

    def check_done_once(self) -> None:
        once = Counter(ITEMS)
        assert self.done() == {"line": once, "row": once}
        assert [str(i.status) for i in self.ledger.items()] == ["succeeded"] * len(ITEMS)
        verdicts = {w.verdict for w in self.ledger.writes()}
        assert verdicts <= {Verdict.committed, Verdict.settled_done}
        assert self.ledger.runs(status=[RunStatus.running], limit=None) == []
        assert self.ledger.verify() == []


@pytest.fixture(scope="module")
def context() -> ForkServerContext:
    """Children start in milliseconds from a server that has everything imported and no ledger open."""
    found = multiprocessing.get_context("forkserver")
    found.set_forkserver_preload(["tests.rpa.engine.dying", *NEEDED])
    return found


@pytest.fixture
def quick(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory where there is one: these tests make thousands of commits and lose no power."""
    memory = Path("/dev/shm")
    if not os.access(memory, os.W_OK):
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=memory, prefix="crashes-") as folder:
        yield Path(folder)


def points() -> Iterator[dying.Point]:
    number = 1
    while True:
        yield "before", number
        yield "after", number
        number += 1


@pytest.mark.parametrize("probes", [True, False], ids=["probes", "no-probes"])
@pytest.mark.parametrize(
    "stride", [pytest.param(9, id="some"), pytest.param(1, id="all", marks=pytest.mark.heavy)]
)
def test_a_crash_at_a_commit_loses_nothing_and_repeats_nothing(
    quick: Path, context: ForkServerContext, probes: bool, stride: int
) -> None:
    crashes = 0
    for number, point in enumerate(points()):
        if number % stride:
            continue
        folder = quick / str(number)
        folder.mkdir()
        world = World(folder, context, probes=probes)
        run = world.perform(world.queue(), point)
        if run.status is RunStatus.succeeded:
            break
        crashes += 1
        assert run.status in (RunStatus.queued, RunStatus.abandoned)
        world.recover(run)
        world.check_done_once()
        world.ledger.close()
        shutil.rmtree(folder)
    assert crashes >= 30 // stride, "the run has fewer commits than it must"


THOUSAND = [pytest.param(100, part, marks=[pytest.mark.heavy, pytest.mark.timeout(900)]) for part in range(10)]


@pytest.mark.parametrize(("kills", "seed"), [(8, 10), *THOUSAND])
def test_a_kill_at_any_instant_loses_nothing_and_repeats_nothing(
    quick: Path, context: ForkServerContext, kills: int, seed: int
) -> None:
    chance = random.Random(seed)
    undisturbed = World(quick, context, probes=True)
    assert undisturbed.perform(undisturbed.queue()).status is RunStatus.succeeded
    killed = 0
    for number in range(kills):
        folder = quick / str(number)
        folder.mkdir()
        world = World(folder, context, probes=number % 2 == 0)
        run = world.perform(world.queue(), after=chance.uniform(0, undisturbed.took))
        if run.status is not RunStatus.succeeded:
            killed += run.status is RunStatus.abandoned
            world.recover(run)
        world.check_done_once()
        world.ledger.close()
        shutil.rmtree(folder)  # a thousand ledgers with their ballast would fill the memory
    assert killed >= kills / 6, "most kills came before the beginning or after the end"
