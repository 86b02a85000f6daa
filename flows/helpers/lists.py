"""Lists and tables (lists of mappings)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from flows.data import encode
from flows.helpers.numbers import decimal
from flows.values import BadValue, Missing, kind_of, list_of, to_text

MAX_NUMBERS = 10_000


def count(value: Any) -> int:
    """How many: elements of a list, entries of a mapping, letters of a text; null counts 0."""
    return len(value) if isinstance(value, str | Mapping) else len(list_of(value))


def _cell(row: Any, name: str) -> Any:
    if not isinstance(row, Mapping):
        raise TypeError(f"{kind_of(row)} has no column {name}")
    if name not in row:
        raise BadValue(f"there is no column {name}; known: {', '.join(map(str, list(row)[:20]))}")
    return row[name]


def pick(value: Any, name: str) -> list[Any]:
    """One column of a table."""
    return [_cell(row, name) for row in list_of(value)]


def where(value: Any, name: str, equals: Any) -> list[Any]:
    """The rows whose column equals a value."""
    return [row for row in list_of(value) if _cell(row, name) == equals]


def where_not(value: Any, name: str, equals: Any) -> list[Any]:
    """The rows whose column differs from a value."""
    return [row for row in list_of(value) if _cell(row, name) != equals]


def compact(value: Any) -> list[Any]:
    """Without null and empty texts."""
    return [one for one in list_of(value) if one is not None and one != ""]


def total(value: Any, name: str | None = None) -> int | Decimal:
    """The sum of numbers, or of one column. A null in it is a business failure: see `compact`."""
    values = pick(value, name) if name else list_of(value)
    if any(v is None for v in values):
        raise Missing("every number of the sum")
    return sum((v if isinstance(v, int) and not isinstance(v, bool) else decimal(v) for v in values), start=0)


def _order(value: Any) -> tuple[int, Any]:
    """A key by which mixed values can be sorted: numbers, dates, texts, null last."""
    if value is None:
        return 9, 0
    if isinstance(value, int | Decimal):
        return 0, value
    return (1, value.isoformat()) if isinstance(value, date) else (2, to_text(value))


def ordered(value: Any, by: str | None = None, reverse: bool = False) -> list[Any]:
    """Sorted, by a column if it is a table; null comes last."""
    values = list_of(value)
    full = [v for v in values if (_cell(v, by) if by else v) is not None]
    empty = [v for v in values if (_cell(v, by) if by else v) is None]
    return sorted(full, key=lambda v: _order(_cell(v, by) if by else v), reverse=reverse) + empty


def unique(value: Any) -> list[Any]:
    """Each value once, in the order of first appearance."""
    seen: dict[str, Any] = {}
    for one in list_of(value):
        seen.setdefault(encode(one), one)
    return list(seen.values())


def first(value: Any) -> Any:
    """The first element; null when there is none."""
    values = value if isinstance(value, str) else list_of(value)
    return values[0] if values else None


def last(value: Any) -> Any:
    """The last element; null when there is none."""
    values = value if isinstance(value, str) else list_of(value)
    return values[-1] if values else None


def join(value: Any, by: str = ", ") -> str:
    """The elements as one text."""
    return by.join(to_text(v) for v in list_of(value))


def reverse(value: Any) -> Any:
    """Back to front."""
    return value[::-1] if isinstance(value, str) else list_of(value)[::-1]


def default(value: Any, other: Any = "") -> Any:
    """`other` when the value is null, missing or an empty text."""
    return other if value is None or value == "" else value


def lowest(*values: Any) -> Any:
    """The smallest of a list, or of the values given; null is left out."""
    return min(_present(values), key=_order, default=None)


def highest(*values: Any) -> Any:
    """The largest of a list, or of the values given; null is left out."""
    return max(_present(values), key=_order, default=None)


def _present(values: tuple[Any, ...]) -> list[Any]:
    items = list_of(values[0]) if len(values) == 1 else list(values)
    return [v for v in items if v is not None]


def numbers(start: int, end: int) -> list[int]:
    """The whole numbers from `start` to `end`, both included; at most 10,000."""
    if end - start >= MAX_NUMBERS:
        raise ValueError("numbers gives at most 10,000")
    return list(range(start, end + 1))
