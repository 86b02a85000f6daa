"""Numbers and money. Decimal throughout; money rounds half up."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from flows.values import BadValue, Missing, kind_of

_CURRENCY = r"(?:[€$£¥₩]|[A-Z]{3}|원|円|元|Fr\.?|kr\.?|zł|Kč)"
_AMOUNT = re.compile(
    rf"(?P<open>\()?\s*{_CURRENCY}?\s*(?P<sign>[-+−]?)\s*{_CURRENCY}?\s*"
    rf"(?P<number>[0-9][0-9.,'’\s]*|[.,][0-9]+)(?P<tail>[-−]?)\s*{_CURRENCY}?(?(open)\s*\))\s*(?P<cents>[-–—]*)"
)
_SPACES = re.compile(r"[\s'’]")
STYLES: Mapping[str, tuple[str, str]] = {
    "en": (",", "."),
    "ko": (",", "."),
    "de": (".", ","),
    "fr": ("\u202f", ","),
    "ch": ("’", "."),
    "plain": ("", "."),
}


def decimal(value: Any, style: str = "") -> Decimal:
    """A number from text such as `1,234.50`, `1.234,50`, `1 234.50`, `₩12,000` or `(35.00)`. A lone comma
    before exactly three digits groups thousands, a lone point never does, unless `style` (`en`, `de`, …)
    says so."""
    if value is None:
        raise Missing("a number")
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        raise TypeError(f"{kind_of(value)} is not a number")
    if not isinstance(value, str):
        return Decimal(value)
    found = _AMOUNT.fullmatch(value.strip())
    if not found or len(value) > 100:
        raise BadValue(f"{value[:60]!r} is not a number")
    digits = _SPACES.sub("", found["number"])
    number = Decimal(_plain(digits.rstrip(".,"), style, value))
    tail = bool(found["tail"]) and digits[-1] not in ".,"  # `5,-` has no cents; `5-` is negative
    negative = bool(found["open"]) or found["sign"] in ("-", "−") or tail
    return -number if negative else number


def _plain(digits: str, style: str, given: str) -> str:
    """`digits` with one point at most."""
    grouping, point = _marks(digits, style)
    whole, _, rest = digits.partition(point) if point else (digits, "", "")
    groups = re.split(re.escape(grouping), whole) if grouping else [whole]
    if any(mark in rest for mark in ".,") or any(len(g) != 3 for g in groups[1:]):
        raise BadValue(f"{given[:60]!r} is not a number")
    return f"{''.join(groups) or '0'}.{rest or '0'}" if rest else "".join(groups) or "0"


def _marks(digits: str, style: str) -> tuple[str, str]:
    """(what groups thousands, what is the point) in this text."""
    if style:
        grouping, point = _style(style)
        return (grouping if grouping in ".," else "", point)
    if "," in digits and "." in digits:
        return (",", ".") if digits.rfind(".") > digits.rfind(",") else (".", ",")
    mark = "," if "," in digits else "."
    if digits.count(mark) > 1:
        return mark, ""
    head, _, tail = digits.partition(mark)
    groups = mark == "," and len(tail) == 3 and head not in ("", "0")
    return (mark, "") if groups else ("", mark)


def _style(style: str) -> tuple[str, str]:
    if style not in STYLES:
        raise ValueError(f"there is no number style {style}; known: {', '.join(STYLES)}")
    return STYLES[style]


def money(value: Any, places: int = 2) -> Decimal:
    """An amount, rounded half up to `places` (2; 0 for won and yen)."""
    if not 0 <= places <= 12:
        raise ValueError("places must be 0 to 12")
    return decimal(value).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def whole(value: Any) -> int:
    """A whole number from text or a number without a fraction."""
    number = decimal(value)
    if number != number.to_integral_value():
        raise BadValue(f"{number} is not a whole number: round it first")
    return int(number)


def number(value: Any, style: str = "en", places: int | None = None) -> str:
    """A number for people: `en` 1,234.50 · `de` 1.234,50 · `fr` 1 234,50 · `ch` 1’234.50 · `ko` 1,234."""
    thousands, point = _style(style)
    amount = decimal(value) if places is None else money(value, places)
    digits, _, rest = f"{amount:,f}".partition(".")
    return digits.replace(",", thousands) + (point + rest if rest else "")


def absolute(value: Any) -> Decimal:
    """The number without its sign."""
    return abs(decimal(value))


def percent_of(value: Any, percent: Any, places: int = 2) -> Decimal:
    """`percent` per cent of an amount, rounded half up to `places`."""
    return money(decimal(value) * decimal(percent) / 100, places)


def net_of(value: Any, percent: Any, places: int = 2) -> Decimal:
    """The net amount in a gross amount with `percent` per cent tax, rounded half up."""
    return money(decimal(value) / (1 + decimal(percent) / 100), places)
