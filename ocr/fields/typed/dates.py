"""Dates as people print them, in seven languages. Day first unless the page or the locale says otherwise."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Literal, TypeAlias

from babel.dates import get_month_names

DateOrder: TypeAlias = Literal["day", "month", "year"]
LANGUAGES = ("en", "de", "fr", "nl", "es", "it", "pt", "da", "sv")
_EXTRA_MONTHS = {
    "sept": 9,
    "maerz": 3,
    "marz": 3,
    "okt": 10,
    "dez": 12,
    "mrt": 3,
    "ene": 1,
    "gen": 1,
    "dic": 12,
}
_PIVOT = 70


@dataclass(frozen=True, slots=True)
class DateHit:
    """A date in a text. `other` is the second reading of an ambiguous one, kept as an alternative."""

    value: date
    other: date | None
    start: int
    end: int
    style: Literal["iso", "words", "numeric", "compact", "korean", "torn"]
    """`torn`: a separator is missing or misread."""


@lru_cache(maxsize=1)
def _months() -> dict[str, int]:
    """Folded month names and abbreviations of `LANGUAGES` (CLDR, by Babel)."""
    months: dict[str, int] = {}
    for language in LANGUAGES:
        for width in ("wide", "abbreviated"):
            for context in ("format", "stand-alone"):
                for number, name in get_month_names(width, context, locale=language).items():
                    months.setdefault(_fold(str(name)).rstrip("."), number)
    return {name: number for name, number in (months | _EXTRA_MONTHS).items() if name.isalpha()}


def _fold(text: str) -> str:
    table = str.maketrans("äàáâéèêëíìîïóòôöúùûüçñ", "aaaaeeeeiiiioooouuuucn")
    return text.casefold().translate(table)


_ISO = re.compile(
    r"(?<![\d.])(?P<y>(?:19|20)\d{2})\s?(?P<sep>[-/.])\s?(?P<m>\d{1,2})\s?(?P=sep)\s?(?P<d>\d{1,2})(?!\d)\.?"
)
_KOREAN = re.compile(r"(?P<y>(?:19|20)?\d{2})\s*년\s*(?P<m>\d{1,2})\s*월\s*(?P<d>\d{1,2})\s*일?")
_NUMERIC = re.compile(
    r"(?<![\d/.,-])(?P<a>\d{1,2})\s?(?P<sep>[-/.'])\s?(?P<b>\d{1,2})\s?(?P=sep)\s?(?P<y>(?:19|20)\d{2}|\d{2})(?!\d|[-/.]\d)"
)
_SPACED = re.compile(r"(?<![\d/.,-])(?P<a>\d{2}) (?P<b>\d{2}) (?P<y>20\d{2})(?!\d)")
_COMPACT = re.compile(r"(?<!\d)(?P<y>20\d{2})(?P<m>0[1-9]|1[0-2])(?P<d>[0-3]\d)(?!\d)")
_TORN = re.compile(
    r"(?<![\d/.,~-])(?P<a>\d{2})(?P<sep>[-/.~]\s?|(?=\d{2}[-/.~ ]20\d{2})|\s)(?P<b>\d{2})"
    r"(?:\s?(?P<sep2>[-/.~])\s?|(?=20\d{2})|\s)"
    r"(?P<y>20\d{2}(?=\d{1,2}:\d{2})|20\d{2}(?!\d)|\d{2}(?![\d.,:/]))"
)
"""`05-05~18`, `30.032018`, `04/03/201815:41`: at least one separator stands."""
_DAY_FIRST = re.compile(
    r"(?<![\d])(?P<d>\d{1,2})(?:st|nd|rd|th|er|º|°)?\.?\s?[-/., ]?\s?(?:de |of )?(?P<m>[^\W\d_]{3,10})\.?\s?[-/., ']{0,2}\s?(?:de |del )?"  # noqa: E501
    r"(?P<y>(?:19|20)\d{2}|\d{2})(?![\d:])",
    re.IGNORECASE,
)
_MONTH_FIRST = re.compile(
    r"(?<![^\W\d_])(?P<m>[^\W\d_]{3,10})\.?[-/ ]?\s?(?P<d>\d{1,2})(?:st|nd|rd|th)?\s?[-/, ]{1,2}\s?(?P<y>(?:19|20)\d{2})(?![\d:])",  # noqa: E501
    re.IGNORECASE,
)


def find_dates(text: str, order: DateOrder = "day") -> list[DateHit]:
    """All dates in `text`, left to right, without overlaps. `order` rules dates like 03/04/2024;
    `year` is the Korean habit of 24.04.03."""
    hits: list[DateHit] = []
    for hit in (
        *_fixed(text, _ISO, "iso"),
        *_fixed(text, _KOREAN, "korean"),
        *_worded(text),
        *_numeric(text, order),
    ):
        if all(hit.end <= other.start or hit.start >= other.end for other in hits):
            hits.append(hit)
    for hit in (*_fixed(text, _COMPACT, "compact"), *_torn(text, order)):
        if all(hit.end <= other.start or hit.start >= other.end for other in hits):
            hits.append(hit)
    return sorted(hits, key=lambda hit: hit.start)


def _fixed(text: str, pattern: re.Pattern[str], style: Literal["iso", "korean", "compact"]) -> list[DateHit]:
    found = []
    for match in pattern.finditer(text):
        value = make_date(match["y"], match["m"], match["d"])
        if value is not None:
            found.append(DateHit(value, None, *match.span(), style))
    return found


def _worded(text: str) -> list[DateHit]:
    found = []
    for pattern in (_DAY_FIRST, _MONTH_FIRST):
        for match in pattern.finditer(text):
            month = month_number(match["m"])
            value = make_date(match["y"], str(month), match["d"]) if month else None
            if value is not None:
                found.append(DateHit(value, None, *match.span(), "words"))
    return found


def month_number(name: str) -> int | None:
    """1 to 12 for a month's name or abbreviation in one of `LANGUAGES`."""
    return _months().get(_fold(name).rstrip("."))


def _numeric(text: str, order: DateOrder) -> list[DateHit]:
    found = []
    for pattern in (_NUMERIC, _SPACED):
        for match in pattern.finditer(text):
            if order == "year" and len(match["y"]) == 2:
                year_first = make_date(match["a"], match["b"], match["y"])
                if year_first is not None:
                    found.append(DateHit(year_first, None, *match.span(), "numeric"))
                    continue
            day_first = make_date(match["y"], match["b"], match["a"])
            month_first = make_date(match["y"], match["a"], match["b"])
            if match[0].count(".") == 2 and day_first:  # nobody prints the month first between points
                month_first = None
            value, other = (month_first, day_first) if order == "month" else (day_first, month_first)
            if value is None:
                value, other = other, None
            if value is not None:
                found.append(DateHit(value, other if other != value else None, *match.span(), "numeric"))
    return found


def _torn(text: str, order: DateOrder) -> list[DateHit]:
    """Dates whose separators were misread; the digits are as printed."""
    found = []
    for match in _TORN.finditer(text):
        if not (match["sep"].strip() or match["sep2"]):
            continue
        first, second = (
            make_date(match["y"], match["b"], match["a"]),
            make_date(match["y"], match["a"], match["b"]),
        )
        value, other = (second, first) if order == "month" else (first, second)
        value, other = (value, other) if value else (other, None)
        if value is not None:
            found.append(DateHit(value, other if other != value else None, *match.span(), "torn"))
    return found


def make_date(year: str, month: str, day: str) -> date | None:
    """The date, or None where there is no such day. Two-digit years below 70 are 20xx."""
    number = int(year)
    if number < 100:
        number += 2000 if number < _PIVOT else 1900
    try:
        return date(number, int(month), int(day))
    except ValueError:
        return None


def order_evidence(text: str) -> DateOrder | None:
    """What the page's own numeric dates prove: one with a part above 12 settles the order of all."""
    votes = {"day": 0, "month": 0}
    for match in _NUMERIC.finditer(text):
        first, second = int(match["a"]), int(match["b"])
        if first > 12 >= second:
            votes["day"] += 1
        if second > 12 >= first:
            votes["month"] += 1
    if votes["day"] == votes["month"]:
        return None
    return "day" if votes["day"] > votes["month"] else "month"
