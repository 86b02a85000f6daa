"""`rpa review list | show | approve | correct | reject`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from rpa.cli.state import STATE, actor

Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
Number = Annotated[int, typer.Argument(metavar="REVIEW", help="Number of `rpa review list`.")]
Run = Annotated[bool, typer.Option("--run/--no-run", help="Continue the run at once.")]
review_app = typer.Typer(help="Questions to a person, and their answers.", no_args_is_help=True, rich_markup_mode=None)


def add_to(app: typer.Typer) -> None:
    app.add_typer(review_app, name="review")


@review_app.command("list")
def list_(all: Annotated[bool, typer.Option("--all", help="Answered ones too.")] = False, json: Json = False) -> None:
    """Lists what waits for a person."""
    from rpa.cli.show import as_json as print_json
    from rpa.cli.show import local, said, table

    ledger = STATE.project().ledger
    found = ledger.reviews(status=None if all else "open")
    if json:
        print_json({"reviews": [_data(r) for r in found]})
        return
    table(("review", "run", "item", "kind", "status", "asked", "by"),
          [(r.id, r.run_id, r.item_id, said(r.kind), said(str(r.status)), local(r.asked), r.by) for r in found])


def _data(review: Any) -> dict[str, Any]:
    return {
        "review": review.id, "run": review.run_id, "item": review.item_id, "step": review.step_path, "kind": review.kind,
        "status": review.status, "question": review.question, "answer": review.answer, "by": review.by,
        "asked": review.asked, "answered": review.answered,
    }


@review_app.command()
def show(number: Number, json: Json = False) -> None:
    """Shows a question: every field with what is printed, confidence, checks, other readings, and the
    picture."""
    from rpa.cli.show import as_json as print_json
    from rpa.cli.show import said

    ledger = STATE.project().ledger
    review = ledger.review(number, masked=True)
    if json:
        print_json(_data(review))
        return
    about = {"id": review.id, "run": review.run_id, "item": review.item_id, "status": said(str(review.status))}
    typer.echo(said("review {id} of run {run}, item {item}: {status}", **about))
    extraction = review.question.get("extraction")
    if extraction:
        _show_extraction(extraction, review.question.get("missing") or [])
    else:
        typer.echo(str(review.question.get("question", "")))
    for a in ledger.artifacts(review.run_id, item_id=review.item_id):
        if a.kind in ("overlay", "screenshot"):
            typer.echo(f"{said('picture')}: {a.path}")
        elif a.kind == "crop":
            typer.echo(f"{said('picture')} {Path(a.name).stem}: {a.path}")
    typer.echo(f"→ rpa review approve {review.id} · rpa review correct {review.id} FIELD=VALUE · rpa review reject {review.id} --reason …")


def _show_extraction(extraction: Mapping[str, Any], missing: list[str]) -> None:
    from rpa.cli.show import said, table

    rows = []
    for name, d in (extraction.get("details") or {}).items():
        failed = "; ".join(c["detail"] for c in d.get("checks") or [] if c["passed"] is False)
        others = ", ".join(str(a["value"]) for a in d.get("alternatives") or [])
        value = extraction["fields"].get(name)
        note = failed or d.get("reason", "")
        rows.append((("* " if name in missing else "") + name, value, d.get("raw", ""), d.get("confidence", ""), others, note))
    table(("field", "value", "printed", "confidence", "other readings", "checks"), rows)
    lines = extraction.get("lines") or []
    columns = list(dict.fromkeys(column for line in lines for column in line))
    if columns:
        table(("lines", *columns), [(number, *(line.get(c) for c in columns)) for number, line in enumerate(lines, 1)])
    for finding in extraction.get("findings") or []:
        typer.echo(f"{said(finding['severity'])}: {finding['message']}")


@review_app.command()
def approve(number: Number, run: Run = True, json: Json = False) -> None:
    """What was read is right."""
    from rpa.review.answers import approve as answer

    _answered(answer(STATE.project().ledger, number, by=actor()), run, json)


@review_app.command()
def correct(number: Number, corrections: Annotated[list[str], typer.Argument(metavar="FIELD=VALUE…")],
            run: Run = True, json: Json = False) -> None:
    """Corrects fields and lines (`lines[2].amount=12.50`, `lines[3]=`), then goes on.

    An empty value says that the document does not show it.
    """
    from rpa.cli.run_commands import given_inputs
    from rpa.review.answers import correct as answer

    _answered(answer(STATE.project().ledger, number, given_inputs(corrections), by=actor()), run, json)


@review_app.command()
def reject(number: Number, reason: Annotated[str, typer.Option(help="Why.")] = "", run: Run = True, json: Json = False) -> None:
    """Says no: the item ends as a business failure."""
    from rpa.review.answers import reject as answer

    _answered(answer(STATE.project().ledger, number, reason, by=actor()), run, json)


def _answered(review: Any, run: bool, json: bool) -> None:
    """The answer is stored; the run it belongs to goes on here unless a service serves or `--no-run`."""
    from rpa.cli.run_commands import follow
    from rpa.cli.show import said

    project = STATE.project()
    record = project.ledger.run(review.run_id)
    if not json:
        typer.echo(said("review {id}: {status}", id=review.id, status=said(str(review.status))))
    if run and str(record.status) == "queued":
        raise typer.Exit(follow(project, record.id, as_json=json))


