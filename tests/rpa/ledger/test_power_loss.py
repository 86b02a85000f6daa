"""Power loss: after any prefix of what SQLite wrote the ledger opens, its chain verifies, and all that had
been acknowledged is there. Also when writes that were not yet flushed are lost in any combination."""

from __future__ import annotations

import json
import os
import random
import shutil
import struct
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from rpa.ledger.store import Ledger
from tests.rpa.ledger.helpers import open_ledger

HERE = Path(__file__).parent
SUFFIXES = ("", "-wal", "-journal", "-ack")
ACK = 3


@dataclass(frozen=True)
class Op:
    """w write, s sync, t truncate, u unlink."""

    kind: str
    file: int
    offset: int
    data: bytes


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, list[Op]]:
    """(the file before, everything written after)."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None or sys.platform != "linux":
        pytest.skip("needs Linux and a C compiler for the recording layer")
    folder = tmp_path_factory.mktemp("power")
    subprocess.run(
        [
            compiler,
            "-shared",
            "-fPIC",
            "-O1",
            "-w",
            "-o",
            folder / "recorder.so",
            HERE / "recorder.c",
            "-ldl",
        ],
        check=True,
    )
    with open_ledger(folder) as ledger:
        ledger.ballast.release()
    before = (folder / "rpa.db").read_bytes()
    env = {
        **os.environ,
        "LD_PRELOAD": str(folder / "recorder.so"),
        "RECORD_PREFIX": str(folder / "rpa.db"),
        "RECORD_LOG": str(folder / "log"),
    }
    subprocess.run(
        [sys.executable, "-m", "tests.rpa.ledger.power_child", folder, "8"],
        check=True,
        env=env,
        cwd=HERE.parents[2],
    )
    return before, list(_ops((folder / "log").read_bytes()))


def _ops(log: bytes) -> Iterator[Op]:
    at = 0
    while at < len(log):
        kind, file, offset, length = struct.unpack_from("=cBqq", log, at)
        at += 18
        data = log[at : at + length] if kind == b"w" else b""
        at += len(data)
        yield Op(kind.decode(), file, offset, data)


def _apply(files: dict[int, bytearray], op: Op) -> None:
    content = files.setdefault(op.file, bytearray())
    if op.kind == "w":
        if len(content) < op.offset:
            content.extend(bytes(op.offset - len(content)))
        content[op.offset : op.offset + len(op.data)] = op.data
    elif op.kind == "t":
        del content[op.offset :]
        content.extend(bytes(op.offset - len(content)))
    elif op.kind == "u":
        files.pop(op.file, None)


def _cut(
    before: bytes, ops: list[Op], at: int, chance: random.Random | None
) -> tuple[dict[int, bytearray], bytes]:
    """The files after the power went before write `at`, and what had been acknowledged. With `chance`
    writes that were not flushed (per file) may be missing, each by itself, and the last one may be torn."""
    unsafe: set[int] = set()
    if chance is not None:
        for file in range(ACK):
            synced = max((n for n in range(at) if ops[n].kind == "s" and ops[n].file == file), default=-1)
            late = [n for n in range(synced + 1, at) if ops[n].file == file and ops[n].kind == "w"]
            unsafe |= {n for n in late if chance.random() < 0.5}
    files: dict[int, bytearray] = {0: bytearray(before)}
    for n in range(at):
        if n not in unsafe:
            _apply(files, ops[n])
        elif chance is not None and chance.random() < 0.2:
            torn = ops[n]
            _apply(files, Op("w", torn.file, torn.offset, torn.data[: len(torn.data) // 2]))
    acknowledged = bytes(files.pop(ACK, b""))
    return files, acknowledged


def _check(folder: Path, files: dict[int, bytearray], acknowledged: bytes) -> None:
    for suffix in (*SUFFIXES, "-shm"):
        (folder / f"rpa.db{suffix}").unlink(missing_ok=True)
    for file, content in files.items():
        (folder / f"rpa.db{SUFFIXES[file]}").write_bytes(content)
    with open_ledger(folder) as ledger:
        assert ledger.verify(files=False) == []
        for line in acknowledged.decode().splitlines():
            _holds(ledger, *json.loads(line))


def _holds(ledger: Ledger, what: str, subject: Any) -> None:
    if what == "run":
        assert ledger.run(subject).worker == "w1"
    elif what == "intended":
        assert len(ledger.attempts(subject[0])) == 5 and subject[1] in [w.id for w in ledger.writes()]
    elif what == "committed":
        assert "committed" in [s["verdict"] for s in ledger.write_steps(subject)]
    elif what == "done":
        assert ledger.item(subject).status == "succeeded"
    else:
        assert len([a for a in ledger.audit_log() if a.what == "look"]) >= subject


def test_the_recording_is_what_it_should_be(recording: tuple[bytes, list[Op]]) -> None:
    _, ops = recording
    checkpoints = sum(1 for op in ops if op.file == 0 and op.kind == "s")
    commits = sum(1 for op in ops if op.file == 1 and op.kind == "s")
    acks = sum(1 for op in ops if op.file == ACK)
    assert checkpoints >= 5 and commits >= acks == 40, (checkpoints, commits, acks)


@pytest.mark.parametrize("loses", [False, True], ids=["in-order", "any-unflushed-lost"])
@pytest.mark.parametrize(
    "cuts", [80, pytest.param(0, marks=[pytest.mark.heavy, pytest.mark.timeout(1800)])], ids=["some", "every"]
)
def test_every_prefix_opens_and_holds_what_was_acknowledged(
    recording: tuple[bytes, list[Op]], quick: Path, cuts: int, loses: bool
) -> None:
    before, ops = recording
    chance = random.Random(7)
    places = range(len(ops) + 1) if not cuts else sorted(chance.sample(range(len(ops) + 1), cuts))
    for at in places:
        _check(quick, *_cut(before, ops, at, chance if loses else None))
