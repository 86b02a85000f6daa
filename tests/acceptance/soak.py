"""A long run of the service while the browser, the worker, the ERP, the service and the disk are disturbed.

    python -m tests.acceptance.soak --minutes 30 [--folder DIR] [--seed N]

Orders come in all the time; a schedule enters them with a browser every few seconds into a small ERP that
takes an order as often as it is sent. In the end every order must be there exactly once, no process may be
left, and the service's memory must be flat.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

PORT = 18540
MARK = "RPA_SOAK"
DISK_MB = 96
FLOW = """\
flow: orders
items:
  from: {rows: orders.csv}
  key: "${item.order}"
  attempts: 3
steps:
  - browser.open: "http://127.0.0.1:%d/new"
    timeout: 10s
  - browser.fill: {target: Number, text: "${item.order}"}
    timeout: 5s
  - writes:
      what: order
      key: "${item.order}"
      done_if:
        - browser.open: "http://127.0.0.1:%d/find?number=${item.order}"
        - browser.exists: {target: {text: "Order ${item.order}"}, absent: {text: Nothing found}}
    do:
      - browser.open: "http://127.0.0.1:%d/new"
      - browser.fill: {target: Number, text: "${item.order}"}
      - browser.click: {role: button, name: Save}
        commits: true
        timeout: 10s
    expect:
      - done: {text: Order saved}
hosts: [127.0.0.1]
"""
MANIFEST = """\
version: 1
schedules:
  orders: {flow: orders, trigger: {every: 4s}}
heartbeat: {file: beat.txt, every: 5s}
"""


@dataclass
class Soak:
    """One soak in a folder of its own."""

    folder: Path
    minutes: float
    chance: random.Random
    full_disk: bool = False
    orders: list[str] = field(default_factory=list)
    told: Counter[str] = field(default_factory=Counter)
    memory: list[tuple[float, float]] = field(default_factory=list)
    erp: subprocess.Popen[bytes] | None = None
    service: subprocess.Popen[bytes] | None = None
    begun: float = field(default_factory=time.monotonic)

    @property
    def project(self) -> Path:
        return self.folder / "project"

    @property
    def share(self) -> float:
        return (time.monotonic() - self.begun) / (self.minutes * 60)

    @property
    def command(self) -> list[str]:
        return [sys.executable, "-m", "rpa.cli.main", "--project", str(self.project)]

    @property
    def env(self) -> dict[str, str]:
        key = str(self.folder / "key")
        return {**os.environ, MARK: str(self.folder), "RPA_LEASE_S": "5", "RPA_KEY_FILE": key}

    # ── the world ──
    def make(self) -> None:
        (self.project / "flows").mkdir(parents=True)
        (self.project / "flows" / "orders.yaml").write_text(FLOW % (PORT, PORT, PORT))
        (self.project / "flows.yaml").write_text(MANIFEST)
        self.come_in()

    def come_in(self) -> None:
        """New orders, as a file that is replaced whole."""
        number = len(self.orders)
        self.orders += [f"B-{n:05}" for n in range(number, number + self.chance.randint(0, 2))]
        fresh = self.project / "orders.new"
        try:
            fresh.write_text("order\n" + "\n".join(self.orders) + "\n")
            fresh.replace(self.project / "orders.csv")
        except OSError:  # the full disk
            self.orders = self.orders[:number]

    def start_erp(self) -> None:
        script = Path(__file__).with_name("soak_erp.py")
        command = [sys.executable, str(script), str(PORT), str(self.folder / "erp.db")]
        self.erp = subprocess.Popen(command, stderr=subprocess.DEVNULL)

    def start_service(self) -> None:
        log = (self.folder / "serve.log").open("ab")
        command = [*self.command, "serve", "--port", "0"]
        self.service = subprocess.Popen(command, env=self.env, stderr=log, stdout=log)

    # ── disturbances ──
    def disturb(self) -> None:
        acts: list[Callable[[], Any]] = [self.kill_browser, self.kill_worker, self.kill_erp, self.freeze]
        acts += [self.stall_disk] + ([self.fill_disk] if self.full_disk else [])
        acts += [self.kill_service] if self.share < 0.5 else []
        act = self.chance.choice(acts)
        if act():
            self.told[act.__name__] += 1

    def kill_browser(self) -> bool:
        return self._kill("chrom", "--remote-debugging-pipe")

    def kill_worker(self) -> bool:
        return self._kill("python", "rpa.worker.child")

    def _kill(self, name: str, argument: str) -> bool:
        for process in marked(self.folder):
            try:
                if name in process.name() and argument in process.cmdline():
                    process.kill()
                    return True
            except psutil.Error:
                continue
        return False

    def kill_erp(self) -> bool:
        assert self.erp is not None
        self.erp.kill()
        self.erp.wait()
        time.sleep(self.chance.uniform(0.5, 4))
        self.start_erp()
        return True

    def kill_service(self) -> bool:
        assert self.service is not None
        self.service.kill()
        self.service.wait()
        self.start_service()
        self.memory.clear()
        return True

    def freeze(self) -> bool:
        assert self.service is not None
        self.service.send_signal(signal.SIGSTOP)
        time.sleep(self.chance.uniform(2, 8))
        self.service.send_signal(signal.SIGCONT)
        return True

    def stall_disk(self) -> bool:
        """Nobody can write to the ledger for a while."""
        held = sqlite3.connect(self.project / "rpa.db", isolation_level=None, timeout=10)
        try:
            held.execute("BEGIN IMMEDIATE")
            time.sleep(self.chance.uniform(2, 8))
            held.execute("ROLLBACK")
            return True
        except sqlite3.OperationalError:
            return False
        finally:
            held.close()

    def fill_disk(self) -> bool:
        filler = self.project / "filler"
        try:
            with filler.open("wb") as out:
                while True:
                    out.write(bytes(1 << 20))
        except OSError:
            time.sleep(self.chance.uniform(1, 6))
        filler.unlink()
        return True

    # ── the run ──
    def run(self) -> dict[str, Any]:
        self.make()
        self.start_erp()
        self.start_service()
        nxt = time.monotonic() + 10
        while self.share < 1:
            time.sleep(self.chance.uniform(1, 3))
            if self.share < 0.95:
                self.come_in()
            self.measure()
            if time.monotonic() > nxt and self.share < 0.92:
                self.disturb()
                nxt = time.monotonic() + self.chance.uniform(4, 12)
        self.end()
        return self.figures()

    def measure(self) -> None:
        assert self.service is not None
        if self.service.poll() is not None:  # as its keeper would: systemd's Restart=always
            self.told["service restarted"] += 1
            self.start_service()
            return
        self.memory.append((self.share, psutil.Process(self.service.pid).memory_info().rss / 2**20))

    def end(self) -> None:
        """Stops in order, then does what failed again, as a person would."""
        assert self.service is not None
        self.service.send_signal(signal.SIGTERM)
        self.service.wait(150)
        for _ in range(6):
            self.rpa("serve", "--once")
            self.rpa("replay", "--failed", "--since", "1d")
            if not self.unfinished():
                break

    def rpa(self, *arguments: str) -> None:
        subprocess.run(
            [*self.command, *arguments], env=self.env, capture_output=True, timeout=900, check=False
        )

    # ── what came of it ──
    def rows(self, statement: str) -> list[Any]:
        with sqlite3.connect(self.project / "rpa.db") as ledger:
            return ledger.execute(statement).fetchall()

    def unfinished(self) -> list[Any]:
        return self.rows("SELECT key, status FROM item WHERE status <> 'succeeded'")

    def figures(self) -> dict[str, Any]:
        with sqlite3.connect(self.folder / "erp.db") as erp:
            posted = Counter(n for (n,) in erp.execute("SELECT number FROM orders"))
        late = [mb for share, mb in self.memory if share > 0.6]
        return {
            "minutes": self.minutes,
            "disturbances": dict(self.told),
            "orders": len(self.orders),
            "lost": sorted(set(self.orders) - set(posted)),
            "twice": sorted(n for n, times in posted.items() if times > 1),
            "unfinished": self.unfinished(),
            "runs": dict(self.rows("SELECT status, count(*) FROM run GROUP BY status")),
            "firings": dict(self.rows("SELECT reason, count(*) FROM firing GROUP BY reason")),
            "left": [f"{p.pid} {' '.join(p.cmdline())[:80]}" for p in marked(self.folder)],
            "memory_mb": [round(late[0]), round(max(late)), round(late[-1])] if late else [],
        }


def marked(folder: Path) -> Iterator[psutil.Process]:
    """What the soak's service started, at any depth."""
    for process in psutil.process_iter():
        try:
            if process.environ().get(MARK) == str(folder):
                yield process
        except (psutil.Error, OSError):
            continue


@contextmanager
def disk(folder: Path) -> Iterator[bool]:
    """A small disk of its own for the project, where this user may mount one."""
    (folder / "project").mkdir(parents=True)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m", "tmpfs", str(folder / "project")]
    mounted = os.geteuid() == 0 and subprocess.run(mount, capture_output=True, check=False).returncode == 0
    try:
        yield mounted
    finally:
        if mounted:
            shutil.copytree(folder / "project", folder / "kept", ignore=shutil.ignore_patterns("filler"))
            subprocess.run(["umount", "-l", str(folder / "project")], check=False)


def soak(folder: Path, minutes: float, seed: int) -> dict[str, Any]:
    from rpa.ledger.crypto import create_key

    create_key(folder / "key")
    with disk(folder) as mounted:
        made = Soak(folder, minutes, random.Random(seed), mounted)
        try:
            return made.run()
        finally:
            for process in (made.erp, made.service):
                if process is not None and process.poll() is None:
                    process.kill()
                    process.wait()


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path)
    given = parser.parse_args()
    folder = given.folder or Path(tempfile.mkdtemp(prefix="soak-"))
    folder.mkdir(parents=True, exist_ok=True)
    told = soak(folder, given.minutes, given.seed)
    print(json.dumps(told, indent=1))
    return 1 if told["lost"] or told["twice"] or told["left"] else 0


if __name__ == "__main__":
    sys.exit(main())
