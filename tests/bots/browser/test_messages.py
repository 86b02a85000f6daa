"""Every failure and finding of the family is told to people, in both languages."""

from __future__ import annotations

import re
from pathlib import Path

import bots.browser
from flows.document import plain_yaml
from tests.bots.browser.conftest import CATALOG

MESSAGES = Path(__file__).parents[3] / "flows" / "messages"
RAISED = re.compile(r"(?:Failure|warn|findings\.append)\(+\s*\"([a-z]+(?:-[a-z]+)*)\"")


def codes() -> set[str]:
    declared = {code for spec in CATALOG.values() for code in spec.fails}
    sources = Path(str(bots.browser.__file__)).parent.rglob("*.py")
    return declared | {code for path in sources for code in RAISED.findall(path.read_text("utf-8"))}


def test_every_code_has_a_message_in_both_languages() -> None:
    known = {
        k: v
        for path in MESSAGES.glob("*.yaml")
        for k, v in (plain_yaml(path.read_text("utf-8")) or {}).items()
    }
    found = codes()
    assert len(found) > 40
    assert sorted(found - known.keys()) == []
    for code in found:
        for lang in ("en", "ko"):
            assert known[code][lang]["text"], (code, lang)


def test_every_action_says_what_it_does() -> None:
    for spec in CATALOG.values():
        assert spec.summary.endswith("."), spec.name
        assert spec.model.model_json_schema()
