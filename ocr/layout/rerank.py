"""Label rules and model as one finder: both propose, a fitted formula weighs what each believes.

p = σ(bias + Σ wᵢ·xᵢ) over FEATURES, weights per field of a doctype from `weights/rerank.json`, fitted on
answers for vendors that neither had seen (`bench.fields_receipts`). What one of them did not propose counts
as a belief of FLOOR. A field without fitted weights keeps the label rules' candidates alone: on real pages
that nobody fitted on, the model was measured to be worse than the rules.
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
from ocr.fields.amounts import SIGNS, Amounts, sums_of
from ocr.fields.choose import choose
from ocr.fields.finder import LIMIT, Candidate, FieldFinder, Row, same_value_key
from ocr.fields.label_finder import marked_reading
from ocr.values import Reading

FLOOR = 0.02
LEAST = 0.12
"""What the label rules believe in less has no say in which of their amounts go together."""
BELIEFS = (
    "labels",
    "model",
    "no_labels",
    "no_model",
    "both",
    "label_lead",
    "model_lead",
    "near_labels",
    "near_model",
    "support",
    "chosen",
)
FEATURES = (*BELIEFS, *SIGNS)
JOINT = "joint"
"""The mark, among a candidate's features, of a belief that was fitted."""

Weights = Mapping[str, Mapping[str, float]]
Found = Mapping[str, Sequence[Candidate]]


@dataclass(frozen=True, slots=True)
class Pair:
    """What the two finders say about one value of one field."""

    base: Candidate
    features: Mapping[str, float]


def logit(p: float) -> float:
    p = min(max(p, FLOOR), 0.995)
    return math.log(p / (1 - p))


def pairs(labels: Sequence[Candidate], model: Sequence[Candidate], chosen: object = None) -> list[Pair]:
    """One pair for each value that either proposed, with the labels' candidate where there is one.

    `chosen` is the key (`same_value_key`) of the value that the label rules alone would answer.
    """
    first, second = _by_value(labels), _by_value(model)
    keys = [*first, *(k for k in second if k not in first)]
    return [_pair(key, first, second, chosen) for key in keys]


def _pair(
    key: object, first: Mapping[object, Candidate], second: Mapping[object, Candidate], chosen: object
) -> Pair:
    ours, theirs = first.get(key), second.get(key)
    base = ours or theirs
    assert base is not None
    a, b = ours.score if ours else FLOOR, theirs.score if theirs else FLOOR
    return Pair(
        base,
        {
            "labels": logit(a),
            "model": logit(b),
            "no_labels": float(ours is None),
            "no_model": float(theirs is None),
            "both": float(ours is not None and theirs is not None),
            "label_lead": a - _best_other(first, key),
            "model_lead": b - _best_other(second, key),
            "near_labels": _nearest(base, first, key),
            "near_model": _nearest(base, second, key),
            "support": float(min(base.support - 1, 2)),
            "chosen": float(key == chosen),
        },
    )


def _by_value(items: Sequence[Candidate]) -> dict[object, Candidate]:
    best: dict[object, Candidate] = {}
    for item in sorted(items, key=lambda c: -c.score):
        best.setdefault(same_value_key(item.value), item)
    return best


def _best_other(items: Mapping[object, Candidate], key: object) -> float:
    return max((c.score for k, c in items.items() if k != key), default=FLOOR)


def _nearest(base: Candidate, items: Mapping[object, Candidate], key: object) -> float:
    """The strongest other value that shares words with it, by the share of the words."""
    return max((_overlap(base, c) * c.score for k, c in items.items() if k != key), default=0.0)


def _overlap(a: Candidate, b: Candidate) -> float:
    ours, theirs = {id(w) for w in a.words}, {id(w) for w in b.words}
    return len(ours & theirs) / len(ours | theirs)


@lru_cache(maxsize=1)
def shipped_weights() -> Weights:
    """The fitted weights by `doctype.field`; empty where none were fitted."""
    path = files("ocr.layout").joinpath("weights", "rerank.json")
    loaded: dict[str, dict[str, float]] = (
        json.loads(path.read_text("utf-8"))["weights"] if path.is_file() else {}
    )
    return loaded


def belief(pair: Pair, weights: Mapping[str, float]) -> float:
    """The joint probability of a value."""
    total = weights["bias"] + sum(weights.get(name, 0.0) * value for name, value in pair.features.items())
    return min(0.995, max(0.005, 1 / (1 + math.exp(-total))))


def weighable(
    labels: Found, model: Found, rows: Sequence[Row], reading: Reading, doctype: Doctype, names: Sequence[str]
) -> dict[str, list[Pair]]:
    """For each of `names` all values that either finder proposed, with all FEATURES."""
    worthy = {name: [c for c in items if c.score >= LEAST] for name, items in labels.items()}
    alone = choose(worthy, rows, doctype).ranked
    amounts = Amounts(marked_reading(reading, doctype).sheet, sums_of(rows))
    rivals = _amounts_of(labels, model)
    found = {}
    for name in names:
        chosen = same_value_key(alone[name][0].value) if name in alone else None
        made = pairs(labels.get(name, ()), model.get(name, ()), chosen)
        found[name] = [replace(p, features={**p.features, **amounts.signs(p.base, rivals)}) for p in made]
    return found


def _amounts_of(*sources: Found) -> list[Decimal]:
    values = {c.value for source in sources for items in source.values() for c in items}
    return sorted(v for v in values if isinstance(v, Decimal))


@dataclass(frozen=True)
class Reranked:
    """Implements `FieldFinder`. Line items come from the finder that makes more sense of them."""

    labels: FieldFinder
    model: FieldFinder
    weights: Weights = field(default_factory=shipped_weights)

    @property
    def name(self) -> str:
        return f"{self.labels.name}+{self.model.name}"

    def fitted(self, doctype: Doctype) -> list[str]:
        """The fields of a doctype for which both finders are weighed."""
        return [name for name in doctype.fields if f"{doctype.name}.{name}" in self.weights]

    def candidates(self, reading: Reading, doctype: Doctype) -> Found:
        """The label rules' proposals; where weights were fitted, every value that either proposed, with the
        joint belief as its score."""
        labels = self.labels.candidates(reading, doctype)
        names = self.fitted(doctype)
        if not names:
            return labels
        model = self.model.candidates(reading, doctype)
        weighed = weighable(labels, model, self.rows(reading, doctype), reading, doctype, names)
        ranked = {name: self._ranked(doctype, items) for name, items in weighed.items() if items}
        return {**{n: c for n, c in labels.items() if n not in names}, **ranked}

    def _ranked(self, doctype: Doctype, items: Sequence[Pair]) -> list[Candidate]:
        made = [self._weighed(pair, doctype) for pair in items]
        return sorted(made, key=lambda c: -c.score)[: LIMIT + 1]

    def _weighed(self, pair: Pair, doctype: Doctype) -> Candidate:
        score = belief(pair, self.weights[f"{doctype.name}.{pair.base.name}"])
        features = {**pair.base.features, **pair.features, JOINT: 1.0}
        support = max(pair.base.support, 2) if pair.features["both"] else pair.base.support
        return replace(pair.base, score=score, features=features, support=support)

    def rows(self, reading: Reading, doctype: Doctype) -> Sequence[Row]:
        """The line items of the finder that makes more sense of them; without fitted weights the labels'."""
        ours = self.labels.rows(reading, doctype)
        return better_rows(ours, self.model.rows(reading, doctype)) if self.fitted(doctype) else ours


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
