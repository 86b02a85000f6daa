"""The pages about the language cannot lie: their flows check, their generated parts are up to date."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bots.catalog import catalog
from flows.diagnostics import render
from flows.document import plain_yaml
from flows.loader import load
from flows.reference import main, pages
from flows.testing import load_tests
from tests.conftest import Golden

DOCS = Path(__file__).parents[2] / "docs"
BLOCK = re.compile(r"^```yaml\n(.*?)^```", re.M | re.S)
BLOCKS = BLOCK.findall((DOCS / "language.md").read_text("utf-8"))


@pytest.mark.parametrize("text", BLOCKS, ids=lambda t: t.split("\n")[0])
def test_every_block_of_the_language_page_checks(text: str) -> None:
    if text.startswith("test:"):
        assert load_tests(text, catalog=catalog())[1] == []
        return
    found = load(text, catalog=catalog()).diagnostics
    assert [d for d in found if d.severity == "error"] == [], render(found)


@pytest.mark.parametrize("name", list(pages(catalog())))
def test_generated_pages_are_up_to_date(name: str, golden: Golden) -> None:
    golden(DOCS / "reference" / name, pages(catalog())[name])


def test_every_example_of_an_action_checks() -> None:
    for spec in catalog().values():
        for example in spec.examples:
            step = plain_yaml(f"- {example}")
            assert next(iter(step[0])) == spec.name, example
            found = load(f"flow: example\nsteps:\n  - {example}\n", catalog=catalog()).diagnostics
            wrong = [
                d for d in found if d.code.startswith(("parameter", "yaml", "shape", "expression", "key"))
            ]
            assert not wrong, render(wrong)


def test_the_command_tells_what_is_out_of_date(tmp_path: Path) -> None:
    given = ["--catalog", "bots.catalog:catalog"]
    assert main([*given, "--check", str(tmp_path)]) == 1
    assert main([*given, "--write", str(tmp_path)]) == 0
    assert main([*given, "--check", str(tmp_path)]) == 0


def test_links_lead_somewhere() -> None:
    for page in (DOCS / "language.md", DOCS / "ten-mistakes.md"):
        for link in re.findall(r"\]\(([^)#:]+\.md)", page.read_text("utf-8")):
            assert (page.parent / link).is_file(), link
