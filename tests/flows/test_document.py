
"""The YAML layer: our scalars, exact places, everything dangerous refused."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from flows.diagnostics import Diagnostic
from flows.document import Node, compose, plain_yaml


def codes(text: str) -> list[tuple[str, int, int]]:
    return [(d.code, d.mark.line, d.mark.column) for d in compose(text, "f.yaml")[1]]


def root(text: str) -> Node:
    node, problems = compose(text, "f.yaml")
    assert node is not None and not problems
    return node


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True), ("false", False), ("null", None), ("~", None), ("", None), ("0", 0), ("12", 12),
        ("-5", -5), ("1.50", Decimal("1.50")), ("-0.5", Decimal("-0.5")), ("yes", "yes"), ("on", "on"),
        ("No", "No"), ("TRUE", "TRUE"), ("12:30", "12:30"), ("0123", "0123"), ("0x1F", "0x1F"), ("1e3", "1e3"),
        ("1_000", "1_000"), ("2026-11-21", "2026-11-21"), (".5", ".5"), ("5.", "5."), ("+7", "+7"),
        ("-0", "-0"), ("'12'", "12"), ('"true"', "true"), (".nan", ".nan"), ("4711E3", "4711E3"),
    ],
)  # fmt: skip
def test_scalars(text: str, value: Any) -> None:
    found = root(f"a: {text}\n").plain()["a"]
    assert found == value and type(found) is type(value)


def test_a_decimal_keeps_its_digits() -> None:
    assert str(root("a: 1234.50\n").plain()["a"]) == "1234.50"


def test_places_of_keys_and_values() -> None:
    node = root("flow: x\nsteps:\n  - data.log: {message: 한글 값}\n")
    steps = node.get("steps")
    assert steps is not None
    step = steps.value[0]
    (pair,) = step.pairs
    assert (pair.mark.line, pair.mark.column, pair.mark.length) == (3, 5, 8)
    message = pair.node.get("message")
    assert (message.mark.line, message.mark.column, message.mark.length) == (3, 25, 4)


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ('a: "x ${name}"\n', (1, 9)),
        ("a: x ${name}\n", (1, 8)),
        ("a: |\n  one\n  two ${name}\n", (3, 9)),
        ("a: >\n  one\n  ${name}\n", (3, 5)),
        ('a: "\\u00e4 ${name}"\n', (1, 14)),
    ],
)
def test_places_inside_texts(text: str, where: tuple[int, int]) -> None:
    node = root(text).get("a")
    assert node is not None
    mark = node.inside(str(node.value).index("name"), "name")
    assert (mark.line, mark.column) == where


def test_the_second_of_two_equal_words_is_found() -> None:
    node = root('a: "${x} and ${x}"\n').get("a")
    assert node is not None
    assert node.inside(str(node.value).rindex("x"), "x").column == 16


def test_windows_line_ends_and_byte_order() -> None:
    assert root("flow: x\r\nsteps: []\r\n").plain() == {"flow": "x", "steps": []}


def test_aliases_are_values() -> None:
    assert root("a: &x {n: 1}\nb: *x\n").plain() == {"a": {"n": 1}, "b": {"n": 1}}


def test_all_duplicates_and_tags_at_once() -> None:
    text = "a: 1\na: 2\nb: !!str 3\nb: 4\nc: {d: 1, d: 2}\n"
    assert codes(text) == [
        ("yaml-duplicate-key", 2, 1),
        ("yaml-tag", 3, 4),
        ("yaml-duplicate-key", 4, 1),
        ("yaml-duplicate-key", 5, 11),
    ]


def test_all_slips_of_a_file_are_told_at_once() -> None:
    text = 'a: {f: ${x}}\nb: [${y}]\nc: "say "hi""\n\td: 1\n'
    assert [c for c, *_ in codes(text)] == [
        "yaml-unquoted-expression", "yaml-unquoted-expression", "yaml-quotes-in-quotes", "yaml-tab",
    ]  # fmt: skip


def test_slips_in_block_texts_are_none() -> None:
    text = 'a: |\n  [${x}] and "say "hi""\nb: c: d\n'
    assert [c for c, *_ in codes(text)] == ["yaml-colon"]


def test_deep_nesting_is_refused_at_once() -> None:
    assert [c for c, *_ in codes("[" * 500_000)] == ["yaml-too-deep"]
    assert [c for c, *_ in codes("a:\n" + "".join("  " * n + "- \n" for n in range(5)))] == []


def test_an_alias_bomb_is_refused() -> None:
    lines = ["a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
    assert codes("\n".join(lines))[-1][0] == "yaml-alias-bomb"


def test_a_value_that_contains_itself_is_refused() -> None:
    assert codes("a: &x [1, *x]\n") == [("yaml-alias", 1, 11)]


def test_plain_yaml_of_our_own_raises() -> None:
    with pytest.raises(ValueError, match="yaml-duplicate-key"):
        plain_yaml("a: 1\na: 2\n")


def test_every_problem_has_a_place() -> None:
    for text in ("a: [", "a: 'x", "{", "- a\nb: c", "@", "a: *b", "\x00", "%YAML 9.9\n---\na: 1"):
        problems: list[Diagnostic] = compose(text, "f.yaml")[1]
        assert problems, text
        assert all(d.mark.line >= 1 and d.mark.column >= 1 for d in problems)
