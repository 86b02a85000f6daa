"""`rpa test`: a flow's test cases through the real engine and a ledger of their own, with fakes for bots.

Each case gets an empty folder as its project, so that what works on files does its real work there, and nothing
of the person's project, ledger or screen is touched.
"""

from __future__ import annotations

import secrets
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bots.tables.reading import EXCEL, read_rows
from flows.action import Catalog
from flows.data import Secret, plain
from flows.diagnostics import Diagnostic
from flows.failures import Failure, FlowFailure
from flows.model import Flow
from flows.testing import (
    Case,
    Difference,
    FakeBot,
    FlowTest,
    Performed,
    Result,
    differences,
    fake_catalog,
    load_tests,
)
from rpa.app.bots import FACTORIES
from rpa.app.project import LIBRARY, Project
from rpa.engine.calls import typed_inputs
from rpa.engine.runner import RunEngine
from rpa.engine.services import Services
from rpa.ledger.store import Ledger
from rpa.ledger.types import FailureRecord, NewRun

CASE_FILES = "tests"
WORKS_ON_FILES = ("files", "tables")
DEFAULT_NOW = datetime(2026, 1, 5, 9, 0)


@dataclass(frozen=True)
class Tried:
    """One case and how it went. `problem` is set when it could not be run at all."""

    case: Case
    seconds: float
    differences: tuple[Difference, ...] = ()
    told: tuple[str, ...] = ()
    problem: Failure | None = None

    @property
    def passed(self) -> bool:
        return not self.differences and self.problem is None


@dataclass(frozen=True)
class TriedFlow:
    """A test file: its problems (then nothing of it ran), or its cases."""

    flow: str
    file: Path
    problems: tuple[Diagnostic, ...] = ()
    cases: tuple[Tried, ...] = ()


# ── which files ──
def test_files(project: Project, refs: Iterable[str]) -> list[Path]:
    """The test files of these flows (ids or paths), of all flows of the project without any. Raises
    `tests-missing`."""
    own = project.settings.project / CASE_FILES
    wanted = list(refs)
    if not wanted:
        found = sorted(own.glob("*.yaml"))
        if not found:
            raise FlowFailure("tests-missing", details={"flow": "*", "path": str(own / "*.yaml")})
        return found
    return [_test_file(project, own, ref) for ref in wanted]


def _test_file(project: Project, own: Path, ref: str) -> Path:
    if "/" in ref or ref.endswith((".yaml", ".yml")):
        given = Path(ref) if Path(ref).is_absolute() else project.settings.project / ref
        places = [given, Path(ref).resolve()]
    else:
        places = [own / f"{ref}.yaml", LIBRARY / CASE_FILES / f"{ref}.yaml"]
    for place in places:
        if place.is_file():
            return place
    raise FlowFailure("tests-missing", details={"flow": ref, "path": str(places[0])})


# ── a file ──
def try_file(project: Project, file: Path, *, only: str = "") -> TriedFlow:
    """Runs the cases of one file whose name contains `only`. Raises Failure when its flow cannot be loaded."""
    found, problems = load_tests(file, catalog=project.catalog)
    if found is None or any(d.severity == "error" for d in problems):
        return TriedFlow(found.flow if found else file.stem, file, tuple(problems))
    flow = _flow(project, file, found)
    cases = [c for c in found.cases if only.casefold() in c.name.casefold()]
    tried = tuple(_try(project, flow, case, file.parent.parent) for case in cases)
    return TriedFlow(found.flow, file, tuple(problems), tried)


def _flow(project: Project, file: Path, found: FlowTest) -> Flow:
    """The flow beside its tests (`flows/ID.yaml`, or the library's own), else as everywhere."""
    beside = file.parent.parent / f"{found.flow}.yaml"
    return project.flow(str(beside) if file.parent.parent == LIBRARY and beside.is_file() else found.flow)


def _try(project: Project, flow: Flow, case: Case, root: Path) -> Tried:
    began = time.monotonic()
    zone = project.manifest.timezone or project.settings.timezone
    try:
        with tempfile.TemporaryDirectory(prefix="rpa-test-") as folder:
            result = run_case(flow, case, project.catalog, Path(folder), timezone=zone, samples=root)
    except Failure as problem:
        return Tried(case, time.monotonic() - began, problem=problem)
    found = tuple(differences(case.expect or {"status": "succeeded"}, result))
    return Tried(case, time.monotonic() - began, found, result.told)


# ── a case ──
def run_case(flow: Flow, case: Case, catalog: Catalog, folder: Path, *, timezone: str = "UTC",
             samples: Path | None = None, key: bytes | None = None) -> Result:
    """What the case's run did, in `folder`. `samples` is where files with `copy:` come from; `key` opens the
    ledger that is left there. Raises Failure."""
    if case.items is not None and flow.items is not None:
        items = replace(flow.items, source="list", params={"list": list(case.items)})
        flow = replace(flow, items=items)
    _place_files(case.files, folder, samples or folder)
    performed = Performed()
    key = key or secrets.token_bytes(32)
    with Ledger.open(folder / "rpa.db", key=key, artifacts=folder / "artifacts") as ledger:
        run_id = _enqueued(ledger, flow, case, timezone)
        found = ledger.claim("test", run_id=run_id)
        assert found is not None
        services = Services(
            ledger=ledger,
            catalog=fake_catalog(catalog, case, performed, WORKS_ON_FILES),
            bots={name: lambda: FakeBot(case) for name in FACTORIES},
            secret=lambda name: Secret(name, case.secrets.get(name, f"secret {name}")),
            project=folder,
            artifacts=folder / "artifacts",
            options={"pace": 0, "inline_branches": True, "still": True},
            timezone=timezone,
        )
        RunEngine(services, flow, found[0], ledger.run(run_id)).execute()
        return _result(ledger, run_id, performed, _files(case, folder))


def _place_files(files: Mapping[str, Any], folder: Path, samples: Path) -> None:
    for name, content in files.items():
        path = (folder / name).resolve()
        if not path.is_relative_to(folder.resolve()):
            raise FlowFailure("path-outside", details={"path": name, "project": str(folder)})
        path.parent.mkdir(parents=True, exist_ok=True)
        if not isinstance(content, Mapping):
            path.write_text(str(content if content is not None else ""), "utf-8")
            continue
        source = samples / str(content.get("copy", ""))
        if not source.is_file():
            raise FlowFailure("file-missing", details={"path": str(source)})
        shutil.copyfile(source, path)


def _enqueued(ledger: Ledger, flow: Flow, case: Case, timezone: str) -> str:
    now = (case.now or DEFAULT_NOW).replace(tzinfo=ZoneInfo(timezone))
    ledger.put_revision(flow.id, flow.revision, {flow.id: flow.text}, flow.title)
    inputs = plain(typed_inputs(flow, dict(case.inputs)))
    return ledger.enqueue(NewRun(flow.id, flow.revision, inputs, frozen_now=now))


def _files(case: Case, folder: Path) -> dict[str, Any]:
    """What stands in the files that the case speaks of: rows where it expects a list, else text."""
    wanted = case.expect.get("files") or {}
    return {name: _content(folder / name, rows=isinstance(value, list)) for name, value in wanted.items()}


def _content(path: Path, *, rows: bool) -> Any:
    if not path.is_file():
        return None
    if rows:
        return [dict(row) for row in read_rows(path)]
    return "(a workbook)" if path.suffix.lower() in EXCEL else path.read_text("utf-8-sig").strip()


def _result(ledger: Ledger, run_id: str, performed: Performed, files: Mapping[str, Any]) -> Result:
    record = ledger.run(run_id)
    failures = [*ledger.failures(run_id), *([record.failure] if record.failure else [])]
    items = ledger.items(run_id=run_id)
    return Result(
        status=str(record.status),
        items={i.key: str(i.status) for i in items},
        names={str(i.data["name"]): str(i.status) for i in items if i.data.get("name")},
        outputs=record.outputs or {},
        writes=tuple(
            {"what": w.what, "key": w.key, "verdict": str(w.verdict)} for w in ledger.writes(run_id=run_id)
        ),
        done=tuple(name for name, _ in performed.actions),
        failures=tuple(dict.fromkeys(f.code for f in failures)),
        files=files,
        told=tuple(dict.fromkeys(_told(failures))),
    )


def _told(failures: Iterable[FailureRecord]) -> Iterator[str]:
    """Failures as sentences, with their step."""
    from flows.catalogue import known, text

    for failure in failures:
        said = text(failure.code, **failure.details) if known(failure.code) else failure.message
        yield f"{failure.step_path or 'run'}: [{failure.code}] {said or failure.message}".strip()
