"""Profiles of flows.yaml: the same flow against the test system and the real one, apart in the ledger."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from flows.failures import FlowFailure
from rpa.app.compose import enqueue, execute
from rpa.app.project import Project
from rpa.engine.services import Silent
from rpa.ledger.crypto import create_key
from rpa.settings import load_settings

MANIFEST = """version: 1
profiles:
  test: {inputs: {erp: test.example, list: test.txt, of_another_flow: 1}}
  prod: {inputs: {erp: erp.example, list: prod.txt}}
schedules:
  morning: {flow: pay, profile: prod, trigger: {cron: "0 7 * * *"}}
"""
FLOW = """flow: pay
inputs:
  erp: {type: text, default: nowhere}
  list: {type: text, default: none.txt}
items:
  from: {list: [{key: "4711"}]}
  key: "${item.key}"
steps:
  - writes: {what: bill, key: "${item.key}"}
    files.append: {path: "${inputs.list}", line: "${item.key} at ${inputs.erp}"}
    expect:
      - done: "${true}"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    create_key(tmp_path / "key")
    (tmp_path / "flows").mkdir()
    (tmp_path / "flows.yaml").write_text(MANIFEST)
    (tmp_path / "flows" / "pay.yaml").write_text(FLOW)
    return tmp_path


def project(folder: Path, profile: str | None = None) -> Project:
    given: dict[str, Any] = {"project": folder, "key_file": str(folder / "key"), "pace": 0, "profile": profile}
    return Project(load_settings(given, environ={}))


def ran(made: Project, **given: str) -> dict[str, int]:
    values = made.inputs(made.flow("pay"), given, made.settings.profile)
    run_id = enqueue(made, made.flow("pay"), values)
    claim, _ = made.ledger.claim("test", run_id=run_id) or pytest.fail("nothing queued")
    execute(made.settings, claim, Silent())
    return dict(made.ledger.run(run_id).counts)


def test_each_profile_has_its_inputs(folder: Path) -> None:
    for profile, erp in ((None, "nowhere"), ("test", "test.example"), ("prod", "erp.example")):
        made = project(folder, profile)
        assert made.inputs(made.flow("pay"), {}, made.settings.profile)["erp"] == erp


def test_the_command_line_goes_before_the_profile(folder: Path) -> None:
    made = project(folder, "prod")
    assert made.inputs(made.flow("pay"), {"erp": "other.example"}, "prod")["erp"] == "other.example"


def test_what_is_done_in_test_is_still_to_do_in_prod_and_only_once(folder: Path) -> None:
    assert ran(project(folder, "test"))["succeeded"] == 1
    assert ran(project(folder, "prod"))["succeeded"] == 1
    assert ran(project(folder, "prod")) == {"known": 1}
    assert (folder / "test.txt").read_text() == "4711 at test.example\n"
    assert (folder / "prod.txt").read_text() == "4711 at erp.example\n"


def test_a_run_keeps_its_profile_for_the_replay(folder: Path) -> None:
    made = project(folder, "test")
    ran(made)
    assert made.ledger.runs(limit=1)[0].profile == "test"


def test_an_unknown_profile_names_the_known_ones(folder: Path) -> None:
    made = project(folder, "prd")
    with pytest.raises(FlowFailure) as raised:
        made.inputs(made.flow("pay"), {}, made.settings.profile)
    assert raised.value.code == "profile-unknown"
    assert raised.value.details == {"name": "prd", "known": "test, prod"}


def test_a_schedule_with_an_unknown_profile_is_a_problem_of_the_manifest(folder: Path) -> None:
    (folder / "flows.yaml").write_text(MANIFEST.replace("profile: prod", "profile: prd"))
    problems = project(folder).manifest_diagnostics()
    assert [p.mark.line for p in problems if p.severity == "error"] == [6]
