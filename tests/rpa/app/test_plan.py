"""`rpa plan` says what a run would do, and does nothing: no ledger appears, nothing is written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from rpa.app.compose import enqueue, execute
from rpa.app.plan import plan_flow
from rpa.app.project import Project
from rpa.cli.plan_view import show_plan
from rpa.engine.services import Silent
from rpa.ledger.crypto import create_key
from rpa.settings import load_settings

FLOW = """flow: texts
secrets: [there, missing]
items:
  from: {files: "inbox/*.txt"}
  attempts: 2
session:
  ready: "${true}"
  steps:
    - files.exists: inbox
steps:
  - data.assert: {that: "${item.name != 'bad.txt'}", message: not this one}
  - repeat: {at_most: 5, until: true}
    do:
      - data.log: page
        retry: {tries: 3}
  - id: written
    writes: {what: line, key: "${item.stem}"}
    files.append: {path: journal.txt, line: "${item.stem}"}
    expect:
      - done: "${true}"
"""
MANIFEST = """version: 1
timezone: Asia/Seoul
schedules:
  morning: {flow: texts, trigger: {cron: "0 7 * * *"}}
  other: {flow: other, trigger: {cron: "0 8 * * *"}}
  drop: {flow: flows/texts.yaml, trigger: {folder: inbox}}
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.setenv("RPA_SECRET_THERE", "x")
    create_key(tmp_path / "key")
    inbox = {"inbox/a.txt": "1", "inbox/b.txt": "2"}
    for name, content in {"flows.yaml": MANIFEST, "flows/texts.yaml": FLOW, **inbox}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(content)
    given = {"project": tmp_path, "key_file": str(tmp_path / "key"), "pace": 0}
    return Project(load_settings(given, environ={}))


def planned(project: Project) -> dict[str, Any]:
    return plan_flow(project, project.flow("texts"), {})


def ran(project: Project) -> None:
    run_id = enqueue(project, project.flow("texts"), {})
    claim, _ = project.ledger.claim("test", run_id=run_id) or pytest.fail("nothing queued")
    execute(project.settings, claim, Silent())


def test_everything_is_new_and_nothing_appears(project: Project) -> None:
    before = sorted(p.name for p in project.settings.project.rglob("*"))
    plan = planned(project)
    assert (plan["items"]["found"], plan["items"]["new"], plan["items"]["known"]) == (2, 2, {})
    assert [one["name"] for one in plan["items"]["first"]] == ["a.txt", "b.txt"]
    assert plan["secrets"] == {"there": True, "missing": False}
    assert plan["writes"] == [{"what": "line", "line": 17, "probed": False}]
    assert sorted(p.name for p in project.settings.project.rglob("*")) == before


def test_tries_and_bounded_loops_multiply(project: Project) -> None:
    assert planned(project)["attempts_at_most"] == 2 * (1 + 1 + 5 * 3 + 1)


def test_the_coming_times_of_this_flow_in_its_zone(project: Project) -> None:
    coming = planned(project)["next"]
    assert [one["schedule"] for one in coming] == ["morning"] * 3 + ["drop"]
    assert {one["at"].isoformat()[11:] for one in coming[:3]} == {"07:00:00+09:00"}


def test_known_items_say_why(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RPA_SECRET_MISSING", "x")
    inbox = project.settings.project / "inbox"
    (inbox / "bad.txt").write_text("3")
    (inbox / "a again.txt").write_text("1")
    assert planned(project)["items"]["repeated"] == 1
    ran(project)
    (inbox / "c.txt").write_text("4")
    items = planned(project)["items"]
    assert (items["known"], items["repeated"]) == ({"succeeded": 2, "failed_business": 1}, 1)
    assert [(one["name"], one["state"]) for one in items["first"]] == [("c.txt", "new")]


def test_a_document_under_another_name_has_not_changed(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RPA_SECRET_MISSING", "x")
    ran(project)
    inbox = project.settings.project / "inbox"
    (inbox / "a.txt").rename(inbox / "A (1).txt")
    assert planned(project)["items"]["known"] == {"succeeded": 2}
    ran(project)
    assert [str(i.status) for i in project.ledger.items(flow_id="texts")] == ["succeeded", "succeeded"]


def test_it_is_told_in_both_languages(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    plan = planned(project)
    show_plan(plan, "en", as_json=False)
    assert "2 item(s) from files: 2 to do" in capsys.readouterr().out
    show_plan(plan, "ko", as_json=False)
    told = capsys.readouterr().out
    assert "항목 2개" in told and "to do" not in told
