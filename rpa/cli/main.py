"""`rpa`: the application, its global options, and the edge where failures become messages and exit codes.

Exit codes: 0 all succeeded or nothing to do · 1 failed or in doubt · 2 usage, flow or manifest · 3 ours ·
4 only waiting · 130 interrupted. Commands import what they need when they run, so that help is instant.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Optional

import typer
from typer.main import get_command_name

from rpa import __version__
from rpa.cli import (
    case_commands,
    desktop_commands,
    document_commands,
    flow_commands,
    heal_commands,
    hint_commands,
    item_commands,
    ledger_commands,
    model_commands,
    project_commands,
    replay_commands,
    report_commands,
    review_commands,
    run_commands,
    schedule_commands,
    secret_commands,
    serve_commands,
    train_commands,
    vendor_commands,
)
from rpa.cli.state import STATE

app = typer.Typer(
    name="rpa",
    help="daeri (대리): flows in YAML drive browser and desktop bots; a ledger remembers; replay never writes twice.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for module in (
    project_commands, flow_commands, case_commands, run_commands, item_commands, replay_commands,
    report_commands, review_commands, desktop_commands, heal_commands,
    secret_commands, document_commands, hint_commands, model_commands, ledger_commands, schedule_commands,
    serve_commands, train_commands, vendor_commands,
):
    module.add_to(app)


def _version(value: bool) -> None:
    if value:
        typer.echo(f"daeri {__version__}")
        raise typer.Exit


@app.callback()
def options(
    project: Annotated[Optional[Path], typer.Option(help="Project folder (default: the nearest with flows.yaml).")] = None,
    profile: Annotated[Optional[str], typer.Option(help="Profile of flows.yaml, e.g. test or prod.")] = None,
    lang: Annotated[Optional[str], typer.Option(help="Language of messages: en or ko.")] = None,
    _: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")] = False,
) -> None:
    STATE.flags = {"project": str(project) if project else None, "profile": profile, "lang": lang}


def _keep_only(word: str | None) -> None:
    """Of all commands the one that was asked for: making the parsers of the others takes longer than many of them
    take to run. With a word that names none all stay, so that near ones can be named."""
    commands = [c for c in app.registered_commands if c.callback and (c.name or get_command_name(c.callback.__name__)) == word]
    groups = [g for g in app.registered_groups if g.name == word]
    if commands or groups:
        app.registered_commands, app.registered_groups = commands, groups


def main() -> None:
    """The console script. Every failure leaves here as a message with what, where and how to mend it."""
    from rpa.cli.edge import guarded
    from rpa.cli.language import first_word

    _keep_only(first_word(sys.argv[1:]))
    sys.exit(guarded(app))


if __name__ == "__main__":
    main()
