"""How `rpa actions` looks."""

from __future__ import annotations

from collections.abc import Sequence
from inspect import getdoc
from typing import Any

from flows.action import ActionSpec
from rpa.cli.show import as_json as print_json
from rpa.cli.show import said, say, table


def _parameters(spec: ActionSpec) -> list[dict[str, Any]]:
    properties = spec.model.model_json_schema().get("properties", {})
    return [
        {
            "name": name, "required": info.is_required(), "main": name == spec.main,
            "type": _type(properties.get(name, {})), "default": None if info.is_required() else info.default,
        }
        for name, info in spec.model.model_fields.items()
    ]


def _type(schema: dict[str, Any]) -> str:
    if "anyOf" in schema:
        return " | ".join(dict.fromkeys(_type(s) for s in schema["anyOf"] if s.get("type") != "null"))
    return str(schema.get("type") or schema.get("$ref", "").rsplit("/", 1)[-1] or "any")


def data(spec: ActionSpec) -> dict[str, Any]:
    return {
        "action": spec.name, "summary": spec.summary, "acts": spec.acts, "repeatable": spec.repeatable,
        "bot": spec.bot, "parameters": _parameters(spec), "failures": dict(spec.fails), "examples": list(spec.examples),
    }


def show_actions(specs: Sequence[ActionSpec], *, as_json: bool) -> None:
    if as_json:
        print_json({"actions": [data(s) for s in specs]})
        return
    table(("action", "acts", "what it does"), [(s.name, s.acts, s.summary) for s in specs])


def show_action(spec: ActionSpec, *, as_json: bool) -> None:
    if as_json:
        print_json(data(spec))
        return
    say(f"{spec.name}\n\n{getdoc(spec.function) or ''}\n")
    rows = [
        (p["name"] + (f" ({said('main')})" if p["main"] else ""), p["type"],
         said("required") if p["required"] else f"{said('default')} {p['default']}")
        for p in _parameters(spec)
    ]
    table(("parameter", "type", ""), rows)
    if spec.fails:
        say(f"\n{said('failures')}: " + ", ".join(f"{code} ({kind})" for code, kind in spec.fails.items()))
    for example in spec.examples:
        say(f"\n{said('example')}:\n  - {example}")
