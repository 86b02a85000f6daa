"""`rpa serve`, `rpa service install`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from rpa.cli.state import STATE

if TYPE_CHECKING:
    from rpa.schedule.service import Service

service_app = typer.Typer(help="The service and this machine.", no_args_is_help=True, rich_markup_mode=None)


def add_to(app: typer.Typer) -> None:
    app.command()(serve)
    app.add_typer(service_app, name="service")


def serve(
    concurrency: Annotated[int, typer.Option(min=0, max=64, help="Runs at once; 0: only the scheduler.")] = 1,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="/health /ready /metrics /hooks; 0: none.")
    ] = 8470,
    host: Annotated[
        str, typer.Option(help="Where it listens; other than loopback only behind TLS.")
    ] = "127.0.0.1",
    drain: Annotated[str, typer.Option(help="How long running runs may go on after a stop.")] = "30s",
    can: Annotated[
        str, typer.Option(help="What runs may need here: browser,desktop,ocr,gpu, own names; default: found.")
    ] = "",
    console: Annotated[
        Optional[int],
        typer.Option(min=0, max=65535, help="Pages for a browser on this machine; 0: none; default: setting."),
    ] = None,
    once: Annotated[bool, typer.Option("--once", help="Do all that is due now, then end.")] = False,
) -> None:
    """Runs the schedules of flows.yaml until it is told to stop. Logs one JSON line per event on stderr."""
    import signal

    from flows.types import duration
    from rpa.schedule.service import Service

    offered = [name.strip() for name in can.split(",")] if can else None
    drain_s = duration(drain).total_seconds()
    settings = STATE.settings()
    service = Service(settings, concurrency=concurrency, drain_s=drain_s, can=offered)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: service.stopping.set())
    if once:
        service.once()
    else:
        with _console(service, settings.console_port if console is None else console):
            service.run(host=host, port=port)


@contextmanager
def _console(service: Service, port: int) -> Iterator[None]:
    """The pages beside the service; nothing for port 0."""
    if not port:
        yield
        return
    from rpa.console.server import console

    with console(service, port) as address:
        service.log("console", address=address)
        yield


@service_app.command()
def install(
    print_: Annotated[bool, typer.Option("--print", help="Print the file; nothing is installed.")] = False,
    system: Annotated[str, typer.Option(help="systemd or launchd; default: this machine's.")] = "",
) -> None:
    """The file that keeps `rpa serve` running; put it where its first lines say."""
    import sys

    from rpa.cli.show import said
    from rpa.schedule.unit import unit

    if not print_:
        raise typer.BadParameter(said("say --print, then put the file in its place"), param_hint="--print")
    kind = system or ("launchd" if sys.platform == "darwin" else "systemd")
    if kind not in ("systemd", "launchd"):
        raise typer.BadParameter("systemd or launchd", param_hint="--system")
    typer.echo(unit(kind, STATE.settings().project), nl=False)
