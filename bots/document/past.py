"""What is remembered of invoices, encrypted between runs under `invoice-history`, so that a later one can be
compared with them.

Two runs that end in the same moment may each forget the other's invoice: hints are reasons to look, the ledger's
unique keys are what keeps a bill from being entered twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ocr.fields.hints import PastInvoice

STATE = "invoice-history"
KEPT = 5_000
"""The latest so many invoices are compared with."""
NAMES = {
    "supplier": ("supplier_name", "company", "payee_name"),
    "number": ("invoice_number", "approval_number", "receipt_number", "order_number"),
    "issued": ("issue_date", "date", "order_date"),
    "gross": ("gross_total", "total_amount", "total"),
    "iban": ("iban", "payee_account"),
}
"""What each doctype calls it."""


def invoice_of(extraction: Mapping[str, Any], key: str, file: Path | None) -> PastInvoice:
    """An extraction (as flows have it) as an invoice to compare; `file` for how its first page looks."""
    from ocr.fields.hints import PastInvoice
    from ocr.fields.looks import looks_of

    fields = extraction.get("fields") or {}
    found = {name: next((fields[n] for n in names if fields.get(n) is not None), None) for name, names in NAMES.items()}
    return PastInvoice(
        id=key,
        supplier=str(found["supplier"] or ""),
        number=_text(found["number"]),
        issued=_date(found["issued"]),
        gross=Decimal(str(found["gross"])) if found["gross"] is not None else None,
        iban=_text(found["iban"]),
        picture=looks_of(file) if file is not None and file.is_file() else None,
        numbers=frozenset(_numbers(extraction)),
    )


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _date(value: Any) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else value


def _numbers(extraction: Mapping[str, Any]) -> Iterator[str]:
    """Digits of all that was read as a field or in a line."""
    details = [*(extraction.get("details") or {}).values()]
    details += [one for line in extraction.get("line_details") or () for one in line.values()]
    for detail in details:
        yield from re.findall(r"\d+", str((detail or {}).get("raw") or ""))


def past(state: Mapping[str, Any], *, but: str = "") -> list[PastInvoice]:
    """The remembered ones, oldest first, without the one with the key `but`."""
    return [_loaded(key, kept) for key, kept in state.items() if key != but]


def _loaded(key: str, kept: Mapping[str, Any]) -> PastInvoice:
    from ocr.fields.hints import PastInvoice

    gross = kept.get("gross")
    return PastInvoice(
        id=key,
        supplier=str(kept.get("supplier") or ""),
        number=kept.get("number"),
        issued=_date(kept.get("issued")),
        gross=Decimal(gross) if gross is not None else None,
        iban=kept.get("iban"),
        picture=kept.get("picture"),
        numbers=frozenset(kept.get("numbers") or ()),
    )


def remember(state: dict[str, Any], invoice: PastInvoice) -> None:
    """Puts an invoice last; one with the same key is replaced (a replay is no second invoice)."""
    state.pop(invoice.id, None)
    state[invoice.id] = {
        "supplier": invoice.supplier,
        "number": invoice.number,
        "issued": invoice.issued.isoformat() if invoice.issued else None,
        "gross": None if invoice.gross is None else str(invoice.gross),
        "iban": invoice.iban,
        "picture": invoice.picture,
        "numbers": sorted(invoice.numbers),
    }
    for key in list(state)[:-KEPT]:
        del state[key]
