"""How fast the ledger is, as ratios to the disk's fsync rate of the same minute.

    python -m bench.ledger [--folder DIR] [--processes 1,2,4] [--rows 40000] speed of recording
    python -m bench.ledger --grow 1000000 --folder DIR                       DIR/rpa.db with so many runs
    python -m bench.ledger --ask --folder DIR                                queries and commands over them
    python -m bench.ledger --prune --folder DIR                              half of them go, and the room too
    python -m bench.ledger --start                                           start of a program that looks
    python -m bench.ledger --overhead                                        what a step costs the engine

Prints one JSON line per figure. The fsync rate is measured by turns with the work, half a second each (4 KiB
overwritten in place, fdatasync): ratios use the higher of the two neighbouring ones, and the median of nine turns.
"""

from __future__ import annotations

import argparse
import base64
import json
import multiprocessing
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from rpa.engine.masking import Masker
from rpa.ledger import records as t
from rpa.ledger.operations import prune, stats
from rpa.ledger.retention import Retention
from rpa.ledger.store import Ledger
from rpa.ledger.types import AttemptRecord, Claim, ItemStatus, NewRun, OutcomeKind, RunStatus

KEY = bytes(range(32))
SECONDS, PROBE_S, ROUNDS = 0.5, 0.25, 9
MASK = Masker().show


def tell(what: str, **figures: Any) -> None:
    rounded = {k: round(v, 3) if isinstance(v, float) else v for k, v in figures.items()}
    print(json.dumps({"schema": 1, "bench": "ledger", "what": what, **rounded}), flush=True)


def fsync_rate(folder: Path) -> float:
    """Durable 4 KiB writes per second, one after another, in place."""
    path = folder / ".probe"
    handle = os.open(path, os.O_CREAT | os.O_RDWR)
    try:
        os.posix_fallocate(handle, 0, 4 << 20)
        os.fsync(handle)
        number, start = 0, time.perf_counter()
        while (spent := time.perf_counter() - start) < PROBE_S:
            os.pwrite(handle, bytes(4096), number % 1000 * 4096)
            os.fdatasync(handle)
            number += 1
        return number / spent
    finally:
        os.close(handle)
        path.unlink()


def by_turns(folder: Path, work: Callable[[], float]) -> dict[str, float]:
    """Median rate of `work` and median ratio to the disk's rate right before and after, over `ROUNDS` short turns:
    a shared disk's rate changes by the second."""
    turns = []
    for _ in range(ROUNDS):
        before = fsync_rate(folder)
        rate = work()
        turns.append((rate, rate / max(before, fsync_rate(folder))))
    rates, ratios = zip(*turns, strict=True)
    return {"per_second": statistics.median(rates), "ratio_to_fsync": statistics.median(ratios),
            "lowest_ratio": min(ratios), "highest_ratio": max(ratios)}


# ── recording ──
def begin(folder: Path) -> tuple[Ledger, Claim]:
    ledger = Ledger.open(folder / "rpa.db", key=KEY)
    ledger.put_revision("bench", "bench-1", {"bench": "flow: bench"})
    found = ledger.claim("bench", run_id=ledger.enqueue(NewRun("bench", "bench-1", {})))
    assert found is not None
    return ledger, found[0]


def step(claim: Claim, number: int) -> AttemptRecord:
    now = datetime.now(UTC)
    return AttemptRecord(
        claim.run_id,
        None,
        1,
        f"post/lines[{number}]/2:browser.fill",
        1,
        "browser.fill",
        {"target": {"label": "Description"}, "text": f"Line {number}"},
        OutcomeKind.succeeded,
        {"value": f"Line {number}"},
        None,
        now,
        now,
        notes={"score": 1},
    )


def in_groups(ledger: Ledger, claim: Claim, rows: int) -> float:
    """Step attempts per second of one process through the group writer, all on disk at the end."""
    start = time.perf_counter()
    for number in range(rows):
        ledger.record_attempt(claim, step(claim, number), MASK)
    ledger.waiting_for_flush()
    return float(rows / (time.perf_counter() - start))


def one_by_one(folder: str, turns: int, gate: Any, out: Any) -> None:
    """Each attempt on disk before the next begins, for some seconds; so many turns, let go by `gate`."""
    ledger, claim = begin(Path(folder))
    with ledger:
        for _ in range(turns):
            gate.wait()
            number, start = 0, time.perf_counter()
            while (spent := time.perf_counter() - start) < SECONDS:
                ledger.record_attempt(claim, step(claim, number), MASK)
                ledger.waiting_for_flush()
                number += 1
            out.put(number / spent)


def summed(folder: Path, processes: int) -> dict[str, float]:
    """The rates of so many processes on one file, summed. The first turn makes the log as long as it stays."""
    context = multiprocessing.get_context("spawn")
    gate, out = context.Barrier(processes + 1), context.Queue()
    given = (str(folder), ROUNDS + 1, gate, out)
    workers = [context.Process(target=one_by_one, args=given) for _ in range(processes)]
    for worker in workers:
        worker.start()

    def turn() -> float:
        gate.wait()
        return float(sum(out.get() for _ in workers))

    turn()
    found = by_turns(folder, turn)
    for worker in workers:
        worker.join()
    return found


def cpu_per_step(folder: Path, rows: int) -> float:
    """Milliseconds of CPU for recording one step."""
    ledger, claim = begin(folder)
    with ledger:
        start = time.process_time()
        for number in range(rows):
            ledger.record_attempt(claim, step(claim, number), MASK)
        ledger.waiting_for_flush()
        return (time.process_time() - start) / rows * 1000


def whole_items(folder: Path, items: int) -> float:
    """Items per second with all their flushed calls: add, take, intend, settle, end; five steps each."""
    from rpa.ledger.types import Verdict

    ledger, claim = begin(folder)
    with ledger:
        start = time.perf_counter()
        for n in range(items):
            found = ledger.add_item(
                claim,
                flow_id="bench",
                profile="default",
                key=f"{claim.run_id}/{n}",
                data={"n": n},
                data_hash="h",
                n=n,
            )
            item = ledger.take_item(claim, found.item.id, from_status=[ItemStatus.new])
            assert item is not None
            for number in range(5):
                ledger.record_attempt(claim, step(claim, number), MASK)
            write = ledger.intend(
                claim,
                profile="default",
                what="bill",
                key=item.key,
                flow_id="bench",
                item_id=item.id,
                step_path="post",
            )
            ledger.settle(claim, write.id, Verdict.committed, by="expect", result={"n": n})
            ledger.end_item(claim, item.id, ItemStatus.succeeded)
        return items / (time.perf_counter() - start)


def recording(folder: Path, processes: list[int], rows: int) -> None:
    ledger, claim = begin(folder)
    with ledger:
        found = by_turns(folder, lambda: in_groups(ledger, claim, rows // ROUNDS))
    tell("attempts in groups, one process", **found, wanted=3.0)
    for number in processes:
        tell("attempts one by one, summed", processes=number, **summed(folder, number), wanted=0.6)
    tell("whole items (5 flushed calls, 5 steps)", **by_turns(folder, lambda: whole_items(folder, 60)))
    tell("CPU per recorded step", ms=cpu_per_step(folder, 5000), wanted=1.0)


# ── many runs ──
def grow(ledger: Ledger, number: int, now: datetime) -> None:
    """`number` ended runs over a year, one in twenty failed, each with an item and an attempt."""
    sealed, size = ledger.vault.seal(b'{"inbox":"in"}', b"run.inputs"), 20_000
    for start in range(0, number, size):
        rows = range(start, min(start + size, number))
        runs = [_run(n, now - timedelta(seconds=31_536_000 * (number - n) / number), sealed) for n in rows]
        bad = [r for r in runs if r["status"] == "failed"]
        failures = [
            {
                "id": 10**12 + start + n,
                "run_id": r["id"],
                "item_id": None,
                "step_path": "post",
                "kind": "application",
                "code": "page-changed",
                "message": "the page changed",
                "details": {},
                "effect": "none",
                "at": r["ended"],
            }
            for n, r in enumerate(bad)
        ]
        for r, f in zip(bad, failures, strict=True):
            r["failure_id"] = f["id"]
        items = [
            {
                "id": n + 1,
                "profile": "default",
                "flow_id": "bench",
                "key": f"INV-{n}" if n % 1000 else f"주문 INV-{n} 서울",
                "status": "succeeded",
                "data_hash": "h",
                "tries": 1,
                "n": 1,
                "priority": 0,
                "run_id": r["id"],
                "created": r["created"],
                "updated": r["ended"],
                "data_shown": {"n": n},
            }
            for n, r in zip(rows, runs, strict=True)
        ]
        touched = [
            {"run_id": r["id"], "item_id": i["id"], "n": 1, "status": "succeeded", "since": r["created"]}
            for r, i in zip(runs, items, strict=True)
        ]
        steps = [
            {
                "id": n + 1,
                "run_id": r["id"],
                "item_id": n + 1,
                "item_try": 1,
                "step_path": "read",
                "step_try": 1,
                "phase": "steps",
                "name": "",
                "action": "document.read",
                "outcome": "succeeded",
                "reason": "",
                "shown": '{"outputs":1}',
                "token": 1,
                "started": r["created"],
                "ended": r["ended"],
            }
            for n, r in zip(rows, runs, strict=True)
        ]
        with ledger.database.writing() as c:
            for table, values in (
                (t.run, runs),
                (t.failure, failures),
                (t.item, items),
                (t.run_item, touched),
                (t.attempt, steps),
            ):
                c.execute(table.insert(), values)


def _run(n: int, at: datetime, sealed: bytes) -> dict[str, Any]:
    return {
        "id": f"r-{at:%Y%m%d}-{n:07d}",
        "flow_id": "bench" if n % 10 else "other",
        "revision": "bench-1",
        "status": "succeeded" if n % 20 else "failed",
        "profile": "default",
        "trigger": "schedule",
        "inputs_exact": sealed,
        "inputs_shown": {"inbox": "in"},
        "options": {},
        "frozen_now": at,
        "created": at,
        "started": at,
        "ended": at + timedelta(seconds=30),
        "actor": "kim",
        "priority": 0,
        "worker": "w1",
        "failure_id": None,
    }


def lay_out(folder: Path) -> None:
    """An empty project."""
    (folder / "flows").mkdir(parents=True, exist_ok=True)
    (folder / "flows.yaml").write_text("version: 1\n")
    (folder / "key").write_bytes(base64.b64encode(KEY))
    (folder / "key").chmod(0o600)


def make(folder: Path, number: int) -> None:
    """A project with `number` runs in its ledger."""
    lay_out(folder)
    with Ledger.open(folder / "rpa.db", key=KEY) as ledger:
        ledger.put_revision("bench", "bench-1", {"bench": "flow: bench"})
        start = time.perf_counter()
        grow(ledger, number, datetime.now(UTC))
        with ledger.database.writing() as c:
            c.exec_driver_sql("ANALYZE")
        size = stats(ledger)["bytes"]
        tell("made", runs=number, seconds=time.perf_counter() - start, bytes=size)


def commands(folder: Path) -> None:
    """Seconds of commands above `import sqlmodel` alone, each in a fresh process: wall, and CPU, which other
    programs of the machine disturb less."""
    environ = {**os.environ, "RPA_KEY_FILE": str(folder / "key")}
    command = [sys.executable, "-m", "rpa.cli.main", "--project", str(folder)]
    for words in (["runs", "--failed", "--since", "1d"], ["show", "last"], ["items", "--run", "last"]):
        tell("command", words=" ".join(words), **above_sqlmodel([*command, *words], environ), wanted=0.3)


def above_sqlmodel(command: list[str], environ: dict[str, str]) -> dict[str, float]:
    """Medians of seven turns."""
    turns = [
        (_spent([sys.executable, "-c", "import sqlmodel"], environ), _spent(command, environ))
        for _ in range(7)
    ]
    found = {}
    for number, kind in enumerate(("wall", "cpu")):
        base, ours = (statistics.median(t[side][number] for t in turns) for side in (0, 1))
        found |= {f"{kind}_base_s": base, f"{kind}_above_s": ours - base}
    return found


def _spent(command: list[str], environ: dict[str, str]) -> tuple[float, float]:
    """(wall, CPU) seconds of a process."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, check=True, env=environ, stdout=subprocess.DEVNULL)
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def queries(folder: Path) -> None:
    now = datetime.now(UTC)
    with Ledger.open(folder / "rpa.db", key=KEY, create=False) as ledger:
        number = sum(stats(ledger)["runs"].values())
        day, some = now - timedelta(days=1), ledger.runs(limit=1)[0].id
        asked: dict[str, Callable[[], Any]] = {
            "runs, newest 50": ledger.runs,
            "runs --failed --since 1d": lambda: ledger.runs(status=[RunStatus.failed], since=day, limit=None),
            "runs --failed": lambda: ledger.runs(status=[RunStatus.failed, RunStatus.abandoned]),
            "runs --flow": lambda: ledger.runs(flow_id="other"),
            "runs --code": lambda: ledger.runs(code="page-changed"),
            "runs --code, unknown": lambda: ledger.runs(code="no-such-code"),
            "runs --text, common": lambda: ledger.runs(text="bench"),
            "runs --text, one item": lambda: ledger.runs(text=f"INV-{number // 2}"),
            "runs --text, two signs": lambda: ledger.runs(text="서울"),
            "runs --text, two signs that nothing has": lambda: ledger.runs(text="없다"),
            "the newest run": lambda: ledger.run("last"),
            "items, the last 50": lambda: ledger.items(limit=50),
            "items --flow, the last 50": lambda: ledger.items(flow_id="bench", limit=50),
            "items --status in_doubt": lambda: ledger.items(status=[ItemStatus.in_doubt], limit=50),
            "show": lambda: (
                ledger.run(some),
                ledger.items(run_id=some),
                ledger.attempts(some),
                ledger.failures(some),
            ),
            "run by prefix": lambda: ledger.run(some),
            "items of a key": lambda: ledger.items(key="INV-7", flow_id="bench", profile="default"),
            "claim of nothing": lambda: ledger.claim("w1"),
            "sweep of nothing": ledger.sweep,
        }
        for what, ask in asked.items():
            tell("query", query=what, ms=_median_ms(ask), wanted=50)
        claimed = _median_ms(
            lambda: ledger.claim("w1", run_id=ledger.enqueue(NewRun("bench", "bench-1", {})))
        )
        tell("query", query="enqueue and claim", ms=claimed, wanted=50)


def pruning(folder: Path) -> None:
    with Ledger.open(folder / "rpa.db", key=KEY, create=False) as ledger:
        start = time.perf_counter()
        done = prune(ledger, Retention(succeeded_days=180, failed_days=180))
        after = stats(ledger)
        tell(
            "prune half",
            seconds=time.perf_counter() - start,
            runs=done.runs,
            bytes=after["bytes"],
            file_to_live=after["bytes"] / after["live_bytes"],
            wanted=2.0,
        )


def _median_ms(ask: Callable[[], Any]) -> float:
    times = []
    for _ in range(7):
        start = time.perf_counter()
        ask()
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times)


# ── the engine ──
NOTHING = """flow: nothing
inputs:
  rows: {type: list}
steps:
  - for_each: {in: "${inputs.rows}", as: n}
    do:
      - data.set: "${n}"
"""


def overhead(folder: Path, rows: int) -> None:
    """CPU of a whole run that does nothing `rows` times, per step, every step recorded."""
    from rpa.app.compose import enqueue, execute
    from rpa.app.project import Project
    from rpa.engine.services import Silent
    from rpa.settings import load_settings

    lay_out(folder)
    (folder / "flows" / "nothing.yaml").write_text(NOTHING)
    settings = load_settings({"project": str(folder)}, environ={"RPA_KEY_FILE": str(folder / "key")})
    project = Project(settings)
    run_id = enqueue(project, project.flow("nothing"), {"rows": list(range(rows))})
    found = project.ledger.claim("bench", run_id=run_id)
    assert found is not None
    start, wall = time.process_time(), time.perf_counter()
    status = execute(settings, found[0], Silent())
    spent, took = time.process_time() - start, time.perf_counter() - wall
    recorded = len(project.ledger.attempts(run_id))
    assert status == "succeeded", project.ledger.run(run_id).failure
    tell("engine, step that does nothing", status=str(status), steps=recorded, ms_cpu=spent / rows * 1000,
         ms_wall=took / rows * 1000, wanted=1.0)


# ── start ──
def starting(folder: Path) -> None:
    """A fresh process that opens the ledger and lists runs."""
    Ledger.open(folder / "rpa.db", key=KEY).close()
    place = str(folder / "rpa.db")
    look = f"from rpa.ledger.store import Ledger; Ledger.open({place!r}, key=bytes(range(32))).runs()"
    found = above_sqlmodel([sys.executable, "-c", look], dict(os.environ))
    tell("start, open and query", **found, wanted=0.3)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--folder", type=Path, default=Path(), help="a folder on the disk to measure")
    parser.add_argument("--processes", default="1,2,4", help="numbers of processes on one file")
    parser.add_argument("--rows", type=int, default=40_000)
    parser.add_argument("--grow", type=int, default=0, metavar="RUNS")
    for name in ("ask", "prune", "start", "overhead"):
        parser.add_argument(f"--{name}", action="store_true")
    given = parser.parse_args()
    if given.grow:
        make(given.folder, given.grow)
    if given.ask:
        queries(given.folder)
        commands(given.folder)
    if given.prune:
        pruning(given.folder)
    if given.grow or given.ask or given.prune:
        return
    with tempfile.TemporaryDirectory(dir=given.folder, prefix="bench-ledger-") as name:
        if given.overhead:
            overhead(Path(name), given.rows)
        elif given.start:
            starting(Path(name))
        else:
            recording(Path(name), [int(n) for n in given.processes.split(",")], given.rows)


if __name__ == "__main__":
    main()
