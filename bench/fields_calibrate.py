"""Fit `ocr/fields/confidence.json`: the weights that turn a value's features into a probability.

    python bench/fields_calibrate.py DATA_DIR [--synthetic N] [--write]

Data: the SROIE receipts (given text) and synthetic documents made on the spot. The real invoices
(`facturx`, `invoices`) take no part: they remain a test. Printed: calibration error out of fold, folds split
by vendor. The fit is maximum a posteriori logistic regression (Newton's method) with a Gaussian prior around
the hand-set weights of `bench/fields_prior.json`, first for each type of field, then for each type within a
doctype that has enough samples, with the type's weights as its prior.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ocr.doctypes import load_doctype
from ocr.evaluate.compare import right
from ocr.evaluate.run import given_reading, vendor_of
from ocr.evaluate.truth import FAULTS, Truth, read_truth
from ocr.extract import decoded_fields
from ocr.fields.confidence import FEATURES
from ocr.reading import read_one
from ocr.synthetic.corpus import CorpusSpec, write_corpus
from ocr.values import Field

PRIOR = Path(__file__).with_name("fields_prior.json")
TARGET = Path(__file__).parents[1] / "ocr" / "fields" / "confidence.json"
FOLDS = 5
STIFFNESS = 2.0
OWN_WEIGHTS_FROM = 150
KINDS = {"invoice": 5.0, "receipt": 2.0, "purchase_order": 2.0, "tax_invoice_kr": 2.0, "bank_slip": 1.0}


@dataclass(frozen=True, slots=True)
class Sample:
    doctype: str
    kind: str
    features: tuple[float, ...]
    right: bool
    vendor: str
    weight: float


def samples_of(truth: Truth, weight: float, *, given: bool) -> Iterator[Sample]:
    """One sample for each filled field that the truth speaks about."""
    doctype = load_doctype(truth.doctype)
    reading = given_reading(truth) if given else read_one(truth.file)
    decoded = decoded_fields(reading, doctype)
    for name, features in decoded.features.items():
        item = decoded.fields[name]
        accepted = truth.fields.get(name)
        if not isinstance(item, Field) or accepted is None or (truth.id, name) in FAULTS:
            continue
        spec = doctype.fields[name]
        values = tuple(features[f] for f in FEATURES)
        yield Sample(
            truth.doctype, spec.type, values, right(item.value, spec.type, accepted), vendor_of(truth), weight
        )


def fit(
    x: NDArray[np.float64], y: NDArray[np.float64], w: NDArray[np.float64], prior: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The most probable weights; the first column of `x` is one. Newton's method on a convex function."""
    theta = prior.copy()
    for _ in range(50):
        p = 1 / (1 + np.exp(-np.clip(x @ theta, -30, 30)))
        gradient = x.T @ (w * (p - y)) + STIFFNESS * (theta - prior)
        hessian = (x * (w * p * (1 - p))[:, None]).T @ x + STIFFNESS * np.eye(len(prior))
        step = np.linalg.solve(hessian, gradient)
        theta -= step
        if np.abs(step).max() < 1e-6:
            break
    return theta


def arrays(samples: Sequence[Sample]) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    x = np.array([[1.0, *s.features] for s in samples])
    return x, np.array([float(s.right) for s in samples]), np.array([s.weight for s in samples])


def fit_all(
    samples: Sequence[Sample], priors: Mapping[str, Mapping[str, float]]
) -> dict[str, dict[str, float]]:
    """Weights by type, and by doctype and type where there are samples enough."""
    by_kind: dict[str, list[Sample]] = defaultdict(list)
    for sample in samples:
        by_kind[sample.kind].append(sample)
    weights = {kind: dict(prior) for kind, prior in priors.items()}
    for kind, group in by_kind.items():
        base = priors.get(kind, priors["text"])
        prior = np.array([base["bias"], *(base.get(f, 0.0) for f in FEATURES)])
        theta = fit(*arrays(group), prior)
        weights[kind] = _named(theta)
        for doctype in {s.doctype for s in group}:
            own = [s for s in group if s.doctype == doctype]
            if len(own) >= OWN_WEIGHTS_FROM:
                weights[f"{doctype}.{kind}"] = _named(fit(*arrays(own), theta))
    return weights


def _named(theta: NDArray[np.float64]) -> dict[str, float]:
    return {name: round(float(value), 4) for name, value in zip(("bias", *FEATURES), theta, strict=True)}


def predict(weights: Mapping[str, Mapping[str, float]], sample: Sample) -> float:
    chosen = weights.get(f"{sample.doctype}.{sample.kind}") or weights.get(sample.kind) or weights["text"]
    total = chosen["bias"] + sum(
        chosen.get(f, 0.0) * v for f, v in zip(FEATURES, sample.features, strict=True)
    )
    return float(min(0.999, max(0.01, 1 / (1 + np.exp(-total)))))


def fold_of(vendor: str) -> int:
    return int(hashlib.sha256(vendor.encode()).hexdigest(), 16) % FOLDS


def out_of_fold(
    samples: Sequence[Sample], priors: Mapping[str, Mapping[str, float]]
) -> list[tuple[Sample, float]]:
    """Each sample's probability from weights that never saw its vendor."""
    found = []
    for fold in range(FOLDS):
        weights = fit_all([s for s in samples if fold_of(s.vendor) != fold], priors)
        found += [(s, predict(weights, s)) for s in samples if fold_of(s.vendor) == fold]
    return found


def calibration_error(points: Sequence[tuple[float, bool]], bins: int = 10) -> float:
    """Expected calibration error over bins of equal size."""
    ranked = sorted(points, key=lambda point: point[0])
    parts = [p for p in np.array_split(np.array([(c, float(r)) for c, r in ranked]), bins) if len(p)]
    return float(sum(abs(p[:, 0].mean() - p[:, 1].mean()) * len(p) for p in parts) / max(1, len(ranked)))


def collect(data: Path, synthetic: int, seed: int) -> list[Sample]:
    samples = [s for t in read_truth(data / "sroie") for s in samples_of(t, 1.0, given=True)]
    with tempfile.TemporaryDirectory() as folder:
        write_corpus(Path(folder), CorpusSpec(count=synthetic, kinds=KINDS, damaged=0.0), seed)
        for truth in read_truth(Path(folder)):
            if truth.record.get("consistent", True):
                samples += samples_of(truth, 1.0, given=False)
    return samples


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--synthetic", type=int, default=600)
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--write", action="store_true", help="replace the package's weights")
    asked = parser.parse_args()
    priors = json.loads(PRIOR.read_text("utf-8"))["weights"]
    samples = collect(asked.data, asked.synthetic, asked.seed)
    scored = out_of_fold(samples, priors)
    print(f"{len(samples)} values, {FOLDS} folds split by vendor, out of fold")
    groups: dict[str, list[tuple[float, bool]]] = defaultdict(list)
    for sample, p in scored:
        groups["all"].append((p, sample.right))
        groups[f"{sample.doctype}.{sample.kind}"].append((p, sample.right))
    for name, points in sorted(groups.items()):
        sure = [ok for p, ok in points if p >= 0.975]
        share = sum(ok for _, ok in points) / len(points)
        passed = f"{len(sure)} at ≥ 0.975, {sum(sure) / max(1, len(sure)):.4f} right"
        print(
            f"{name:32} n {len(points):5}  right {share:.3f}  ECE {100 * calibration_error(points):5.2f}  {passed}"
        )
    if asked.write:
        note = f"fitted by bench/fields_calibrate.py on {len(samples)} values (SROIE given text, {asked.synthetic} synthetic, seed {asked.seed})"  # noqa: E501
        TARGET.write_text(
            json.dumps({"note": note, "weights": fit_all(samples, priors)}, indent=1) + "\n", "utf-8"
        )


if __name__ == "__main__":
    main()
