
"""Whatever stands in a file: an answer in bounded time, no crash, every problem with a place and a
message."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flows.diagnostics import render, to_json
from flows.expressions import ExpressionError, compile_template, evaluate
from flows.failures import BusinessFailure, FlowFailure
from flows.format import format_text
from flows.functions import FILTERS, FUNCTIONS
from flows.load_control import KINDS
from flows.load_flow import INPUT_KEYS, ITEM_KEYS, SOURCES, TOP
from flows.load_steps import CONTROL, OWN
from flows.loader import load
from flows.types import TYPES
from tests.flows.fakes import CATALOG

CORPUS = Path(__file__).parents[1] / "corpus"
FAST, HEAVY = 500, 20_000
QUIET: dict[str, Any] = {"deadline": None, "suppress_health_check": list(HealthCheck)}

names = st.sampled_from(["bill", "line", "x", "송장", "a b", "", "items", "run", "_x", "0"])
expressions = st.builds(
    lambda head, tail: "${" + head + tail + "}",
    st.sampled_from(
        ["bill", "bill.fields.total", "inputs.x", "secrets.pw", "items.all", "run.id", "1 + ", "'a", "(", ""]
    ),
    st.sampled_from(
        ["", ".x", "[0]", " | money", " | default(1)", " + 1", " if x", "()", "}", " ** 2", " ~ secrets.pw"]
    ),
)
words = st.sampled_from(
    [*TOP, *OWN, *CONTROL, *ITEM_KEYS, *INPUT_KEYS, *SOURCES, *KINDS, *TYPES, *CATALOG, "then", "else", "catch",
     "finally", "with", "in", "as", "until", "test", "at_most", "done_if", "what", "ready", "reuse", "tries", "wait",
     "backoff", "done", "code", "target", "text", "row", "role"]
)  # fmt: skip
scalars = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 10**30), st.sampled_from(["30s", "1.5", "yes", "inbox/*.pdf", "{{x}}"]),
    expressions, words, names, st.text(max_size=20),
)  # fmt: skip
trees = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.one_of(words, names, st.text(max_size=5)), inner, max_size=5),
    ),
    max_leaves=25,
)
step = st.one_of(
    st.builds(lambda action, params, own: {**own, action: params}, st.sampled_from(sorted(CATALOG)), trees,
              st.dictionaries(st.sampled_from(OWN), trees, max_size=2)),
    st.builds(lambda control, inner, rest: {control: inner, **rest}, st.sampled_from(sorted(CONTROL)), trees,
              st.dictionaries(st.sampled_from([*OWN, "then", "else", "catch", "finally", "with"]), trees, max_size=3)),
    trees,
)  # fmt: skip
flows = st.fixed_dictionaries(
    {"flow": names, "steps": st.one_of(trees, st.lists(step, max_size=4))},
    optional={
        key: st.one_of(trees, st.lists(step, max_size=2)) for key in TOP if key not in ("flow", "steps")
    },
)


def survives(text: str) -> None:
    began = time.monotonic()
    loaded = load(text, catalog=CATALOG, library=CORPUS / "library")
    for lang in ("en", "ko"):
        assert render(loaded.diagnostics, lang)
    for one in to_json(loaded.diagnostics)["diagnostics"]:
        assert one["line"] >= 1 and one["column"] >= 1 and one["message"]
    if loaded.flow is None:
        assert any(d.severity == "error" for d in loaded.diagnostics)
    assert time.monotonic() - began < 10


def survives_tree(tree: Any) -> None:
    survives(yaml.safe_dump(tree, allow_unicode=True, sort_keys=False))


SOURCES_OF_TEXT = [p.read_text("utf-8") for p in sorted((CORPUS / "valid").glob("*.yaml"))]
snippets = st.sampled_from(
    ["${", "}", "{", "[", "]", ": ", "- ", "\n", "\n  ", "#", '"', "'", "&a ", "*a", "!!x ", "|\n", "\t", ",", "${x}",
     "\x00", "\u2028", "가", "<<: ", "---\n", "? ", "%", "\ud7ff", "\\", "\r\n"]
)  # fmt: skip
edits = st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 6), snippets), min_size=1, max_size=5)


def edited(text: str, changes: list[tuple[int, int, str]]) -> str:
    for place, cut, new in changes:
        at = place % (len(text) + 1)
        text = text[:at] + new + text[at + cut :]
    return text


def survives_edits(text: str, changes: list[tuple[int, int, str]]) -> None:
    changed = edited(text, changes)
    survives(changed)
    formatted = format_text(changed)
    assert format_text(formatted) == formatted


def evaluates(text: str) -> None:
    scope = {
        "bill": {"fields": {"total": 1}},
        "items": {"all": []},
        "run": {"id": "r"},
        "x": None,
        "inputs": {},
    }
    try:
        evaluate(compile_template(text), scope)
    except (ExpressionError, FlowFailure, BusinessFailure):
        return


pieces = st.sampled_from(
    ["x", "bill", ".fields", ".total", "1", "2.5", "'a'", "+", "-", "*", "/", "//", "%", "~", "(", ")", "[", "]", ",",
     ":", "|", " and ", " or ", " not ", " if ", " else ", " in ", " is ", "==", "<", "null", "true", "{", "}", "=",
     *FILTERS, *FUNCTIONS]
)  # fmt: skip
texts = st.builds(lambda parts: "${" + "".join(parts) + "}", st.lists(pieces, max_size=12))


@settings(max_examples=FAST, **QUIET)
@given(flows)
def test_trees(tree: Any) -> None:
    survives_tree(tree)


@settings(max_examples=FAST, **QUIET)
@given(st.sampled_from(SOURCES_OF_TEXT), edits)
def test_edited_flows(text: str, changes: list[tuple[int, int, str]]) -> None:
    survives_edits(text, changes)


@settings(max_examples=FAST, **QUIET)
@given(texts)
def test_expressions(text: str) -> None:
    evaluates(text)


@settings(max_examples=FAST, **QUIET)
@given(st.text(max_size=200))
def test_any_text(text: str) -> None:
    survives(text)


@pytest.mark.heavy
@pytest.mark.timeout(3600)
@settings(max_examples=HEAVY, **QUIET)
@given(flows)
def test_trees_long(tree: Any) -> None:
    survives_tree(tree)


@pytest.mark.heavy
@pytest.mark.timeout(3600)
@settings(max_examples=HEAVY, **QUIET)
@given(st.sampled_from(SOURCES_OF_TEXT), edits)
def test_edited_flows_long(text: str, changes: list[tuple[int, int, str]]) -> None:
    survives_edits(text, changes)


@pytest.mark.heavy
@pytest.mark.timeout(3600)
@settings(max_examples=HEAVY, **QUIET)
@given(texts)
def test_expressions_long(text: str) -> None:
    evaluates(text)
