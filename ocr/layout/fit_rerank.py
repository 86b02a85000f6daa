"""Fit the re-ranker's weights on out-of-fold answers: `python -m ocr.layout.fit_rerank config.json`.

Uses the fold checkpoints that `ocr.layout.folds --split vendor` left, so that no weight is fitted on a vendor
its model has seen. Prints the pooled score with weights fitted on the other folds, then writes the weights
fitted on all.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ocr.doctypes import load_doctype
from ocr.evaluate.given import reading_of_segments
from ocr.fields.label_finder import LabelFinder
from ocr.layout.finder import LayoutFinder
from ocr.layout.folds import KEYS, NetRunner, answers_joined, equal, split, tally
from ocr.layout.network import load
from ocr.layout.rerank import FEATURES, Pair, Reranked, pairs
from ocr.layout.samples import of_folder
from ocr.layout.train import Config, config_of

Weights = dict[str, float]
PRIOR = 1.0
"""Strength of the Gaussian prior around 0 (bias free)."""


@dataclass(frozen=True)
class Case:
    """One value that could answer a key of a document, and whether it is right."""

    fold: int
    key: str
    pair: Pair
    right: bool


def cases(config: Config, folder: Path) -> tuple[list[Case], dict[int, list[Mapping[str, Any]]]]:
    """All candidates of all documents with their out-of-fold beliefs; and each fold's rows."""
    samples = of_folder(folder)
    rows = {r["id"]: r for r in map(json.loads, (folder / "truth.jsonl").read_text("utf-8").splitlines())}
    places = split(samples, "vendor", 5, config.seed)
    doctype, labels, found = load_doctype("receipt"), LabelFinder(), []
    by_fold: dict[int, list[Mapping[str, Any]]] = {}
    for fold in range(5):
        finder = LayoutFinder(NetRunner(load(str(Path(config.out) / f"vendor-{fold}.pt"))[0]))  # type: ignore[arg-type]
        by_fold[fold] = [rows[s.name] for s, p in zip(samples, places, strict=True) if p == fold]
        for row in by_fold[fold]:
            reading = reading_of_segments(
                row["id"], row["segments"], row["width"], row["height"], row.get("scale", 1.0)
            )
            first, second = labels.candidates(reading, doctype), finder.candidates(reading, doctype)
            for key in KEYS:
                truth = row["fields"].get(key)
                both = pairs(first.get(key, ()), second.get(key, ()))
                found += [Case(fold, key, p, bool(truth) and equal(key, p.base.raw, truth)) for p in both]
    return found, by_fold


def fit(chosen: Sequence[Case]) -> Weights:
    """Logistic regression by Newton's method with a Gaussian prior."""
    x = np.array([[1.0, *(c.pair.features[name] for name in FEATURES)] for c in chosen])
    y = np.array([c.right for c in chosen], dtype=np.float64)
    w = np.zeros(x.shape[1])
    ridge = np.diag([0.0, *[PRIOR] * len(FEATURES)])
    for _ in range(40):
        p = 1 / (1 + np.exp(-x @ w))
        gradient: NDArray[np.float64] = x.T @ (p - y) + ridge @ w
        hessian = (x * (p * (1 - p) + 1e-6)[:, None]).T @ x + ridge
        w = w - np.linalg.solve(hessian, gradient)
    return {name: round(float(v), 4) for name, v in zip(("bias", *FEATURES), w, strict=True)}


def weights_of(chosen: Sequence[Case]) -> dict[str, Weights]:
    """For each key of a receipt its weights, and `default` from all of them."""
    fitted = {f"receipt.{key}": fit([c for c in chosen if c.key == key]) for key in KEYS}
    return {**fitted, "default": fit(chosen)}


def out_of_fold(
    config: Config, found: Sequence[Case], by_fold: Mapping[int, Sequence[Mapping[str, Any]]]
) -> dict[str, Any]:
    """The decoder's pooled score with each fold's weights fitted on the other four."""
    answers = []
    for fold, rows in by_fold.items():
        weights = weights_of([c for c in found if c.fold != fold])
        model = LayoutFinder(NetRunner(load(str(Path(config.out) / f"vendor-{fold}.pt"))[0]))  # type: ignore[arg-type]
        finder = Reranked(LabelFinder(), model, weights)
        answers += [(answers_joined(finder, row), row["fields"]) for row in rows]
    return tally(answers)


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m ocr.layout.fit_rerank", description=__doc__)
    parser.add_argument("config", type=Path)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "weights" / "rerank.json")
    asked = parser.parse_args()
    config = config_of(json.loads(asked.config.read_text("utf-8")))
    found, by_fold = cases(config, Path(config.data[0]))
    print(json.dumps(out_of_fold(config, found, by_fold), indent=1))
    asked.out.write_text(json.dumps({"weights": weights_of(found)}, indent=1) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
