"""Korean forms: amounts in letters, man and eok, business numbers, particles."""

from __future__ import annotations

import re
from typing import Any

from flows.helpers.numbers import whole
from flows.values import BadValue, to_text

_DIGITS = "영일이삼사오육칠팔구"
_SMALL, _LARGE = ("", "십", "백", "천"), ("", "만", "억", "조", "경")


def hangul_amount(value: Any, prefix: str = "금 ", suffix: str = "원정") -> str:
    """An amount in Korean letters as on receipts and contracts: 1200000 → 금 일백이십만원정."""
    return prefix + _letters(_natural(value)) + suffix


def _natural(value: Any) -> int:
    amount = whole(value)
    if not 0 <= amount < 10**20:
        raise BadValue("the amount must be from 0 to below 10^20")
    return amount


def _letters(amount: int) -> str:
    groups = [(amount // 10_000**place % 10_000, name) for place, name in enumerate(_LARGE)]
    return "".join(_four(part) + name for part, name in reversed(groups) if part) or _DIGITS[0]


def _four(part: int) -> str:
    digits = [(part // 10**place % 10, _SMALL[place]) for place in (3, 2, 1, 0)]
    return "".join(_DIGITS[digit] + name for digit, name in digits if digit)


def korean_amount(value: Any, suffix: str = "원") -> str:
    """An amount in man and eok as people say it: 123456789 → 1억 2,345만 6,789원."""
    amount = _natural(value)
    groups = [(amount // 10_000**place % 10_000, name) for place, name in enumerate(_LARGE)]
    shown = [f"{part:,}{name}" for part, name in reversed(groups) if part]
    return (" ".join(shown) or "0") + suffix


def business_number(value: Any) -> str:
    """A Korean business number as 123-45-67890."""
    digits = re.sub(r"\D", "", to_text(value))
    if len(digits) != 10:
        raise BadValue(f"{to_text(value)[:40]!r} has not 10 digits")
    return f"{digits[:3]}-{digits[3:5]}-{digits[5:]}"


def josa(value: Any, pair: str = "을/를") -> str:
    """The word with the particle that fits its last syllable: `은/는`, `이/가`, `을/를`, `으로/로`."""
    text = to_text(value)
    with_final, _, without = pair.partition("/")
    return text + (with_final if _has_final(text, pair == "으로/로") else without)


def _has_final(text: str, rieul_counts_as_none: bool) -> bool:
    last = text[-1:]
    if "가" <= last <= "힣":
        final = (ord(last) - ord("가")) % 28
        return final != 0 and not (rieul_counts_as_none and final == 8)
    return last in "013678lmnLMN" and not (rieul_counts_as_none and last in "178lL")
