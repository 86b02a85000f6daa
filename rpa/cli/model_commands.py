"""`rpa models list | verify | materialise | add | convert | remove`: the weights of the reading engines."""

from __future__ import annotations

import json as js
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rpa.cli.show import said
from rpa.cli.state import STATE

if TYPE_CHECKING:
    from ocr.models import ModelState

models_app = typer.Typer(
    help="Weights of the reading engines: from installed packages or your folder, never downloaded.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
Json = Annotated[bool, typer.Option("--json", help="One JSON document.")]
Optional_ = Annotated[str, typer.Argument(help="A model; detection and recognition when left out.")]
Folder = Annotated[Path, typer.Argument(help="Holds known .onnx files, or folders with an inference.yml.")]
Name = Annotated[str, typer.Argument(help="Name as `rpa models list` shows it.")]


def add_to(app: typer.Typer) -> None:
    app.add_typer(models_app, name="models")


def _folder() -> Path:
    from ocr.models import default_folder

    given = STATE.settings().models
    return Path(given) if given else default_folder()


@models_app.command("list")
def list_(json: Json = False) -> None:
    """Shows every model: what it does, its licence, and where it comes from."""
    from ocr.models import list_models

    states = list_models(_folder())
    if json:
        told = {"schema": 1, "folder": str(_folder()), "models": [_state(state) for state in states]}
        print(js.dumps(told, ensure_ascii=False))
        return
    for state in states:
        size = f"{state.bytes / 1e6:.1f} MB" if state.where else "-"
        what = f"{state.name:28} {state.role:12} {state.licence:12} {state.source:8}"
        typer.echo(f"{what} {size:>8}  {state.where or state.origin}")
    typer.echo(f"{said('folder')}: {_folder()}")


def _state(state: ModelState) -> dict[str, Any]:
    return {
        "name": state.name,
        "role": state.role,
        "licence": state.licence,
        "origin": state.origin,
        "source": state.source,
        "file": str(state.where) if state.where else None,
        "bytes": state.bytes,
        "pinned": state.pinned,
    }


@models_app.command()
def verify(json: Json = False) -> None:
    """Compares every file with the SHA-256 this version pins; exit 1 when one differs."""
    from ocr.models import verify as verify_models

    verdicts = verify_models(_folder())
    if json:
        told = [{"name": name, "matches": matches, "sha256": found} for name, matches, found in verdicts]
        print(js.dumps({"schema": 1, "models": told}))
    else:
        for name, matches, found in verdicts:
            typer.echo(f"{name:28} {said('ok') if matches else said('CHANGED'):8} {found}")
    raise typer.Exit(0 if all(matches for _, matches, _ in verdicts) else 1)


@models_app.command()
def materialise(name: Optional_ = "") -> None:
    """Writes the folder PaddleOCR reads: the weights and their inference.yml."""
    from ocr.models import CATALOG
    from ocr.models import materialise as write

    roles = ("detection", "recognition")
    for wanted in [name] if name else [w.name for w in CATALOG if w.role in roles]:
        typer.echo(str(write(wanted, _folder())))


@models_app.command()
def add(folder: Folder) -> None:
    """Copies models from a folder of yours into the store."""
    from ocr.models import add_folder

    for name in add_folder(folder, _folder()):
        typer.echo(f"{name}: {said('added')}")


@models_app.command()
def convert(name: Name) -> None:
    """Converts a model to torch, for PaddleOCR on a GPU, and checks it against onnxruntime first."""
    from ocr.models.transformers_dir import convert as convert_model

    made = convert_model(name, _folder())
    typer.echo(str(made.folder))
    figures = {"difference": f"{made.difference:.1e}", "equal": f"{100 * made.equal:.2f}"}
    typer.echo(said("largest difference {difference}, equal answers {equal} %", **figures))


@models_app.command()
def remove(name: Name) -> None:
    """Removes a model from the store, never from an installed package; exit 1 when it is not there."""
    from ocr.models import remove as remove_model

    if remove_model(name, _folder()):
        typer.echo(f"{name}: {said('removed')}")
        return
    typer.echo(said("{name}: not in {folder}", name=name, folder=_folder()), err=True)
    sys.exit(1)
