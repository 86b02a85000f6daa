"""The model behind the `FieldFinder` interface, and the re-ranking of two finders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

import numpy as np
import pytest

from ocr.doctypes import load_doctype
from ocr.doctypes.model import Doctype
from ocr.evaluate.given import reading_of_segments
from ocr.fields.amounts import Amounts
from ocr.fields.finder import Candidate, Row
from ocr.fields.sheet import make_sheet
from ocr.layout.encode import Encoded
from ocr.layout.finder import LayoutFinder
from ocr.layout.rerank import FLOOR, Reranked, better_rows, logit, pairs
from ocr.layout.runtime import Beliefs
from ocr.layout.tags import INDEX, PARTS, ROLES, TAGS
from ocr.values import Box, Reading, Word

SEGMENTS = [
    {"text": "BLUE HARBOUR TRADING", "box": [50, 10, 300, 30]},
    {"text": "Date: 03/04/2024", "box": [50, 50, 250, 70]},
    {"text": "TOTAL", "box": [50, 90, 110, 110]},
    {"text": "RM 12.50", "box": [250, 90, 330, 110]},
]


@dataclass
class Sure:
    """A runner that believes what it is told about words."""

    told: Mapping[str, str]
    card: dict[str, str] = field(default_factory=lambda: {"name": "sure"})

    def __call__(self, page: Encoded) -> Beliefs:
        count = len(page.tokens)
        belief = np.full((count, len(TAGS)), 0.05 / len(TAGS), dtype=np.float32)
        for i, token in enumerate(page.tokens):
            belief[i, INDEX[self.told.get(token.text, "O")]] = 0.95
        flat = np.zeros(count, dtype=np.float32)
        return Beliefs(
            belief,
            np.ones((count, len(ROLES)), np.float32),
            np.ones((count, len(PARTS)), np.float32),
            flat,
            flat,
        )


def _reading() -> Reading:
    return reading_of_segments("r", SEGMENTS, 400, 200)


def test_candidates_are_typed_and_point_at_words_of_the_reading() -> None:
    told = dict.fromkeys(("BLUE", "HARBOUR", "TRADING"), "supplier_name") | {
        "03/04/2024": "date",
        "12.50": "gross",
    }
    reading, doctype = _reading(), load_doctype("receipt")
    found = LayoutFinder(Sure(told)).candidates(reading, doctype)
    assert found["company"][0].value == "BLUE HARBOUR TRADING" and found["company"][0].how == "model"
    assert found["date"][0].value == date(2024, 4, 3) and found["date"][0].other_value == date(2024, 3, 4)
    assert found["total"][0].value == Decimal("12.50") and found["total"][0].score > 0.9
    known = {id(word) for word in reading.words}
    assert all(id(word) in known for items in found.values() for c in items for word in c.words)
    assert "address" not in found


def test_a_doctype_sees_only_its_own_fields() -> None:
    told = {"12.50": "gross", "03/04/2024": "date"}
    found = LayoutFinder(Sure(told)).candidates(_reading(), load_doctype("invoice"))
    assert set(found) == {"gross_total", "issue_date"}


@pytest.mark.parametrize("times", (1, 3))
def test_the_same_reading_gives_the_same_answer(times: int) -> None:
    finder, doctype, reading = LayoutFinder(Sure({"12.50": "gross"})), load_doctype("receipt"), _reading()
    answers = [finder.candidates(reading, doctype) for _ in range(times + 1)]
    assert all(answer == answers[0] for answer in answers)
    assert finder.candidates(_reading(), doctype)["total"][0].value == Decimal("12.50")


def test_readings_that_come_and_go_are_told_apart() -> None:
    finder, doctype = LayoutFinder(Sure({"1.00": "gross", "2.00": "gross"})), load_doctype("receipt")
    for amount in ("1.00", "2.00") * 4:
        segments = [*SEGMENTS[:3], {"text": amount, "box": [250, 90, 330, 110]}]
        found = finder.candidates(reading_of_segments("r", segments, 400, 200), doctype)
        assert found["total"][0].raw == amount


# ---- two finders -----------------------------------------------------------------------------------------


@dataclass
class Says:
    name: str
    items: Mapping[str, Sequence[Candidate]]
    lines: Sequence[Row] = ()

    def candidates(self, reading: Reading, doctype: Doctype) -> Mapping[str, Sequence[Candidate]]:
        return self.items

    def rows(self, reading: Reading, doctype: Doctype) -> Sequence[Row]:
        return self.lines


def _candidate(value: str, score: float, name: str = "company", how: str = "label") -> Candidate:
    return Candidate(name, value, value, (Word(value, Box(1, 0.1, 0.1, 0.2, 0.2)),), how, score)


EVEN = {"receipt.company": {"bias": 0.0, "labels": 1.0, "model": 1.0, "both": 0.5}}


def test_values_are_paired_by_meaning() -> None:
    found = pairs(
        [_candidate("ACME Ltd.", 0.9)], [_candidate("Acme Ltd", 0.8), _candidate("Tel 5", 0.3)], "acmeltd"
    )
    assert [p.base.value for p in found] == ["ACME Ltd.", "Tel 5"]
    first, second = (p.features for p in found)
    assert first["both"] == 1 and first["chosen"] == 1 and first["model_lead"] == pytest.approx(0.5)
    assert second["no_labels"] == 1 and second["labels"] == logit(FLOOR) and second["chosen"] == 0


def test_agreement_lifts_a_value_over_a_louder_one() -> None:
    labels = Says("labels", {"company": [_candidate("CASH BILL", 0.9), _candidate("ACME", 0.7)]})
    model = Says("model", {"company": [_candidate("ACME", 0.9, how="model")]})
    ranked = Reranked(labels, model, EVEN).candidates(_reading(), load_doctype("receipt"))["company"]
    assert [c.value for c in ranked] == ["ACME", "CASH BILL"]
    assert ranked[0].support == 2 and ranked[0].features["joint"] == 1 and ranked[0].how == "label"


def test_fields_without_fitted_weights_keep_the_label_rules_alone() -> None:
    labels = Says("labels", {"company": [_candidate("ACME", 0.8)]})
    model = Says("model", {"company": [_candidate("Tel 5", 0.99, how="model")]})
    for weights, doctype in (({}, "receipt"), (EVEN, "invoice")):
        ranked = Reranked(labels, model, weights).candidates(_reading(), load_doctype(doctype))["company"]
        assert [c.value for c in ranked] == ["ACME"] and ranked[0].score == 0.8


def test_an_amount_that_cash_and_change_prove_is_believed_more() -> None:
    paid = [
        {"text": "TOTAL 20.00 ITEMS", "box": [50, 60, 330, 75]},
        {"text": "TOTAL 12.50", "box": [50, 80, 330, 95]},
        {"text": "CASH 20.00", "box": [50, 100, 330, 115]},
        {"text": "CHANGE 7.50", "box": [50, 120, 330, 135]},
    ]
    reading = reading_of_segments("r", paid, 400, 200)
    amounts = Amounts(make_sheet(reading))
    words = {w.text: w for w in reading.words[:5]}

    def signs(text: str) -> dict[str, float]:
        item = Candidate("total", Decimal(text), text, (words[text],), "label", 0.9)
        return amounts.signs(item, [Decimal("12.50"), Decimal("20.00")])

    assert signs("12.50")["paid"] == 1 and signs("12.50")["above_others"] == 1
    assert signs("20.00")["paid"] == 0 and signs("20.00")["times"] == 0.5


def test_rows_that_multiply_out_are_preferred() -> None:
    def row(quantity: str, price: str, amount: str) -> Row:
        cells = {"quantity": quantity, "unit_price": price, "amount": amount}
        return {
            n: Candidate(n, Decimal(v), v, (Word(v, Box(1, 0, 0, 1, 1)),), "model", 0.9)
            for n, v in cells.items()
        }

    wrong, right = [row("2", "3.00", "9.00")], [row("2", "3.00", "6.00")]
    assert better_rows(wrong, right) is right and better_rows(right, wrong) is right
    assert better_rows([], []) == []
