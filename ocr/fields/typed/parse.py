"""One door from raw text to a typed value, by the field's type."""

from __future__ import annotations

import re
from datetime import time
from decimal import Decimal

from ocr.doctypes.model import FieldType
from ocr.fields.typed.dates import find_dates
from ocr.fields.typed.identifiers import compact, find_ibans, find_tax_ids
from ocr.fields.typed.locale import Convention
from ocr.fields.typed.money import currency_of, find_money, parse_number
from ocr.values import Value

PLAIN = Convention(decimal=None, order="day", order_known=False, korean=False)
TIME = re.compile(
    r"(?<![\d:.,])(\d{1,2})\s?(?:[:시]\s?(\d{2})(?:[:분]\s?(\d{2})초?|분)?|\.(\d{2})(?:\.(\d{2}))?(?=\s?[AaPp]\.?[Mm]|\s?Uhr|\.))\s?([AaPp]\.?[Mm])?(?![\d:])"
)
_KOREAN_HALF = re.compile(r"(오전|오후)\s*(\d{1,2})[:시]\s?(\d{2})")
_QUANTITY = re.compile(r"(?P<number>[-−]?\d[\d.,'’]*)\s*(?:[xX×@*]|(?P<unit>[^\W\d_][\w²³./]*))?")
_PERCENT = re.compile(r"(?P<number>[-−]?\d{1,3}(?:[.,]\d{1,4})?)\s?%?")


def parse(raw: str, kind: FieldType, convention: Convention = PLAIN) -> Value:
    """The typed value that `raw` prints, or None where it prints none of that type."""
    text = " ".join(raw.split())
    if kind == "money":
        hits = find_money(text, convention.decimal)
        return hits[-1].value if hits else None
    if kind == "date":
        dates = find_dates(text, convention.order)
        return dates[0].value if dates else None
    if kind == "time":
        return parse_time(text)
    if kind == "percent":
        return parse_percent(text, convention.decimal)
    if kind == "quantity":
        return parse_quantity(text, convention.decimal)
    if kind == "integer":
        digits = re.fullmatch(r"\D{0,3}(\d{1,9})\D{0,3}", text)
        return int(digits.group(1)) if digits else None
    if kind == "currency":
        return parse_currency(text)
    if kind == "iban":
        ibans = find_ibans(text)
        return ibans[0].value if ibans else None
    if kind == "tax_id":
        return parse_tax_id(text)
    return text or None


def parse_time(text: str) -> time | None:
    """A time of day, on the 12 or 24 hour clock."""
    korean = _KOREAN_HALF.search(text)
    if korean:
        return _time(int(korean[2]), int(korean[3]), 0, "pm" if korean[1] == "오후" else "am")
    for match in TIME.finditer(text):
        minute, second = match[2] or match[4], match[3] or match[5] or 0
        found = _time(int(match[1]), int(minute), int(second), (match[6] or "").replace(".", "").lower())
        if found is not None:
            return found
    return None


def _time(hour: int, minute: int, second: int, half: str) -> time | None:
    if half == "pm" and hour < 12:
        hour += 12
    if half == "am" and hour == 12:
        hour = 0
    if hour > 23 or minute > 59 or second > 59:
        return None
    return time(hour, minute, second)


def parse_percent(text: str, decimal: str | None = None) -> Decimal | None:
    """A rate in percent: `19 %`, `7,5%`, or a bare `19` where the column says percent."""
    match = _PERCENT.search(text)
    if match is None:
        return None
    value = parse_number(match["number"], decimal)
    return value if value is not None and -100 <= value <= 100 else None


def parse_quantity(text: str, decimal: str | None = None) -> Decimal | None:
    """The number of `12`, `1,00`, `5,000 kg`, `2 x`. A single comma or point is a decimal sign where the page
    uses it as such."""
    match = _QUANTITY.match(text.lstrip("*x×@ "))
    return parse_number(match["number"].rstrip(".,"), decimal) if match else None


def quantity_unit(text: str) -> str | None:
    """The unit that stands behind a quantity (`kg`, `Units`, `개`), if any."""
    match = _QUANTITY.match(text)
    return match["unit"] if match else None


def parse_currency(text: str) -> str | None:
    """The ISO code of the first currency named in `text`."""
    whole = currency_of(text)
    if whole is not None:
        return whole
    for word in re.findall(r"[^\W\d_]{2,5}\$?|[€£¥₩￦₹$]", text):
        code = currency_of(word)
        if code is not None:
            return code
    lowered = text.casefold()
    names = {
        "us dollar": "USD",
        "dollar": "USD",
        "pound": "GBP",
        "ringgit": "MYR",
        "euro": "EUR",
        "won": "KRW",
    }
    return next((code for name, code in names.items() if name in lowered), None)


def parse_tax_id(text: str) -> str | None:
    """A tax number: one with a known form first, else the first run with at least six digits."""
    hits = find_tax_ids(text)
    if hits:
        return hits[0].value
    for match in re.finditer(r"[A-Z]{0,4}\d[\dA-Z./-]*(?: \d[\d./-]*)*", text):
        if sum(ch.isdigit() for ch in match.group()) >= 6:
            return compact(match.group())
    return None
