"""The plain data that flows compute with, and its exact JSON form.

Values in a flow are: None, bool, int, Decimal, str, date, datetime, time, timedelta, Secret, and lists and
string-keyed dicts of these. Everything an action returns is brought to this form (`plain`), stored in the
ledger as JSON (`encode`) and comes back equal (`decode`). What JSON cannot say is tagged with one `$` key.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import PurePath
from typing import Any, TypeAlias

Plain: TypeAlias = Any


@dataclasses.dataclass(frozen=True, slots=True)
class Secret:
    """A secret on its way to an allowed sink. Its value never prints, formats or serialises."""

    name: str
    reveal_value: str = dataclasses.field(repr=False, compare=False)

    def __str__(self) -> str:
        return f"[secret {self.name}]"

    def __format__(self, spec: str) -> str:
        return str(self)

    def reveal(self) -> str:
        """The value itself: only for the sink that types or sends it."""
        return self.reveal_value


def plain(value: Any) -> Plain:
    """`value` as plain data: dataclasses and Pydantic models become dicts, tuples lists, paths text.

    Raises TypeError for what is not data (an open file, a function).
    """
    if value is None or isinstance(value, bool | int | str | Decimal | date | time | timedelta | Secret):
        return value
    if isinstance(value, float):
        return Decimal(repr(value))
    if isinstance(value, PurePath):
        return str(value)
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(v) for v in value]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if hasattr(value, "model_dump"):
        return plain(value.model_dump())
    raise TypeError(f"{type(value).__name__} is not data a flow can hold")


def _tag(value: Plain) -> Any:
    if isinstance(value, Secret):
        return {"$secret": value.name}
    if isinstance(value, Decimal):
        return {"$decimal": str(value)}
    if isinstance(value, datetime):
        return {"$datetime": value.isoformat()}
    if isinstance(value, date):
        return {"$date": value.isoformat()}
    if isinstance(value, time):
        return {"$time": value.isoformat()}
    if isinstance(value, timedelta):
        return {"$seconds": str(Decimal(value // timedelta(microseconds=1)) / 1_000_000)}
    if isinstance(value, Mapping):
        pairs = {k: _tag(v) for k, v in value.items()}
        return {"$map": pairs} if len(pairs) == 1 and next(iter(pairs)).startswith("$") else pairs
    if isinstance(value, list):
        return [_tag(v) for v in value]
    return value


_UNTAG: Mapping[str, Callable[[Any], Any]] = {
    "$secret": lambda v: Secret(v, ""),
    "$decimal": Decimal,
    "$datetime": datetime.fromisoformat,
    "$date": date.fromisoformat,
    "$time": time.fromisoformat,
    "$seconds": lambda v: timedelta(microseconds=int(Decimal(v) * 1_000_000)),
    "$map": lambda v: {k: _untag(x) for k, x in v.items()},
}


def _untag(value: Any) -> Plain:
    if isinstance(value, dict):
        if len(value) == 1:
            ((key, inner),) = value.items()
            if key in _UNTAG:
                return _UNTAG[key](inner)
        return {k: _untag(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_untag(v) for v in value]
    return value


_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))
_AS_IT_IS = frozenset((str, int, bool, type(None)))


def _exact(value: Any) -> Any:
    """`_tag(plain(value))` in one walk for what most data consists of: this runs for every recorded step, and a
    call for each leaf would cost more than all the rest."""
    kind, simplest = type(value), _AS_IT_IS
    if kind in simplest:
        return value
    if kind is dict:
        pairs = {
            k if type(k) is str else str(k): v if type(v) in simplest else _exact(v) for k, v in value.items()
        }
        return {"$map": pairs} if len(pairs) == 1 and next(iter(pairs)).startswith("$") else pairs
    if kind is list:
        return [v if type(v) in simplest else _exact(v) for v in value]
    return _tag(plain(value))


def encode(value: Any) -> str:
    """`value` (anything `plain` accepts) as exact, canonical JSON text."""
    return _ENCODER.encode(_exact(value))


def decode(text: str) -> Plain:
    """The plain data that `encode` wrote. A secret comes back without its value."""
    return _untag(json.loads(text))


def simple(value: Any) -> Any:
    """`value` for people and for `--json`: decimals and dates as text, secrets as their marker."""
    kind, simplest = type(value), _AS_IT_IS
    if kind in simplest:
        return value
    if kind is dict:
        return {
            k if type(k) is str else str(k): v if type(v) in simplest else simple(v) for k, v in value.items()
        }
    if kind is list:
        return [v if type(v) in simplest else simple(v) for v in value]
    return _simple(plain(value))


def _simple(value: Plain) -> Any:
    if isinstance(value, Mapping | list):
        return simple(value)
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, timedelta | Secret):
        return str(value)
    return value
