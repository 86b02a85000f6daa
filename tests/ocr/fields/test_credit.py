"""A credit note never passes as an invoice to pay."""

from __future__ import annotations

import pytest

from ocr.doctypes import load_doctype
from ocr.extract import extract_reading
from ocr.fields.credit import credit_note
from tests.ocr.fields.layout import INVOICE, Row, reading_of


@pytest.mark.parametrize(
    "title", ["CREDIT NOTE", "Credit note no. CN-17", "Gutschrift Nr. 4711", "Avoir", "Nota di credito:", "수정세금계산서"]
)
def test_its_heading_is_found(title: str) -> None:
    found = credit_note(reading_of([[(50, title)], *INVOICE]))
    assert found is not None
    assert (found.code, found.severity) == ("credit-note", "error")
    assert title in found.message


@pytest.mark.parametrize(
    "said", ["We send a credit note for returned goods on request", "Kreditkarte", "Gutschriften: keine", "Avoirdupois 12"]
)
def test_words_about_it_are_none(said: str) -> None:
    assert credit_note(reading_of([[(50, said)], *INVOICE])) is None


def test_at_the_foot_of_the_page_it_is_no_heading() -> None:
    blank: list[Row] = [[] for _ in range(60)]
    assert credit_note(reading_of([*INVOICE, *blank, [(50, "Credit note")]])) is None


def test_a_person_is_asked() -> None:
    extraction = extract_reading(reading_of([[(50, "Gutschrift")], *INVOICE]), load_doctype("invoice"))
    assert extraction.needs_review
    assert "credit-note" in [f.code for f in extraction.findings]
