"""What is remembered of invoices: enough to compare, each once, the latest only."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from bots.document import past as kept
from bots.document.past import invoice_of, past, remember
from flows.catalogue import known

EXTRACTION = {
    "doctype": "invoice",
    "fields": {"supplier_name": "Zorvex Ltd.", "invoice_number": "ZX-1", "issue_date": date(2026, 3, 1),
               "gross_total": Decimal("119.00"), "iban": "DE88200800000970375700"},
    "details": {"invoice_number": {"raw": "ZX-1"}, "gross_total": {"raw": "€ 119.00"}, "due_date": None},
    "line_details": [{"amount": {"raw": "100.00"}}],
}  # fmt: skip
KOREAN = {"fields": {"supplier_name": "(주)한빛", "approval_number": "2026-1", "issue_date": "2026-03-01", "total_amount": 110000}}


def test_what_is_kept_comes_back() -> None:
    state: dict[str, Any] = {}
    invoice = invoice_of(EXTRACTION, "a.pdf", None)
    remember(state, invoice)
    assert past(state) == [invoice]
    assert invoice.numbers == {"1", "119", "00", "100"}
    assert past(state, but="a.pdf") == []


def test_a_korean_tax_invoice_has_other_names() -> None:
    invoice = invoice_of(KOREAN, "b", None)
    assert (invoice.number, invoice.gross, invoice.issued) == ("2026-1", Decimal(110000), date(2026, 3, 1))


def test_a_replay_is_no_second_invoice_and_the_oldest_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "KEPT", 3)
    state: dict[str, Any] = {}
    for key in ("a", "b", "c", "a", "d"):
        remember(state, invoice_of(EXTRACTION, key, None))
    assert [one.id for one in past(state)] == ["c", "a", "d"]


def test_every_hint_is_told_in_the_catalogue() -> None:
    codes = ("duplicate-picture", "duplicate-invoice", "number-reused", "near-duplicate", "account-changed",
             "amount-unusual", "number-gap")  # fmt: skip
    assert all(known(f"hint-{code}") for code in codes)
