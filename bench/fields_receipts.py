"""Receipts out of fold: how right, how honest, how many pass alone. And the fit of what ships.

    python -m bench.fields_receipts config.json --split vendor|random --readings DIR [--write] [--html FILE]

`config.json` is that of `ocr.layout.folds`, which left a network for each fold in `out`; its first `data`
folder holds SROIE. For each of five folds everything fitted saw only the other four: the network, the weights
that join its proposals with those of the label rules, the confidence, and the gate (chosen by folds inside
the four). The fold's documents are then extracted and scored as `rpa evaluate` does, answers pooled. Two
texts: the truth's own («given text») and our reading of the pictures (`--readings`: where readings are kept).
The label rules are the same for all folds; they were written with an eye on these receipts.

`--write` fits on all folds' out-of-fold answers and writes `ocr/layout/weights/rerank.json` and the receipts'
part of `ocr/fields/confidence.json`.
"""

from __future__ import annotations

import argparse
import json
import pickle
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from ocr.doctypes import Doctype, load_doctype
from ocr.evaluate.compare import right
from ocr.evaluate.html import render_html
from ocr.evaluate.report import Report
from ocr.evaluate.run import given_reading, vendor_of
from ocr.evaluate.score import DocumentScore, score_document
from ocr.evaluate.text import render_text
from ocr.evaluate.truth import Truth, read_truth
from ocr.extract import decoded_fields, extract_reading
from ocr.fields.confidence import FEATURES as SIGNALS
from ocr.fields.confidence import Calibration, shipped_calibration
from ocr.fields.decode import Decoded
from ocr.fields.finder import FieldFinder, Row
from ocr.fields.label_finder import label_finder
from ocr.layout.finder import LayoutFinder
from ocr.layout.folds import NetRunner, split
from ocr.layout.network import load
from ocr.layout.rerank import FEATURES, Found, Reranked, better_rows, weighable
from ocr.layout.samples import of_folder
from ocr.layout.train import config_of
from ocr.reading import read
from ocr.reading.failed import FailedReading
from ocr.values import Field, Reading

KEYS = ("company", "date", "address", "total")
FOLDS = 5
PRIOR = 1.0
"""Strength of the Gaussian prior around 0 (around 1 for the joint belief in the confidence)."""
ALLOWED = 0.025
"""Wrong required fields among documents that pass without a person: what the gate is chosen for, on our own
reading of the pictures, which is harder than the truth's text.
"""
PACKAGE = Path(__file__).parents[1] / "ocr"
RERANK = PACKAGE / "layout" / "weights" / "rerank.json"
CONFIDENCE = PACKAGE / "fields" / "confidence.json"
Array = NDArray[np.float64]
Weights = dict[str, dict[str, float]]


@dataclass
class Remembered:
    """A finder whose answers are kept: the folds ask the same again and again."""

    finder: FieldFinder
    kept: dict[int, tuple[Found, Sequence[Row]]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.finder.name

    def candidates(self, reading: Reading, doctype: Doctype) -> Found:
        return self._both(reading, doctype)[0]

    def rows(self, reading: Reading, doctype: Doctype) -> Sequence[Row]:
        return self._both(reading, doctype)[1]

    def _both(self, reading: Reading, doctype: Doctype) -> tuple[Found, Sequence[Row]]:
        if id(reading) not in self.kept:
            found = self.finder.candidates(reading, doctype), self.finder.rows(reading, doctype)
            self.kept[id(reading)] = found
        return self.kept[id(reading)]


@dataclass(frozen=True, slots=True)
class Document:
    """One receipt in one of the two texts."""

    truth: Truth
    reading: Reading
    text: str
    fold: int


@dataclass
class Bench:
    """All documents and the finders that may be asked about each."""

    doctype: Doctype
    documents: list[Document]
    models: dict[int, Remembered]
    labels: Remembered = field(default_factory=lambda: Remembered(label_finder()))

    def finder(self, fold: int, weights: Weights) -> Reranked:
        return Reranked(self.labels, self.models[fold], weights)

    def but(self, *folds: int) -> list[Document]:
        return [d for d in self.documents if d.fold not in folds]


# ---- the documents ---------------------------------------------------------------------------------------


def readings(truths: Sequence[Truth], folder: Path) -> dict[str, Reading]:
    """Our reading of each picture; one that failed has no pages. Kept in `folder` by the truth's id."""
    folder.mkdir(parents=True, exist_ok=True)
    lacking = [t for t in truths if not (folder / f"{t.id}.pkl").exists()]
    for truth, made in zip(lacking, read([t.file for t in lacking]), strict=True):
        kept = Reading(str(truth.file), (), "none", "ocr") if isinstance(made, FailedReading) else made
        (folder / f"{truth.id}.pkl").write_bytes(pickle.dumps(kept))
    return {t.id: pickle.loads((folder / f"{t.id}.pkl").read_bytes()) for t in truths}


def prepared(config_file: Path, how: str, kept: Path | None) -> Bench:
    """The documents of the config's first folder, each with its fold, and the folds' networks."""
    config = config_of(json.loads(config_file.read_text("utf-8")))
    torch.set_num_threads(config.threads)
    folder = Path(config.data[0])
    samples, truths = of_folder(folder), read_truth(folder)
    places = dict(zip((s.name for s in samples), split(samples, how, FOLDS, config.seed), strict=True))
    documents = [Document(t, given_reading(t), "given", places[t.id]) for t in truths]
    if kept is not None:
        ours = readings(truths, kept)
        documents += [Document(t, ours[t.id], "ours", places[t.id]) for t in truths]
    nets = {f: NetRunner(load(str(Path(config.out) / f"{how}-{f}.pt"))[0]) for f in range(FOLDS)}
    models = {f: Remembered(LayoutFinder(net)) for f, net in nets.items()}  # type: ignore[arg-type]
    return Bench(load_doctype("receipt"), documents, models)


# ---- fits ------------------------------------------------------------------------------------------------


def logistic(x: Array, y: Array, prior: Array) -> Array:
    """The most probable weights under a Gaussian prior; the first column of `x` is one and free."""
    w = prior.copy()
    ridge = np.diag([1e-3, *[PRIOR] * (x.shape[1] - 1)])
    for _ in range(60):
        p = 1 / (1 + np.exp(-np.clip(x @ w, -30, 30)))
        gradient = x.T @ (p - y) + ridge @ (w - prior)
        step = np.linalg.solve((x * (p * (1 - p) + 1e-6)[:, None]).T @ x + ridge, gradient)
        w = w - step
        if np.abs(step).max() < 1e-7:
            break
    return w


def named(names: Sequence[str], weights: Array) -> dict[str, float]:
    return {n: round(float(v), 4) for n, v in zip(("bias", *names), weights, strict=True)}


def fit_ranking(bench: Bench, documents: Iterable[Document]) -> Weights:
    """For each key the weights that tell right candidates from wrong ones, each document asked with the
    network of its own fold."""
    x: dict[str, list[list[float]]] = {key: [] for key in KEYS}
    y: dict[str, list[float]] = {key: [] for key in KEYS}
    for document in documents:
        for key, pairs in _pairs(bench, document).items():
            accepted = document.truth.fields.get(key, ())
            kind = bench.doctype.fields[key].type
            x[key] += [[1.0, *(p.features[f] for f in FEATURES)] for p in pairs]
            y[key] += [float(bool(accepted) and right(p.base.value, kind, accepted)) for p in pairs]
    prior = np.zeros(len(FEATURES) + 1)
    return {
        f"receipt.{key}": named(FEATURES, logistic(np.array(x[key]), np.array(y[key]), prior)) for key in KEYS
    }


_PAIRS: dict[int, Mapping[str, list]] = {}  # type: ignore[type-arg]


def _pairs(bench: Bench, document: Document) -> Mapping[str, list]:  # type: ignore[type-arg]
    if id(document) not in _PAIRS:
        reading, doctype, model = document.reading, bench.doctype, bench.models[document.fold]
        rows = better_rows(bench.labels.rows(reading, doctype), model.rows(reading, doctype))
        labels, theirs = bench.labels.candidates(reading, doctype), model.candidates(reading, doctype)
        _PAIRS[id(document)] = weighable(labels, theirs, rows, reading, doctype, KEYS)
    return _PAIRS[id(document)]


@dataclass(frozen=True, slots=True)
class Answer:
    """One chosen value: what its confidence is made of, and whether it is right."""

    document: Document
    key: str
    signals: tuple[float, ...]
    right: bool


def answers(bench: Bench, documents: Iterable[Document], weights: Weights) -> list[Answer]:
    """The decoder's choices with these ranking weights."""
    found = []
    for document in documents:
        decoded = decoded_fields(
            document.reading, bench.doctype, finder=bench.finder(document.fold, weights), calibration=EVEN
        )
        found += list(_answers(bench, document, decoded))
    return found


def _answers(bench: Bench, document: Document, decoded: Decoded) -> Iterable[Answer]:
    for key in KEYS:
        item, accepted = decoded.fields[key], document.truth.fields.get(key)
        if isinstance(item, Field) and accepted:
            signals = tuple(decoded.features[key].get(f, 0.0) for f in SIGNALS)
            yield Answer(document, key, signals, right(item.value, bench.doctype.fields[key].type, accepted))


def fit_confidence(found: Sequence[Answer]) -> Weights:
    """For each key the weights that turn a choice's signals into a probability."""
    prior = np.array([0.0, *(1.0 if name == "logit" else 0.0 for name in SIGNALS)])
    fitted = {}
    for key in KEYS:
        own = [a for a in found if a.key == key]
        x = np.array([[1.0, *a.signals] for a in own])
        fitted[f"receipt.{key}+joint"] = named(
            SIGNALS, logistic(x, np.array([float(a.right) for a in own]), prior)
        )
    return fitted


EVEN = Calibration(
    {
        **shipped_calibration().weights,
        **{f"receipt.{key}+joint": {"bias": 0.0, "logit": 1.0} for key in KEYS},
    },
    {},
)
"""Before anything was fitted: the joint belief as it is."""


def probability(weights: Weights, answer: Answer) -> float:
    signals = dict(zip(SIGNALS, answer.signals, strict=True))
    return Calibration(weights, {}).probability("receipt", answer.key, "text", {**signals, "joint": 1.0})


def fit_gate(
    asked: Sequence[Answer], found: Sequence[Answer], folds: Sequence[int], required: Sequence[str]
) -> float:
    """The lowest confidence at which, among the documents of `asked` whose required fields all reach it, at
    most ALLOWED of these are wrong; each document judged by a confidence that was fitted without its fold."""
    judged: dict[int, list[tuple[float, bool]]] = {}
    for fold in folds:
        weights = fit_confidence([a for a in found if a.document.fold != fold])
        for a in asked:
            if a.document.fold == fold and a.key in required:
                judged.setdefault(id(a.document), []).append((probability(weights, a), a.right))
    whole = [fields for fields in judged.values() if len(fields) == len(required)]
    ranked = sorted(((min(p for p, _ in f), sum(not ok for _, ok in f)) for f in whole), reverse=True)
    gate, wrong = 0.999, 0
    for count, (weakest, faults) in enumerate(ranked, 1):
        wrong += faults
        if wrong <= ALLOWED * count * len(required):
            gate = weakest
    return round(gate, 4)


# ---- out of fold -----------------------------------------------------------------------------------------


def fitted(bench: Bench, documents: Sequence[Document], folds: Sequence[int]) -> tuple[Weights, Calibration]:
    """Everything that is fitted, from these documents alone."""
    ranking = fit_ranking(bench, documents)
    found = answers(bench, documents, ranking)
    ours = [a for a in found if a.document.text == "ours"]
    gate = fit_gate(ours or found, found, folds, bench.doctype.required)
    weights = {**shipped_calibration().weights, **fit_confidence(found)}
    return ranking, Calibration(weights, {"receipt": gate})


def out_of_fold(bench: Bench) -> dict[str, list[DocumentScore]]:
    """Scores of every document by what was fitted on the other folds, by text."""
    scored: dict[str, list[DocumentScore]] = {}
    for fold in range(FOLDS):
        ranking, calibration = fitted(bench, bench.but(fold), [f for f in range(FOLDS) if f != fold])
        finder = bench.finder(fold, ranking)
        for document in (d for d in bench.documents if d.fold == fold):
            extraction = extract_reading(
                document.reading, bench.doctype, finder=finder, calibration=calibration
            )
            score = score_document(extraction, document.truth, bench.doctype, vendor_of(document.truth))
            scored.setdefault(document.text, []).append(score)
        print(f"fold {fold}: gate {calibration.gates['receipt']}", flush=True)
    return scored


def report_of(scores: Sequence[DocumentScore], how: str, text: str) -> Report:
    told = "given text" if text == "given" else "our reading of the pictures"
    protocol = (
        f"{len(scores)} receipts, {told}, {FOLDS} folds split "
        f"{'by normalised company' if how == 'vendor' else 'at random'}, "
        "out of fold and pooled, labels + model"
    )
    return Report("sroie", protocol, tuple(scores), (), False, frozenset())


def write(bench: Bench, note: str) -> None:
    """Fit on all, and replace what the package ships."""
    ranking, calibration = fitted(bench, bench.documents, range(FOLDS))
    RERANK.write_text(json.dumps({"note": note, "weights": ranking}, indent=1) + "\n", "utf-8")
    shipped = json.loads(CONFIDENCE.read_text("utf-8"))
    shipped["weights"] = dict(calibration.weights)
    shipped["gates"] = dict(calibration.gates)
    CONFIDENCE.write_text(json.dumps(shipped, indent=1) + "\n", "utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("config", type=Path)
    parser.add_argument("--split", choices=("vendor", "random"), default="vendor")
    parser.add_argument("--readings", type=Path)
    parser.add_argument("--html", type=Path, help="a page with every error; one for each text")
    parser.add_argument("--write", action="store_true", help="replace the package's weights")
    asked = parser.parse_args()
    bench = prepared(asked.config, asked.split, asked.readings)
    for text, scores in out_of_fold(bench).items():
        report = report_of(scores, asked.split, text)
        print(f"\n{render_text(report)}", flush=True)
        if asked.html:
            asked.html.with_suffix(f".{text}.html").write_text(render_html(report), "utf-8")
    if asked.write:
        write(bench, f"fitted by bench/fields_receipts.py, split {asked.split}")


if __name__ == "__main__":
    main()
