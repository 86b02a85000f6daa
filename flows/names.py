"""What a name in an expression may mean, known before the flow runs: types of outputs, followed part by part."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, get_args, get_origin

from flows.action import ActionSpec
from flows.model import Step


@dataclasses.dataclass(frozen=True)
class Unknown:
    """The part that does not exist, and what does."""

    part: str
    known: tuple[str, ...]


DATE_PARTS = ("year", "month", "day", "hour", "minute", "second")


def follow(kind: Any, parts: Iterable[str]) -> Any | Unknown:
    """The type behind `kind.part.part…`; Any where it cannot be known; Unknown where there is no such part."""
    for part in parts:
        fields = _fields(kind)
        if fields is None:
            return Any
        if part not in fields:
            return Unknown(part, tuple(fields))
        kind = fields[part]
    return kind


def _fields(kind: Any) -> Mapping[str, Any] | None:
    """Parts of a type, {} for one without parts, None when they cannot be known."""
    kind = _bare(kind)
    if isinstance(kind, Mapping):
        return kind
    if typing.is_typeddict(kind):
        return typing.get_type_hints(kind)
    if dataclasses.is_dataclass(kind):
        return {f.name: Any for f in dataclasses.fields(kind)}
    if hasattr(kind, "model_fields"):
        return dict.fromkeys(kind.model_fields, Any)
    if kind in (str, int, bool, Decimal, float) or get_origin(kind) is list:
        return {}
    if kind in (date, datetime):
        return dict.fromkeys(DATE_PARTS, int)
    return None


def _bare(kind: Any) -> Any:
    """Optional[X] is X for this purpose: a part of null is null."""
    if get_origin(kind) in (typing.Union, types.UnionType):
        rest = [a for a in get_args(kind) if a is not type(None)]
        return rest[0] if len(rest) == 1 else Any
    return kind


def element(kind: Any) -> Any:
    """The type of a list's elements."""
    kind = _bare(kind)
    return get_args(kind)[0] if get_origin(kind) is list and get_args(kind) else Any


def outputs_type(spec: ActionSpec, step: Step) -> Any:
    """The type of an action's outputs, by its literal parameters where they decide."""
    from flows.model import Template

    if step.outputs is not None:
        return dict.fromkeys(step.outputs, Any)
    if spec.outputs_of is not None:
        literal = {k: v for k, v in step.params.items() if not isinstance(v, Template)}
        return spec.outputs_of(literal)
    kind = spec.returns
    return Any if kind is None or kind is type(None) else kind
