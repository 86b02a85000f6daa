"""Label rules and model as one finder: both propose, a fitted formula weighs what each believes.

p = σ(bias + a·logit(labels) + b·logit(model) + c·both + d·lead), weights per doctype and kind of field from
`weights/rerank.json`, fitted on answers for vendors that neither had seen (`ocr.layout.fit_rerank`). What one
of them did not propose counts as a belief of FLOOR.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import lru_cache
from importlib.resources import files

from ocr.doctypes.model import Doctype
from ocr.fields.finder import LIMIT, Candidate, FieldFinder, Row, same_value_key
from ocr.values import Reading

FLOOR = 0.02
FEATURES = ("labels", "model", "both", "label_lead", "model_lead")
DEFAULT: Mapping[str, float] = {
    "bias": 0.0,
    "labels": 1.0,
    "model": 0.15,
    "both": 0.5,
    "label_lead": 0.5,
    "model_lead": 0.0,
}
"""Where no answers on real pages of unseen vendors were there to fit on, the label rules lead."""


@dataclass(frozen=True, slots=True)
class Pair:
    """What the two finders say about one value of one field."""

    base: Candidate
    labels: float
    model: float
    label_lead: float
    model_lead: float

    @property
    def features(self) -> dict[str, float]:
        return {
            "labels": logit(self.labels),
            "model": logit(self.model),
            "both": float(self.labels > FLOOR and self.model > FLOOR),
            "label_lead": self.label_lead,
            "model_lead": self.model_lead,
        }


def logit(p: float) -> float:
    p = min(max(p, FLOOR), 0.995)
    return math.log(p / (1 - p))


def pairs(labels: Sequence[Candidate], model: Sequence[Candidate]) -> list[Pair]:
    """One pair for each value that either proposed, with the labels' candidate where there is one."""
    first = _by_value(labels)
    second = _by_value(model)
    found = []
    for key in [*first, *(k for k in second if k not in first)]:
        ours, theirs = first.get(key), second.get(key)
        base = ours or theirs
        assert base is not None
        a = ours.score if ours else FLOOR
        b = theirs.score if theirs else FLOOR
        found.append(Pair(base, a, b, a - _best_other(first, key), b - _best_other(second, key)))
    return found


def _by_value(items: Sequence[Candidate]) -> dict[object, Candidate]:
    best: dict[object, Candidate] = {}
    for item in sorted(items, key=lambda c: -c.score):
        best.setdefault(same_value_key(item.value), item)
    return best


def _best_other(items: Mapping[object, Candidate], key: object) -> float:
    return max((c.score for k, c in items.items() if k != key), default=FLOOR)


@lru_cache(maxsize=1)
def shipped_weights() -> Mapping[str, Mapping[str, float]]:
    """The fitted weights by `doctype.kind`, `kind`, or `default`."""
    path = files("ocr.layout").joinpath("weights", "rerank.json")
    loaded: dict[str, dict[str, float]] = (
        json.loads(path.read_text("utf-8"))["weights"] if path.is_file() else {}
    )
    return loaded


def belief(pair: Pair, weights: Mapping[str, float]) -> float:
    """The joint probability of a value."""
    total = weights["bias"] + sum(weights[name] * value for name, value in pair.features.items())
    return min(0.995, max(0.005, 1 / (1 + math.exp(-total))))


@dataclass(frozen=True)
class Reranked:
    """Implements `FieldFinder`. Line items come from `rows_from`, in order of preference."""

    labels: FieldFinder
    model: FieldFinder
    weights: Mapping[str, Mapping[str, float]] = field(default_factory=shipped_weights)

    @property
    def name(self) -> str:
        return f"{self.labels.name}+{self.model.name}"

    def candidates(self, reading: Reading, doctype: Doctype) -> Mapping[str, Sequence[Candidate]]:
        """Every value that either proposed, with the joint belief as its score."""
        first, second = self.labels.candidates(reading, doctype), self.model.candidates(reading, doctype)
        found = {}
        for name in doctype.fields:
            ranked = [self._weighed(p, doctype) for p in pairs(first.get(name, ()), second.get(name, ()))]
            if ranked:
                found[name] = sorted(ranked, key=lambda c: -c.score)[:LIMIT]
        return found

    def _weighed(self, pair: Pair, doctype: Doctype) -> Candidate:
        kind = doctype.fields[pair.base.name].type
        known = self.weights
        weights = (
            known.get(f"{doctype.name}.{pair.base.name}")
            or known.get(kind)
            or known.get("default")
            or DEFAULT
        )
        features = {**pair.base.features, "labels": round(pair.labels, 4), "model": round(pair.model, 4)}
        both = pair.labels > FLOOR and pair.model > FLOOR
        support = max(pair.base.support, 2) if both else pair.base.support
        return replace(pair.base, score=belief(pair, weights), features=features, support=support)

    def rows(self, reading: Reading, doctype: Doctype) -> Sequence[Row]:
        """The line items of the finder that makes more sense of them."""
        return better_rows(self.labels.rows(reading, doctype), self.model.rows(reading, doctype))


def better_rows(first: Sequence[Row], second: Sequence[Row]) -> Sequence[Row]:
    """The rows whose products hold more often; the first where both are as good."""
    return second if sense(second) > sense(first) else first


def sense(rows: Sequence[Row]) -> float:
    """How many rows hold together: 1 for a product that holds, a quarter for an amount alone."""
    total = 0.0
    for row in rows:
        amount = next((row[n] for n in ("amount", "supply_amount") if n in row), None)
        price, quantity = row.get("unit_price"), row.get("quantity")
        if amount is None:
            continue
        total += 0.25
        if price and quantity and _holds(quantity.value, price.value, amount.value):
            total += 0.75
    return total


def _holds(quantity: object, price: object, amount: object) -> bool:
    if not all(isinstance(v, Decimal) for v in (quantity, price, amount)):
        return False
    assert isinstance(quantity, Decimal) and isinstance(price, Decimal) and isinstance(amount, Decimal)
    return abs(quantity * price - amount) <= Decimal("0.02") * max(Decimal(1), abs(amount) / 100)
