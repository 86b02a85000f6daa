"""The types of inputs: one parser each, from what a person or a program writes to plain data.

A failure is a ValueError whose text says what is expected; `parse_input` makes it a FlowFailure.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlsplit

from flows.failures import FlowFailure
from flows.model import Input

_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)")
_UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400}


def duration(value: Any) -> timedelta:
    """`500ms 30s 15m 6h 1d`, or several: `1h 30m`. Always with a unit."""
    if isinstance(value, timedelta):
        return value
    text = str(value).strip()
    parts = _DURATION.findall(text)
    if not parts or _DURATION.sub("", text).strip():
        raise ValueError("a duration needs a unit: 500ms 30s 15m 6h 1d")
    return timedelta(seconds=sum(float(n) * _UNITS[unit] for n, unit in parts))


def _text(value: Any) -> str:
    if isinstance(value, list | Mapping):
        raise ValueError("text expected")
    return str(value)


def _int(value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if not re.fullmatch(r"[+-]?\d{1,30}", str(value).strip()):
        raise ValueError("a whole number expected")
    return int(str(value))


def _decimal(value: Any) -> Decimal:
    from flows.functions import decimal

    return decimal(value)


def _money(value: Any) -> Decimal:
    try:
        return _decimal(value)
    except (InvalidOperation, ValueError):
        raise ValueError("an amount such as 1234.50 expected") from None


def _bool(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    words = {"true": True, "yes": True, "on": True, "1": True, "예": True, "false": False, "no": False, "off": False, "0": False, "아니오": False}
    if str(value).strip().lower() not in words:
        raise ValueError("true or false expected")
    return words[str(value).strip().lower()]


def _date(value: Any) -> date:
    from flows.functions import to_date

    try:
        return to_date(value)
    except ValueError:
        raise ValueError("a date as YYYY-MM-DD expected") from None


def _datetime(value: Any) -> datetime:
    try:
        return value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    except ValueError:
        raise ValueError("a time as YYYY-MM-DDTHH:MM expected") from None


def _url(value: Any) -> str:
    parts = urlsplit(str(value))
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("an address that begins with http:// or https:// expected")
    return str(value)


def _email(value: Any) -> str:
    if not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+|[^@\s]+@localhost", str(value)):
        raise ValueError("an e-mail address expected")
    return str(value)


def _checked(module: str) -> Callable[[Any], str]:
    """A number whose check digits python-stdnum knows."""

    def check(value: Any) -> str:
        from importlib import import_module

        from stdnum.exceptions import ValidationError

        try:
            return str(import_module(f"stdnum.{module}").validate(str(value)))
        except ValidationError as error:
            raise ValueError(str(error)) from None

    return check


def _list(value: Any) -> list[Any]:
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    if not isinstance(value, list):
        raise ValueError("a list expected")
    return value


def _table(value: Any) -> list[Any]:
    rows = _list(value) if not isinstance(value, str) else None
    if rows is None or not all(isinstance(r, Mapping) for r in rows):
        raise ValueError("a list of rows {column: value} expected")
    return rows


PARSERS: Mapping[str, Callable[[Any], Any]] = {
    "text": _text, "secret": _text, "int": _int, "decimal": _decimal, "money": _money, "bool": _bool, "date": _date,
    "datetime": _datetime, "duration": duration, "file": _text, "folder": _text, "url": _url, "email": _email,
    "choice": _text, "list": _list, "table": _table, "iban": _checked("iban"), "vat_id": _checked("eu.vat"),
    "business_number": _checked("kr.brn"),
}


def parse(type_name: str, value: Any) -> Any:
    """`value` as the type says. Raises ValueError with what is expected."""
    return PARSERS[type_name](value)


def parse_input(declared: Input, value: Any) -> Any:
    """One input, its choices and element type checked. Raises FlowFailure `input-invalid`."""
    try:
        parsed = parse(declared.type, value)
        if declared.choices and parsed not in declared.choices:
            raise ValueError(f"one of {', '.join(map(str, declared.choices))} expected")
        if declared.type == "list" and declared.of:
            parsed = [parse(declared.of, v) for v in parsed]
        return parsed
    except ValueError as error:
        raise FlowFailure(
            "input-invalid", str(error), details={"name": declared.name, "value": str(value)[:100], "reason": str(error)}
        ) from None
