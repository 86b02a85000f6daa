"""`rpa init`, `new-flow`, `doctor`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Optional

import typer

from rpa.cli.state import STATE

Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


def add_to(app: typer.Typer) -> None:
    app.command()(init)
    app.command("new-flow")(new_flow)
    app.command()(doctor)


def init(folder: Annotated[Path, typer.Argument(help="New project folder.")] = Path(),
         lang: Annotated[Optional[str], typer.Option(help="en or ko: language of the sample and of its README.")] = None) -> None:  # noqa: UP045
    """Makes a project: a sample flow that works, sample files, flows.yaml, a README in plain words, and the
    key."""
    from rpa.app.scaffold import make_project

    for line in make_project(folder, lang or STATE.lang):
        typer.echo(line)


def new_flow(name: Annotated[str, typer.Argument(help="Id of the new flow.")],
             like: Annotated[Optional[str], typer.Option("--from", help="Flow of the library to start from.")] = None) -> None:  # noqa: UP045
    """Starts a flow of your own from one of the library."""
    from rpa.app.scaffold import new_flow as make

    for path in make(STATE.settings().project, name, like, STATE.lang):
        typer.echo(str(path))


def doctor(json: Json = False) -> None:
    """Says what works on this machine and what to install for the rest."""
    from rpa.app.doctor import examine
    from rpa.cli.show import as_json, table

    findings = examine(STATE.settings())
    if json:
        as_json({"findings": [f.__dict__ if hasattr(f, "__dict__") else {"what": f.what, "state": f.state, "detail": f.detail, "fix": f.fix} for f in findings]})
    else:
        table(("", "what", "detail", "fix"), [(f.state, f.what, f.detail, f.fix) for f in findings])
    if any(f.state == "broken" for f in findings):
        raise typer.Exit(3)
