"""The JSON Schema of flows for editors, made from the same declarations that the engine runs.

Draft 7, which the YAML language server understands best. It tells what can be told without running the
checker: keys, actions and their parameters, types, choices. `rpa check` tells the rest.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from flows import keys
from flows.action import ActionSpec, Catalog
from flows.load_control import KINDS, MAX_BRANCHES, MAX_PASSES
from flows.load_flow import ON_CHANGE, ROW_KEYS
from flows.load_steps import ON_ERROR
from flows.types import TYPES

Schema: TypeAlias = dict[str, Any]
COMMENT = "# yaml-language-server: $schema={path}"
EXPRESSION: Schema = {"type": "string", "pattern": r"\$\{", "description": "An expression: ${…}"}
_TEXT: Schema = {"type": ["string", "number", "boolean"]}
_DURATION: Schema = {
    "type": "string",
    "pattern": r"^(\d+(\.\d+)?\s*(ms|s|m|h|d)\s*)+$",
    "examples": ["500ms", "30s", "15m", "6h", "1d"],
}


def flow_schema(catalog: Catalog) -> Schema:
    """The schema of a flow file with the actions of `catalog`."""
    definitions: Schema = {
        "expression": EXPRESSION,
        "duration": _DURATION,
        "condition": {"type": ["string", "boolean"], "description": "A test such as `total > 100`."},
        "seen": {
            "anyOf": [{"type": "string"}, {"type": "object"}],
            "description": "A target, or one whole expression.",
        },
        "tree": {},
        **_parts(),
    }
    definitions["steps"] = {"type": "array", "items": _ref("step")}
    definitions["step"] = _step(catalog, definitions)
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "A daeri flow",
        **_object(keys.TOP_KEYS, _top(), required=("flow", "steps")),
        "definitions": definitions,
    }


def schema_comment(path: str) -> str:
    """The first line of a flow that tells an editor where its schema is."""
    return COMMENT.format(path=path)


def _ref(name: str) -> Schema:
    return {"$ref": f"#/definitions/{name}"}


def _or_expression(schema: Schema) -> Schema:
    return {"anyOf": [schema, _ref("expression")]}


def _object(
    texts: Mapping[str, str], schemas: Mapping[str, Schema], required: tuple[str, ...] = ()
) -> Schema:
    """An object whose keys are those of `texts`; what has no schema may be anything."""
    properties = {
        name: {"description": text, **_inline(schemas.get(name, {}))} for name, text in texts.items()
    }
    made: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
    return {**made, "required": list(required)} if required else made


def _inline(schema: Schema) -> Schema:
    """Draft 7 ignores what stands beside a $ref: it is put into allOf."""
    return {"allOf": [schema]} if "$ref" in schema else dict(schema)


def _enum(values: Any) -> Schema:
    return {"enum": list(values)}


def _name() -> Schema:
    return {"type": "string", "pattern": r"^[^\s\d_.-][^\s.-]*$"}


# ── the top level ──
def _top() -> dict[str, Schema]:
    return {
        "flow": _name(),
        "title": _TEXT,
        "description": _TEXT,
        "inputs": {"type": "object", "additionalProperties": _ref("input"), "propertyNames": _name()},
        "secrets": {"type": "array", "items": _name()},
        "items": _ref("items"),
        "session": _ref("session"),
        "steps": _ref("steps"),
        "on_failure": _ref("steps"),
        "outputs": {"type": "object", "propertyNames": _name()},
        "hosts": {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]},
    }


def _parts() -> dict[str, Schema]:
    types = _enum(TYPES)
    types["description"] = "; ".join(f"{t.name}: {t.meaning}" for t in TYPES.values())
    whole = {"type": "integer", "minimum": 1}
    return {
        "input": {"anyOf": [types, {"type": "null"}, _object(keys.INPUT_KEYS, _input(types))]},
        "items": _object(
            keys.ITEM_KEYS,
            {
                "from": _source(),
                "attempts": {**whole, "maximum": 20},
                "stop_after": {**whole, "maximum": 10_000},
                "on_change": _enum(ON_CHANGE),
            },
            required=("from",),
        ),
        "session": _object(
            keys.SESSION_KEYS, {"ready": _ref("seen"), "steps": _ref("steps"), "reuse": {"type": "boolean"}}
        ),
        "writes": _object(
            keys.WRITES_KEYS, {"what": {"type": "string"}, "done_if": _ref("steps")}, required=("what", "key")
        ),
        "ending": _object(
            keys.ENDING_KEYS,
            {**dict.fromkeys(("done", "business", "application"), _ref("seen")), "code": {"type": "string"}},
        ),
        "retry": {"anyOf": [{**whole, "maximum": 100}, _object(keys.RETRY_KEYS, _retry(whole))]},
    }


def _input(types: Schema) -> dict[str, Schema]:
    columns = {"type": "object", "additionalProperties": types}
    return {
        "type": types,
        "title": _TEXT,
        "description": _TEXT,
        "required": {"type": "boolean"},
        "choices": {"type": "array"},
        "of": types,
        "columns": columns,
    }


def _source() -> Schema:
    texts = {
        **keys.SOURCE_KEYS,
        **{k: "How the table is read." for k in ROW_KEYS if k not in keys.SOURCE_KEYS},
    }
    return {**_object(texts, {}), "minProperties": 1}


def _retry(whole: Schema) -> dict[str, Schema]:
    backoff = {"type": "number", "minimum": 1, "maximum": 10}
    return {"tries": {**whole, "maximum": 100}, "wait": _ref("duration"), "backoff": backoff}


# ── steps ──
def _step(catalog: Catalog, definitions: Schema) -> Schema:
    """All keys of a step side by side: what an editor can offer best."""
    own = {name: {"description": keys.STEP_KEYS[name], **_inline(one)} for name, one in _own().items()}
    control = {
        name: {"description": keys.CONTROL_KEYS[name], **_inline(one)} for name, one in _control().items()
    }
    actions = {name: _action(spec, definitions) for name, spec in catalog.items()}
    return {
        "type": "object",
        "minProperties": 1,
        "properties": {**own, **actions, **control},
        "additionalProperties": False,
    }


def _own() -> dict[str, Schema]:
    return {
        "id": _name(),
        "name": _TEXT,
        "if": _ref("condition"),
        "retry": _ref("retry"),
        "timeout": _ref("duration"),
        "writes": _ref("writes"),
        "do": _ref("steps"),
        "commits": {"type": "boolean"},
        "expect": {"anyOf": [{"type": "array", "items": _ref("ending")}, _ref("ending")]},
        "repeatable": {"type": "boolean"},
        "on_error": _enum(ON_ERROR),
        "outputs": {"type": "object", "propertyNames": _name()},
    }


def _control() -> dict[str, Schema]:
    at_most = {"type": "integer", "minimum": 1, "maximum": MAX_PASSES}
    bounded = {"at_most": at_most, "until": _ref("condition"), "test": _ref("condition")}
    catch = _object(keys.CATCH_KEYS, {"kind": _some(KINDS), "code": _some(None), "do": _ref("steps")})
    stop = _object(keys.STOP_KEYS, {"with": _enum(("succeed", "business")), "code": {"type": "string"}})
    each = {"in": _or_expression({"type": "array"}), "as": _name()}
    return {
        "then": _ref("steps"),
        "else": _ref("steps"),
        "for_each": _object(keys.FOR_EACH_KEYS, each, required=("in",)),
        "repeat": _object(keys.REPEAT_KEYS, bounded, required=("at_most", "until")),
        "while": _object(keys.WHILE_KEYS, bounded, required=("at_most", "test")),
        "try": _ref("steps"),
        "catch": {"anyOf": [{"type": "array", "items": catch}, catch]},
        "finally": _ref("steps"),
        "call": {"type": "string"},
        "with": {"type": "object"},
        "parallel": {
            "type": "object",
            "additionalProperties": _ref("steps"),
            "minProperties": 2,
            "maxProperties": MAX_BRANCHES,
        },
        "stop": {"anyOf": [_enum(("succeed", "business")), stop]},
    }


def _some(values: tuple[str, ...] | None) -> Schema:
    """One text or a list of texts, out of `values` if given."""
    one: Schema = _enum(values) if values else {"type": "string"}
    return {"anyOf": [one, {"type": "array", "items": one}]}


# ── actions ──
def _action(spec: ActionSpec, definitions: Schema) -> Schema:
    """Its parameters by name, or its main one bare. Definitions of its models go into `definitions`."""
    made = spec.model.model_json_schema(ref_template="#/definitions/{model}")
    for name, definition in made.pop("$defs", {}).items():
        definitions[name] = _secret() if name == "Secret" else _loosened(definition)
    properties = {name: _loosened(one) for name, one in made.get("properties", {}).items()}
    named: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
    if made.get("required"):
        named["required"] = made["required"]
    ways = [named]
    if spec.main is not None:
        ways.append({k: v for k, v in properties[spec.main].items() if k not in ("title", "default")})
    if not made.get("required"):
        ways.append({"type": "null"})
    return {"description": _told(spec), **(ways[0] if len(ways) == 1 else {"anyOf": ways})}


def _told(spec: ActionSpec) -> str:
    examples = "".join(f"\n  - {example}" for example in spec.examples)
    return spec.summary + (f"\n\nFor example:{examples}" if examples else "")


def _secret() -> Schema:
    return {"type": "string", "pattern": r"^\$\{", "description": "A secret: ${secrets.name}"}


def _loosened(schema: Any) -> Any:
    """The same, but wherever a number, a choice, a list or a mapping is wanted, an expression will do too."""
    if not isinstance(schema, Mapping):
        return schema
    kept = {k: v for k, v in schema.items() if k not in ("title", "format")}
    for name in ("properties", "patternProperties"):
        if name in kept:
            kept[name] = {k: _loosened(v) for k, v in kept[name].items()}
    for name in ("items", "additionalProperties"):
        if isinstance(kept.get(name), Mapping):
            kept[name] = _loosened(kept[name])
    for name in ("anyOf", "oneOf", "allOf"):
        if name in kept:
            kept[name] = [_loosened(one) for one in kept[name]]
    if "$ref" in kept and len(kept) > 1:
        kept["allOf"] = [{"$ref": kept.pop("$ref")}]
    return _with_expression(kept)


def _with_expression(schema: Schema) -> Schema:
    wants = schema.get("type")
    closed = (
        "enum" in schema or "const" in schema or wants in ("integer", "number", "boolean", "array", "object")
    )
    if not closed:
        return schema
    shown: Schema = {k: schema.pop(k) for k in ("description", "default") if k in schema}
    return {**shown, **_or_expression(schema)}
