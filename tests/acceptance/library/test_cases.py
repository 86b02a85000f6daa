"""Every ready flow has cases of its own, and they pass: what a person changes in a copy of it is caught."""

from __future__ import annotations

from pathlib import Path

import pytest

from rpa.app.cases import try_file
from rpa.app.project import LIBRARY, Project
from rpa.settings import load_settings

CASES = sorted((LIBRARY / "tests").glob("*.yaml"))


def test_every_ready_flow_has_cases() -> None:
    flows = {p.stem for p in LIBRARY.glob("*.yaml")}
    assert len(flows) >= 10
    assert flows == {p.stem for p in CASES}


@pytest.mark.parametrize("file", CASES, ids=lambda p: p.stem)
def test_the_cases_of_a_ready_flow_pass(file: Path, tmp_path: Path) -> None:
    tried = try_file(Project(load_settings({"project": tmp_path}, environ={})), file)
    assert tried.problems == ()
    assert {one.case.name: (one.differences, one.problem) for one in tried.cases} == {
        one.case.name: ((), None) for one in tried.cases
    }
    assert len(tried.cases) >= 1
