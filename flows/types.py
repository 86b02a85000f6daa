"""The types of inputs: from what a person or a program writes to plain data, and the same as JSON Schema.

A parser raises ValueError whose text says what is expected; `parse_input` makes it a FlowFailure.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from flows.data import simple
from flows.failures import FlowFailure
from flows.helpers.dates import to_date
from flows.helpers.numbers import decimal, whole

if TYPE_CHECKING:
    from flows.model import Input

MAX_TEXT = 1_000_000
_DURATION = re.compile(r"(\d{1,9}(?:\.\d{1,6})?)\s*(ms|s|m|h|d)")
_UNITS = {"ms": "0.001", "s": "1", "m": "60", "h": "3600", "d": "86400"}


def duration(value: Any) -> timedelta:
    """`500ms 30s 15m 6h 1d`, or several: `1h 30m`. Always with a unit."""
    if isinstance(value, timedelta):
        return value
    text = str(value).strip()
    parts = _DURATION.findall(text)
    if not parts or _DURATION.sub("", text).strip():
        raise ValueError("a duration needs a unit: 500ms 30s 15m 6h 1d")
    seconds = sum((Decimal(number) * Decimal(_UNITS[unit]) for number, unit in parts), Decimal())
    return timedelta(microseconds=int(seconds * 1_000_000))


def _text(value: Any) -> str:
    if value is None or isinstance(value, list | Mapping):
        raise ValueError("a text is expected")
    if len(str(value)) > MAX_TEXT:
        raise ValueError("a text of at most 1 MB is expected")
    return str(simple(value))


def _name(value: Any) -> str:
    if not re.fullmatch(r"[^\W\d]\w*", str(value)):
        raise ValueError("the name of a secret is expected, never its value")
    return str(value)


def _int(value: Any) -> int:
    return whole(_number(value, "a whole number such as 12"))


def _decimal(value: Any) -> Decimal:
    return _number(value, "a number such as 1234.5")


def _money(value: Any) -> Decimal:
    return _number(value, "an amount such as 1234.50")


def _number(value: Any, expected: str) -> Decimal:
    try:
        if isinstance(value, float):
            return Decimal(repr(value))
        return decimal(value)
    except (ValueError, TypeError):
        raise ValueError(f"{expected} is expected") from None


_BOOLS = {
    **dict.fromkeys(("true", "yes", "on", "1", "y", "예", "네"), True),
    **dict.fromkeys(("false", "no", "off", "0", "n", "아니오", "아니요"), False),
}


def _bool(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if str(value).strip().lower() not in _BOOLS:
        raise ValueError("true or false is expected")
    return _BOOLS[str(value).strip().lower()]


def _date(value: Any) -> date:
    try:
        return to_date(value)
    except (ValueError, TypeError):
        raise ValueError("a date such as 2026-11-21 is expected") from None


def _datetime(value: Any) -> datetime:
    try:
        return value if isinstance(value, datetime) else datetime.fromisoformat(str(value).strip())
    except ValueError:
        raise ValueError("a date with time such as 2026-11-21T09:30 is expected") from None


def _url(value: Any) -> str:
    try:
        parts = urlsplit(str(value).strip())
        good = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        good = False
    if not good or re.search(r"\s", str(value).strip()):
        raise ValueError("an address that begins with http:// or https:// is expected")
    return str(value).strip()


def _email(value: Any) -> str:
    text = str(value).strip()
    if not re.fullmatch(r"[^@\s,;<>]+@(?:[^@\s.,;<>]+\.)*[^@\s.,;<>]+", text):
        raise ValueError("an e-mail address such as ap@example.com is expected")
    return text


def _path(value: Any) -> str:
    if not isinstance(value, str) or not value.strip() or "\0" in value:
        raise ValueError("a path is expected")
    return value


def _checked(module: str, expected: str) -> Callable[[Any], str]:
    """A number whose check digits python-stdnum knows, in its compact form."""

    def check(value: Any) -> str:
        from importlib import import_module

        from stdnum.exceptions import ValidationError

        try:
            return str(import_module(f"stdnum.{module}").validate(str(value)))
        except ValidationError as error:
            raise ValueError(f"{expected} is expected: {str(error).rstrip('.').lower()}") from None

    return check


_BRN_WEIGHTS = (1, 3, 7, 1, 3, 7, 1, 3, 5)


def _business_number(value: Any) -> str:
    """Ten digits whose last one checks the others: weights 1 3 7 1 3 7 1 3 5, the tens of the ninth product
    added (the rule of the Korean tax service; python-stdnum checks the form only)."""
    number = _checked("kr.brn", "a Korean business number")(value)
    products = [int(digit) * weight for digit, weight in zip(number, _BRN_WEIGHTS, strict=False)]
    if -(sum(products) + products[-1] // 10) % 10 != int(number[-1]):
        raise ValueError("a Korean business number is expected: its check digit is wrong")
    return number


LIST_EXPECTED = "a list is expected: [a, b], or a,b on the command line"
TABLE_EXPECTED = "a table is expected: a list of rows, [{column: value}, …]"


def _list(value: Any) -> list[Any]:
    if isinstance(value, str) and not _in_brackets(value):
        return [part.strip() for part in value.split(",") if part.strip()]
    found = _written(value, LIST_EXPECTED)
    if not isinstance(found, list | tuple):
        raise ValueError(LIST_EXPECTED)
    return list(found)


def _table(value: Any) -> list[Any]:
    found = _written(value, TABLE_EXPECTED)
    if not isinstance(found, list) or not all(isinstance(row, Mapping) for row in found):
        raise ValueError(TABLE_EXPECTED)
    return found


def _in_brackets(text: str) -> bool:
    return text.lstrip().startswith("[") and text.rstrip().endswith("]")


def _written(value: Any, expected: str) -> Any:
    """A list that came as a text (the command line, an environment): written as in a flow, or as JSON."""
    if not isinstance(value, str) or not _in_brackets(value):
        return value
    from flows.document import plain_yaml

    try:
        return plain_yaml(value)
    except ValueError:
        raise ValueError(expected) from None


@dataclass(frozen=True)
class InputType:
    """One type of the catalogue. `static` is what expressions see; `schema` its JSON Schema as written in
    YAML."""

    name: str
    parse: Callable[[Any], Any]
    static: Any
    meaning: str
    example: str
    schema: Mapping[str, Any]


def _t(
    name: str, parse: Callable[[Any], Any], static: Any, meaning: str, example: str, **schema: Any
) -> InputType:
    return InputType(name, parse, static, meaning, example, schema or {"type": "string"})


_NUMBER = {"type": ["number", "string"]}

TYPES: Mapping[str, InputType] = {
    t.name: t
    for t in (
        _t("text", _text, str, "Any text.", "Monthly run", type=["string", "number", "boolean"]),
        _t("secret", _name, str, "The name of a secret; its value is looked up when typed.",
           "erp_password"),
        _t("int", _int, int, "A whole number.", "12", type=["integer", "string"]),
        _t("decimal", _decimal, Decimal, "A number, exact to the last digit.", "0.25", **_NUMBER),
        _t("money", _money, Decimal, "An amount, exact to the last digit.", "1234.50", **_NUMBER),
        _t("bool", _bool, bool, "true or false.", "true", type=["boolean", "string"]),
        _t("date", _date, date, "A day.", "2026-11-21"),
        _t("datetime", _datetime, datetime, "A day with its time.", "2026-11-21T09:30"),
        _t("duration", duration, timedelta, "A length of time, always with a unit.", "15m"),
        _t("file", _path, str, "A file, from the project's folder on.", "in/prices.csv"),
        _t("folder", _path, str, "A folder, from the project's folder on.", "inbox"),
        _t("url", _url, str, "An address of the web.", "https://erp.example.com"),
        _t("email", _email, str, "An e-mail address.", "ap@example.com"),
        _t("choice", _text, str, "One of `choices`.", "draft", type=["string", "number", "boolean"]),
        _t("list", _list, list[Any], "Several values; `of` names their type.", "[a, b]",
           type=["array", "string"]),
        _t("table", _table, list[Any], "Rows of `columns`.", "[{sku: A1, qty: 2}]", type="array"),
        _t("iban", _checked("iban", "an IBAN"), str, "A bank account, its check digits checked.",
           "DE89370400440532013000"),
        _t("vat_id", _checked("eu.vat", "a European VAT number"), str, "A European VAT number, checked.",
           "DE136695976"),
        _t("business_number", _business_number, str,
           "A Korean business number, checked.", "220-81-62517"),
    )
}  # fmt: skip
PARSERS: Mapping[str, Callable[[Any], Any]] = {name: t.parse for name, t in TYPES.items()}


def parse(type_name: str, value: Any) -> Any:
    """`value` as the type says. Raises ValueError with what is expected."""
    return TYPES[type_name].parse(value)


def parse_input(declared: Input, value: Any) -> Any:
    """One input, its choices, elements and columns checked. Raises FlowFailure `input-invalid`."""
    try:
        return _parsed(declared, value)
    except ValueError as error:
        given = "[hidden]" if declared.type == "secret" else str(value)[:100]
        details = {"name": declared.name, "value": given, "reason": str(error)}
        raise FlowFailure("input-invalid", str(error), details=details) from None


def _parsed(declared: Input, value: Any) -> Any:
    parsed = parse(declared.type, value)
    if declared.choices:
        return _chosen(declared, parsed)
    if declared.type == "list" and declared.of:
        return [_numbered(declared.of, v, n) for n, v in enumerate(parsed, 1)]
    if declared.type == "table" and declared.columns:
        return [_row(declared.columns, row, n) for n, row in enumerate(parsed, 1)]
    return parsed


def _chosen(declared: Input, value: Any) -> Any:
    found = next((c for c in declared.choices if str(c) == str(value)), None)
    if found is None:
        raise ValueError(f"one of {', '.join(map(str, declared.choices))} is expected")
    return str(found) if declared.type == "choice" else value


def _numbered(type_name: str, value: Any, n: int) -> Any:
    try:
        return parse(type_name, value)
    except ValueError as error:
        raise ValueError(f"number {n}: {error}") from None


def _row(columns: Mapping[str, str], row: Mapping[str, Any], n: int) -> dict[str, Any]:
    strange = [c for c in row if c not in columns]
    if strange:
        raise ValueError(f"row {n} has an unknown column {strange[0]}; known: {', '.join(columns)}")
    made: dict[str, Any] = {}
    for name, kind in columns.items():
        value = row.get(name)
        try:
            made[name] = None if value is None or (value == "" and kind != "text") else parse(kind, value)
        except ValueError as error:
            raise ValueError(f"row {n}, {name}: {error}") from None
    return made


def static_type(declared: Input) -> Any:
    """What expressions know about an input before the flow runs."""
    if declared.type == "list" and declared.of:
        return list[TYPES[declared.of].static]  # type: ignore[misc]
    if declared.type == "table" and declared.columns:
        from typing import TypedDict

        columns = {name: TYPES[kind].static for name, kind in declared.columns.items()}
        return list[TypedDict("row", columns)]  # type: ignore[misc, operator]
    return TYPES[declared.type].static


def schema_of(declared: Input) -> dict[str, Any]:
    """The JSON Schema of one input's value, for forms and editors."""
    made: dict[str, Any] = {**TYPES[declared.type].schema, "title": declared.title or declared.name}
    if declared.description:
        made["description"] = declared.description
    if declared.choices:
        made["enum"] = [simple(c) for c in declared.choices]
    if declared.default is not None and not _has_template(declared.default):
        made["default"] = simple(declared.default)
    if declared.type == "list" and declared.of:
        made["items"] = dict(TYPES[declared.of].schema)
    if declared.type == "table" and declared.columns:
        columns = {name: dict(TYPES[kind].schema) for name, kind in declared.columns.items()}
        made["items"] = {"type": "object", "properties": columns, "additionalProperties": False}
    return made


def _has_template(value: Any) -> bool:
    from flows.expressions import expressions

    return any(True for _ in expressions(value))


def inputs_schema(declared: Mapping[str, Input]) -> dict[str, Any]:
    """The JSON Schema of a flow's inputs as one object."""
    return {
        "type": "object",
        "properties": {name: schema_of(one) for name, one in declared.items()},
        "required": [name for name, one in declared.items() if one.required and one.default is None],
        "additionalProperties": False,
    }
