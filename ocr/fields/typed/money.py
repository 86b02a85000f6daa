"""Amounts as people print them: 1.234,56 · 1,234.56 · 1 234,56 · 1'234.56 · ₩1,234,000 · (12.00) · 12.00-"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

SYMBOLS: dict[str, str] = {
    "€": "EUR",
    "£": "GBP",
    "¥": "JPY",
    "₩": "KRW",
    "￦": "KRW",
    "원": "KRW",
    "₹": "INR",
    "₽": "RUB",
    "฿": "THB",
    "₫": "VND",
    "zł": "PLN",
    "US$": "USD",
    "HK$": "HKD",
    "S$": "SGD",
    "A$": "AUD",
    "C$": "CAD",
    "NZ$": "NZD",
    "R$": "BRL",
    "$": "USD",
    "RM": "MYR",
}
CODES = [
    "EUR",
    "USD",
    "GBP",
    "KRW",
    "JPY",
    "CHF",
    "MYR",
    "SGD",
    "AUD",
    "CAD",
    "NZD",
    "HKD",
    "CNY",
    "SEK",
    "NOK",
    "DKK",
    "PLN",
    "CZK",
    "HUF",
    "RON",
    "BGN",
    "INR",
    "THB",
    "IDR",
    "PHP",
    "VND",
    "TWD",
    "AED",
    "ILS",
    "MXN",
    "BRL",
    "ZAR",
    "TRY",
    "RUB",
]
AMBIGUOUS_SYMBOLS = frozenset({"$", "¥"})

_SPACE = "[ \u00a0\u202f\u2009]"
_NUMBER = (
    rf"\d{{1,3}}(?:{_SPACE}\d{{3}})+,\d{{1,2}}(?!\d)"
    r"|\d{1,3}(?:[.,'’]\d{3})+(?:[.,]\d{1,4})?(?!\d)"
    r"|\d+(?:[.,]\d{1,4})?(?!\d)"
    r"|[.,]\d{2}(?!\d)"
)
_SYMBOL = "|".join(sorted((re.escape(s) for s in SYMBOLS), key=len, reverse=True))
_CURRENCY = rf"(?:{_SYMBOL}|(?<![A-Za-z])(?:{'|'.join(CODES)}|Euro|Won|원정?)(?![A-Za-z]))"
_MONEY = re.compile(
    rf"(?P<open>\()?(?P<sign>[-–−+])?{_SPACE}?(?P<before>{_CURRENCY})?:?{_SPACE}?(?P<sign2>[-–−+])?{_SPACE}?"
    rf"(?P<number>{_NUMBER})(?!{_SPACE}?%)"
    rf"(?P<sign3>[-–−](?![\w\d]))?(?:{_SPACE}?(?P<after>{_CURRENCY}))?(?P<sign4>[-–−](?![\w\d]))?(?P<close>\))?"
)
_NOT_AFTER = re.compile(r"[/:]\d|[^\W_]|[°º'\"]|-\d|\.\d|,\d")
_TAX_CODE = re.compile(r"[A-Z]{1,3}(?![A-Za-z\d])")


@dataclass(frozen=True, slots=True)
class MoneyHit:
    """An amount in a text: `start` and `end` count characters, `currency` is an ISO code where one is
    printed.

    `decimals` is the number of digits after the decimal sign; `grouped` says thousands are set apart.
    """

    value: Decimal
    currency: str | None
    start: int
    end: int
    decimals: int
    grouped: bool

    @property
    def looks_like_money(self) -> bool:
        """Two decimals, set-apart thousands or a currency: a bare `12` is not money by itself."""
        return self.decimals == 2 or self.grouped or self.currency is not None


def parse_number(text: str, decimal: str | None = None) -> Decimal | None:
    """The number that `text` (digits, separators, an optional sign) prints, or None.

    `decimal` is the page's decimal sign, where known: it settles `1.234`, which is otherwise one thousand.
    """
    digits = re.sub(r"[\s'’\u00a0\u202f\u2009]", "", text)
    negative = digits.startswith(("-", "–", "−", "(")) or digits.endswith(("-", "–", "−"))
    digits = digits.strip("-–−+()")
    if not re.fullmatch(r"\d*(?:[.,]\d+)*", digits) or not any(ch.isdigit() for ch in digits):
        return None
    whole, fraction = _split(digits, decimal)
    number = Decimal(f"{whole or '0'}.{fraction or '0'}") if fraction else Decimal(whole or "0")
    return -number if negative else number


def _split(digits: str, decimal: str | None) -> tuple[str, str]:
    """Whole and fraction digits, all separators gone."""
    signs = [ch for ch in digits if ch in ".,"]
    if not signs:
        return digits, ""
    last = digits.rfind(signs[-1])
    tail = digits[last + 1 :]
    whole = re.sub(r"[.,]", "", digits[:last])
    if _is_decimal_sign(signs, tail, digits[:last], decimal):
        return whole, tail
    return whole + tail, ""


def _is_decimal_sign(signs: list[str], tail: str, head: str, decimal: str | None) -> bool:
    if len(set(signs)) == 2:
        return True
    if len(signs) > 1:
        return False
    if len(tail) != 3 or not 1 <= len(head) <= 3:
        return True
    return signs[0] == decimal or head.startswith("0")


def find_money(text: str, decimal: str | None = None) -> list[MoneyHit]:
    """All amounts in `text`, left to right. Dates, percentages and parts of longer codes are left out."""
    hits = []
    for match in _MONEY.finditer(text):
        hit = _hit(match, text, decimal)
        if hit is not None:
            hits.append(hit)
    return hits


def _hit(match: re.Match[str], text: str, decimal: str | None) -> MoneyHit | None:
    if not _stands_alone(match, text):
        return None
    number = match["number"]
    value = parse_number(number, decimal)
    if value is None:
        return None
    if any(match[sign] in ("-", "–", "−") for sign in ("sign", "sign2", "sign3", "sign4")) or (
        match["open"] and match["close"]
    ):
        value = -value
    start, end = _trim(match, text)
    exponent = value.as_tuple().exponent
    return MoneyHit(
        value=value,
        currency=currency_of(match["before"] or match["after"] or ""),
        start=start,
        end=end,
        decimals=-exponent if isinstance(exponent, int) and exponent < 0 else 0,
        grouped=_is_grouped(number, value),
    )


def _stands_alone(match: re.Match[str], text: str) -> bool:
    """Whether the number is no part of a date, a time, a code or a word."""
    start = match.start("number")
    before = text[max(0, start - 2) : start]
    if not match["before"] and before and (before[-1].isalnum() or before[-1] in "./:," or _hyphened(before)):
        return False
    if match["after"] or not _NOT_AFTER.match(text, match.end("number")):
        return True
    return bool(re.search(r"[.,]\d{2}$", match["number"]) and _TAX_CODE.match(text, match.end("number")))


def _hyphened(before: str) -> bool:
    return len(before) == 2 and before[-1] in "-–" and before[0].isalnum()


def _trim(match: re.Match[str], text: str) -> tuple[int, int]:
    """The match without spaces at its edges and without a lone bracket."""
    start, end = match.span()
    if match["open"] and not match["close"]:
        start += 1
    if match["close"] and not match["open"]:
        end -= 1
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def _is_grouped(number: str, value: Decimal) -> bool:
    return bool(re.search(r"\d[.,'’ \u00a0\u202f]\d{3}(?!\d)", number)) and abs(value) >= 1000


def currency_of(text: str) -> str | None:
    """The ISO code of a currency sign, name or code, or None."""
    text = text.strip().rstrip(":")
    if text in SYMBOLS:
        return SYMBOLS[text]
    if text.upper() in CODES:
        return text.upper()
    return {"euro": "EUR", "won": "KRW", "원정": "KRW"}.get(text.casefold())
