"""Full, read-only, failing disks: runs end cleanly with a reason, and nothing acknowledged is lost."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.catalogue import known, text
from flows.failures import EngineFailure
from rpa.ledger.ballast import Ballast
from rpa.ledger.errors import LedgerError, translated
from rpa.ledger.store import Ledger
from rpa.ledger.types import ItemStatus, RunStatus
from tests.rpa.ledger.helpers import attempt, claimed, enqueue, failure, open_ledger, taken

MB = 1 << 20


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 12 MB."""
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", folder], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("may not mount a small file system here (needs root)")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


def opened(folder: Path) -> Ledger:
    ledger = open_ledger(folder)
    ledger.ballast = Ballast(ledger.database.path, size=4 * MB, min_free=MB)
    ledger.ballast.lay()
    return ledger


def fill(folder: Path) -> None:
    with (folder / "filler").open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(65536))
        except OSError:
            pass


def test_a_run_on_a_full_disk_ends_properly(small_disk: Path) -> None:
    with opened(small_disk) as ledger:
        claim = claimed(ledger)
        item = taken(ledger, claim)
        ledger.record_attempt(claim, attempt(claim, item, "before"), dict)
        ledger.waiting_for_flush()
        fill(small_disk)
        with pytest.raises(LedgerError) as caught:
            for n in range(5000):
                ledger.record_attempt(
                    claim, attempt(claim, item, f"s{n}", outputs={"text": "x" * 5000}), dict
                )
        assert caught.value.code == "disk-full" and isinstance(caught.value, EngineFailure)
        with pytest.raises(LedgerError, match="disk-full"):
            ledger.keep(
                claim,
                run_id=claim.run_id,
                item_id=None,
                step_path="",
                kind="x",
                name="x",
                data=bytes(9 * MB),
                media_type="x",
            )
        ledger.end_item(claim, item.id, ItemStatus.new)
        ledger.end_run(
            claim, RunStatus.failed, reason="disk-full", failure=failure("disk-full", kind="engine")
        )
        left = ledger.ballast.path
        assert left and (not left.exists() or left.stat().st_size == 2 * MB), "half of it, or all"
        run = ledger.run(claim.run_id)
        assert (run.status, run.reason) == (RunStatus.failed, "disk-full")
        assert ledger.item(item.id).status is ItemStatus.new
        assert ledger.attempts(claim.run_id)[0].step_path == "before" and ledger.verify() == []
        assert {e.code for e in ledger.events(claim.run_id)} <= {"records-dropped"}
        (small_disk / "filler").unlink()
        assert ledger.claim("w2", run_id=enqueue(ledger)) is not None
        assert ledger.ballast.path and ledger.ballast.path.exists(), "it is laid in again"


def test_a_run_does_not_start_with_too_little_room(small_disk: Path) -> None:
    with opened(small_disk) as ledger:
        run_id = enqueue(ledger)
        ledger.ballast.min_free = 100 * MB
        with pytest.raises(LedgerError) as caught:
            ledger.claim("w1", run_id=run_id)
        assert caught.value.code == "disk-low" and ledger.run(run_id).status is RunStatus.queued
        assert "100 MB" in text("disk-low", **caught.value.details)


def test_a_read_only_disk(small_disk: Path) -> None:
    with opened(small_disk) as ledger:
        claim = claimed(ledger)
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    try:
        with pytest.raises(LedgerError) as caught, open_ledger(small_disk) as ledger:
            ledger.audit("kim", "x", "y")
        assert caught.value.code == "ledger-read-only"
        with open_ledger(small_disk, read_only=True) as looking:
            assert looking.run(claim.run_id).status is RunStatus.running
    finally:
        subprocess.run(["mount", "-o", "remount,rw", small_disk], check=True)
    with open_ledger(small_disk) as ledger:
        assert ledger.verify() == []


def test_an_io_error_is_told_and_the_ledger_opens_again(tmp_path: Path) -> None:
    """A limit on the size of files makes the system refuse a write in the middle of a commit."""
    code = f"""
import resource, signal
from pathlib import Path
from rpa.ledger.errors import LedgerError
from tests.rpa.ledger.helpers import attempt, claimed, open_ledger
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
ledger = open_ledger(Path({str(tmp_path)!r}))
claim = claimed(ledger)
wal = Path({str(tmp_path)!r}, "rpa.db-wal").stat().st_size
soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (wal + 30_000, hard))
number = 0
try:
    for number in range(1000):
        ledger.audit("kim", "x" * 2000, str(number))
except LedgerError as error:
    print(error.code)
resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
ledger.audit("kim", "again", "y")
print(len(ledger.audit_log()) == number + 2, ledger.verify())
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[3],
    )
    first, second = done.stdout.splitlines()
    assert first in ("ledger-io", "disk-full") and second == "True []"


def test_a_full_ledger_keeps_what_was_collected_for_the_next_try(tmp_path: Path) -> None:
    with open_ledger(tmp_path) as ledger:
        claim = claimed(ledger)
        pages = ledger.writer.now(lambda c: c.exec_driver_sql("PRAGMA page_count").scalar())
        ledger.writer.now(lambda c: c.exec_driver_sql(f"PRAGMA max_page_count={pages + 5}").scalar())
        big = attempt(claim, None, "big", outputs={"text": "x" * 100_000})
        ledger.record_attempt(claim, big, dict)
        with pytest.raises(LedgerError, match="disk-full"):
            ledger.waiting_for_flush()
        with ledger.database.bare() as cursor:
            cursor.execute("PRAGMA max_page_count=1000000")
        ledger.database.reconnect()
        assert [a.step_path for a in ledger.attempts(claim.run_id)] == ["big"]


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("database or disk is full", "disk-full"),
        ("attempt to write a readonly database", "ledger-read-only"),
        ("disk I/O error", "ledger-io"),
        ("database is locked", "ledger-busy"),
        ("file is not a database", "ledger-corrupt"),
        ("database disk image is malformed", "ledger-corrupt"),
        ("unable to open database file", "ledger-unopenable"),
        ('could not extend file "base/1": No space left on device', "disk-full"),
        ("cannot execute UPDATE in a read-only transaction", "ledger-read-only"),
        ("server closed the connection unexpectedly", "ledger-unreachable"),
        ("canceling statement due to lock timeout", "ledger-busy"),
    ],
)
def test_what_drivers_say_becomes_a_code_with_a_message(said: str, code: str) -> None:
    found = translated(RuntimeError(said), "rpa.db")
    assert found and found.code == code and known(code)
    assert translated(RuntimeError('near "SELEC": syntax error'), "rpa.db") is None


def test_every_code_that_the_ledger_raises_has_a_message() -> None:
    import re

    sources = (Path(__file__).parents[3] / "rpa/ledger").glob("*.py")
    raised = {c for p in sources for c in re.findall(r'LedgerError\(\s*"([a-z-]+)"', p.read_text("utf-8"))}
    assert len(raised) > 30 and {c for c in raised if not known(c)} == set()
