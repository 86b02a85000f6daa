"""Schedules at scale and together.

    python -m bench.schedules scale [--number 10000] [--minutes 3] [--workers 1]
    python -m bench.schedules together [--minutes 10]

`scale`: `rpa serve` with so many schedules; start-up, lateness of each fire, idle CPU, memory. The due
minutes are spread over an hour, so that each minute about a sixtieth fires at once.
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
from itertools import pairwise
from pathlib import Path
from typing import Any

import psutil

from rpa.ledger.crypto import create_key

FLOW = 'flow: note\nsteps:\n  - data.log: "ran"\n'
COUNTED = "SELECT count(*), count(DISTINCT schedule || occurrence) FROM firing WHERE run_id IS NOT NULL"
LATE = "SELECT (at - due) / 1e6 FROM firing WHERE reason = 'due' AND due IS NOT NULL ORDER BY 1"


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
    while f'"{event}"' not in log.read_text():
        time.sleep(0.02)
    return time.monotonic()


def rows(folder: Path, statement: str) -> list[Any]:
    with sqlite3.connect(folder / "rpa.db") as ledger:
        return ledger.execute(statement).fetchall()


def scale(number: int, minutes: float, workers: int) -> dict[str, Any]:
    line = '  s{n}: {{flow: note, trigger: {{cron: "{m} * * * *"}}, on_overlap: queue}}\n'
    folder = project("".join(line.format(n=n, m=n % 60) for n in range(number)))
    log = folder / "log"
    log.touch()
    begun = time.monotonic()
    service = serve(folder, workers, log)
    started = until(log, "service-ready") - begun
    watched = psutil.Process(service.pid)
    while time.time() % 60 > 20:  # what idles between two minutes
        time.sleep(0.2)
    time.sleep(15)
    before, at = watched.cpu_times(), time.monotonic()
    time.sleep(20)
    after = watched.cpu_times()
    idle = (after.user + after.system - before.user - before.system) / (time.monotonic() - at)
    time.sleep(minutes * 60)
    memory = watched.memory_info().rss / 2**20
    service.terminate()
    service.wait(120)
    late = [x for (x,) in rows(folder, LATE)]
    return {
        "schedules": number,
        "workers": workers,
        "start_up_s": round(started, 2),
        "idle_cpu_percent": round(100 * idle, 2),
        "memory_mb": round(memory),
        "fires": len(late),
        "late_p50_s": round(late[len(late) // 2], 3),
        "late_p99_s": round(late[int(len(late) * 0.99)], 3),
        "late_max_s": round(late[-1], 3),
    }


def together(minutes: float, seed: int) -> dict[str, Any]:
    chance = random.Random(seed)
    line = "  s{n}: {{flow: note, trigger: {{every: {p}s}}, if_missed: all, on_overlap: queue}}\n"
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
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    if given.what == "scale":
        told = scale(given.number, given.minutes or 3, given.workers)
    else:
        told = together(given.minutes or 10, given.seed)
    print(json.dumps(told))


if __name__ == "__main__":
    main()
