"""A training from its config to a model that can be used: checkpoint, ONNX with its equality check, card."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from ocr.errors import DocumentError
from ocr.layout.card import Facts, write_card
from ocr.layout.export import export
from ocr.layout.link_train import PAGES, train_links
from ocr.layout.train import Config, config_of, train

Tell = Callable[[str], Any]


def read_config(file: Path, device: str | None = None) -> Config:
    """The config of a JSON file. Raises `DocumentError` (`training-config-invalid`)."""
    try:
        values = json.loads(file.read_text("utf-8"))
        config = config_of(values)
    except (OSError, ValueError, TypeError) as error:
        raise DocumentError(
            "training-config-invalid",
            f"{file} is no training config: {error}",
            "The recipes in ocr/layout/recipes are good examples.",
            kind="flow",
            details={"file": str(file), "reason": str(error)},
        ) from error
    return replace(config, device=device) if device else config


def train_own(file: Path, *, device: str | None = None, tell: Tell | None = print) -> dict[str, Any]:
    """Train as `file` says, or go on where an earlier run with the same `out` stopped.

    Returns `{model, card, links, linked, checkpoint, parameters, difference, held}`; `held`: the last held-out loss,
    `linked`: the share of answers on held-out forms that get their own question.
    """
    config = read_config(file, device)
    checkpoint = train(config, watch=_progress(config, tell) if tell else None)
    out = Path(config.out)
    model = out / "layout.onnx"
    difference = export(checkpoint, model)
    exported = json.loads(model.with_suffix(".json").read_text("utf-8"))
    write_card(model.with_suffix(".md"), exported, model.stat().st_size, _facts(config, file, out))
    links = model.with_name(f"{model.stem}-links.npz")
    linked = train_links(checkpoint, links, pages=max(10, min(PAGES, config.synthetic)))
    return {
        "links": str(links),
        "linked": linked,
        "model": str(model),
        "card": str(model.with_suffix(".md")),
        "checkpoint": str(checkpoint),
        "parameters": exported["parameters"],
        "difference": round(difference, 6),
        "held": last_held(out / "log.jsonl"),
    }


def _progress(config: Config, tell: Tell) -> Callable[[Mapping[str, Any]], None]:
    """One line a check: the stage, how far it is, loss, held-out loss, minutes left."""

    def show(row: Mapping[str, Any]) -> None:
        steps = config.pretrain_steps if row["stage"] == "pretrain" else config.finetune_steps
        left = row["seconds"] / max(1, row["step"] - row["begun"]) * (steps - row["step"]) / 60
        held = "" if row["held"] is None else f", held out {row['held']:.4f}"
        done = f"{row['stage']} {row['step']}/{steps}: loss {row['loss']:.4f}{held}"
        tell(f"{done}, about {left:.1f} minutes left")

    return show


def last_held(log: Path) -> float | None:
    """The last held-out loss that a log tells."""
    rows = [json.loads(line) for line in log.read_text("utf-8").splitlines()] if log.is_file() else []
    held = [row["held"] for row in rows if row.get("held") is not None]
    return float(held[-1]) if held else None


def _facts(config: Config, file: Path, out: Path) -> Facts:
    held = last_held(out / "log.jsonl")
    folders = ", ".join(Path(folder).name for folder in config.data) or "none"
    return Facts(
        config=asdict(config),
        config_text=file.read_text("utf-8").strip(),
        data=f"made pages and these folders of real ones: {folders}",
        attribution="the real pages keep their own licences",
        measured=f"Loss on held-out made pages: {held if held is not None else 'not measured'}. "
        "Measure it on your own documents: `rpa evaluate`, `python -m ocr.layout.folds`.",
        limits="- Not measured on real documents yet: until then take no value of it without the gate.",
    )
