"""Is a value right? Strict (the exact string) and normalised (what the value means)."""

from __future__ import annotations

from datetime import date, time
from decimal import Decimal

from rapidfuzz import fuzz

from ocr.doctypes.model import FieldType
from ocr.evaluate.truth import Accepted
from ocr.fields.names import without_legal_form
from ocr.fields.typed import find_dates, parse_number
from ocr.fields.typed.parse import parse_time
from ocr.values import Field, Value

DESCRIPTION_LIKE = 80.0
"""Descriptions of line items count as right from this token similarity on (0 to 100)."""


def right_strictly(field: Field, accepted: Accepted) -> bool:
    """The printed text or the plain value is exactly the truth's string."""
    return any(text in (field.raw, plain(field.value)) for text in accepted)


def right(value: Value, kind: FieldType, accepted: Accepted) -> bool:
    """Letters and digits for text, the parsed date, the number; company names without their legal form."""
    return any(_right(value, kind, text) for text in accepted)


def _right(value: Value, kind: FieldType, truth: str) -> bool:
    if isinstance(value, Decimal):
        expected = number(truth)
        return expected is not None and value == expected
    if isinstance(value, date):
        return value in (day(truth), day(truth, "month") if truth[:4].isdigit() else None)
    if isinstance(value, time):
        other = parse_time(truth)
        return other is not None and (value.hour, value.minute) == (other.hour, other.minute)
    if kind == "address":
        return alnum(str(value)) == alnum(truth) or holds_all(str(value), truth)
    if kind == "name":
        return alnum(str(value)) == alnum(truth) or alnum(without_legal_form(str(value))) == alnum(
            without_legal_form(truth)
        )
    return alnum(str(value)) == alnum(truth)


def holds_all(value: str, truth: str) -> bool:
    """Truth in parts (street, code, town): all of its words stand in the value, and little else does."""
    words = [alnum(word) for word in truth.split() if alnum(word)]
    text = alnum(value)
    return (
        len(words) > 1 and all(word in text for word in words) and len(text) <= 1.4 * len(alnum(truth)) + 12
    )


def right_description(value: Value, truth: str) -> bool:
    """Alike enough, or the truth is how the description begins (the rest being its details)."""
    ours, theirs = alnum(str(value)), alnum(truth)
    return (
        ours.startswith(theirs)
        or theirs in ours
        or fuzz.token_set_ratio(str(value), truth) >= DESCRIPTION_LIKE
    )


def plain(value: Value) -> str:
    """The value as a string: ISO dates, plain decimals."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value.isoformat() if isinstance(value, date | time) else str(value)


def alnum(text: str) -> str:
    return "".join(ch for ch in text.casefold() if ch.isalnum())


def number(truth: str) -> Decimal | None:
    """The number in a truth's string, which writes a point for the decimals (`RM 1,234.50` too)."""
    return parse_number(truth.strip("RM$€ \t₩"), ".")


def day(truth: str, order: str = "day") -> date | None:
    hits = find_dates(truth, "month" if order == "month" else "day")
    return hits[0].value if hits else None
