"""Prepares, serves and questions Tryton. Standard library only; Tryton lives in an environment of its own.

    python -m tests.acceptance.tryton prepare          once, cached in .cache/tryton (about a minute)
    python -m tests.acceptance.tryton serve 8100       a fresh copy of the prepared database, until Ctrl-C
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Any

HERE = Path(__file__).parent
CACHE = HERE.parents[2] / ".cache" / "tryton"
PREPARED = CACHE / "prepared.sqlite"
ADMIN_PASSWORD = "admin-demo-7431"  # of a database that exists for this demo only
CLERK, CLERK_PASSWORD = "clerk", "clerk-demo-9265"
DATABASE = "erp"
CONFIG = """[database]
uri = sqlite://
path = {folder}
[web]
listen = 127.0.0.1:{port}
root = {www}
[session]
timeout = {session_s}
"""


class ErpError(RuntimeError):
    """Tryton could not be prepared or started; the text holds what its programs said."""


def _python() -> Path:
    return CACHE / "venv" / "bin" / "python"


def _run(command: list[str | Path], **more: Any) -> None:
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True, **more)
    if done.returncode:
        raise ErpError(f"{' '.join(map(str, command))[:200]}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")


def _stamp() -> str:
    """What the prepared database was made from: another recipe makes another database."""
    import hashlib

    files = (HERE / "requirements.lock", HERE / "package-lock.json", HERE / "fill.py")
    return hashlib.sha256(b"".join(f.read_bytes() for f in files)).hexdigest()


def prepare(*, quiet: bool = False) -> None:
    """Programs, web client and filled database in `.cache/tryton`. Does nothing when they are there."""
    stamp = CACHE / "stamp"
    if PREPARED.exists() and stamp.exists() and stamp.read_text() == _stamp():
        return
    CACHE.mkdir(parents=True, exist_ok=True)
    for what, step in (("programs", _programs), ("web client", _web_client), ("database", _database)):
        began = time.monotonic()
        step()
        if not quiet:
            print(f"tryton: {what} ready in {time.monotonic() - began:.0f} s", flush=True)
    stamp.write_text(_stamp())


def _programs() -> None:
    if not _python().exists():
        _run([sys.executable, "-m", "venv", CACHE / "venv"])
    _run([_python(), "-m", "pip", "install", "-q", "--require-hashes", "-r", HERE / "requirements.lock"])


def _web_client() -> None:
    source = CACHE / "sao"
    source.mkdir(exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(HERE / name, source)
    _run(["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"], cwd=source)
    www = CACHE / "www"
    shutil.rmtree(www, ignore_errors=True)
    shutil.copytree(source / "node_modules" / "tryton-sao", www, ignore=shutil.ignore_patterns("tests", "src"))
    (www / "node_modules").symlink_to(source / "node_modules", target_is_directory=True)


def _database() -> None:
    folder = CACHE / "build"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    (folder / f"{DATABASE}.sqlite").touch()
    conf = _write_config(folder, 0)
    password = folder / "password"
    password.write_text(ADMIN_PASSWORD + "\n")
    environment = {**os.environ, "TRYTONPASSFILE": str(password), "TRYTOND_CONFIG": str(conf), "TRYTON_CLERK_PASSWORD": CLERK_PASSWORD}
    admin = _python().with_name("trytond-admin")
    _run([admin, "-c", conf, "-d", DATABASE, "--all", "--email", "admin@example.com"], env=environment)
    _run([_python(), HERE / "fill.py", folder / f"{DATABASE}.sqlite"], env=environment)
    shutil.move(folder / f"{DATABASE}.sqlite", PREPARED)


def _write_config(folder: Path, port: int, session_s: int = 86_400) -> Path:
    conf = folder / "trytond.conf"
    conf.write_text(CONFIG.format(folder=folder, port=port, www=CACHE / "www", session_s=session_s))
    return conf


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Erp:
    """One running Tryton on a database of its own in `folder`. A context manager; `stop` and `start` for
    faults."""

    def __init__(self, folder: Path, port: int = 0, *, keep: bool = False) -> None:
        prepare(quiet=True)
        self.folder, self.port = folder, port or free_port()
        folder.mkdir(parents=True, exist_ok=True)
        self.database = folder / f"{DATABASE}.sqlite"
        if not (keep and self.database.exists()):
            shutil.copyfile(PREPARED, self.database)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Address of the web client with the database chosen."""
        return f"http://127.0.0.1:{self.port}/#{DATABASE}"

    def start(self) -> Erp:
        """Serves; the database is loaded first (`-d`), or the first log-in races with loading."""
        conf = _write_config(self.folder, self.port)
        with (self.folder / "trytond.log").open("ab") as log:
            self._process = subprocess.Popen(
                [str(_python().with_name("trytond")), "-c", str(conf), "-d", DATABASE],
                stdout=log, stderr=log, start_new_session=True,
            )
        self._wait()
        return self

    def _wait(self) -> None:
        end = time.monotonic() + 60
        while time.monotonic() < end:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/", timeout=2) as answer:
                    if answer.status == 200:
                        return
            except (urllib.error.URLError, OSError):
                time.sleep(0.2)
        raise ErpError(f"tryton did not answer; see {self.folder / 'trytond.log'}")

    def stop(self) -> None:
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGTERM)
            try:
                self._process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                os.killpg(self._process.pid, signal.SIGKILL)
                self._process.wait()
            self._process = None

    def __enter__(self) -> Erp:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    def bills(self) -> list[dict[str, Any]]:
        """What the ERP really holds, asked back through proteus: all supplier invoices, posted and drafts."""
        conf = self.folder / "trytond.conf"
        done = subprocess.run(
            [str(_python()), str(HERE / "oracle.py"), DATABASE], capture_output=True, text=True,
            env={**os.environ, "TRYTOND_CONFIG": str(conf)},
        )
        if done.returncode:
            raise ErpError(done.stderr[-2000:])
        return list(json.loads(done.stdout))


def main(arguments: list[str]) -> int:
    if arguments[:1] == ["prepare"]:
        prepare()
        return 0
    if arguments[:1] == ["serve"]:
        port = int(arguments[1]) if len(arguments) > 1 else 8000
        with Erp(CACHE / "served", port) as erp:
            print(f"{erp.url}  user {CLERK}  password {CLERK_PASSWORD}", flush=True)
            try:
                signal.pause()
            except KeyboardInterrupt:
                return 0
    print(__doc__)
    return 2


