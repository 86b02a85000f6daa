"""`rpa vendors`: what corrections taught about vendors; look at it, take it away."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from rpa.cli.state import STATE, actor

Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
Key = Annotated[str, typer.Argument(metavar="VENDOR", help="A key of `rpa vendors list`.")]
vendors_app = typer.Typer(
    help="What corrections taught about vendors: names, values that stay, words on their pages.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


def add_to(app: typer.Typer) -> None:
    app.add_typer(vendors_app, name="vendors")


def _known() -> dict[str, Any]:
    from bots.document.memory import STATE as NAME

    return dict(STATE.project().ledger.get_state(NAME) or {})


@vendors_app.command("list")
def list_(json: Json = False) -> None:
    """Lists the vendors that something was learned about."""
    from rpa.cli.show import as_json as print_json
    from rpa.cli.show import table

    known = _known()
    if json:
        print_json({"vendors": known})
        return
    parts = ("names", "constants", "labels")
    rows = [(key, *(", ".join(v[part]) for part in parts)) for key, v in known.items()]
    table(("vendor", "names", "values that stay", "fields with own words"), rows)


@vendors_app.command()
def show(vendor: Key, json: Json = False) -> None:
    """Shows everything that is remembered of a vendor."""
    from rpa.cli.show import as_json as print_json
    from rpa.cli.show import said

    found = _one(vendor, _known())
    if json:
        print_json({"vendor": vendor, **found})
        return
    for name in found["names"]:
        typer.echo(f"{said('name')}: {name}")
    for field, value in found["constants"].items():
        typer.echo(said("{field} stays: {value}", field=field, value=value))
    for field, words in found["labels"].items():
        typer.echo(said("{field} is labelled: {words}", field=field, words=", ".join(words)))


@vendors_app.command()
def forget(vendor: Key) -> None:
    """Removes what is remembered of a vendor; audited."""
    from bots.document.memory import STATE as NAME
    from rpa.cli.show import said

    known = _known()
    _one(vendor, known)
    del known[vendor]
    ledger = STATE.project().ledger
    ledger.put_state(NAME, known or None)
    ledger.audit(actor(), "vendor-forgotten", vendor)
    typer.echo(f"{vendor}: {said('forgotten')}")


def _one(vendor: str, known: dict[str, Any]) -> Any:
    from flows.failures import FlowFailure

    if vendor not in known:
        raise FlowFailure("vendor-unknown", details={"vendor": vendor, "known": ", ".join(known) or "-"})
    return known[vendor]
