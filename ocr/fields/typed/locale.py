"""What a page shows about its conventions: decimal sign, order of dates."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ocr.fields.typed.dates import DateOrder, order_evidence

_COMMA = re.compile(r"\d,\d{2}(?![\d,])")
_POINT = re.compile(r"\d\.\d{2}(?![\d.])")
_STATES = re.compile(
    r"\b(?:AL|AK|AZ|AR|CA|CO|CT|DE|FL|GA|HI|IA|ID|IL|IN|KS|KY|LA|MA|MD|ME|MI|MN|MO|MS|MT|NC|ND|NE|NH|NJ|NM|NV|NY|OH|OK|"
    r"OR|PA|RI|SC|SD|TN|TX|UT|VA|VT|WA|WI|WV|WY),? \d{5}(?:-\d{4})?\b"
)
_COUNTRY = re.compile(r"United States|\bU\.?S\.?A\b")
_MONTH_FIRST_LOCALES = ("en_US", "en-US", "US")


@dataclass(frozen=True, slots=True)
class Convention:
    """`decimal` is `,` or `.` or unknown; `order_known` says the page itself (or a locale) proves the
    order.
    """

    decimal: str | None
    order: DateOrder
    order_known: bool
    korean: bool


def is_american(text: str) -> bool:
    """The country named, or dollars together with a state and its zip code."""
    return _COUNTRY.search(text) is not None or ("$" in text and _STATES.search(text) is not None)


def convention_of(text: str, locale: str | None = None) -> Convention:
    """The conventions of a page's whole text; a `locale` (`de_DE`, `en_US`) settles what the page
    leaves open.
    """
    commas, points = len(_COMMA.findall(text)), len(_POINT.findall(text))
    decimal = None if commas == points else ("," if commas > points else ".")
    proven = order_evidence(text)
    korean = sum("가" <= ch <= "힣" for ch in text) > 20
    if korean:
        return Convention(decimal, "year", True, korean)
    american = locale in _MONTH_FIRST_LOCALES if locale else is_american(text)
    order: DateOrder = proven or ("month" if american else "day")
    return Convention(decimal, order, proven is not None or locale is not None, korean)
