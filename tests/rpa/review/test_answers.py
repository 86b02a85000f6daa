"""What a person types becomes typed fields and lines, or is refused before anything is stored."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from flows.failures import FlowFailure
from rpa.review.answers import correct

EXTRACTION = {
    "doctype": "invoice",
    "fields": {"supplier_name": "Acme", "issue_date": None, "gross_total": Decimal("12.00")},
    "lines": [
        {"description": "Paper", "quantity": Decimal(1), "amount": Decimal("10.00")},
        {"description": "Total", "quantity": None, "amount": Decimal("12.00")},
    ],
}


class Ledger:
    """Keeps the answer that it is given."""

    answered: dict[str, Any] | None = None

    def review(self, _number: int) -> Any:
        return SimpleNamespace(question={"extraction": EXTRACTION})

    def answer(self, _number: int, answer: dict[str, Any], *, by: str) -> Any:
        self.answered = answer | {"by": by}
        return answer


def corrected(**given: str) -> dict[str, Any]:
    ledger = Ledger()
    correct(ledger, 1, given, by="kim")  # type: ignore[arg-type]
    assert ledger.answered is not None
    return ledger.answered


def test_fields_take_their_types_and_empty_means_not_there() -> None:
    answer = corrected(issue_date="2026-05-01", gross_total="1234,50", supplier_name="")
    assert answer == {
        "fields": {"issue_date": date(2026, 5, 1), "gross_total": Decimal("1234.50"), "supplier_name": None}, "by": "kim",
    }


def test_lines_are_corrected_added_and_removed() -> None:
    answer = corrected(**{"lines[1].amount": "11.50", "lines[2]": "", "lines[3].description": "Ink", "lines[3].amount": "3"})
    assert [(line["description"], line["amount"]) for line in answer["lines"]] == [
        ("Paper", Decimal("11.50")), ("Ink", Decimal("3")),
    ]
    assert EXTRACTION["lines"][0]["amount"] == Decimal("10.00")


@pytest.mark.parametrize(("name", "text", "code"), (
    ("lines[4].amount", "1", "review-line-unknown"),
    ("lines[9]", "", "review-line-unknown"),
    ("lines[1].colour", "red", "review-field-unknown"),
    ("lines[1].amount", "many", "review-value-invalid"),
    ("lines[1]", "all", "review-value-invalid"),
    ("lines[0].amount", "1", "review-field-unknown"),
    ("total", "1", "review-field-unknown"),
    ("issue_date", "1.5.26", "review-value-invalid"),
))
def test_what_cannot_be_is_refused(name: str, text: str, code: str) -> None:
    with pytest.raises(FlowFailure) as refused:
        corrected(**{name: text, "supplier_name": "Other"})
    assert refused.value.code == code
