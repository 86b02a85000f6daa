"""A real YAML language server with our schema: completion, errors, and agreement with the checker."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.loader import load
from flows.schema import flow_schema, schema_comment
from tests.flows.editor import Editor, missing
from tests.flows.fakes import CATALOG
from tests.flows.test_schema import INVALID, SEEN_BY_SCHEMA, VALID

pytestmark = [pytest.mark.heavy, pytest.mark.skipif(bool(missing()), reason=missing() or "present")]
HEAD = schema_comment("./flow.schema.json") + "\n"


@pytest.fixture(scope="module")
def editor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Editor]:
    root = tmp_path_factory.mktemp("project")
    (root / "flow.schema.json").write_text(json.dumps(flow_schema(CATALOG)), "utf-8")
    with Editor(root) as opened:
        yield opened


def test_it_completes_an_action(editor: Editor) -> None:
    editor.open("a.yaml", HEAD + "flow: a\nsteps:\n  - browser.\n")
    offered = editor.complete("a.yaml", 3, 12)
    assert {"browser.open", "browser.click", "browser.fill"} <= set(offered)


def test_it_completes_parameters(editor: Editor) -> None:
    editor.open("b.yaml", HEAD + "flow: b\nsteps:\n  - browser.fill:\n      \n")
    assert {"target", "text"} <= set(editor.complete("b.yaml", 4, 6))


def test_it_completes_the_parts_of_a_target(editor: Editor) -> None:
    editor.open("c.yaml", HEAD + "flow: c\nsteps:\n  - browser.fill:\n      target:\n        \n")
    assert {"role", "name", "label"} <= set(editor.complete("c.yaml", 5, 8))


def test_it_marks_a_wrong_action(editor: Editor) -> None:
    found = editor.open("d.yaml", HEAD + "flow: d\nsteps:\n  - browser.klick: Save\n")
    assert any("browser.klick" in d["message"] and d["range"]["start"]["line"] == 3 for d in found)


def test_it_marks_a_wrong_parameter_in_the_line_the_checker_names(editor: Editor) -> None:
    text = HEAD + "flow: e\nsteps:\n  - browser.click:\n      target: Next\n      cont: 2\n"
    lines = {d["range"]["start"]["line"] + 1 for d in editor.open("e.yaml", text)}
    assert {d.mark.line for d in load(text, catalog=CATALOG).diagnostics} == {6}
    assert 6 in lines


@pytest.mark.parametrize("path", VALID, ids=lambda p: p.stem)
def test_it_accepts_valid_flows(editor: Editor, path: Path) -> None:
    found = editor.open(f"valid-{path.name}", HEAD + path.read_text("utf-8"))
    assert [d["message"] for d in found] == []


@pytest.mark.parametrize("path", [p for p in INVALID if p.stem in SEEN_BY_SCHEMA], ids=lambda p: p.stem)
def test_it_sees_what_the_schema_sees(editor: Editor, path: Path) -> None:
    assert editor.open(f"invalid-{path.name}", HEAD + path.read_text("utf-8"))
