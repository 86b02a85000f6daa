"""`rpa doctor`: what a run needs, whether it is here, and how to mend what is not."""

from __future__ import annotations

from collections.abc import Iterator

from rpa.app.findings import Finding
from rpa.app.machine import MACHINE
from rpa.app.project import Project
from rpa.app.ready import PROJECT
from rpa.settings import Settings

__all__ = ["Finding", "examine"]


def examine(settings: Settings) -> Iterator[Finding]:
    """One finding after another: first this machine, then the project. Each look stands alone, so that one
    broken thing hides no other."""
    for look in MACHINE:
        yield look(settings)
    project = Project(settings)
    for look_at in PROJECT:
        yield look_at(project)
