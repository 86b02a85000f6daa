"""Ten mistakes: ours names place and cure each time; the page shows what the tools really print."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bots.catalog import catalog
from flows.diagnostics import advice
from flows.loader import load
from tests.conftest import Golden
from tests.flows import mistakes

OTHERS = os.environ.get("RPA_OTHER_TOOLS")
DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("name", mistakes.names())
def test_ours_names_place_and_cure(name: str, golden: Golden) -> None:
    text = (mistakes.FOLDER / name / "daeri.yaml").read_text("utf-8")
    found = load(text, catalog=catalog()).diagnostics
    assert len(found) == 1
    assert found[0].mark.line > 1 and found[0].line and advice(found[0])
    golden(mistakes.FOLDER / name / "daeri.txt", mistakes.our_output(name))


@pytest.mark.heavy
@pytest.mark.skipif(
    not OTHERS, reason="RPA_OTHER_TOOLS names no folder with robot, ansible and check-jsonschema"
)
@pytest.mark.parametrize("name", mistakes.names())
@pytest.mark.parametrize("tool", mistakes.COMMANDS)
def test_what_others_print_is_recorded(tool: str, name: str, golden: Golden) -> None:
    golden(mistakes.FOLDER / name / f"{tool}.txt", mistakes.other_output(tool, name, Path(str(OTHERS))))


@pytest.mark.heavy
@pytest.mark.skipif(
    not OTHERS, reason="RPA_OTHER_TOOLS names no folder with robot, ansible and check-jsonschema"
)
def test_their_versions_are_recorded(golden: Golden) -> None:
    versions = [mistakes.version(tool, Path(str(OTHERS))) for tool in mistakes.VERSIONS]
    golden(mistakes.FOLDER / "versions.txt", "\n".join(versions) + "\n")


def test_the_page_is_up_to_date(golden: Golden) -> None:
    golden(DOCS / "ten-mistakes.md", mistakes.page())
