
"""From a file to a frozen flow: every construct in its place, called flows, revisions."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from flows.expressions import evaluate
from flows.failures import FlowFailure
from flows.format import format_text
from flows.loader import load, load_bundle
from flows.model import Flow, Template
from tests.flows.fakes import CATALOG

CORPUS = Path(__file__).parents[1] / "corpus"


def flow(text: str) -> Flow:
    loaded = load(text, catalog=CATALOG, library=CORPUS / "library")
    assert loaded.flow is not None
    return loaded.flow


def steps(text: str) -> Flow:
    return flow("flow: x\nsteps:\n" + text)


def test_segments_are_ids_else_number_and_action() -> None:
    made = steps(
        "  - id: a\n    data.log: x\n  - data.log: y\n  - do:\n      - data.log: z\n  - for_each: {in: [1]}\n    do: [data.log: q]\n"
    )
    assert [s.segment for s in made.steps] == ["a", "2:data.log", "3:do", "4:for_each"]
    assert made.steps[3].as_name == "line"


def test_own_keys() -> None:
    (one,) = steps(
        "  - browser.click: Next\n    retry: {tries: 3, wait: 5s, backoff: 2}\n    timeout: 1m 30s\n    on_error: continue\n    if: run.id == 'x'\n"
    ).steps
    assert one.retry is not None and (one.retry.tries, one.retry.wait, one.retry.backoff) == (
        3,
        timedelta(seconds=5),
        2.0,
    )
    assert one.timeout == timedelta(seconds=90)
    assert one.on_error == "continue"
    assert evaluate(one.when, {"run": {"id": "x"}}) is True


def test_write_blocks() -> None:
    made = flow((CORPUS / "valid" / "write_block.yaml").read_text("utf-8"))
    post = made.steps[2]
    assert post.writes is not None and post.writes.what == "vendor_bill"
    assert [s.action for s in post.writes.done_if] == ["browser.goto", "browser.exists"]
    assert [(e.outcome, e.code) for e in post.expect] == [
        ("done", ""),
        ("business", "duplicate-bill"),
        ("application", ""),
    ]
    assert post.expect[0].condition == {"text": "Bill saved"}
    assert [s.commits for s in post.do] == [False, False, False, True, False]


def test_templates_keep_their_place() -> None:
    (one,) = steps("  - data.log: 'x ${run.id}'\n").steps
    template = one.params["message"]
    assert isinstance(template, Template) and not template.whole
    assert (template.mark.line, template.mark.column) == (3, 15)


def test_the_revision_follows_the_text_and_what_it_calls() -> None:
    caller = "flow: x\nsteps:\n  - call: inner\n"

    def revision(inner: str) -> str:
        made = load(caller, catalog=CATALOG, resolve_call={"inner": inner}.get).flow
        assert made is not None
        return made.revision

    first = revision("flow: inner\nsteps:\n  - data.log: a\n")
    assert first == revision("flow: inner\nsteps:\n  - data.log: a\n")
    assert first != revision("flow: inner\nsteps:\n  - data.log: b\n")


def test_called_flows_are_looked_for_beside_in_the_project_and_in_the_library(tmp_path: Path) -> None:
    (tmp_path / "flows").mkdir()
    (tmp_path / "flows" / "inner.yaml").write_text("flow: inner\nsteps:\n  - data.log: a\n", "utf-8")
    path = tmp_path / "outer.yaml"
    path.write_text(
        "flow: outer\nsteps:\n  - call: inner\n  - call: flows/inner.yaml\n  - call: greet\n    with: {name: a}\n",
        "utf-8",
    )
    loaded = load(path, catalog=CATALOG, project=tmp_path, library=CORPUS / "library")
    assert loaded.diagnostics == []
    assert loaded.flow is not None and set(loaded.flow.calls) == {"inner", "flows/inner.yaml", "greet"}


def test_a_bundle_of_the_ledger() -> None:
    texts = {
        "outer": "flow: outer\nsteps:\n  - call: inner\n",
        "inner": "flow: inner\nsteps:\n  - data.log: a\n",
    }
    made = load_bundle(texts, catalog=CATALOG)
    assert made.id == "outer" and made.calls["inner"].id == "inner"
    with pytest.raises(FlowFailure) as caught:
        load_bundle({"x": "flow: x\nsteps: 5\n"}, catalog=CATALOG)
    assert caught.value.code == "revision-invalid"


def _shown(tree: Any) -> Any:
    if isinstance(tree, dict):
        return {k: _shown(v) for k, v in tree.items()}
    return [_shown(v) for v in tree] if isinstance(tree, list) else str(tree)


@pytest.mark.parametrize("path", sorted((CORPUS / "valid").glob("*.yaml")), ids=lambda p: p.stem)
def test_formatting_changes_only_the_layout(path: Path) -> None:
    text = path.read_text("utf-8")
    formatted = format_text(text)
    assert format_text(formatted) == formatted
    before, after = flow(text), flow(formatted)
    assert [_shown(s.params) for s in before.walk()] == [_shown(s.params) for s in after.walk()]


def test_formatting_keeps_comments_and_orders_keys() -> None:
    text = "# head\nsteps:\n- data.log:   007 # agent\n  id: x\n- retry: 3\n  browser.click: {target: Next}\n  id: y\nflow: z\n"
    assert format_text(text) == (
        "# head\nsteps:\n  - data.log: 007 # agent\n    id: x\n"
        "  - id: y\n    browser.click: {target: Next}\n    retry: 3\nflow: z\n"
    )


@pytest.mark.parametrize(
    "text", ["a: [", "", "- a\n", "flow: x\nsteps: &a [*a]\n", "flow: x\r\nsteps: []\r\n"]
)
def test_what_cannot_be_formatted_stays(text: str) -> None:
    assert format_text(text).replace("\r\n", "\n") == text.replace("\r\n", "\n")
