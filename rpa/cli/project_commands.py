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
         lang: Annotated[Optional[str], typer.Option(help="en or ko: language of the sample and of its README.")] = None) -> None:
    """Makes a project: a sample flow that works, sample files, flows.yaml, a README in plain words, and the
    key."""
    from rpa.app.scaffold import make_project

    for line in make_project(folder, lang or STATE.lang):
        typer.echo(line)


def new_flow(name: Annotated[str, typer.Argument(help="Id of the new flow.")],
             like: Annotated[Optional[str], typer.Option("--from", help="Flow of the library to start from.")] = None) -> None:
    """Starts a flow of your own from one of the library."""
    from rpa.app.scaffold import new_flow as make

    for path in make(STATE.settings().project, name, like, STATE.lang):
        typer.echo(str(path))


def doctor(json: Json = False) -> None:
    """Says what a run needs, whether it is here, and how to mend what is not. Exit 3 when nothing can run."""
    from flows.catalogue import text
    from rpa.app.doctor import examine
    from rpa.cli.show import as_json, say, table

    lang = STATE.lang
    found = [(f, *f.told(lang)) for f in examine(STATE.settings())]
    broken = sum(f.state == "broken" for f, *_ in found)
    missing = sum(f.state == "missing" for f, *_ in found)
    if json:
        as_json({"findings": [
            {"what": f.what, "name": name, "state": f.state, "code": f.code, "detail": detail, "fix": fix}
            for f, name, detail, fix in found
        ]})
    else:
        rows = [(text(f"doctor-{f.state}", lang), name, detail, fix) for f, name, detail, fix in found]
        table(("", "", "", ""), rows)
        code = "doctor-cannot" if broken else "doctor-some" if missing else "doctor-ready"
        say("\n" + text(code, lang, broken=broken, missing=missing))
    if broken:
        raise typer.Exit(3)
