"""Looks at the project: key, settings, flows, what they need, and the ledger."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from zoneinfo import ZoneInfo

from flows.failures import Failure
from flows.model import Flow
from rpa.app.findings import Finding, failed
from rpa.app.keys import project_key
from rpa.app.project import Project, is_project
from rpa.app.secrets import secret_source


def _project(project: Project) -> Finding:
    folder = project.settings.project
    if is_project(folder):
        return Finding("project", "ok", str(folder))
    return Finding("project", "missing", code="project-missing", details={"folder": str(folder)})


def _key(project: Project) -> Finding:
    try:
        project_key(project.settings)
    except Failure as failure:
        return failed("key", failure)
    return Finding("key", "ok")


def _manifest(project: Project) -> Finding:
    try:
        schedules = project.manifest.schedules
    except Failure as failure:
        return failed("manifest", failure)
    return Finding("manifest", "ok", ", ".join(schedules))


def _zone(project: Project) -> Finding:
    try:
        zone = project.manifest.timezone or project.settings.timezone
    except Failure:
        zone = project.settings.timezone
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        return Finding("zone", "broken", zone)
    return Finding("zone", "ok", zone)


def _flows(project: Project) -> Finding:
    try:
        wrong = [path.stem for path in _paths(project) if _sound(project, path) is None]
    except Failure as failure:
        return failed("flows", failure)
    if wrong:
        return Finding("flows", "missing", ", ".join(wrong))
    return Finding("flows", "ok", ", ".join(path.stem for path in _paths(project)))


def _paths(project: Project) -> list[Path]:
    return sorted((project.settings.project / "flows").glob("*.yaml"))


def _sound(project: Project, path: Path) -> Flow | None:
    """The flow, or None when it has errors."""
    loaded = project.load(str(path))
    return None if any(d.severity == "error" for d in loaded.diagnostics) else loaded.flow


def _secrets(project: Project) -> Finding:
    """The secrets that the project's own flows name."""
    ask = secret_source(project.settings)
    try:
        flows = [flow for path in _paths(project) if (flow := _sound(project, path)) is not None]
        names = sorted({name for flow in flows for name in flow.secrets})
    except Failure as failure:
        return failed("secrets", failure)
    for name in names:
        try:
            ask(name)
        except Failure as failure:
            return failed("secrets", failure, "missing")
    return Finding("secrets", "ok", ", ".join(names))


def _ledger(project: Project) -> Finding:
    settings = project.settings
    if "://" not in settings.ledger and not Path(settings.ledger_url).exists():
        return Finding("ledger", "ok", "-")
    try:
        problems = project.open_ledger(create=False).verify()
    except Failure as failure:
        return failed("ledger", failure)
    return Finding("ledger", "broken" if problems else "ok", "; ".join(problems[:3]) or settings.ledger)


def _writable(project: Project) -> Finding:
    """Where the ledger, pictures and results go."""
    folders = [project.settings.project, project.settings.artifact_folder]
    shut = [str(folder) for folder in folders if folder.exists() and not os.access(folder, os.W_OK | os.X_OK)]
    return Finding("writable", "broken" if shut else "ok", ", ".join(shut))


PROJECT: tuple[Callable[[Project], Finding], ...] = (
    _project, _key, _manifest, _zone, _flows, _secrets, _ledger, _writable,
)
