"""`rpa report`, `rpa support`: a run for people to look at, and for a colleague to look into."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Optional

import typer

from rpa.cli.state import STATE, actor

Run = Annotated[str, typer.Argument(metavar="RUN", help="Run id, a unique beginning of it, or `last`.")]
Output = Annotated[
    Optional[Path],
    typer.Option("--output", "-o", help="File to write (default: in the present folder)."),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
#: settings that say how this machine works and hold no address, name or folder of the business
_PLAIN = ("timezone", "lang", "evidence", "headed", "slow_ms", "engine", "device", "allow_scripts", "lease_s")


def add_to(app: typer.Typer) -> None:
    app.command()(report)
    app.command()(support)


def report(run: Run, output: Output = None, json: Json = False) -> None:
    """Writes a run as one HTML file: failures first, timeline, pictures, extracted fields."""
    from rpa.report.html import report_html
    from rpa.report.story import run_story

    ledger = STATE.project().ledger
    story = run_story(ledger, run)
    file = output or Path(f"report-{story.run.id}.html")
    file.write_text(report_html(story, STATE.lang, ledger.artifact_bytes), "utf-8")
    _told("report-written", story.run.id, file, json)


def support(run: Run, output: Output = None, json: Json = False) -> None:
    """Packs a run for a colleague: flow, steps, codes, timing and versions, but no values and no pictures."""
    from flows.failures import FlowFailure
    from rpa.report.story import run_story
    from rpa.report.support import write_bundle

    project = STATE.project()
    story = run_story(project.ledger, run)
    file = output or Path(f"support-{story.run.id}.zip")
    settings = {name: getattr(project.settings, name) for name in _PLAIN}
    try:
        write_bundle(file, story, project.ledger.revision(story.run.revision), settings)
    except FileExistsError:
        raise FlowFailure("file-exists-already", details={"path": str(file)}) from None
    project.ledger.audit(actor(), "support", story.run.id, {})
    _told("support-written", story.run.id, file, json)


def _told(code: str, run: str, file: Path, json: bool) -> None:
    from flows.catalogue import text
    from rpa.cli.show import as_json

    facts: dict[str, Any] = {"run": run, "path": str(file.resolve())}
    if json:
        as_json({**facts, "bytes": file.stat().st_size})
    else:
        typer.echo(text(code, STATE.lang, **facts))
