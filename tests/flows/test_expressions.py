
"""`${…}`: Jinja2's grammar, our own evaluation: exact, bounded, without surprises."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from flows.data import Secret
from flows.expressions import ExpressionError, compile_template, evaluate, names, to_text
from flows.failures import BusinessFailure, FlowFailure
from flows.functions import HELPERS
from flows.marks import Mark

NOW = datetime(2026, 11, 20, 9, 30)
SCOPE: Mapping[str, Any] = {
    "run": {"now": NOW, "id": "r1"},
    "n": None,
    "i": 3,
    "d": Decimal("1234.50"),
    "s": "text",
    "day": date(2026, 11, 21),
    "rows": [{"name": "A", "v": Decimal("1.10")}, {"name": "B", "v": Decimal("2.20")}],
    "deep": {"a": {"b": None}},
    "secrets": {"pw": Secret("pw", "hunter2")},
}


def value(text: str, **more: Any) -> Any:
    return evaluate(compile_template(text), {**SCOPE, **more})


def problem(text: str) -> ExpressionError:
    with pytest.raises(ExpressionError) as caught:
        compile_template(text)
    return caught.value


@pytest.mark.parametrize("helper", HELPERS, ids=lambda h: f"{h.name}-{h.use}")
def test_every_helper_does_what_its_example_says(helper: Any) -> None:
    assert helper.summary
    assert helper.examples
    for expression, shown in helper.examples:
        assert to_text(value("${" + expression + "}")) == shown


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("${i}", 3), ("${ i }", 3), ("n=${i}", "n=3"), ("${i}${i}", "33"), ("$${i}", "${i}"),
        ("$${i} ${i}", "${i} 3"), ("${-i}", -3), ("${- i}", -3), ("${d}", Decimal("1234.50")),
        ("${d} €", "1234.50 €"), ("${d * 2}", Decimal("2469.00")), ("${10 / 4}", Decimal("2.5")),
        ("${7 // 2}", 3), ("${7 % 2}", 1), ("${0.1 + 0.2}", Decimal("0.3")), ("${'a' + 'b'}", "ab"),
        ("${'a' ~ 1 ~ n ~ 2.50}", "a12.50"), ("${[1] + [2]}", [1, 2]), ("${deep.a.b.c.d}", None),
        ("${n.x}", None), ("x${n}y", "xy"), ("${rows[0].name}", "A"), ("${rows[-1]['name']}", "B"),
        ("${rows[:1] | count}", 1), ("${s[0]}", "t"), ("${s[1:3]}", "ex"), ("${day.year + 1}", 2027),
        ("${day - days(1)}", date(2026, 11, 20)), ("${day - date('2026-11-01')}", 20),
        ("${i == 3 and s == 'text'}", True), ("${not n}", True), ("${n or 'none'}", "none"),
        ("${'big' if i > 2 else 'small'}", "big"), ("${1 < i <= 3}", True), ("${'ex' in s}", True),
        ("${4 not in [1, 2]}", True), ("${ {'a': 1}['a'] }", 1), ("${true}", True), ("${null}", None),
        ("${missing.x | default('d')}", "d"), ("${rows[9].name | default('-')}", "-"),
        ("${deep.zz is defined}", False), ("${n is null}", True), ("${today()}", date(2026, 11, 20)),
        ("${now()}", NOW), ("${'4711E3'}", "4711E3"), ("${'it\\'s'}", "it's"), ("${'a\\d'}", "a\\d"),
        ("${find('a-1', '\\b1')}", "1"), ("${1 == true}", False), ("${'1' == 1}", False),
        ("${day < now()}", False), ("${(1, 2)}", [1, 2]),
    ],
)  # fmt: skip
def test_values(text: str, expected: Any) -> None:
    found = value(text, missing={})
    assert found == expected and type(found) is type(expected)


def test_a_whole_expression_keeps_its_type_inside_trees() -> None:
    tree = {"row": {"Total": compile_template("${d}")}, "list": [compile_template("${n}"), 1]}
    assert evaluate(tree, SCOPE) == {"row": {"Total": Decimal("1234.50")}, "list": [None, 1]}


def test_decimals_keep_their_digits() -> None:
    assert str(value("${0.12345678901234567890123}")) == "0.12345678901234567890123"


@pytest.mark.parametrize(
    ("text", "code", "offset"),
    [
        ("ab ${i +}", "expression-syntax", 7), ("${i ? 1 : 2}", "expression-syntax", 4),
        ("${i j}", "expression-syntax", 4), ("x ${i", "expression-unclosed", 2),
        ("${'abc}", "expression-quote-open", 2), ("${}", "expression-empty", 2), ("${  }", "expression-empty", 2),
        ("${i)}", "expression-syntax", 3), ("${i ** 2}", "expression-not-allowed", 4),
        ("${__class__}", "expression-not-allowed", 2), ("${i._x}", "expression-not-allowed", 4),
        ("${s.upper()}", "method-not-allowed", 4), ("${s.format(1)}", "method-not-allowed", 4),
        ("${rows[0]()}", "method-not-allowed", 2), ("${cout(i)}", "function-unknown", 2),
        ("${range(9)}", "function-unknown", 2), ("${i | mony}", "filter-unknown", 6),
        ("${i|attr('x')}", "filter-unknown", 4), ("${i is odd}", "test-unknown", 7),
        ("${s | replace}", "arguments-wrong", 6), ("${count(1, 2, 3)}", "arguments-wrong", 2),
        ("${count(*rows)}", "expression-not-allowed", 8), ("${count(x=1)}", "arguments-wrong", 2),
    ],
)  # fmt: skip
def test_what_does_not_parse_or_is_not_allowed(text: str, code: str, offset: int) -> None:
    found = problem(text)
    assert (found.code, found.offset) == (code, offset)


@pytest.mark.parametrize(
    "text",
    ["${" + "(" * 90 + "1" + ")" * 90 + "}", "${" + "-" * 100 + "1}", "${" + "1+" * 6000 + "1}",
     "${" + "not " * 2000 + "1}", "${" + "[" * 200 + "]" * 200 + "}", "${'" + "x" * 30_000 + "'}"],
)  # fmt: skip
def test_what_is_too_large_is_refused_quickly(text: str) -> None:
    began = time.monotonic()
    assert problem(text).code == "expression-too-large"
    assert time.monotonic() - began < 2


@pytest.mark.parametrize(
    "text",
    ["${i.x}", "${s * 3}", "${[1] * 3}", "${'%s' % i}", "${s + 1}", "${s < 1}", "${rows.name}", "${i[0]}",
     "${rows['a']}", "${true + 1}", "${s | pad(100000)}", "${day + 1}", "${sum(s)}", "${find(s, '(')}",
     "${'x' | number('xx')}", "${working_days(day, 3)}"],
)  # fmt: skip
def test_the_authors_mistakes_are_flow_failures(text: str) -> None:
    with pytest.raises(FlowFailure) as caught:
        value(text)
    assert caught.value.details["expression"] == text
    assert caught.value.details["reason"]


@pytest.mark.parametrize(
    "text",
    ["${'n/a' | decimal}", "${'12.34.56,7' | money}", "${'1e9' | decimal}", "${'12 abc 34' | decimal}",
     "${'2026-13-01' | to_date}", "${rows[7]}", "${10 / (i - 3)}", "${12.7 | int}", "${'12' | business_number}",
     "${sum(rows, 'w')}", "${-5 | hangul_amount}"],
)  # fmt: skip
def test_bad_data_is_a_business_failure(text: str) -> None:
    with pytest.raises(BusinessFailure) as caught:
        value(text)
    assert caught.value.code == "value-invalid"
    assert caught.value.details["expression"] == text


@pytest.mark.parametrize(
    "text", ["${n + 1}", "${deep.a.b * 2}", "${n < 3}", "${n | money}", "${-n}", "${sum([1, n])}"]
)
def test_calculating_with_null_is_value_missing(text: str) -> None:
    with pytest.raises(BusinessFailure) as caught:
        value(text)
    assert caught.value.code == "value-missing"
    assert caught.value.details["source"] in ("n", "deep.a.b")


def test_names_that_are_not_there() -> None:
    with pytest.raises(FlowFailure) as caught:
        value("${nobody}")
    assert caught.value.code == "name-unknown"
    with pytest.raises(FlowFailure) as caught:
        value("${rows[0].nobody}")
    assert caught.value.code == "part-unknown"
    assert caught.value.details["known"] == "name, v"


def test_a_secret_passes_whole_and_only_whole() -> None:
    assert value("${secrets.pw}") == Secret("pw", "hunter2")
    assert value("${secrets.pw}").reveal() == "hunter2"


@pytest.mark.parametrize(
    "text",
    ["pw: ${secrets.pw}", "${secrets.pw ~ 'x'}", "${secrets.pw | upper}", "${secrets.pw | json}", "${[secrets.pw] | join}",
     "${secrets.pw == 'x'}", "${'h' in secrets.pw}", "${text(secrets.pw)}", "${ {'a': secrets.pw} | json }",
     "x ${[secrets.pw]}", "${'a' | default(secrets.pw)}", "${secrets.pw | length}", "x ${secrets}"],
)  # fmt: skip
def test_a_secret_is_never_part_of_anything(text: str) -> None:
    with pytest.raises(FlowFailure) as caught:
        value(text)
    assert "hunter2" not in str(caught.value) + str(caught.value.details)


@pytest.mark.parametrize(
    "text",
    ["${'a' | replace('a', s)}", "${s | replace('', 'xx')}", "${join(big)}", "${big[0] ~ big[1]}", "${s | json}",
     "${1e400}", "${i * i * i}"],
)  # fmt: skip
def test_values_stay_bounded(text: str) -> None:
    scope = {"big": ["x" * 600_000] * 2, "i": 10**80, "s": "y" * 1_000_000}
    try:
        found = value(text, **scope)
    except FlowFailure as failure:
        assert failure.code in ("value-too-large", "expression-failed")
    else:
        assert len(to_text(found)) <= 1_000_010


def test_regular_expressions_take_linear_time() -> None:
    began = time.monotonic()
    assert value("${matches(s, '(a+)+b')}", s="a" * 50_000) is False
    assert time.monotonic() - began < 1


def test_no_attribute_of_an_object_is_reachable() -> None:
    class Thing:
        danger = "reached"

    with pytest.raises(FlowFailure):
        value("${thing.danger}", thing=Thing())
    with pytest.raises(FlowFailure):
        value("${s.join}")


def test_names_with_their_places() -> None:
    mark = Mark("f.yaml", 3, 10, 40)
    tree = {"a": [compile_template("x ${bill.fields.total | money(places)} ${count(bill['lines'])}", mark)]}
    found = [(n.parts, n.mark.line, n.mark.column) for n in names(tree)]
    assert found == [
        (("bill", "fields", "total"), 3, 14),
        (("places",), 3, 40),
        (("bill", "lines"), 3, 57),
    ]


def test_functions_filters_and_literals_are_no_names() -> None:
    template = compile_template("${today() if x is empty else first(y, ) | default(true)}")
    assert {n.parts for n in names(template)} == {("x",), ("y",)}


def test_frozen_time_is_the_runs() -> None:
    assert value("${today()} ${now()}") == "2026-11-20 2026-11-20T09:30:00"


def test_the_projects_calendar_counts() -> None:
    run = {"now": NOW, "calendar": {"country": "KR", "closed": ["2026-11-23"]}}
    assert value("${working_days('2026-11-20', 1)}", run=run) == date(2026, 11, 24)
    assert value("${is_working_day('2026-11-23')}", run=run) is False


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("1,234.50", "1234.50"), ("1.234,50", "1234.50"), ("1 234,50", "1234.50"), ("1’234.50", "1234.50"),
        ("₩12,000", "12000"), ("12,000원", "12000"), ("EUR 5,5", "5.5"), ("1.234", "1.234"), ("1,234", "1234"),
        ("0,123", "0.123"), ("(35.00)", "-35.00"), ("35.00-", "-35.00"), ("-1.234.567", "-1234567"),
        ("$ -5", "-5"), ("5,-", "5"), ("1,234,567.8", "1234567.8"),
    ],
)  # fmt: skip
def test_amounts_as_people_write_them(given: str, expected: str) -> None:
    assert to_text(value("${s | decimal}", s=given)) == expected


@pytest.mark.parametrize(
    "given", ["", "abc", "1,23,456", "1.2.3,4", "12-34", "5 apples", "--5", "1,2345.6", "٣"]
)
def test_what_is_no_amount(given: str) -> None:
    with pytest.raises(BusinessFailure):
        value("${s | decimal}", s=given)
