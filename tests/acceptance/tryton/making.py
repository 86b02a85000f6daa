"""Makes Tryton ready once, in `.cache/tryton`: programs, web client, filled database. Standard library only.

Each part carries a stamp of what it was made from; a part is made again when its recipe changes. Several
processes may ask at once: one makes, the others wait.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

HERE = Path(__file__).parent
CACHE = HERE.parents[2] / ".cache" / "tryton"
PREPARED = CACHE / "prepared.sqlite"
WWW = CACHE / "www"
DATABASE = "erp"
ADMIN_PASSWORD = "admin-demo-7431"  # of a database that exists for demos and tests only
CLERK, CLERK_PASSWORD = "clerk", "clerk-demo-9265"
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
    """Tryton could not be prepared, started or asked; the text holds what its programs said."""


def program(name: str) -> Path:
    """A program of Tryton's own environment."""
    return CACHE / "venv" / "bin" / name


def call(command: list[str | Path], *, cwd: Path | None = None, more: Mapping[str, str] | None = None,
         text: str | None = None) -> str:
    """Runs a program to its end and returns what it printed. Raises ErpError with its last words."""
    words = [str(word) for word in command]
    try:
        done = subprocess.run(words, capture_output=True, text=True, cwd=cwd, env={**os.environ, **(more or {})}, input=text)
    except FileNotFoundError as missing:
        raise ErpError(f"{words[0]} is not installed on this machine") from missing
    if done.returncode:
        raise ErpError(f"{' '.join(words)[:200]}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
    return done.stdout


def write_config(folder: Path, port: int, session_s: int = 86_400) -> Path:
    """Tryton's configuration in `folder`, where its database file lies too."""
    conf = folder / "trytond.conf"
    conf.write_text(CONFIG.format(folder=folder, port=port, www=WWW, session_s=session_s))
    return conf


def prepare(*, quiet: bool = False) -> None:
    """Makes what is missing or out of date; with everything there it takes a millisecond."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with _alone():
        for name, recipe, result, make in PARTS:
            stamp = CACHE / f"{name}.stamp"
            wanted = hashlib.sha256(b"".join((HERE / file).read_bytes() for file in recipe)).hexdigest()
            if result.exists() and stamp.exists() and stamp.read_text() == wanted:
                continue
            began = time.monotonic()
            make()
            stamp.write_text(wanted)
            if not quiet:
                print(f"tryton: {name} ready in {time.monotonic() - began:.0f} s", flush=True)


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    with (CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _programs() -> None:
    if not program("python").exists():
        call([sys.executable, "-m", "venv", CACHE / "venv"])
    locked = ["--require-hashes", "-r", HERE / "requirements.lock"]
    uv = Path(sys.executable).with_name("uv")
    if uv.exists():
        call([uv, "pip", "install", "-q", "--python", program("python"), *locked])
    else:
        call([program("python"), "-m", "pip", "install", "-q", *locked])


def _web_client() -> None:
    source = CACHE / "sao"
    source.mkdir(exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(HERE / name, source)
    call(["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"], cwd=source)
    shutil.rmtree(WWW, ignore_errors=True)
    shutil.copytree(source / "node_modules" / "tryton-sao", WWW, ignore=shutil.ignore_patterns("tests", "src"))
    (WWW / "node_modules").symlink_to(source / "node_modules", target_is_directory=True)


def _database() -> None:
    folder = CACHE / "build"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    database = folder / f"{DATABASE}.sqlite"
    database.touch()
    conf = write_config(folder, 0)
    password = folder / "password"
    password.write_text(ADMIN_PASSWORD + "\n")
    more = {"TRYTONPASSFILE": str(password), "TRYTOND_CONFIG": str(conf), "TRYTON_CLERK_PASSWORD": CLERK_PASSWORD}
    call([program("trytond-admin"), "-c", conf, "-d", DATABASE, "--all", "--email", "admin@example.com"], more=more)
    call([program("python"), HERE / "fill.py", database], more=more)
    _keep(database)
    shutil.rmtree(folder)


def _keep(database: Path) -> None:
    """One file without a write-ahead log, put in place at once: a copy of it is a whole database."""
    fresh = PREPARED.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    with contextlib.closing(sqlite3.connect(database)) as source, contextlib.closing(sqlite3.connect(fresh)) as kept:
        source.backup(kept)
        kept.execute("PRAGMA journal_mode = DELETE")
    fresh.replace(PREPARED)


Part = tuple[str, tuple[str, ...], Path, Callable[[], None]]
PARTS: tuple[Part, ...] = (
    ("programs", ("requirements.lock",), program("trytond"), _programs),
    ("web-client", ("package.json", "package-lock.json"), WWW / "index.html", _web_client),
    ("database", ("requirements.lock", "fill.py"), PREPARED, _database),
)
