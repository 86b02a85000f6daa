"""Plain values at work: how they stand in a text, what they are called, when they are numbers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from flows.data import Secret, simple
from flows.failures import FlowFailure


class Missing(Exception):
    """A value that is needed is null: the document or table does not show it."""

    def __init__(self, needed: str) -> None:
        super().__init__(needed)
        self.needed = needed


class BadValue(ValueError):
    """A value that cannot be understood as what it should be: `n/a` as an amount. A person must look at
    it."""


def to_text(value: Any) -> str:
    """How a value stands within a text: null is empty, decimals are plain, dates ISO.

    Raises FlowFailure `secret-in-text` for a secret.
    """
    if isinstance(value, Secret):
        raise FlowFailure("secret-in-text", details={"name": value.name})
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, list | Mapping):
        refuse_secrets(value)
        return json.dumps(simple(value), ensure_ascii=False)
    return str(value)


def refuse_secrets(value: Any) -> None:
    """Raises FlowFailure `secret-in-text` when a secret stands anywhere in `value`."""
    if isinstance(value, Secret):
        raise FlowFailure("secret-in-text", details={"name": value.name})
    if isinstance(value, Mapping):
        for inner in value.values():
            refuse_secrets(inner)
    elif isinstance(value, list):
        for inner in value:
            refuse_secrets(inner)


_KINDS: tuple[tuple[Any, str], ...] = (
    (type(None), "null"),
    (bool, "true/false"),
    (int | Decimal, "a number"),
    (str, "a text"),
    (list, "a list"),
    (Mapping, "a mapping"),
    (datetime, "a date with time"),
    (date, "a date"),
    (time, "a time"),
    (timedelta, "a duration"),
    (Secret, "a secret"),
)


def kind_of(value: Any) -> str:
    """What a person would call the value: `a text`, `a list`."""
    return next((name for kind, name in _KINDS if isinstance(value, kind)), type(value).__name__)


def number_of(value: Any) -> int | Decimal:
    """`value` if it is a number. Raises Missing for null, TypeError for anything else."""
    if value is None:
        raise Missing("a number")
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise TypeError(f"{kind_of(value)} is not a number")
    return value


def list_of(value: Any) -> list[Any]:
    """`value` as a list: null is empty, a mapping gives its values."""
    if value is None:
        return []
    if isinstance(value, Mapping):
        return list(value.values())
    if not isinstance(value, list):
        raise TypeError(f"{kind_of(value)} is not a list")
    return value
