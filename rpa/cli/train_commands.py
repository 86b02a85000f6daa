"""`rpa train`: a layout model from a config, or a doctype's labels from corrected examples."""

from __future__ import annotations

import json as js
from pathlib import Path
from typing import Annotated, Any

import typer

Config = Annotated[
    list[Path] | None,
    typer.Argument(metavar="CONFIG.json...", help="Settings of the training; several are done one after another."),
]
Name = Annotated[str | None, typer.Option(help="Improve this doctype (a name or a YAML file) instead.")]
Examples = Annotated[Path | None, typer.Option(help="Folder with truth.jsonl: documents with known fields.")]
Out = Annotated[Path | None, typer.Option(help="Write the improved doctype here.")]
Search = Annotated[
    Path | None, typer.Option(metavar="SPACE.json", help="Try these settings instead, and compare them.")
]
Device = Annotated[str | None, typer.Option(help="cpu or cuda:0; the config's when left out.")]


def add_to(app: typer.Typer) -> None:
    app.command()(train)


def train(
    config: Config = None,
    doctype: Name = None,
    examples: Examples = None,
    out: Out = None,
    device: Device = None,
    search: Search = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
) -> None:
    """Trains a layout model, or improves a doctype by corrected examples.

    A training that was stopped goes on where it stopped. It ends with an ONNX file equal to the trained
    network, and its model card.
    """
    from rpa.cli.show import said

    if bool(config) == bool(doctype):
        raise typer.BadParameter(said("give either a CONFIG.json, or --doctype with --examples"))
    if doctype is not None:
        _improve(doctype, examples, out, json)
    elif search is not None:
        _search((config or [])[-1], search, device, json)
    else:
        for file in config or []:
            _train(file, device, json)


def _improve(doctype: str, examples: Path | None, out: Path | None, json: bool) -> None:
    from rpa.cli.show import said

    if examples is None:
        raise typer.BadParameter(said("--doctype needs --examples: a folder with truth.jsonl"))
    from ocr.improve import improve
    from rpa.cli.state import STATE

    found = improve(doctype, examples, engine=STATE.settings().engine)
    target = out or Path(f"{Path(doctype).stem}-improved.yaml")
    target.write_text(found.text, "utf-8")
    if json:
        told = {"schema": 1, "doctype": str(target), "examples": found.examples, "labels": dict(found.labels),
                "before": dict(found.before), "after": dict(found.after)}
        print(js.dumps(told, ensure_ascii=False))
        return
    _tell(found, target)


def _tell(found: Any, target: Path) -> None:
    from rpa.cli.show import said, table

    rows = [
        (name, f"{before:.3f}", f"{found.after.get(name, 0.0):.3f}", ", ".join(found.labels.get(name, ())))
        for name, before in found.before.items()
    ]
    table(("field", "F1 before", "F1 after", "words learned"), rows)
    typer.echo(said("{count} examples; «after» counts each with labels learned from the others only.", count=found.examples))
    typer.echo(f"→ {target} (rpa extract FILE --doctype {target})")


def _train(file: Path, device: str | None, json: bool) -> None:
    from ocr.layout.own import train_own

    made = train_own(file, device=device, tell=None if json else typer.echo)
    if json:
        print(js.dumps({"schema": 1, **made}, ensure_ascii=False))
    else:
        from rpa.cli.show import said

        about = {"model": made["model"], "count": f"{made['parameters']:,}", "card": made["card"]}
        typer.echo("→ " + said("{model} ({count} parameters) and its card {card}", **about))


def _search(file: Path, space: Path, device: str | None, json: bool) -> None:
    from dataclasses import asdict

    from ocr.layout.own import read_config
    from ocr.layout.search import search, space_of
    from ocr.layout.search import table as ranked
    from rpa.cli.show import table

    trials = search(read_config(file, device), space_of(space), tell=_silent if json else typer.echo)
    if json:
        print(js.dumps({"schema": 1, "trials": [asdict(t) for t in trials]}, ensure_ascii=False))
    else:
        table(("place", "settings", "loss", "parameters", "minutes"), ranked(trials))


def _silent(_: str) -> None:
    """A program reads the answer: nothing is told on the way."""
