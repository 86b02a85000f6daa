"""`rpa inspect` and `rpa record`: for authors of flows, on desktop programs and in the browser."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from rpa.cli.state import STATE

Inspected = Annotated[
    str | None,
    typer.Argument(
        help="Address of a page, or program to start on a virtual display; without: the real display."
    ),
]
Recorded = Annotated[
    str | None,
    typer.Argument(help="Address of a page; or with --desktop a program to start (without: all that runs)."),
]
DisplayName = Annotated[str | None, typer.Option(help="The display to look at, e.g. :0 (default: $DISPLAY).")]
TitleOf = Annotated[
    str | None, typer.Option(help="Only programs with a window of this title; * is anything.")
]


def add_to(app: typer.Typer) -> None:
    app.command()(inspect)
    app.command()(record)


def inspect(
    program: Inspected = None,
    display: DisplayName = None,
    window: TitleOf = None,
    every: Annotated[
        bool, typer.Option("--all", help="Also what does not show, such as closed menus.")
    ] = False,
    wait: Annotated[float, typer.Option(help="Seconds to wait after the program's window came.")] = 1.0,
    picture: Annotated[Path | None, typer.Option(help="Draw the screen with numbers into this PNG.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
) -> None:
    """Prints what a page or a program shows, each thing with the target to paste into a flow."""
    from rpa.app.recording import is_address

    if program is not None and is_address(program):
        _inspect_page(program, wait, picture, json=json)
        return
    from rpa.app.desktop import looked_at
    from rpa.cli.show import as_json

    seen, image = looked_at(
        STATE.settings(), program, display, window, every=every, wait=wait, picture=bool(picture)
    )
    if picture is not None:
        picture.write_bytes(image)
    if json:
        as_json({"programs": [_data(one) for one in seen]})
    else:
        _print(seen)


def _inspect_page(url: str, wait: float, picture: Path | None, *, json: bool) -> None:
    from rpa.app.recording import seen_on_page
    from rpa.cli.show import as_json

    things, image = seen_on_page(STATE.settings(), url, wait, bool(picture))
    if picture is not None:
        picture.write_bytes(image)
    if json:
        as_json({"url": url, "things": things})
        return
    for thing in things:
        words = f"{thing['role']} {thing['name']!r}" if thing["name"] else thing["role"]
        typer.echo(f"{words:<46} {thing['target']}")


def _data(seen: Any) -> dict[str, Any]:
    things = [line.data() for line in seen.lines]
    return {"program": seen.program, "toolkit": seen.toolkit, "accessible": not seen.dark, "things": things}


def _print(seen: list[Any]) -> None:
    """The tree, the numbers of the picture before it, the targets behind it."""
    number = 0
    for one in seen:
        typer.echo(f"{one.program} ({one.toolkit})")
        for line in one.lines:
            counted = line.box is not None and line.target
            number += bool(counted)
            words = f"{line.role} {line.name!r}" if line.name else line.role
            text = f" = {line.text!r}" if line.text else ""
            left = f"{number if counted else '':>4} {'  ' * line.depth}{words}{text}"
            typer.echo(f"{left:<58} {line.target}".rstrip())


def record(
    program: Recorded = None,
    desktop: Annotated[bool, typer.Option("--desktop", help="Record desktop programs.")] = False,
    display: DisplayName = None,
    virtual: Annotated[
        bool, typer.Option("--virtual", help="On a new virtual display instead of the real one.")
    ] = False,
    out: Annotated[
        Path, typer.Option(help="The flow to write; pictures go into images/, rows into a CSV beside it.")
    ] = Path("recorded.yaml"),
    append: Annotated[
        str | None, typer.Option(help="Add what is done in the browser to the end of this flow.")
    ] = None,
    seconds: Annotated[
        float | None, typer.Option(help="Stop after so many seconds (default: Control+C).")
    ] = None,
) -> None:
    """Writes a flow from what you do: clicks, typing and keys, each with its target."""
    from rpa.app.desktop import recorded
    from rpa.app.recording import is_address
    from rpa.cli.show import said

    if program is not None and is_address(program):
        _record_page(program, out, append, seconds)
        return
    if not desktop:
        raise typer.BadParameter(said("give the address of a page, or say --desktop"))
    if virtual and (program is None or display):
        raise typer.BadParameter(said("--virtual needs a program to start, and no --display"))
    written = recorded(STATE.settings(), program, display, out, seconds, typer.echo, virtual=virtual)
    typer.echo(f"{written}")


def _record_page(url: str, out: Path, append: str | None, seconds: float | None) -> None:
    from rpa.app.recording import append_to_flow, recorded_page, write_flow

    recording = recorded_page(STATE.settings(), url, seconds, typer.echo)
    if append is not None:
        typer.echo(f"{append_to_flow(STATE.project(), append, recording)}")
        return
    for path in write_flow(STATE.settings(), recording, out):
        typer.echo(f"{path}")
