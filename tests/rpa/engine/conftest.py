"""A project in a temporary folder, run through the real command in real processes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.rpa.replay.conftest import Ground

FLOW = """flow: texts
inputs:
  inbox: {type: folder, default: inbox}
items:
  from: {files: "${inputs.inbox}/*.txt"}
steps:
  - id: text
    files.read: "${item.path}"
  - data.assert: {that: "${item.name != 'bad.txt'}", message: not this one}
  - id: written
    writes:
      what: line
      key: "${item.stem}"
      done_if:
        - files.contains: {path: journal.txt, text: "${item.stem}"}
    files.append: {path: journal.txt, line: "${item.stem} ${text | trim}"}
    expect:
      - done: "${true}"
outputs:
  done: "${count(items.succeeded)}"
"""


class Rpa:
    """`rpa` in one project."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.env = {**os.environ, "RPA_KEY_FILE": str(folder / "key"), "RPA_PACE": "0"}

    def __call__(self, *arguments: str, **env: str) -> tuple[int, Any]:
        command = [sys.executable, "-m", "rpa.cli.main", "--project", str(self.folder), *arguments, "--json"]
        done = subprocess.run(command, env={**self.env, **env}, capture_output=True, text=True, timeout=120)
        lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
        return done.returncode, lines[-1] if lines else {"stderr": done.stderr}

    def journal(self) -> list[str]:
        path = self.folder / "journal.txt"
        return path.read_text("utf-8").splitlines() if path.exists() else []


@pytest.fixture
def rpa(tmp_path: Path) -> Rpa:
    from rpa.ledger.crypto import create_key

    create_key(tmp_path / "key")
    (tmp_path / "flows.yaml").write_text("version: 1\n")
    for name, text in {"inbox/a.txt": "first", "inbox/b.txt": "second", "flows/texts.yaml": FLOW}.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    return Rpa(tmp_path)


Write = Callable[[str, str], None]


@pytest.fixture
def ground(tmp_path: Path) -> Iterator[Ground]:
    """A project whose runs are executed in this process."""
    made = Ground(tmp_path)
    yield made
    made.ledger.close()
