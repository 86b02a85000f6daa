"""Runs of flows by the real engine, for benches: a project of its own in a temporary folder, its ledger, evidence
on failure. What `rpa run` does in its run process, without a supervisor around it."""

from __future__ import annotations

import base64
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rpa.app.compose import enqueue, execute
from rpa.app.project import Project
from rpa.engine.services import Silent
from rpa.settings import load_settings

TOLD = ("target", "reason", "step", "name", "candidates", "stands", "parameter")


@dataclass(frozen=True, slots=True)
class Ran:
    """How a run ended. `failures`: item key → code and message, of the items that failed."""

    run_id: str
    status: str
    failures: Mapping[str, str]


class Ground:
    """A project with copies of some flows. `settings` are those of `rpa.toml`."""

    def __init__(self, flows: Sequence[Path], **settings: Any) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="rpa-bench-"))
        (self.folder / "flows").mkdir()
        (self.folder / "flows.yaml").write_text("version: 1\n")
        for flow in flows:
            shutil.copy(flow, self.folder / "flows")
        key = self.folder / "key"
        key.write_bytes(base64.b64encode(bytes(range(32))))
        key.chmod(0o600)
        given = {"project": str(self.folder), **settings}
        self.settings = load_settings(given, environ={"RPA_KEY_FILE": str(key)})
        self.project = Project(self.settings)

    def run(self, flow: str, inputs: Mapping[str, Any]) -> Ran:
        """One run of a flow, in this process."""
        return self._execute(enqueue(self.project, self.project.flow(flow), inputs))

    def _execute(self, run_id: str) -> Ran:
        claimed = self.project.ledger.claim("bench", run_id=run_id)
        if claimed is None:
            raise RuntimeError(f"{run_id} could not be claimed")
        status = execute(self.settings, claimed[0], Silent())
        failed = [item for item in self.project.ledger.items(run_id=run_id) if item.failure is not None]
        told = {item.key: _words(item.failure) for item in failed}
        if str(status) == "failed" and not told:
            told = {f"run ({failure.step_path})": _words(failure) for failure in self.project.ledger.failures(run_id)}
        return Ran(run_id, str(status), told)

    def replay(self, ran: Ran) -> Ran:
        """The failed items of a run once more, as `rpa replay RUN` does."""
        from rpa.replay.enqueue import enqueue_replay
        from rpa.replay.select import of_run

        return self._execute(enqueue_replay(self.project, of_run(self.project.ledger, ran.run_id)))

    def close(self) -> None:
        self.project.ledger.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def _words(failure: Any) -> str:
    told = "; ".join(f"{k} {v}" for k, v in (failure.details or {}).items() if k in TOLD)
    return " ".join(f"{failure.code}: {failure.message} {told}".split())
