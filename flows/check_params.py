"""An action's parameters against its declaration: unknown, missing, wrong, and secrets where none may go."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, get_args

from pydantic import BaseModel, TypeAdapter, ValidationError

from flows.action import ActionSpec
from flows.data import Secret
from flows.diagnostics import Diagnostic, Said
from flows.marks import Mark
from flows.model import Step, Template
from flows.shape import listing, nearest
from flows.static import bare, family


class _Later(str):
    """Stands for a value that is only known when the flow runs."""


LATER = _Later("…")
_GROUPS = ("what-list", "what-mapping")
EXPECTED: Mapping[str, str] = {
    "string_type": "expected-text", "int_type": "expected-int", "int_parsing": "expected-int",
    "int_from_float": "expected-int", "bool_type": "expected-bool", "bool_parsing": "expected-bool",
    "decimal_type": "expected-number", "decimal_parsing": "expected-number", "float_type": "expected-number",
    "float_parsing": "expected-number", "list_type": "expected-list", "dict_type": "expected-mapping",
    "model_type": "expected-mapping", "date_type": "expected-date", "date_parsing": "expected-date",
    "date_from_datetime_parsing": "expected-date", "time_delta_parsing": "expected-duration",
    "time_delta_type": "expected-duration",
}  # fmt: skip


def check_parameters(spec: ActionSpec, step: Step) -> Iterator[Diagnostic]:
    """Every problem of the parameters' names and literal values."""
    fields = spec.model.model_fields
    for name in step.params:
        if name not in fields:
            yield _unknown(spec, step, name)
    for name, field in fields.items():
        given = step.params.get(name)
        if field.is_required() and given is None:
            yield Diagnostic("parameter-missing", step.mark, details={"name": name, "action": spec.name})
    known = {n: _substituted(v) for n, v in step.params.items() if n in fields and v is not None}
    try:
        spec.model.model_validate(known)
    except ValidationError as error:
        yield from _wrong(spec, step, known, error)


def _unknown(spec: ActionSpec, step: Step, name: str) -> Diagnostic:
    fields = list(spec.model.model_fields)
    details = {"name": name, "action": spec.name, "known": listing(fields, name)}
    return Diagnostic("parameter-unknown", _mark(step, (name,)), "error", details, nearest(name, fields))


def _substituted(value: Any) -> Any:
    if isinstance(value, Template):
        return LATER
    if isinstance(value, Mapping):
        return {k: _substituted(v) for k, v in value.items()}
    return [_substituted(v) for v in value] if isinstance(value, list) else value


def _later(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(_later(v) for v in value.values())
    return any(_later(v) for v in value) if isinstance(value, list) else isinstance(value, _Later)


def _wrong(
    spec: ActionSpec, step: Step, given: Mapping[str, Any], error: ValidationError
) -> Iterator[Diagnostic]:
    """One problem a parameter: the one that lies deepest, so that a union tells of the branch that was
    meant."""
    chosen: dict[str, tuple[int, Any]] = {}
    for one in error.errors(include_url=False):
        name = str(one["loc"][0]) if one["loc"] else ""
        if name not in given or (
            one["type"] not in ("missing", "extra_forbidden") and _later(one.get("input"))
        ):
            continue
        path = _path(given, one["loc"])
        depth = len(path) + (one["type"] == "extra_forbidden")
        if name not in chosen or depth > chosen[name][0]:
            chosen[name] = depth, (one, path)
    for one, path in (found for _, found in chosen.values()):
        yield _described(spec, step, one, path)


def _path(value: Any, location: Sequence[Any]) -> tuple[Any, ...]:
    """The keys of `location` that exist in what was written: Pydantic also names union members."""
    path: list[Any] = []
    for part in location:
        inside = isinstance(value, Mapping) and part in value
        if inside or (isinstance(value, list) and isinstance(part, int) and part < len(value)):
            value = value[part]
            path.append(part)
    return tuple(path)


def _mark(step: Step, path: Sequence[Any]) -> Mark:
    for length in range(len(path), 0, -1):
        found = step.marks.get(".".join(str(p) for p in path[:length]))
        if found is not None:
            return found
    return step.mark


def _described(spec: ActionSpec, step: Step, error: Any, path: tuple[Any, ...]) -> Diagnostic:
    name = str(error["loc"][0])
    details = {"action": spec.name, "parameter": ".".join(map(str, path[:1]))}
    mark = _mark(step, path)
    if error["type"] == "extra_forbidden":
        known = _model_fields(spec.model.model_fields[name].annotation)
        details |= {"part": str(path[-1]), "known": listing(known, str(path[-1]))}
        return Diagnostic("parameter-part-unknown", mark, "error", details, nearest(str(path[-1]), known))
    if error["type"] == "missing":
        return Diagnostic("parameter-part-missing", mark, "error", {**details, "part": str(error["loc"][-1])})
    value = error.get("input")
    shown = "" if isinstance(value, Mapping | list) else str(value)[:60]
    return Diagnostic(
        "parameter-invalid", mark, "error", {**details, "reason": _reason(error), "value": shown}
    )


def _model_fields(annotation: Any) -> list[str]:
    """The keys of the first model in an annotation."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [f.alias or name for name, f in annotation.model_fields.items()]
    return next((found for one in get_args(annotation) if (found := _model_fields(one))), [])


def _reason(error: Any) -> Said | str:
    kind = str(error["type"])
    if kind in EXPECTED:
        return Said(EXPECTED[kind])
    if kind in ("literal_error", "enum"):
        return Said(
            "expected-one-of", {"known": str(error["ctx"]["expected"]).replace(" or ", ", ").replace("'", "")}
        )
    return str(error["msg"]).removeprefix("Value error, ")


def check_types(spec: ActionSpec, step: Step, kinds: Mapping[str, Any]) -> Iterator[Diagnostic]:
    """Secrets only where they are accepted; no list or mapping where one value is needed."""
    for name, kind in kinds.items():
        mark = _mark(step, (name,))
        if _has_secret(kind) and name not in spec.secret_sinks:
            sinks = ", ".join(sorted(spec.secret_sinks)) or "-"
            yield Diagnostic(
                "secret-not-allowed", mark, details={"action": spec.name, "parameter": name, "sinks": sinks}
            )
        field = spec.model.model_fields.get(name)
        wanted = family(bare(field.annotation)) if field is not None else ""
        clash = isinstance(step.params[name], Template) and _clash(family(kind), wanted)
        if clash and not (family(kind) not in _GROUPS and field is not None and _takes_text(field.annotation)):
            details = {
                "action": spec.name,
                "parameter": name,
                "given": Said(family(kind)),
                "wanted": Said(wanted),
            }
            yield Diagnostic("parameter-type", mark, details=details)


def _clash(given: str, wanted: str) -> bool:
    return bool(given and wanted) and given != wanted and (given in _GROUPS or wanted in _GROUPS)


def _takes_text(annotation: Any) -> bool:
    """Whether a bare text stands for the mapping, as with targets."""
    try:
        TypeAdapter(annotation).validate_python("text")
    except ValidationError:
        return False
    return True


def _has_secret(kind: Any) -> bool:
    if isinstance(kind, Mapping):
        return any(_has_secret(k) for k in kind.values())
    return kind is Secret or Secret in get_args(kind)
