"""Turns what a person typed into a typed answer, and hands it to the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from flows.failures import FlowFailure
from rpa.ledger.port import LedgerPort
from rpa.ledger.types import ReviewRecord

MONEY = {"money", "decimal", "percent", "quantity"}


def approve(ledger: LedgerPort, review_id: int, *, by: str) -> ReviewRecord:
    """What was read is right as it stands."""
    return ledger.answer(review_id, {"fields": {}, "approved": True}, by=by)


def reject(ledger: LedgerPort, review_id: int, reason: str, *, by: str) -> ReviewRecord:
    """The item ends as a business failure with this reason."""
    return ledger.answer(review_id, {"rejected": True, "reason": reason}, by=by, rejected=True)


def correct(ledger: LedgerPort, review_id: int, corrections: Mapping[str, str], *, by: str) -> ReviewRecord:
    """`corrections` maps field names to new values as typed; an empty text says the field is not there.

    Raises FlowFailure `review-field-unknown` or `review-value-invalid`; nothing is stored then.
    """
    extraction = ledger.review(review_id).question.get("extraction") or {}
    fields = {name: _typed(extraction, name, text) for name, text in corrections.items()}
    return ledger.answer(review_id, {"fields": fields}, by=by)


def _typed(extraction: Mapping[str, Any], name: str, text: str) -> Any:
    fields = extraction.get("fields") or {}
    if name not in fields:
        raise FlowFailure("review-field-unknown", details={"name": name, "known": ", ".join(fields)})
    text = text.strip()
    if not text:
        return None
    try:
        return _parse(_type_of(str(extraction.get("doctype")), name, fields[name]), text)
    except (ValueError, InvalidOperation):
        raise FlowFailure("review-value-invalid", details={"name": name, "value": text}) from None


def _type_of(doctype: str, name: str, present: Any) -> str:
    from ocr.doctypes import load_doctype

    if doctype.isidentifier():
        spec = load_doctype(doctype).fields.get(name)
        if spec is not None:
            return str(spec.type)
    return {Decimal: "money", date: "date"}.get(type(present), "text")


def _parse(kind: str, text: str) -> Any:
    if kind == "date":
        return date.fromisoformat(text)
    if kind in MONEY:
        return Decimal(text.replace(",", "") if "." in text or text.count(",") > 1 else text.replace(",", "."))
    return text
