"""The functions and filters of expressions. Each is a plain function on plain data; nothing else can be called."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from flows.failures import FlowFailure

MAX_DAYS = 40_000


def call(function: Callable[..., Any], scope: Mapping[str, Any], name: str, *args: Any, **kwargs: Any) -> Any:
    """Calls a listed function; those marked `needs_scope` get the scope first. Wrong arguments are a flow failure."""
    import inspect

    given = (scope, *args) if getattr(function, "needs_scope", False) else args
    try:
        inspect.signature(function).bind(*given, **kwargs)
    except TypeError as error:
        raise FlowFailure("expression-failed", details={"reason": f"{name}: {error}"}) from None
    return function(*given, **kwargs)


def _scoped(function: Callable[..., Any]) -> Callable[..., Any]:
    function.needs_scope = True  # type: ignore[attr-defined]
    return function


# ── numbers and money ──
def decimal(value: Any) -> Decimal:
    """A number from text: `1,234.50`, `1.234,50`, `1 234.50`, `₩12,000`."""
    if isinstance(value, bool) or value is None:
        raise ValueError(f"{value} is not a number")
    if isinstance(value, int | Decimal):
        return Decimal(value)
    text = re.sub(r"[^\d.,+\-()]", "", str(value))
    negative = text.startswith("(") and text.endswith(")") or text.endswith("-")
    text = text.strip("()").rstrip("-")
    try:
        number = Decimal(_point(text))
    except InvalidOperation:
        raise ValueError(f"{value!r} is not a number") from None
    return -number if negative else number


def _point(text: str) -> str:
    """Decides which mark is the decimal one: the last, unless it groups thousands."""
    if "," in text and "." in text:
        mark = max(text.rfind(","), text.rfind("."))
        return re.sub(r"[.,]", "", text[:mark]) + "." + text[mark + 1 :]
    for mark in ",.":
        if text.count(mark) > 1:
            return text.replace(mark, "")
    if "," in text:
        whole, _, rest = text.partition(",")
        return whole + rest if len(rest) == 3 and whole.strip("+-") not in ("", "0") else f"{whole}.{rest}"
    return text


def money(value: Any, places: int = 2) -> Decimal:
    """Rounded half up to `places`."""
    return decimal(value).quantize(Decimal(1).scaleb(-int(places)), ROUND_HALF_UP)


def integer(value: Any) -> int:
    return int(decimal(value))


def number(value: Any, style: str = "en", places: int | None = None) -> str:
    """A number for people: en 1,234.50 · de 1.234,50 · fr 1 234,50 · ch 1'234.50 · ko 1,234.50."""
    marks = {"en": (",", "."), "ko": (",", "."), "de": (".", ","), "fr": (" ", ","), "ch": ("'", "."), "plain": ("", ".")}
    if style not in marks:
        raise ValueError(f"number style {style}; known: {', '.join(marks)}")
    amount = decimal(value) if places is None else money(value, places)
    thousands, point = marks[style]
    whole, _, rest = f"{amount:,f}".partition(".")
    return whole.replace(",", thousands) + (point + rest if rest else "")


_DIGITS = "영일이삼사오육칠팔구"
_SMALL, _LARGE = ("", "십", "백", "천"), ("", "만", "억", "조", "경")


def hangul_amount(value: Any, prefix: str = "금 ", suffix: str = "원정") -> str:
    """An amount in Korean letters: 1200000 → 금 일백이십만원정."""
    amount = int(decimal(value))
    if amount < 0 or amount >= 10**20:
        raise ValueError("the amount must be between 0 and 10^20")
    groups = []
    for place in range(len(_LARGE)):
        part = amount // 10 ** (4 * place) % 10_000
        if part:
            groups.append(_four(part) + _LARGE[place])
    return prefix + ("".join(reversed(groups)) or _DIGITS[0]) + suffix


def _four(part: int) -> str:
    letters = ""
    for place in (3, 2, 1, 0):
        digit = part // 10**place % 10
        if digit:
            letters += _DIGITS[digit] + _SMALL[place]
    return letters


# ── dates ──
def to_date(value: Any) -> date:
    """A date from a date, ISO text, or 2026년 11월 21일."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    text = str(value).strip()
    korean = re.fullmatch(r"(\d{4})\s*[년./-]\s*(\d{1,2})\s*[월./-]\s*(\d{1,2})\s*일?\.?", text)
    if korean:
        return date(*(int(g) for g in korean.groups()))
    return date.fromisoformat(text[:10])


def date_text(value: Any, form: str = "%Y-%m-%d") -> str:
    """A date as text: `%d.%m.%Y`, or `ko` for 2026년 11월 21일."""
    day = value if isinstance(value, date) else to_date(value)
    if form == "ko":
        return f"{day.year}년 {day.month}월 {day.day}일"
    if not re.fullmatch(r"(?:%[YymdHMSjUWabAB%]|[^%])*", form):
        raise ValueError(f"date form {form!r}")
    return day.strftime(form)


def days(count: int) -> timedelta:
    if abs(int(count)) > MAX_DAYS:
        raise ValueError("too many days")
    return timedelta(days=int(count))


@lru_cache(maxsize=64)
def _holidays(country: str, year: int) -> Any:
    import holidays

    return holidays.country_holidays(country, years=year)


def is_working_day(value: Any, country: str = "KR") -> bool:
    day = to_date(value)
    return day.weekday() < 5 and day not in _holidays(country, day.year)


def working_days(value: Any, count: int, country: str = "KR") -> date:
    """The day that is `count` working days after (before, when negative) a date."""
    day, left = to_date(value), int(count)
    if abs(left) > 2_000:
        raise ValueError("at most 2000 working days")
    step = timedelta(days=1 if left >= 0 else -1)
    while left:
        day += step
        if is_working_day(day, country):
            left -= 1 if left > 0 else -1
    return day


def month_end(value: Any) -> date:
    day = to_date(value)
    first = date(day.year + day.month // 12, day.month % 12 + 1, 1)
    return first - timedelta(days=1)


def add_months(value: Any, count: int) -> date:
    """The same day `count` months on, or the month's last."""
    day = to_date(value)
    months = day.year * 12 + day.month - 1 + int(count)
    first = date(months // 12, months % 12 + 1, 1)
    return first.replace(day=min(day.day, month_end(first).day))


@_scoped
def now(scope: Mapping[str, Any]) -> datetime:
    """The run's frozen time."""
    moment: datetime = scope["run"]["now"]
    return moment


@_scoped
def today(scope: Mapping[str, Any]) -> date:
    """The date of the run's frozen time."""
    return now(scope).date()


# ── text ──
def text_of(value: Any) -> str:
    from flows.expressions import to_text

    return to_text(value)


def clean(value: Any) -> str:
    """Single spaces, trimmed, no control characters."""
    return re.sub(r"\s+", " ", "".join(c for c in text_of(value) if c.isprintable() or c.isspace())).strip()


def digits(value: Any) -> str:
    return re.sub(r"\D", "", text_of(value))


def _re2(pattern: str) -> Any:
    import re2

    try:
        return re2.compile(pattern)
    except re2.error as error:
        raise ValueError(f"pattern {pattern!r}: {error}") from None


def find(value: Any, pattern: str, group: int | None = None) -> str | None:
    """The first match of a regular expression (linear time), its first group if it has one."""
    compiled = _re2(pattern)
    found = compiled.search(text_of(value))
    if not found:
        return None
    chosen = group if group is not None else (1 if compiled.groups else 0)
    return str(found.group(chosen)) if found.group(chosen) is not None else None


def find_all(value: Any, pattern: str) -> list[str]:
    return [m.group(1 if m.re.groups else 0) or "" for m in _re2(pattern).finditer(text_of(value))]


def matches(value: Any, pattern: str) -> bool:
    return _re2(pattern).fullmatch(text_of(value)) is not None


def regex_replace(value: Any, pattern: str, by: str = "") -> str:
    return str(_re2(pattern).sub(by, text_of(value)))


def business_number(value: Any) -> str:
    """A Korean business number as 123-45-67890."""
    number_ = digits(value)
    if len(number_) != 10:
        raise ValueError(f"{value!r} has not 10 digits")
    return f"{number_[:3]}-{number_[3:5]}-{number_[5:]}"


def split(value: Any, by: str = ",") -> list[str]:
    return [part.strip() for part in text_of(value).split(by)]


def pad(value: Any, width: int, fill: str = "0") -> str:
    if not 0 <= int(width) <= 1000:
        raise ValueError("width must be 0 to 1000")
    return text_of(value).rjust(int(width), fill[:1])


def json_text(value: Any) -> str:
    import json

    from flows.data import simple

    return json.dumps(simple(value), ensure_ascii=False)


# ── lists ──
def _list(value: Any) -> list[Any]:
    if value is None:
        return []
    if isinstance(value, Mapping):
        return list(value.values())
    if not isinstance(value, list):
        raise TypeError("that is not a list")
    return value


def count(value: Any) -> int:
    return len(value) if isinstance(value, str | Mapping) else len(_list(value))


def pick(value: Any, name: str) -> list[Any]:
    """One column of a list of mappings."""
    return [row.get(name) if isinstance(row, Mapping) else None for row in _list(value)]


def where(value: Any, name: str, equals: Any) -> list[Any]:
    return [row for row in _list(value) if isinstance(row, Mapping) and row.get(name) == equals]


def total(value: Any, name: str | None = None) -> int | Decimal:
    values = pick(value, name) if name else _list(value)
    return sum((decimal(v) if isinstance(v, str) else v for v in values if v is not None), start=0)


def ordered(value: Any, by: str | None = None, reverse: bool = False) -> list[Any]:
    return sorted(_list(value), key=(lambda row: row.get(by)) if by else None, reverse=reverse)


def unique(value: Any) -> list[Any]:
    result: list[Any] = []
    for one in _list(value):
        if one not in result:
            result.append(one)
    return result


def first(value: Any) -> Any:
    values = value if isinstance(value, str) else _list(value)
    return values[0] if values else None


def last(value: Any) -> Any:
    values = value if isinstance(value, str) else _list(value)
    return values[-1] if values else None


def join(value: Any, by: str = ", ") -> str:
    return by.join(text_of(v) for v in _list(value))


def default(value: Any, other: Any = "") -> Any:
    """`other` when the value is null or empty text."""
    return other if value is None or value == "" else value


def lowest(*values: Any) -> Any:
    items = _list(values[0]) if len(values) == 1 else list(values)
    return min((v for v in items if v is not None), default=None)


def highest(*values: Any) -> Any:
    items = _list(values[0]) if len(values) == 1 else list(values)
    return max((v for v in items if v is not None), default=None)


def numbers(start: int, end: int) -> list[int]:
    """start, …, end (both included), at most 10,000."""
    if int(end) - int(start) > 10_000:
        raise ValueError("at most 10,000 numbers")
    return list(range(int(start), int(end) + 1))


_SHARED: dict[str, Callable[..., Any]] = {
    "decimal": decimal, "money": money, "int": integer, "text": text_of, "count": count, "sum": total, "min": lowest,
    "max": highest, "first": first, "last": last, "sorted": ordered, "unique": unique, "join": join, "where": where,
    "working_days": working_days, "is_working_day": is_working_day, "month_end": month_end, "add_months": add_months,
    "hangul_amount": hangul_amount, "find": find, "find_all": find_all, "matches": matches, "digits": digits,
    "abs": lambda v: abs(decimal(v)),
}
FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    **_SHARED, "now": now, "today": today, "days": days, "date": to_date, "numbers": numbers,
}
FILTERS: Mapping[str, Callable[..., Any]] = {
    **_SHARED, "default": default, "number": number, "round": money, "date": date_text, "to_date": to_date,
    "upper": lambda v: text_of(v).upper(), "lower": lambda v: text_of(v).lower(), "trim": lambda v: text_of(v).strip(),
    "clean": clean, "replace": lambda v, old, new="": text_of(v).replace(str(old), str(new)), "split": split,
    "urlencode": lambda v: quote(text_of(v), safe=""), "contains": lambda v, part: str(part) in text_of(v),
    "starts_with": lambda v, part: text_of(v).startswith(str(part)), "ends_with": lambda v, part: text_of(v).endswith(str(part)),
    "regex_replace": regex_replace, "business_number": business_number, "pad": pad, "json": json_text, "pick": pick,
    "length": count, "map": pick, "reverse": lambda v: list(reversed(_list(v))) if not isinstance(v, str) else v[::-1],
    "shorten": lambda v, length=40: text_of(v) if len(text_of(v)) <= length else text_of(v)[: length - 1] + "…",
}
