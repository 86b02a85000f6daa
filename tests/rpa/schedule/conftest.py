"""A project with one flow and a manifest that each test writes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rpa.app.project import Project
from rpa.ledger.crypto import create_key
from rpa.schedule.decide import Planner
from rpa.settings import Settings

FLOW = 'flow: note\nsteps:\n  - files.append: {path: notes.txt, line: "ran"}\n    repeatable: true\n'
Planning = Callable[..., Planner]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    create_key(tmp_path / "key")
    (tmp_path / "flows").mkdir()
    (tmp_path / "flows" / "note.yaml").write_text(FLOW)
    return tmp_path


@pytest.fixture
def planning(folder: Path) -> Iterator[Planning]:
    """`planning(schedules)` opens the project with this text under `schedules:`; the ledger stays."""
    opened: list[Project] = []

    def make(schedules: str, more: str = "timezone: Asia/Seoul\n") -> Planner:
        (folder / "flows.yaml").write_text(f"version: 1\n{more}schedules:\n{schedules}")
        project = Project(Settings(project=folder, key_file=str(folder / "key")))
        opened.append(project)
        return Planner(project, project.ledger)

    yield make
    for project in opened:
        project.ledger.close()
