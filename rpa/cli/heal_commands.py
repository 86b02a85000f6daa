"""`rpa heal`: takes what a run recognised into the text of its flow, when a person says so."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from rpa.cli.state import STATE


def add_to(app: typer.Typer) -> None:
    app.command()(heal)


def heal(
    run: Annotated[str, typer.Argument(help="The run in which targets were not found any more.")],
    apply: Annotated[bool, typer.Option("--apply", help="Write the changes into the flow.")] = False,
    diff: Annotated[bool, typer.Option("--diff", help="Print only the diff.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
) -> None:
    """Proposes new targets for those that a changed page moved; changes nothing without --apply."""
    from rpa.app import healing
    from rpa.cli.show import as_json, said

    project = STATE.project()
    found = healing.proposals(project, run)
    texts = healing.healed(found)
    if apply:
        healing.apply(project, texts)
    if json:
        as_json({"proposals": [_data(p) for p in found], "diff": healing.diff(texts), "applied": apply})
        return
    if not diff:
        for one in found:
            typer.echo(_line(one))
    typer.echo(healing.diff(texts), nl=False)
    if texts and not diff:
        typer.echo(said("Written.") if apply else said("Nothing is written yet: look at the page, then --apply."))


def _data(one: Any) -> dict[str, Any]:
    return {
        "step": one.step, "file": str(one.file), "target": one.target, "found": one.found, "patch": one.patch,
        "score": one.score, "acted": one.acted, "placed": bool(one.end),
    }


def _line(one: Any) -> str:
    from rpa.cli.show import said

    did = said("read there") if one.acted else said("did nothing")
    where = "" if one.end else "; " + said("its place in the flow is not clear: write it by hand")
    alike = said("{score} % alike", score=one.score)
    return f"{one.step}: {one.target} -> {one.patch}, {alike}, {did}{where}"
