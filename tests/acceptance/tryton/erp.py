"""A running Tryton on a database of its own: serve, restore, question, disturb. Standard library only; Tryton
lives in an environment of its own and is never imported here.

    with Erp(folder) as erp:              # fresh copy of the prepared database, any free port
        drive(erp.url, CLERK, CLERK_PASSWORD)
        assert erp.bills(state="posted") == [...]
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from tests.acceptance.tryton.faults import Fault, FaultyFront, Mode
from tests.acceptance.tryton.making import (
    ADMIN_PASSWORD,
    CACHE,
    CLERK,
    CLERK_PASSWORD,
    DATABASE,
    HERE,
    PREPARED,
    ErpError,
    call,
    prepare,
    program,
    write_config,
)

__all__ = ["ADMIN_PASSWORD", "CACHE", "CLERK", "CLERK_PASSWORD", "DATABASE", "Erp", "ErpError", "prepare"]
Json = dict[str, Any]


def free_port() -> int:
    """A TCP port of loopback that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Erp:
    """One Tryton. `folder` holds its database, configuration and log. `keep`: go on with the database that is
    there. `faulty`: put a front between that can be slow, silent or broken (see `fault`)."""

    def __init__(self, folder: Path, port: int = 0, *, keep: bool = False, faulty: bool = False) -> None:
        prepare(quiet=True)
        self.folder, self.port = folder.resolve(), port or free_port()
        folder.mkdir(parents=True, exist_ok=True)
        self.database = self.folder / f"{DATABASE}.sqlite"
        self.front = FaultyFront(self.port, free_port()) if faulty else None
        self._process: subprocess.Popen[bytes] | None = None
        if not (keep and self.database.exists()):
            self._restore()

    @property
    def url(self) -> str:
        """Address of the web client with the database chosen."""
        return f"http://127.0.0.1:{self.port}/#{DATABASE}"

    @property
    def pid(self) -> int | None:
        """Process (and process group) of the server while it runs."""
        return self._process.pid if self._process else None

    def start(self) -> Erp:
        """Serves; the database is loaded first (`-d`), or the first log-in races with loading."""
        port = self.front.behind if self.front else self.port
        self._refuse_taken(port)
        conf = write_config(self.folder, port)
        with (self.folder / "trytond.log").open("ab") as log:
            self._process = subprocess.Popen(
                [str(program("trytond")), "-c", str(conf), "-d", DATABASE],
                stdout=log, stderr=log, start_new_session=True,
            )
        self._wait(port)
        if self.front:
            self.front.start()
        return self

    @staticmethod
    def _refuse_taken(port: int) -> None:
        """Another server on the port would answer in this one's place, with other bills."""
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                raise ErpError(f"port {port} is taken by another program")

    def _wait(self, port: int) -> None:
        end = time.monotonic() + 60
        while time.monotonic() < end and self._process and self._process.poll() is None:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=2) as answer:
                    if answer.status == 200:
                        return
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        self.stop()
        raise ErpError(f"tryton did not answer on port {port}; see {self.folder / 'trytond.log'}")

    def stop(self) -> None:
        """Ends the server and everything that it started."""
        if self.front:
            self.front.stop()
        if self._process is None:
            return
        self._signal(signal.SIGCONT)
        self._signal(signal.SIGTERM)
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._signal(signal.SIGKILL)
            self._process.wait()
        self._process = None

    def kill(self) -> None:
        """As a power cut would: SIGKILL. `start` serves the same database again."""
        self._signal(signal.SIGKILL)
        self.stop()

    def pause(self) -> None:
        """The server stands still; connections are taken, nothing answers. `resume` lets it go on."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._signal(signal.SIGCONT)

    def _signal(self, number: int) -> None:
        if self._process and self._process.poll() is None:
            os.killpg(self._process.pid, number)

    def fault(self, mode: Mode, matching: str = "", *, seconds: float = 3.0, times: int | None = None) -> Fault:
        """From now on requests that match go wrong; `fault("up")` ends it. Returns the fault, which counts."""
        if self.front is None:
            raise ErpError("Erp(..., faulty=True) is needed for faults")
        self.front.fault = Fault(mode, matching, seconds, times)
        return self.front.fault

    def reset(self) -> None:
        """Back to the prepared database. A running server is stopped and started again."""
        running = self._process is not None
        self.stop()
        self._restore()
        if running:
            self.start()

    def _restore(self) -> None:
        """Also removes SQLite's side files: an old write-ahead log beside a new database corrupts it."""
        for side in ("-wal", "-shm", "-journal"):
            self.database.with_name(self.database.name + side).unlink(missing_ok=True)
        shutil.copyfile(PREPARED, self.database)

    def __enter__(self) -> Erp:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    def query(self, what: str, *more: str) -> list[Json]:
        """What the ERP really holds, asked back through its own client library. `what`: bills, parties, users."""
        return list(json.loads(self._script("oracle.py", what, *more)))

    def bills(self, *, state: str | None = None) -> list[Json]:
        """All supplier invoices, oldest first: draft, validated, posted, paid or cancelled. See `oracle.py`."""
        return self.query("bills", *([state] if state else []))

    def book(self, *bills: Json) -> list[int]:
        """Enters bills behind the bot's back, through proteus: what another clerk has done. See `book.py`."""
        return [int(i) for i in json.loads(self._script("book.py", text=json.dumps(bills)))]

    def _script(self, name: str, *words: str, text: str | None = None) -> str:
        conf = self.folder / "trytond.conf"
        if not conf.exists():
            write_config(self.folder, self.port)
        command: Sequence[str | Path] = [program("python"), HERE / name, DATABASE, *words]
        return call(list(command), more={"TRYTOND_CONFIG": str(conf)}, text=text)
