"""The generated reference: keys, types, functions and filters, actions, codes. Made from the declarations
alone.

`python -m flows.reference --catalog bots.catalog:catalog --write docs/reference` writes the pages,
`--check` tells which ones are out of date (exit 1).
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Mapping, Sequence
from importlib import import_module
from inspect import Parameter, cleandoc
from pathlib import Path
from typing import Any

from flows import keys
from flows.action import ActionSpec, Catalog
from flows.catalogue import codes, explain, fix, text
from flows.functions import HELPERS, Helper
from flows.types import TYPES

GENERATED = "<!-- Generated from the code; do not edit. -->"
_ACTS = {"nothing": "nothing", "screen": "the screen", "outside": "the outside world"}
_KEYS: tuple[tuple[str, Mapping[str, str]], ...] = (
    ("A flow", keys.TOP_KEYS),
    ("An input", keys.INPUT_KEYS),
    ("`items`", keys.ITEM_KEYS),
    ("`items.from`", keys.SOURCE_KEYS),
    ("`session`", keys.SESSION_KEYS),
    ("A step's own keys", keys.STEP_KEYS),
    ("Control steps", keys.CONTROL_KEYS),
    ("`for_each`", keys.FOR_EACH_KEYS),
    ("`repeat`", keys.REPEAT_KEYS),
    ("`while`", keys.WHILE_KEYS),
    ("`catch`", keys.CATCH_KEYS),
    ("`stop`", keys.STOP_KEYS),
    ("`retry`", keys.RETRY_KEYS),
    ("`writes`", keys.WRITES_KEYS),
    ("An ending of `expect`", keys.ENDING_KEYS),
)


def pages(catalog: Catalog) -> dict[str, str]:
    """File name → text of every generated page."""
    return {
        "keys.md": keys_page(),
        "types.md": types_page(),
        "expressions.md": expressions_page(),
        "actions.md": actions_page(catalog),
        "errors.md": errors_page(catalog),
    }


def _page(title: str, *parts: str) -> str:
    return "\n\n".join([f"# {title}", GENERATED, *parts]) + "\n"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(head)} |", f"|{'|'.join(['---'] * len(head))}|"]
    lines += [f"| {' | '.join(_cell(c) for c in row)} |" for row in rows]
    return "\n".join(lines)


def _cell(value: str) -> str:
    return value.replace("|", "\\|").replace("\n", " ")


def _code(value: str) -> str:
    return f"`` {value} ``" if "`" in value else f"`{value}`"


def keys_page() -> str:
    """Every key of the language."""
    parts = []
    for title, known in _KEYS:
        parts += [f"## {title}", _table(("key", "meaning"), [(_code(k), v) for k, v in known.items()])]
    return _page("Keys of a flow", *parts)


def types_page() -> str:
    """The types of inputs."""
    rows = [(_code(t.name), t.meaning, _code(t.example)) for t in TYPES.values()]
    return _page("Types of inputs", _table(("type", "meaning", "example"), rows))


def expressions_page() -> str:
    """Functions and filters with examples that the tests evaluate."""
    kinds = {
        "Functions": [h for h in HELPERS if h.use != "filter"],
        "Filters": [h for h in HELPERS if h.use != "function"],
    }
    parts = ["A function is called, `${count(lines)}`; a filter stands behind a bar, `${total | money}`."]
    for title, helpers in kinds.items():
        rows = [_helper_row(h, title == "Filters") for h in sorted(helpers, key=lambda h: h.name)]
        parts += [f"## {title}", _table((title[:-1].lower(), "what it gives", "example"), rows)]
    return _page("Functions and filters of expressions", *parts)


def _helper_row(helper: Helper, as_filter: bool) -> tuple[str, str, str]:
    names = [_parameter(p) for p in helper.signature.parameters.values()]
    shown = ", ".join(names[1:] if as_filter else names)
    called = f"{helper.name}({shown})" if shown or not as_filter else helper.name
    example, value = helper.examples[0]
    return _code(called), helper.summary, f"{_code('${' + example + '}')} → {_code(value)}"


def _parameter(parameter: Parameter) -> str:
    name = f"*{parameter.name}" if parameter.kind is Parameter.VAR_POSITIONAL else parameter.name
    if parameter.default in (Parameter.empty, None, ""):
        return name if parameter.default is Parameter.empty else f"[{name}]"
    return f"{name}={parameter.default!r}"


# ── actions ──
def actions_page(catalog: Catalog) -> str:
    """All actions by family."""
    families: dict[str, list[ActionSpec]] = {}
    for spec in catalog.values():
        families.setdefault(spec.family, []).append(spec)
    parts = []
    for family, specs in families.items():
        parts.append(f"## {family}")
        parts += [part for spec in specs for part in _action(spec)]
    return _page("Actions", *parts)


def _action(spec: ActionSpec) -> list[str]:
    parts = [f"### {spec.name}", cleandoc(spec.function.__doc__ or "")]
    rows = [_parameter_row(spec, name) for name in spec.model.model_fields]
    if rows:
        parts.append(_table(("parameter", "type", "default"), rows))
    parts.append(_nature(spec))
    if spec.examples:
        parts.append("```yaml\n" + "\n".join(f"- {example}" for example in spec.examples) + "\n```")
    return parts


def _nature(spec: ActionSpec) -> str:
    told = [f"Acts on {_ACTS[spec.acts]}."]
    if spec.repeatable:
        told.append("Doing it twice does no harm.")
    if spec.probes:
        told.append("May end `done_if`.")
    if spec.timeout:
        told.append(f"Time-out {spec.timeout}.")
    if spec.secret_sinks:
        told.append(f"Accepts secrets in {', '.join(map(_code, sorted(spec.secret_sinks)))}.")
    if spec.fails:
        told.append(
            "Fails as " + ", ".join(f"`{code}` ({kind})" for code, kind in sorted(spec.fails.items())) + "."
        )
    return " ".join(told)


def _parameter_row(spec: ActionSpec, name: str) -> tuple[str, str, str]:
    field = spec.model.model_fields[name]
    schema = spec.model.model_json_schema()["properties"][name]
    default = "required" if field.is_required() else _code(_shown(field.default))
    return _code(name) + (" (main)" if name == spec.main else ""), _type(schema), default


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "-" if value is None else str(value)


def _type(schema: Mapping[str, Any]) -> str:
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(_type(s) for s in schema["anyOf"] if s.get("type") != "null"))
    if "enum" in schema:
        return " or ".join(_code(str(v)) for v in schema["enum"])
    if "$ref" in schema:
        return str(schema["$ref"].rsplit("/", 1)[-1]).lower()
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}))}"
    names = {"string": "text", "object": "mapping", "boolean": "true/false", "integer": "whole number"}
    return names.get(str(schema.get("type")), str(schema.get("type", "anything")))


# ── codes ──
def errors_page(catalog: Catalog) -> str:
    """Every code: what it says, why, what to do; and which actions fail with it."""
    givers: dict[str, list[str]] = {}
    for spec in catalog.values():
        for code in spec.fails:
            givers.setdefault(code, []).append(spec.name)
    parts = ["`rpa explain CODE` tells the same. Words in braces are filled in."]
    parts += [
        part for code in sorted(codes()) if fix(code) for part in _code_parts(code, givers.get(code, []))
    ]
    return _page("Codes of messages", *parts)


def _code_parts(code: str, givers: list[str]) -> list[str]:
    why = [explain(code)] if explain(code) != text(code) else []
    told = [f"## {code}", text(code), *why, f"**What to do:** {fix(code)}"]
    return [*told, "Given by " + ", ".join(map(_code, givers)) + "."] if givers else told


# ── command ──
def stale(catalog: Catalog, folder: Path) -> list[str]:
    """Names of the pages that differ from what would be generated."""
    made = pages(catalog)
    return [name for name, page in made.items() if not _same(folder / name, page)]


def _same(path: Path, page: str) -> bool:
    return path.is_file() and path.read_text("utf-8") == page


def write(catalog: Catalog, folder: Path) -> None:
    """Writes all pages."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, page in pages(catalog).items():
        (folder / name).write_text(page, "utf-8")


def main(arguments: Sequence[str] | None = None) -> int:
    """The command. Exit 0, or 1 when `--check` finds an outdated page."""
    parser = argparse.ArgumentParser(
        prog="python -m flows.reference", description=(__doc__ or "").split("\n", 1)[0]
    )
    parser.add_argument(
        "--catalog", required=True, metavar="MODULE:FUNCTION", help="what gives the catalog of actions"
    )
    how = parser.add_mutually_exclusive_group(required=True)
    how.add_argument("--write", type=Path, metavar="FOLDER")
    how.add_argument("--check", type=Path, metavar="FOLDER")
    given = parser.parse_args(arguments)
    module, _, function = given.catalog.partition(":")
    catalog: Catalog = getattr(import_module(module), function)()
    if given.write is not None:
        write(catalog, given.write)
        return 0
    old = stale(catalog, given.check)
    for name in old:
        print(f"{given.check / name} is out of date: write it again with --write", file=sys.stderr)
    return 1 if old else 0


if __name__ == "__main__":
    raise SystemExit(main())
