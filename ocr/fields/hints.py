"""Hints that something may be odd about an invoice, from what came before. Reasons, never a block.

Pure functions over past invoices; where those come from (a ledger, a list) is the caller's business.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from statistics import median
from typing import Literal, TypeAlias

from ocr.fields.finder import same_value_key
from ocr.fields.looks import near
from ocr.values import Finding

Severity: TypeAlias = Literal["error", "warning", "info"]

FEW = 5
"""Fewer past invoices than this say nothing about what is usual."""
FAR = 6.0
"""An amount this many median absolute deviations from the median is unusual (Iglewicz and Hoaglin, 1993)."""
MANY_MISSING = 50


SHARED = 0.9
"""Two pages that look alike and share this part of their numbers are one paper: invoices of one supplier look
alike too, but their numbers differ."""


@dataclass(frozen=True, slots=True)
class PastInvoice:
    """What is kept of an invoice. `picture` is how its first page looks (`ocr.fields.looks`), `numbers` what
    digits were read on it."""

    id: str
    supplier: str
    number: str | None = None
    issued: date | None = None
    gross: Decimal | None = None
    iban: str | None = None
    picture: str | None = None
    numbers: frozenset[str] = frozenset()


def hints(invoice: PastInvoice, past: Sequence[PastInvoice]) -> list[Finding]:
    """What is odd about `invoice` against the past ones, the gravest first."""
    same = [p for p in past if same_value_key(p.supplier) == same_value_key(invoice.supplier)]
    found = [
        *_duplicates(invoice, past, same),
        *_account(invoice, same),
        *_amount(invoice, same),
        *_gap(invoice, same),
    ]
    order = {"error": 0, "warning": 1, "info": 2}
    return sorted(found, key=lambda finding: order[finding.severity])


def _duplicates(
    invoice: PastInvoice, past: Sequence[PastInvoice], same: Sequence[PastInvoice]
) -> Iterator[Finding]:
    for other in past:
        if _one_paper(invoice, other):
            yield _finding("duplicate-picture", "error", f"It is the same paper as {other.id}.", other=other.id)
            return
    for other in same:
        equal_number = invoice.number and same_value_key(other.number) == same_value_key(invoice.number)
        if equal_number and other.gross == invoice.gross:
            message = f"{other.id} has the same number and amount."
            yield _finding("duplicate-invoice", "error", message, "invoice_number", other=other.id)
            return
        if equal_number:
            message = f"{other.id} has the same number with another amount, {other.gross}."
            fields = ("invoice_number", "gross_total")
            yield _finding("number-reused", "warning", message, *fields, other=other.id, amount=other.gross)
            return
        if invoice.gross and (other.gross, other.issued) == (invoice.gross, invoice.issued):
            message = f"{other.id} has the same date and amount under the number {other.number}."
            fields = ("issue_date", "gross_total")
            yield _finding("near-duplicate", "warning", message, *fields, other=other.id, number=other.number)
            return


def _finding(code: str, severity: Severity, message: str, *fields: str, **details: object) -> Finding:
    return Finding(code, severity, message, fields, {name: str(value) for name, value in details.items()})


def _one_paper(one: PastInvoice, other: PastInvoice) -> bool:
    if not one.picture or not other.picture or not near(one.picture, other.picture):
        return False
    either = one.numbers | other.numbers
    return bool(either) and len(one.numbers & other.numbers) >= SHARED * len(either)


def _account(invoice: PastInvoice, same: Sequence[PastInvoice]) -> Iterator[Finding]:
    known = {p.iban for p in same if p.iban}
    if invoice.iban and known and invoice.iban not in known:
        new, before = _end(invoice.iban), ", ".join(sorted(map(_end, known)))
        message = f"The bank account {new} is new for this supplier; known: {before}."
        yield _finding("account-changed", "error", message, "iban", account=new, known=before)


def _end(account: str) -> str:
    """Enough to compare by eye, too little to pay to."""
    return f"…{account[-4:]}"


def _amount(invoice: PastInvoice, same: Sequence[PastInvoice]) -> Iterator[Finding]:
    amounts = [p.gross for p in same if p.gross is not None]
    if invoice.gross is None or len(amounts) < FEW:
        return
    middle = median(amounts)
    spread = median(abs(a - middle) for a in amounts) or abs(middle) / 10 or Decimal(1)
    distance = abs(invoice.gross - middle) / spread
    if distance > Decimal(str(FAR)):
        message = f"{invoice.gross} is {distance:.0f} deviations from the usual {middle} of this supplier."
        about = {"amount": invoice.gross, "usual": middle, "distance": f"{distance:.0f}"}
        yield _finding("amount-unusual", "warning", message, "gross_total", **about)


def _gap(invoice: PastInvoice, same: Sequence[PastInvoice]) -> Iterator[Finding]:
    """Numbers that run on (`2024-17`, `2024-19`): what lies between may have been lost."""
    own = _series(invoice.number)
    if own is None:
        return
    others = [s for p in same if (s := _series(p.number)) is not None and s[0] == own[0]]
    earlier = [count for _, count in others if count < own[1]]
    if len(others) >= 2 and earlier and 1 < own[1] - max(earlier) <= MANY_MISSING:
        first, last = max(earlier), own[1]
        message = f"Between {first} and {last} numbers of this supplier are missing."
        yield _finding("number-gap", "info", message, "invoice_number", first=first, last=last)


def _series(number: str | None) -> tuple[str, int] | None:
    match = re.fullmatch(r"(.*?)(\d{1,9})", number or "")
    return (match[1], int(match[2])) if match else None
