"""Values on their way into a page, and out of it."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BeforeValidator

from flows.data import Secret
from flows.failures import ApplicationFailure

Text: TypeAlias = str | Secret | int | Decimal | date
As: TypeAlias = Literal["text", "integer", "number", "money", "percent", "date", "time", "boolean"]
_UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400}


def _duration(value: Any) -> Any:
    found = re.fullmatch(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)", value.strip()) if isinstance(value, str) else None
    if isinstance(value, timedelta):
        return value
    if found is None:
        raise ValueError("a duration has a unit: 500ms, 30s, 15m, 6h, 1d")
    return timedelta(seconds=float(found[1]) * _UNITS[found[2]])


Duration: TypeAlias = Annotated[timedelta, BeforeValidator(_duration)]


def shown(value: Text) -> str:
    """The characters to type for `value`. A secret is revealed: only for the sink."""
    if isinstance(value, Secret):
        return value.reveal()
    if isinstance(value, date):
        return value.isoformat()
    return format(value, "f") if isinstance(value, Decimal) else str(value)


_TRUE = {"true", "yes", "on", "1", "checked", "x", "✓", "✔", "ja", "예", "oui", "si", "sí"}
_FALSE = {"false", "no", "off", "0", "", "unchecked", "-", "nein", "아니요", "아니오", "non"}


def typed(text: str, kind: As, what: str) -> Any:
    """`text` as `kind`. Raises `value-unreadable` naming `what` was read; empty text is None."""
    from ocr.fields.typed.money import parse_number
    from ocr.fields.typed.parse import parse

    text = " ".join(text.split())
    if kind == "text":
        return text
    found: Any = None
    if kind == "boolean":
        found = True if text.lower() in _TRUE else False if text.lower() in _FALSE else None
    elif not text:
        return None
    elif kind == "integer" or kind == "number":
        number = parse_number(text)
        found = int(number) if number is not None and kind == "integer" and number == int(number) else number
        found = None if kind == "integer" and not isinstance(found, int) else found
    else:
        found = parse(text, kind)
    if found is None:
        details = {"target": what, "text": text[:200], "type": kind}
        raise ApplicationFailure("value-unreadable", details=details)
    return found


def taken(wanted: str, got: str) -> bool:
    """Whether a field that now shows `got` took `wanted`: equal, or only formatted by the page."""
    wanted, got = _bare(wanted), _bare(got)
    if wanted == got:
        return True
    if re.fullmatch(r"[-−]?\d+(\.\d+)?", wanted):
        return Decimal(wanted.replace("−", "-")) in _readings(got) or (
            wanted.isdigit() and not re.search(r"[.,]", got) and _letters(wanted) == _letters(got)
        )
    return bool(_letters(wanted)) and _letters(wanted) == _letters(got)


def _bare(text: str) -> str:
    return re.sub(r"[\u200b\u200e\u200f\ufeff]", "", text).replace("\u00a0", " ").replace("\r\n", "\n").strip()


def _letters(text: str) -> str:
    return re.sub(r"[^\w]|_", "", text).casefold()


def _readings(text: str) -> set[Decimal]:
    """Every number that `text` may print, under either decimal sign."""
    from ocr.fields.typed.money import parse_number

    digits = re.sub(r"^[^\d\-−(]+|[^\d)\-−]+$", "", text)
    return {n for sign in (".", ",", None) if (n := parse_number(digits, sign)) is not None}
