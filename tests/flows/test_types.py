
"""The types of inputs: what people write, what comes out, what is refused and why."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from jsonschema import Draft7Validator

from flows.failures import FlowFailure
from flows.model import Input
from flows.types import TYPES, duration, inputs_schema, parse, parse_input, static_type


@pytest.mark.parametrize(
    ("kind", "given", "expected"),
    [
        ("text", 5, "5"), ("text", True, "True"), ("int", "12", 12), ("int", "1,000", 1000), ("int", Decimal("3.0"), 3),
        ("decimal", "0.10", Decimal("0.10")), ("money", "1.234,50", Decimal("1234.50")), ("money", 12.5, Decimal("12.5")),
        ("bool", "yes", True), ("bool", "아니오", False), ("bool", True, True), ("date", "2026-11-21", date(2026, 11, 21)),
        ("date", "2026. 11. 21.", date(2026, 11, 21)), ("datetime", "2026-11-21T09:30", datetime(2026, 11, 21, 9, 30)),
        ("duration", "1h 30m", timedelta(minutes=90)), ("file", "a/b.csv", "a/b.csv"), ("url", "https://x.test/a", "https://x.test/a"),
        ("email", "ap@localhost", "ap@localhost"), ("list", "a, b", ["a", "b"]), ("list", '["a,b", c]', ["a,b", "c"]),
        ("list", "[]", []), ("table", '[{"a": "1,2"}, {a: 2}]', [{"a": "1,2"}, {"a": 2}]),
        ("list", ["a"], ["a"]),
        ("table", [{"a": 1}], [{"a": 1}]), ("iban", "DE89 3704 0044 0532 0130 00", "DE89370400440532013000"),
        ("vat_id", "DE 136695976", "DE136695976"), ("business_number", "220-81-62517", "2208162517"),
        ("secret", "erp_password", "erp_password"),
    ],
)  # fmt: skip
def test_what_people_write(kind: str, given: Any, expected: Any) -> None:
    found = parse(kind, given)
    assert found == expected and type(found) is type(expected)


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        ("int", "12.5"), ("int", "x"), ("int", True), ("decimal", "1e5"), ("money", "lots"), ("bool", "maybe"),
        ("date", "21/11/2026"), ("date", "2026-02-30"), ("datetime", "noon"), ("duration", "30"), ("duration", "5 weeks"),
        ("url", "ftp://x"), ("url", "x.test"), ("url", "https://x y"), ("url", "https://[bad"), ("email", "a@b, c@d"),
        ("list", 5), ("list", "[a: b: c]"), ("table", "a,b"), ("table", "[a]"), ("table", [1]), ("iban", "DE89370400440532013001"), ("vat_id", "DE1"), ("business_number", "1234567892"),
        ("secret", "hunter 2!"), ("file", ""), ("text", None), ("text", ["a"]),
    ],
)  # fmt: skip
def test_what_is_refused(kind: str, given: Any) -> None:
    with pytest.raises(FlowFailure) as caught:
        parse_input(Input("it", kind), given)
    assert caught.value.code == "input-invalid"
    assert caught.value.details["name"] == "it" and caught.value.details["reason"]


def test_the_value_of_a_secret_is_never_told() -> None:
    with pytest.raises(FlowFailure) as caught:
        parse_input(Input("pw", "secret"), "hunter 2!")
    assert "hunter" not in str(caught.value.details)


def test_choices_lists_and_tables() -> None:
    choice = Input("mode", "choice", choices=("draft", "final"))
    assert parse_input(choice, "final") == "final"
    with pytest.raises(FlowFailure, match="draft, final"):
        parse_input(choice, "other")
    assert parse_input(Input("n", "list", of="int"), "1, 2") == [1, 2]
    with pytest.raises(FlowFailure, match="number 2"):
        parse_input(Input("n", "list", of="int"), "1, x")
    table = Input("t", "table", columns={"sku": "text", "qty": "int"})
    assert parse_input(table, [{"sku": "A", "qty": "2"}, {"sku": "B"}]) == [
        {"sku": "A", "qty": 2},
        {"sku": "B", "qty": None},
    ]
    with pytest.raises(FlowFailure, match="row 1, qty"):
        parse_input(table, [{"qty": "x"}])
    with pytest.raises(FlowFailure, match="unknown column"):
        parse_input(table, [{"color": "x"}])


@pytest.mark.parametrize("kind", list(TYPES))
def test_every_type_has_an_example_that_parses_and_fits_its_schema(kind: str) -> None:
    found = TYPES[kind]
    value: Any = [{"sku": "A1", "qty": 2}] if kind == "table" else found.example
    parse(kind, value)
    schema = inputs_schema({"it": Input("it", kind, description="What it is")})
    Draft7Validator.check_schema(schema)
    assert Draft7Validator(schema).is_valid({"it": value})
    assert schema["required"] == ["it"]


def test_durations() -> None:
    assert duration("1d") == timedelta(days=1)
    assert duration("0.5s") == timedelta(milliseconds=500)
    for wrong in ("", "5", "s", "5 parsecs", "-5s"):
        with pytest.raises(ValueError, match="unit"):
            duration(wrong)


def test_static_types() -> None:
    assert static_type(Input("a", "money")) is Decimal
    assert static_type(Input("a", "list", of="date")) == list[date]
