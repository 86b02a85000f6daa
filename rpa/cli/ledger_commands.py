"""`rpa ledger backup | restore | export | import | prune | stats | verify`."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from rpa.cli.state import STATE, actor

Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
ledger_app = typer.Typer(help="The ledger's care: backup, check, prune.", no_args_is_help=True, rich_markup_mode=None)


def add_to(app: typer.Typer) -> None:
    app.add_typer(ledger_app, name="ledger")


@ledger_app.command()
def verify(json: Json = False) -> None:
    """Checks the database, the audit chain and every kept file."""
    from rpa.cli.show import as_json, said

    problems = STATE.project().ledger.verify()
    if json:
        as_json({"sound": not problems, "problems": problems})
    else:
        typer.echo("\n".join(map(_problem, problems)) or said("sound"))
    if problems:
        raise typer.Exit(3)


def _problem(found: str) -> str:
    """What `verify` found of a kept file in words; what the database says of itself stays as it is."""
    from flows.catalogue import text

    code, _, sha256 = found.partition(": ")
    return text(code, STATE.lang, sha256=sha256) if code in ("artifact-missing", "artifact-damaged") else found


@ledger_app.command()
def stats(json: Json = False) -> None:
    """How much is in it."""
    from rpa.cli.show import as_json, said, table
    from rpa.ledger.operations import stats as ledger_stats

    found = ledger_stats(STATE.project().ledger)
    if json:
        as_json(found)
    else:
        table(("what", "value"), [(said(name), _readable(name, value)) for name, value in found.items() if name != "schema"])


def _readable(name: str, value: Any) -> Any:
    """Sizes in MB and moments of this place, for people."""
    from rpa.cli.show import local

    if isinstance(value, dict):
        return {inner: _readable(inner, one) for inner, one in value.items()}
    if isinstance(value, int) and ("bytes" in name or name in ("quota", "disk_free")):
        return f"{value / 1e6:,.1f} MB"
    return local(value) if isinstance(value, datetime) else value


@ledger_app.command()
def backup(folder: Annotated[Path, typer.Argument(help="New or empty folder.")]) -> None:
    """A consistent copy while work goes on. The project key is not in it."""
    from rpa.cli.show import said
    from rpa.ledger.operations import backup as make

    made = make(STATE.project().ledger, folder)
    typer.echo(f"{made.folder}: " + said("{files} files, {bytes} bytes", files=made.files, bytes=made.bytes))


@ledger_app.command()
def restore(folder: Annotated[Path, typer.Argument(help="Folder of a backup.")]) -> None:
    """Puts a backup in place. Refused where a ledger already is."""
    from rpa.app.keys import project_key
    from rpa.cli.show import said
    from rpa.ledger.operations import restore as put_back

    settings = STATE.settings()
    problems = put_back(folder, settings.ledger_url, key=project_key(settings), artifacts=settings.artifact_folder)
    typer.echo("\n".join(problems) or said("restored, sound"))


@ledger_app.command("export")
def export_(file: Annotated[Path, typer.Argument(help="File to write (.jsonl.gz).")]) -> None:
    """Every row as JSON lines, for another kind of database or a newer version."""
    from rpa.cli.show import said
    from rpa.ledger.operations import export

    typer.echo(said("{rows} rows", rows=export(STATE.project().ledger, file)))


@ledger_app.command("import")
def import_(file: Annotated[Path, typer.Argument(help="File of `rpa ledger export`.")]) -> None:
    """Fills an empty ledger from an export. Kept files are not in it: copy the folder of artifacts too."""
    from rpa.app.keys import project_key
    from rpa.cli.show import said
    from rpa.ledger.operations import import_ as fill

    settings = STATE.settings()
    rows = fill(file, settings.ledger_url, key=project_key(settings), artifacts=settings.artifact_folder)
    typer.echo(said("{rows} rows", rows=rows))


@ledger_app.command()
def prune(dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count the runs.")] = False, json: Json = False) -> None:
    """Removes what retention no longer keeps, and returns the space."""
    from dataclasses import asdict

    from rpa.cli.show import as_json, said, table
    from rpa.ledger.operations import prune as remove
    from rpa.worker.upkeep import retention

    project = STATE.project()
    pruned: Any = remove(project.ledger, retention(project.settings), dry_run=dry_run)
    if json:
        as_json(asdict(pruned))
    else:
        table(("removed", "number"), [(said(name), number) for name, number in asdict(pruned).items()])


@ledger_app.command()
def log(limit: Annotated[int, typer.Option()] = 50, json: Json = False) -> None:
    """The audit log: who did what."""
    from rpa.cli.show import as_json, local, table

    found = STATE.project().ledger.audit_log(limit=limit)
    if json:
        as_json({"audit": [{"at": a.at, "who": a.who, "what": a.what, "subject": a.subject, "details": dict(a.details)} for a in found]})
    else:
        table(("at", "who", "what", "subject", "details"), [(local(a.at), a.who, a.what, a.subject, dict(a.details) or "") for a in found])


@ledger_app.command()
def pin(run: Annotated[str, typer.Argument()], off: Annotated[bool, typer.Option("--off")] = False) -> None:
    """Keeps a run for ever (or no longer)."""
    from rpa.ledger.operations import pin as keep

    typer.echo(keep(STATE.project().ledger, run, on=not off, actor=actor()))
