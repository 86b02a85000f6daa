
"""The JSON Schema for editors agrees with the checker on the corpus, and a real language server understands
it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from bots.catalog import catalog
from flows.document import compose
from flows.schema import flow_schema, schema_comment
from tests.flows.fakes import CATALOG

CORPUS = Path(__file__).parents[1] / "corpus"
VALID = sorted((CORPUS / "valid").glob("*.yaml"))
INVALID = sorted((CORPUS / "invalid").glob("*.yaml"))
# What a schema can see: keys, actions, parameters, types. Names, order, blocks and habits need the checker.
SEEN_BY_SCHEMA = {
    "choice-unknown", "duration-invalid", "expect-shape", "flow-id-missing", "items-source", "key-unknown",
    "main-missing", "name-invalid", "parameter-invalid", "parameter-missing", "parameter-part-missing",
    "parameter-part-unknown", "parameter-unknown", "parallel-branches", "shape-bool", "shape-int", "shape-list",
    "shape-mapping", "shape-text", "step-shape", "steps-missing", "stop-incomplete", "unknown-action",
    "writes-incomplete", "loop-incomplete",
}  # fmt: skip


@pytest.fixture(scope="module")
def validator() -> Draft7Validator:
    schema = flow_schema(CATALOG)
    Draft7Validator.check_schema(schema)
    return Draft7Validator(schema)


def tree(path: Path) -> Any:
    node, _ = compose(path.read_text("utf-8"), path.name)
    return None if node is None else json.loads(json.dumps(node.plain(), default=float))


@pytest.mark.parametrize("path", VALID, ids=lambda p: p.stem)
def test_valid_flows_fit(path: Path, validator: Draft7Validator) -> None:
    assert [e.message for e in validator.iter_errors(tree(path))] == []


def test_it_sees_what_a_schema_can_see(validator: Draft7Validator) -> None:
    seen = {p.stem for p in INVALID if tree(p) is not None and not validator.is_valid(tree(p))}
    assert seen >= SEEN_BY_SCHEMA


def test_it_never_complains_where_the_checker_only_warns(validator: Draft7Validator) -> None:
    for path in INVALID:
        if ": warning [" in path.with_suffix(".txt").read_text("utf-8").split("\n")[0] and "error [" not in (
            path.with_suffix(".txt").read_text("utf-8")
        ):
            assert validator.is_valid(tree(path)), path.stem


def test_the_real_catalog_gives_a_sound_schema() -> None:
    schema = flow_schema(catalog())
    Draft7Validator.check_schema(schema)
    step = schema["definitions"]["step"]["properties"]
    assert set(catalog()) <= set(step)
    assert all(one["description"] for one in step.values())


def test_every_reference_leads_somewhere() -> None:
    schema = flow_schema(catalog())
    text = json.dumps(schema)
    for part in text.split('"$ref": "#/definitions/')[1:]:
        assert part.split('"')[0] in schema["definitions"]


def test_the_comment_for_editors() -> None:
    assert schema_comment(".rpa/flow.schema.json") == "# yaml-language-server: $schema=.rpa/flow.schema.json"
