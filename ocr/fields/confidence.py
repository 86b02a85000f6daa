"""From a candidate's features to the probability that it is right.

A logistic model per kind of field: p = σ(b + Σ wᵢ·xᵢ). The weights are package data
(`confidence.json`), fitted by `bench/fields_calibrate.py` on documents whose vendors are disjoint from those
they are tested on, with a Gaussian prior around hand-set weights so that few documents cannot make it bold.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files

from ocr.fields.finder import Candidate

FEATURES = (
    "logit",
    "margin",
    "support",
    "passed",
    "failed",
    "ambiguous",
    "reading",
    "strong",
    "legal",
    "domain",
    "sender",
    "labelled",
    "first",
    "zip",
    "title",
    "addressed",
    "anchored",
    "letterhead",
    "form",
    "column",
)


def features_of(candidate: Candidate, margin: float, checks: Mapping[str, bool | None]) -> dict[str, float]:
    """The numbers the model sees. `margin` is the score's lead over the next value, `checks` what was
    tested.
    """
    score = min(max(candidate.score, 0.01), 0.995)
    reading = sum(w.score for w in candidate.words) / len(candidate.words)
    known = {
        "logit": math.log(score / (1 - score)),
        "margin": margin,
        "support": float(min(candidate.support - 1, 2)),
        "passed": float(any(v is True for v in checks.values())),
        "failed": float(any(v is False for v in checks.values())),
        "ambiguous": float(candidate.other_value is not None),
        "reading": reading - 1.0,
        "letterhead": float(candidate.how in ("letterhead", "block", "legal-form", "address-block")),
        "form": float(candidate.how == "form"),
        "column": float(candidate.how == "column"),
    }
    return {name: known.get(name, float(candidate.features.get(name, 0.0))) for name in FEATURES}


@lru_cache(maxsize=1)
def parameters() -> Mapping[str, Mapping[str, float]]:
    """Weights by kind of field, from the package's `confidence.json`."""
    text = files("ocr.fields").joinpath("confidence.json").read_text(encoding="utf-8")
    loaded: dict[str, dict[str, float]] = json.loads(text)["weights"]
    return loaded


def probability(doctype: str, kind: str, features: Mapping[str, float]) -> float:
    """The calibrated probability of a value of this kind (a field type), between 0.01 and 0.999."""
    known = parameters()
    weights = known.get(f"{doctype}.{kind}") or known.get(kind) or known["text"]
    total = weights["bias"] + sum(weights.get(name, 0.0) * value for name, value in features.items())
    return min(0.999, max(0.01, 1 / (1 + math.exp(-total))))
