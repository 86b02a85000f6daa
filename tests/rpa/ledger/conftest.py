from __future__ import annotations

import itertools
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from rpa.ledger.store import Ledger
from tests.rpa.ledger.helpers import KEY, FakeClock

_PORTS = range(5540, 5550)
_NUMBER = itertools.count()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def quick(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory where there is one: for tests that make thousands of commits and lose no power."""
    memory = Path("/dev/shm")
    if not os.access(memory, os.W_OK):
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=memory, prefix="ledger-") as folder:
        yield Path(folder)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.heavy)])
def place(request: pytest.FixtureRequest, quick: Path) -> str:
    """Where the ledger of a test lies: the whole suite runs on both kinds of database."""
    if request.param == "sqlite":
        return str(quick / "rpa.db")
    new_database: Callable[[], str] = request.getfixturevalue("new_database")
    return new_database()


@pytest.fixture
def ledger(place: str, tmp_path: Path, clock: FakeClock) -> Iterator[Ledger]:
    with Ledger.open(place, key=KEY, artifacts=tmp_path / "artifacts", clock=clock) as opened:
        yield opened


# ── a PostgreSQL server of our own ───────────────────────────────────────────────────────────────────────
def server_programs() -> Path | None:
    """The newest Debian server, or the one on PATH."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: int(p.parent.name))
    if folders:
        return folders[-1]
    found = shutil.which("initdb")
    return Path(found).parent if found else None


def _as_user() -> dict[str, Any]:
    """PostgreSQL refuses to run as root."""
    return {"user": "postgres"} if os.geteuid() == 0 else {}


def _free_port() -> int:
    start = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:]) * 2
    for port in (*_PORTS[start:], *_PORTS[:start]):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port
    pytest.skip("no free port in 5540-5549 for a PostgreSQL server")


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a fresh server on loopback; the test skips where none is installed."""
    programs = server_programs()
    if programs is None:
        pytest.skip("no PostgreSQL server here (apt-get install postgresql)")
    if os.geteuid() == 0 and not any(u.pw_name == "postgres" for u in pwd.getpwall()):
        pytest.skip("running as root without a postgres user to start the server as")
    folder = tmp_path_factory.mktemp("postgresql")
    for above in (folder, *folder.parents):
        if above.owner() == pwd.getpwuid(os.geteuid()).pw_name and str(above) not in ("/", "/tmp"):
            above.chmod(above.stat().st_mode | 0o755)
    data = folder / "data"
    data.mkdir()
    if os.geteuid() == 0:
        shutil.chown(data, "postgres", "postgres")
    subprocess.run(
        [programs / "initdb", "-D", data, "-A", "trust", "-U", "rpa", "-E", "UTF8", "--locale=C", "-N"],
        check=True,
        capture_output=True,
        cwd="/",
        **_as_user(),
    )
    port = _free_port()
    server = subprocess.Popen(
        [programs / "postgres", "-D", data, "-p", str(port), "-h", "127.0.0.1", "-k", "", "-c", "fsync=off"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/",
        **_as_user(),
    )
    address = f"postgresql+psycopg://rpa@127.0.0.1:{port}"
    try:
        _wait_until_ready(port, server)
        _sql(port, "CREATE DATABASE template_ledger")
        Ledger.open(f"{address}/template_ledger", key=KEY, artifacts=folder).close()
        yield address
    finally:
        server.terminate()
        server.wait(timeout=30)


def _wait_until_ready(port: int, server: subprocess.Popen[bytes]) -> None:
    import time

    import psycopg

    give_up = time.monotonic() + 30
    while True:
        try:
            psycopg.connect(f"postgresql://rpa@127.0.0.1:{port}/postgres").close()
            return
        except psycopg.OperationalError:
            assert server.poll() is None and time.monotonic() < give_up, "the server does not start"
            time.sleep(0.05)


def _sql(port: int, statement: str) -> None:
    import psycopg

    with psycopg.connect(f"postgresql://rpa@127.0.0.1:{port}/postgres", autocommit=True) as connection:
        connection.execute(statement.encode())


@pytest.fixture
def new_database(postgresql: str) -> Callable[[], str]:
    """Makes a database with a fresh ledger and gives its URL."""

    def make(*, empty: bool = False) -> str:
        name = f"ledger_{next(_NUMBER)}"
        template = "" if empty else " TEMPLATE template_ledger"
        _sql(int(postgresql.rsplit(":", 1)[1]), f"CREATE DATABASE {name}{template}")
        return f"{postgresql}/{name}"

    return make
