"""`rpa secrets set | list | remove`."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from rpa.cli.state import STATE, actor

secrets_app = typer.Typer(help="Passwords and keys, kept encrypted; values are never shown.", no_args_is_help=True, rich_markup_mode=None)


def add_to(app: typer.Typer) -> None:
    app.add_typer(secrets_app, name="secrets")


@secrets_app.command("set")
def set_(name: Annotated[str, typer.Argument(help="Name used in flows as ${secrets.name}.")]) -> None:
    """Stores a secret. Asks for the value, or reads it from standard input; never from the command line."""
    from rpa.app.secrets import secrets_file
    from rpa.cli.show import said

    if not name.isidentifier():
        raise typer.BadParameter(said("a name has letters, digits and _ only"))
    value = typer.prompt(name, hide_input=True) if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    if not value:
        raise typer.BadParameter(said("the value is empty"))
    settings = STATE.settings()
    secrets_file(settings).set(name, value)
    STATE.project().ledger.audit(actor(), "secret-set", name)
    typer.echo(f"{name}: {said('stored')}")


@secrets_app.command("list")
def list_() -> None:
    """Lists names, never values."""
    from rpa.app.secrets import secrets_file
    from rpa.cli.show import say_nothing

    names = secrets_file(STATE.settings()).list()
    for name in names:
        typer.echo(name)
    if not names:
        say_nothing()


@secrets_app.command()
def remove(name: Annotated[str, typer.Argument()]) -> None:
    """Removes a secret."""
    from flows.failures import FlowFailure
    from rpa.app.secrets import secrets_file
    from rpa.cli.show import said

    if not secrets_file(STATE.settings()).remove(name):
        raise FlowFailure("secret-missing", details={"name": name, "variable": f"RPA_SECRET_{name.upper()}"})
    STATE.project().ledger.audit(actor(), "secret-removed", name)
    typer.echo(f"{name}: {said('removed')}")
