"""From a candidate's features to the probability that it is right.

A logistic model per kind of field: p = σ(b + Σ wᵢ·xᵢ). The weights are package data
(`confidence.json`), fitted by `bench/fields_calibrate.py` on documents whose vendors are disjoint from those
they are tested on, with a Gaussian prior around hand-set weights so that few documents cannot make it bold.
Fields for which label rules and model were weighed together (`…+joint`) have weights and a gate of their own,
fitted by `bench.fields_receipts`.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
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
    "joint",
    "labels",
    "model",
    "both",
    "near_labels",
    "near_model",
    "chosen",
    "paid",
    "added",
    "times",
    "items",
    "weakest",
    "odd",
    "page",
)
GATE = 0.975
"""Where nothing else was measured, a required field below this goes to a person."""


_ODD = re.compile(r"[^\W\d_]\d|\d[^\W\d_]{2}|[$_~|^]")
"""Letters that touch digits, and signs that stand in no name: what a misread word looks like."""


def features_of(
    candidate: Candidate, margin: float, checks: Mapping[str, bool | None], page: float = 1.0
) -> dict[str, float]:
    """The numbers the model sees. `margin` is the score's lead over the next value, `checks` what was
    tested, `page` how surely the whole document was read.
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
        "weakest": min(w.score for w in candidate.words) - 1.0,
        "odd": float(isinstance(candidate.value, str) and _ODD.search(candidate.value) is not None),
        "page": page - 1.0,
    }
    return {name: known.get(name, float(candidate.features.get(name, 0.0))) for name in FEATURES}


@dataclass(frozen=True, slots=True)
class Calibration:
    """`weights` by `doctype.field+joint`, `doctype.type` or `type`; `gates`: by doctype, the confidence below
    which a required field goes to a person.
    """

    weights: Mapping[str, Mapping[str, float]]
    gates: Mapping[str, float]

    def probability(self, doctype: str, name: str, kind: str, features: Mapping[str, float]) -> float:
        """The calibrated probability of a value of this field and type, between 0.01 and 0.999."""
        known = self.weights
        joint = known.get(f"{doctype}.{name}+joint") if features.get("joint") else None
        weights = joint or known.get(f"{doctype}.{kind}") or known.get(kind) or known["text"]
        total = weights["bias"] + sum(weights.get(n, 0.0) * value for n, value in features.items())
        return min(0.999, max(0.01, 1 / (1 + math.exp(-total))))

    def gate(self, doctype: str) -> float:
        """GATE unless real documents of unseen vendors showed which confidence keeps the promise."""
        return self.gates.get(doctype, GATE)


@lru_cache(maxsize=1)
def shipped_calibration() -> Calibration:
    """The package's `confidence.json`."""
    loaded = json.loads(files("ocr.fields").joinpath("confidence.json").read_text(encoding="utf-8"))
    return Calibration(loaded["weights"], loaded.get("gates", {}))
