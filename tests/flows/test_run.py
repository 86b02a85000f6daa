"""The valid corpus runs on fakes: every construct through the real engine and ledger."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from flows.data import plain
from flows.loader import load
from flows.testing import Case, Fake, Result, load_tests
from tests.flows.fakes import CATALOG
from tests.flows.running import run_case
from tests.flows.test_corpus import CORPUS, VALID

ITEMS: dict[str, tuple[dict[str, Any], ...]] = {
    "rows": ({"number": "1", "customer": "Kim"}, {"number": "2", "customer": "Lee"}),
    "query": ({"id": 1},),
    "mails": ({"message_id": "m1", "subject": "Bill"},),
    "flow": ({"key": "k1"},),
    "list": ({"sku": "A"}, {"sku": "B"}),
}
# Ends the item early or as a business case; everything else succeeds.
STATUS = {"conditions": "succeeded"}


def case_of(stem: str) -> Case:
    found, problems = load_tests(CORPUS / "valid.tests.yaml", catalog=CATALOG)
    assert found is not None and not problems
    case = found.cases[0]
    fakes = tuple(replace(fake, gives=_dated(fake.gives)) for fake in case.fakes)
    return replace(case, fakes=fakes, name=stem)


def _dated(tree: Any) -> Any:
    """The document stage gives dates; YAML has none."""
    if isinstance(tree, dict):
        return {k: date.fromisoformat(v) if k == "issue_date" else _dated(v) for k, v in tree.items()}
    return tree


def run(stem: str, folder: Path, **changes: Any) -> Result:
    text = (CORPUS / "valid" / f"{stem}.yaml").read_text("utf-8")
    flow = load(text, catalog=CATALOG, library=CORPUS / "library").flow
    assert flow is not None
    case = case_of(stem)
    items = ITEMS.get(flow.items.source) if flow.items else None
    (folder / "inbox").mkdir()
    (folder / "inbox" / "a.pdf").write_bytes(b"%PDF")
    inputs = {k: v for k, v in case.inputs.items() if k in flow.inputs}
    if "password" in flow.inputs:
        inputs["password"] = "erp_password"
    return run_case(flow, replace(case, items=items, inputs=inputs, **changes), CATALOG, folder)


@pytest.mark.parametrize("path", VALID, ids=lambda p: p.stem)
def test_valid_flows_run(path: Path, tmp_path: Path) -> None:
    result = run(path.stem, tmp_path)
    assert (result.status, result.failures) == (STATUS.get(path.stem, "succeeded"), ())


def test_a_write_block_writes_once_with_its_key(tmp_path: Path) -> None:
    result = run("write_block", tmp_path)
    assert result.writes == (
        {"what": "vendor_bill", "key": "Kim & Partner/4711/2026-11-02", "verdict": "committed"},
    )
    assert result.outputs == {"posted": 1}
    assert result.done.count("browser.fill") == 3


def test_an_ending_that_refuses_is_a_business_failure(tmp_path: Path) -> None:
    result = run("write_block", tmp_path, sees=({"contains": "is similar to"},))
    assert result.status == "failed"
    assert result.failures == ("duplicate-bill",)
    assert list(result.items.values()) == ["failed_business"]


def test_what_the_document_does_not_show_is_a_business_failure(tmp_path: Path) -> None:
    case = case_of("x")
    nothing = {"fields": {"total": None}, "lines": []}
    fakes = tuple(replace(f, gives=nothing) if f.action == "document.extract" else f for f in case.fakes)
    result = run("conditions", tmp_path, fakes=fakes)
    assert result.failures == ("value-missing",)
    assert list(result.items.values()) == ["failed_business"]


def test_loops_give_their_outputs(tmp_path: Path) -> None:
    result = run("loops", tmp_path)
    assert result.status == "succeeded"
    assert result.done[-1] == "data.log"


def test_a_caught_failure_runs_the_catch_and_the_finally(tmp_path: Path) -> None:
    broken = Fake("browser.click", {}, fails={"kind": "application", "code": "target-missing"})
    result = run("try_catch_finally", tmp_path, fakes=(broken, *case_of("x").fakes))
    assert result.status == "succeeded"
    assert result.done == ("browser.open", "browser.click", "data.log", "browser.screenshot")


def test_a_called_flow_gives_its_outputs(tmp_path: Path) -> None:
    assert run("calls", tmp_path).done == ("data.log", "data.log")


def test_plain_values_stay_what_they_are(tmp_path: Path) -> None:
    assert run("scalars_stay_text", tmp_path).status == "succeeded"
    assert plain({"a": 1}) == {"a": 1}
