"""Schedules at scale and together.

    python -m bench.schedules scale [--shape hour|steady|at-once] [--minutes 2] [--workers 1] [--busy 2]
    python -m bench.schedules together [--minutes 10]

`scale`: `rpa serve` with so many schedules; start-up, idle CPU, memory, and the lateness of each fire: from its
due time to its line in the log, when its row and its run are on disk. Shapes: `hour`: one of the 60 minutes each,
so that at each full minute a sixtieth fires at once; `steady`: periods of 10 to 12 minutes, so that about 15 fire in
each second; `at-once`: all in the same minute. While fires are counted, `busy` processes keep a core busy each and
`workers` work off the runs.
`together`: three services on one ledger, one of them killed and started again at random; no occurrence may
fire twice or not at all.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import psutil

from rpa.ledger.crypto import create_key

FLOW = 'flow: note\nsteps:\n  - data.log: "ran"\n'
COUNTED = "SELECT count(*), count(DISTINCT schedule || occurrence) FROM firing WHERE run_id IS NOT NULL"


def project(schedules: str) -> Path:
    folder = Path(tempfile.mkdtemp(prefix="bench-schedules-"))
    create_key(folder / "key")
    (folder / "flows").mkdir()
    (folder / "flows" / "note.yaml").write_text(FLOW)
    (folder / "flows.yaml").write_text(f"version: 1\ntimezone: Asia/Seoul\nschedules:\n{schedules}")
    return folder


def serve(folder: Path, workers: int, log: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "rpa.cli.main", "--project", str(folder), "serve"]
    command += ["--port", "0", "--concurrency", str(workers), "--drain", "5s"]
    env = {**os.environ, "RPA_KEY_FILE": str(folder / "key"), "RPA_LEASE_S": "5"}
    return subprocess.Popen(command, env=env, stderr=log.open("ab"))


def until(log: Path, event: str) -> float:
    while f'"{event}"'.encode() not in log.read_bytes():
        time.sleep(0.02)
    return time.monotonic()


def rows(folder: Path, statement: str) -> list[Any]:
    with sqlite3.connect(folder / "rpa.db") as ledger:
        return ledger.execute(statement).fetchall()


SHAPES = ("hour", "steady", "at-once")


def trigger(shape: str, n: int, minute: int) -> str:
    """Of schedule `n`; `minute` is that at which all are due `at-once`."""
    if shape == "steady":
        return f"every: {600 + n % 120}s"
    return f'cron: "{minute if shape == "at-once" else n % 60} * * * *"'


def scale(number: int, shape: str, minutes: float, workers: int, busy: int) -> dict[str, Any]:
    minute = (datetime.now(UTC) + timedelta(minutes=2)).minute
    line = "  s{}: {{flow: note, trigger: {{{}}}, on_overlap: queue, notify: {{file: told}}}}\n"
    folder = project("".join(line.format(n, trigger(shape, n, minute)) for n in range(number)))
    service, log, first = started(folder, 0)
    idle = idle_share(psutil.Process(service.pid)) if shape == "hour" else None
    stop(service)
    service, log, again = started(folder, workers)
    others = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(busy)]
    try:
        load = under_load(service, log, minutes)
    finally:
        for other in others:
            other.kill()
        stop(service)
    told = {"schedules": number, "shape": shape, "workers": workers, "busy": busy}
    idle_percent = None if idle is None else round(100 * idle, 2)
    return {**told, "start_up_s": first, "start_again_s": again, "idle_cpu_percent": idle_percent, **load}


def started(folder: Path, workers: int) -> tuple[subprocess.Popen[bytes], Path, float]:
    """The service, its log, and the seconds until it was ready."""
    log, begun = folder / f"log-{workers}", time.monotonic()
    log.touch()
    service = serve(folder, workers, log)
    return service, log, round(until(log, "service-ready") - begun, 2)


def stop(service: subprocess.Popen[bytes]) -> None:
    service.terminate()
    service.wait(120)


def under_load(service: subprocess.Popen[bytes], log: Path, minutes: float) -> dict[str, Any]:
    watched = psutil.Process(service.pid)
    before, known = watched.cpu_times(), len(latenesses(log))
    time.sleep(minutes * 60)
    after, memory = watched.cpu_times(), watched.memory_info().rss / 2**20
    late = sorted(latenesses(log)[known:])
    return {
        "memory_mb": round(memory),
        "cpu_percent": round(100 * (after.user + after.system - before.user - before.system) / minutes / 60, 1),
        "fires": len(late),
        "late_p50_s": round(late[len(late) // 2], 3),
        "late_p99_s": round(late[int(len(late) * 0.99)], 3),
        "late_max_s": round(late[-1], 3),
    }


def idle_share(watched: psutil.Process) -> float:
    """CPU of a service between two minutes, as a share of one core."""
    while time.time() % 60 > 25:
        time.sleep(0.2)
    time.sleep(10)
    before, at = watched.cpu_times(), time.monotonic()
    time.sleep(20)
    after = watched.cpu_times()
    return (after.user + after.system - before.user - before.system) / (time.monotonic() - at)


def latenesses(log: Path) -> list[float]:
    """Seconds from due time to log line, of each fire on time."""
    told = (json.loads(line) for line in log.read_bytes().split(b"\n")[:-1])
    return [moment(t["at"]) - moment(t["due"]) for t in told if t["event"] == "fired" and t["reason"] == "due"]


def moment(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def together(minutes: float, seed: int) -> dict[str, Any]:
    chance = random.Random(seed)
    line = (
        "  s{n}: {{flow: note, trigger: {{every: {p}s}}, if_missed: all, on_overlap: queue}}\n"
    )
    folder = project("".join(line.format(n=n, p=p) for n, p in enumerate((2, 3, 5, 7, 11, 13))))
    log = folder / "log"
    log.touch()
    services = [serve(folder, 0, log) for _ in range(3)]
    until(log, "service-ready")
    begun, end, kills = time.time(), time.monotonic() + minutes * 60, 0
    while time.monotonic() < end:
        time.sleep(chance.uniform(2, 10))
        place = chance.randrange(3)
        services[place].kill()
        services[place].wait()
        kills += 1
        time.sleep(chance.uniform(0, 2))
        services[place] = serve(folder, 0, log)
    time.sleep(15)
    for service in services:
        service.terminate()
    for service in services:
        service.wait(60)
    fires, distinct = rows(folder, COUNTED)[0]
    (runs,) = rows(folder, "SELECT count(*) FROM run")[0]
    return {
        "minutes": minutes,
        "kills": kills,
        "fires": fires,
        "distinct": distinct,
        "runs": runs,
        "gaps": gaps(folder),
        "seconds": round(time.time() - begun),
    }


def gaps(folder: Path) -> int:
    """Due times between the first and the last of a schedule without a row of their own."""
    missing = 0
    for n, period in enumerate((2, 3, 5, 7, 11, 13)):
        dues = [d for (d,) in rows(folder, f"SELECT due FROM firing WHERE schedule = 's{n}' ORDER BY due")]
        missing += sum(round((b - a) / 1e6 / period) - 1 for a, b in pairwise(dues))
    return missing


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=["scale", "together"])
    parser.add_argument("--number", type=int, default=10_000)
    parser.add_argument("--minutes", type=float)
    parser.add_argument("--shape", choices=SHAPES, default="hour")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--busy", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    if given.what == "scale":
        told = scale(given.number, given.shape, given.minutes or 2, given.workers, given.busy)
    else:
        told = together(given.minutes or 10, given.seed)
    print(json.dumps(told))


if __name__ == "__main__":
    main()
