"""`rpa items`, `rpa resolve`."""

from __future__ import annotations

from typing import Annotated, Optional

import typer

from rpa.cli.state import STATE, actor

Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
items_app = typer.Typer(help="Business transactions and their state.", rich_markup_mode=None, invoke_without_command=True)


def add_to(app: typer.Typer) -> None:
    app.add_typer(items_app, name="items")
    app.command()(resolve)


@items_app.callback()
def items(
    context: typer.Context,
    run: Annotated[Optional[str], typer.Option(help="Only of this run.")] = None,
    flow: Annotated[Optional[str], typer.Option(help="Only of this flow.")] = None,
    status: Annotated[Optional[list[str]], typer.Option(help="new, in_doubt, waiting, failed_business, …")] = None,
    limit: Annotated[int, typer.Option()] = 50,
    json: Json = False,
) -> None:
    """Lists items with their state."""
    if context.invoked_subcommand:
        return
    from rpa.cli.asked import statuses
    from rpa.cli.run_view import item_data
    from rpa.cli.show import as_json as print_json
    from rpa.cli.show import table
    from rpa.ledger.types import ItemStatus

    ledger = STATE.project().ledger
    run_id = ledger.run(run, masked=True).id if run else None
    found = ledger.items(run_id=run_id, flow_id=flow, status=statuses(ItemStatus, status), limit=limit)
    if json:
        print_json({"items": [{**item_data(i), "flow": i.flow_id, "run": i.run_id} for i in found]})
        return
    table(("item", "flow", "key", "name", "status", "tries", "failure", "run"),
          [(i.id, i.flow_id, i.key[:32], i.data.get("name"), i.status, i.tries, i.failure.code if i.failure else "", i.run_id)
           for i in found])


@items_app.command()
def reopen(item: Annotated[int, typer.Argument(help="Item number of `rpa items`.")]) -> None:
    """Lets the next run take a finished item again. Refused while one of its writes is in doubt."""
    from rpa.cli.show import said

    STATE.project().ledger.reopen_item(item, actor=actor())
    typer.echo(f"{item}: {said('new')}")


def resolve(
    item: Annotated[int, typer.Argument(help="Item in doubt, by its number in `rpa items --status in_doubt`.")],
    done: Annotated[Optional[bool], typer.Option("--done/--not-done", help="Did the write happen?")] = None,
) -> None:
    """Settles a doubtful write by a person's word: it happened, or it did not."""
    from rpa.cli.show import said
    from rpa.replay.resolve import resolve_item

    if done is None:
        raise typer.BadParameter(said("look it up, then say --done or --not-done"))
    settled = resolve_item(STATE.project().ledger, item, happened=done, by=actor())
    for write in settled:
        typer.echo(f"{write.what} {write.key}: {said(str(write.verdict))}")
