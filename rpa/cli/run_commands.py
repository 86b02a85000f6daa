"""`rpa run`, `runs`, `show`, `cancel`."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Optional

import typer

from rpa.cli.flow_inputs import FlowCommand
from rpa.cli.state import STATE, actor

Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
EXIT_BY_STATUS = {"succeeded": 0, "waiting": 4, "cancelled": 130}


def add_to(app: typer.Typer) -> None:
    app.command(cls=FlowCommand)(run)
    for command in (runs, show, cancel):
        app.command()(command)


def given_inputs(pairs: list[str] | None) -> dict[str, str]:
    """name=value pairs. Raises FlowFailure for a pair without `=`."""
    from flows.failures import FlowFailure

    values: dict[str, str] = {}
    for pair in pairs or []:
        name, found, value = pair.partition("=")
        if not found:
            raise FlowFailure("input-pair-invalid", details={"pair": pair})
        values[name.strip()] = value
    return values


def run(
    flow: Annotated[str, typer.Argument(metavar="FLOW", help="Flow id or path.")],
    inputs: Annotated[Optional[list[str]], typer.Option("--input", "-i", help="An input as name=value; may be repeated.")] = None,
    rehearse: Annotated[bool, typer.Option(help="Do everything up to each committing step; commit nothing.")] = False,
    limit: Annotated[Optional[int], typer.Option(min=1, help="At most so many items.")] = None,
    item: Annotated[Optional[str], typer.Option(help="Only the item with this key or file name.")] = None,
    headed: Annotated[bool, typer.Option(help="Show the browser or the desktop.")] = False,
    slow: Annotated[bool, typer.Option(help="Half a second between actions, for watching.")] = False,
    step: Annotated[bool, typer.Option(help="Ask before each step.")] = False,
    evidence: Annotated[Optional[str], typer.Option(help="none, failure or full")] = None,
    json: Json = False,
) -> None:
    """Runs a flow now and shows how it goes.

    Each input of the flow is an option too: `rpa run FLOW --help` lists them.
    """
    from rpa.worker.starting import start, worker_name

    project = STATE.project(headed=headed or None, slow_ms=500 if slow else None, evidence=evidence)
    options = {"rehearse": rehearse or None, "limit": limit, "item": item, "step": step or None}
    started = start(project.settings, worker_name())
    try:
        from rpa.app.compose import enqueue

        loaded = project.flow(flow)
        values = project.inputs(loaded, given_inputs(inputs), project.settings.profile)
        said = {k: v for k, v in options.items() if v is not None}
        run_id = enqueue(project, loaded, values, actor=actor(), options=said)
    except BaseException:
        started.end()
        raise
    raise typer.Exit(follow(project, run_id, as_json=json, step=step, started=started))


def follow(project: Any, run_id: str, *, as_json: bool, step: bool = False, started: Any = None) -> int:
    """Executes a queued run under a supervisor of this process, shows it, and returns the exit code. `started`: its
    process, when it was started ahead."""
    from rpa.cli.live import LiveRun
    from rpa.worker.supervisor import Supervisor

    live = LiveRun(quiet=as_json, lang=STATE.lang)
    answer = live.ask if step else None
    supervisor = Supervisor(project.settings, project.ledger, on_event=live.event, answer=answer, started=started)
    try:
        with live:
            record = supervisor.run_one(run_id)
    except KeyboardInterrupt:
        project.ledger.request_cancel(run_id, actor=actor())
        raise
    record = record or _wait_for_other(project, run_id)
    finish(project, record, as_json=as_json)
    _clean_up(project)
    return exit_code(record)


def _clean_up(project: Any) -> None:
    """Retention is on without a service too. What it meets is told and changes nothing of how the run ended."""
    from rpa.cli.edge import describe
    from rpa.ledger.errors import LedgerError
    from rpa.worker.upkeep import Upkeep

    try:
        Upkeep(project.ledger, project.settings).when_idle()
    except LedgerError as error:
        typer.echo(" ".join(describe(error)), err=True)


def _wait_for_other(project: Any, run_id: str) -> Any:
    """Another worker (a service) took it: wait for its end."""
    import time

    while True:
        record = project.ledger.run(run_id)
        if str(record.status) not in ("queued", "running"):
            return record
        time.sleep(0.3)


def exit_code(record: Any) -> int:
    """0, 1, 2, 3, 4 or 130 as the flow language defines."""
    status = str(record.status)
    if status == "waiting" and any(n for name, n in record.counts.items() if name.startswith(("failed", "in_doubt"))):
        return 1
    if status in EXIT_BY_STATUS:
        return EXIT_BY_STATUS[status]
    if record.failure is not None:
        return {"flow": 2, "engine": 3}.get(record.failure.kind, 1)
    return 1


def finish(project: Any, record: Any, *, as_json: bool) -> None:
    from rpa.cli.run_view import print_end, run_data
    from rpa.cli.show import as_json as print_json

    if as_json:
        print_json(run_data(project.ledger, record, items=True))
    else:
        print_end(project.ledger, record, STATE.lang)


def runs(
    flow: Annotated[Optional[str], typer.Option(help="Only this flow.")] = None,
    status: Annotated[Optional[list[str]], typer.Option(help="succeeded, failed, waiting, …")] = None,
    failed: Annotated[bool, typer.Option("--failed", help="Only failed and abandoned ones.")] = False,
    since: Annotated[Optional[str], typer.Option(help="1d, 6h, or a date")] = None,
    text: Annotated[Optional[str], typer.Option(help="Text in messages or item keys.")] = None,
    code: Annotated[Optional[str], typer.Option(help="Failure code.")] = None,
    limit: Annotated[int, typer.Option(help="At most so many.")] = 30,
    json: Json = False,
) -> None:
    """Lists runs, newest first."""
    from rpa.cli.asked import statuses
    from rpa.cli.run_view import print_runs, run_data
    from rpa.cli.show import as_json as print_json
    from rpa.ledger.types import RunStatus

    ledger = STATE.project().ledger
    wanted = statuses(RunStatus, status) + ([RunStatus.failed, RunStatus.abandoned] if failed else [])
    found = ledger.runs(flow_id=flow, status=wanted, since=moment(since), text=text, code=code, limit=limit)
    if json:
        print_json({"runs": [run_data(ledger, r) for r in found]})
    else:
        print_runs(found)


def moment(text: str | None) -> datetime | None:
    """`1d` ago, or a date. Raises FlowFailure."""
    from datetime import UTC

    from flows.failures import FlowFailure
    from flows.types import duration

    if text is None:
        return None
    try:
        return datetime.now(UTC) - duration(text)
    except (ValueError, FlowFailure):
        pass
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError:
        raise FlowFailure("since-invalid", details={"value": text}) from None


def show(run_id: Annotated[str, typer.Argument(metavar="RUN", help="Run id, a unique beginning of it, or `last`.")],
         item: Annotated[Optional[str], typer.Option(help="Only this item.")] = None,
         steps: Annotated[bool, typer.Option("--steps", help="Every step of every item.")] = False,
         open_: Annotated[bool, typer.Option("--open", help="Also open its report with the pictures.")] = False,
         files: Annotated[Optional[Path], typer.Option(help="Also put its pictures and other kept files into this folder.")] = None,
         json: Json = False) -> None:
    """Tells the story of a run: items, failures, where the evidence is, how to go on."""
    from rpa.cli.run_view import print_story, story_data
    from rpa.cli.show import as_json as print_json

    project = STATE.project()
    record = project.ledger.run(run_id, masked=True)
    if json:
        print_json(story_data(project.ledger, record, item))
    else:
        print_story(project.ledger, record, STATE.lang, item=item, steps=steps)
    if files is not None:
        _put_files(record.id, files)
    if open_:
        _open_report(record.id)


def _put_files(run_id: str, folder: Path) -> None:
    from flows.catalogue import text
    from flows.failures import FlowFailure
    from rpa.report.files import write_files

    try:
        written = write_files(STATE.project().ledger, run_id, folder)
    except FileExistsError as error:
        raise FlowFailure("file-exists-already", details={"path": str(error.filename)}) from None
    typer.echo(text("files-written", STATE.lang, count=len(written), path=folder), err=True)


def _open_report(run_id: str) -> None:
    """The run's report in the web browser of the desktop; where there is none, its place is told."""
    import tempfile
    import webbrowser

    from rpa.report.html import report_html
    from rpa.report.story import run_story

    ledger = STATE.project().ledger
    file = Path(tempfile.mkdtemp(prefix="rpa-report-")) / f"report-{run_id}.html"
    file.write_text(report_html(run_story(ledger, run_id), STATE.lang, ledger.artifact_bytes), "utf-8")
    webbrowser.open(file.as_uri())
    typer.echo(str(file), err=True)


def cancel(run_id: Annotated[str, typer.Argument(metavar="RUN", help="Run id.")]) -> None:
    """Asks a run to stop at its next safe point."""
    from rpa.cli.show import said

    project = STATE.project()
    record = project.ledger.run(run_id, masked=True)
    asked = project.ledger.request_cancel(record.id, actor=actor())
    typer.echo(f"{record.id}: {said('cancelling' if asked else str(record.status))}")
