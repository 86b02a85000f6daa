"""A new project works at once, in both languages; a flow from the library does, under its new name."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from rpa.app.cases import test_files as files_of_tests
from rpa.app.cases import try_file
from rpa.app.project import LIBRARY, Project
from rpa.app.scaffold import make_project, new_flow
from rpa.settings import load_settings


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RPA_KEY_FILE", str(tmp_path / "key"))
    return tmp_path / "project"


def project(folder: Path) -> Project:
    return Project(load_settings({"project": folder}, environ={}))


@pytest.mark.parametrize(("lang", "word"), [("en", "order"), ("ko", "주문")])
def test_a_new_project_checks_and_its_cases_pass(folder: Path, lang: str, word: str) -> None:
    make_project(folder, lang)
    made = project(folder)
    assert made.load("first_flow").diagnostics == [] and made.manifest_diagnostics() == []
    (file,) = files_of_tests(made, [])
    tried = try_file(made, file)
    assert tried.cases and all(one.passed for one in tried.cases)
    assert word in (folder / "README.md").read_text("utf-8").lower()


def test_editors_find_the_schemas_that_the_files_name(folder: Path) -> None:
    make_project(folder, "en")
    for file in (folder / "flows.yaml", folder / "flows" / "first_flow.yaml"):
        named = re.search(r"\$schema=(\S+)", file.read_text("utf-8"))
        assert named is not None
        assert json.loads((file.parent / named[1]).read_text("utf-8"))["properties"]


def test_nothing_is_written_over(folder: Path) -> None:
    make_project(folder, "en")
    (folder / "flows.yaml").write_text("version: 1\ntimezone: Asia/Seoul\n")
    assert make_project(folder, "ko") == [str(folder / "inbox" / n) for n in ("주문-4711.txt", "주문-4712.txt")]
    assert "Asia/Seoul" in (folder / "flows.yaml").read_text()


@pytest.mark.parametrize("like", sorted(p.stem for p in LIBRARY.glob("*.yaml")))
def test_every_ready_flow_can_be_started_from(folder: Path, like: str) -> None:
    make_project(folder, "en")
    new_flow(folder, "mine", like)
    errors = [d for d in project(folder).load("mine").diagnostics if d.severity == "error"]
    assert errors == []
