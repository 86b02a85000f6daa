"""A project whose runs are executed in this process: fast enough to try every rule of replay."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rpa.app.compose import enqueue, execute
from rpa.app.project import Project
from rpa.engine.services import Silent
from rpa.ledger.crypto import create_key
from rpa.ledger.types import ItemRecord, RunRecord
from rpa.replay.enqueue import enqueue_replay, flow_of
from rpa.replay.plan import plan_replay
from rpa.replay.select import Selected, of_run
from rpa.settings import load_settings

Doing = dict[str, tuple[str, ...]]


class Ground:
    """A folder with one flow, `replayed`, and files. `run` and `replay` give the ended run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        create_key(folder / "key")
        self.write("flows.yaml", "version: 1\n")
        environ = {"RPA_KEY_FILE": str(folder / "key"), "RPA_PACE": "0"}
        self.settings = load_settings({"project": str(folder)}, environ=environ)
        self.project = Project(self.settings)
        self.ledger = self.project.ledger

    def write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")

    def text(self, name: str) -> str:
        path = self.folder / name
        return path.read_text("utf-8") if path.exists() else ""

    def flow(self, text: str) -> None:
        self.write("flows/replayed.yaml", f"flow: replayed\n{text}")
        problems = [d for d in self.project.load("replayed").diagnostics if d.severity == "error"]
        assert not problems, problems

    # ── runs ──
    def run(self, **options: Any) -> RunRecord:
        return self.execute(enqueue(self.project, self.project.flow("replayed"), {}, options=options))

    def execute(self, run_id: str) -> RunRecord:
        found = self.ledger.claim("tests", run_id=run_id)
        assert found is not None
        execute(self.settings, found[0], Silent())
        return self.ledger.run(run_id)

    def replay(self, run: RunRecord, *, item: str | None = None, **how: Any) -> RunRecord:
        selected = of_run(self.ledger, run.id, item=item)
        return self.execute(enqueue_replay(self.project, selected, actor="kim", **how))

    def plan(self, run: RunRecord, *, item: str | None = None, **how: Any) -> dict[str, str]:
        """{step path: what a replay would do} over all items."""
        selected: Selected = of_run(self.ledger, run.id, item=item)
        flow = flow_of(self.project, selected, latest=how.get("latest", False))
        planned = plan_replay(self.ledger, self.project.catalog, flow, selected, **how)
        return {p.step_path: p.doing for p in planned}

    # ── what happened ──
    def outcomes(self, run: RunRecord) -> dict[str, str]:
        """{step path: outcome of its last try}."""
        return {a.step_path: str(a.outcome) for a in self.ledger.attempts(run.id)}

    def items(self, run: RunRecord) -> dict[str, ItemRecord]:
        return {str(i.data.get("name") or i.key): i for i in self.ledger.items(run_id=run.id)}


@pytest.fixture
def ground(tmp_path: Path) -> Iterator[Ground]:
    made = Ground(tmp_path)
    yield made
    made.ledger.close()


