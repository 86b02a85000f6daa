"""`rpa schedule …`, `rpa serve`: unattended runs."""

from __future__ import annotations

import typer


def add_to(app: typer.Typer) -> None:
    """Commands of this module; the scheduler's come with it."""
