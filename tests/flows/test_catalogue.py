"""The one catalogue of messages: complete, in both languages, never told twice."""

from __future__ import annotations

import re
import string

import pytest

from flows.catalogue import FOLDER, codes, explain, fix, known, text, told_twice
from flows.document import plain_yaml

EVERYTHING = {
    code: entry
    for path in sorted(FOLDER.glob("*.yaml"))
    for code, entry in plain_yaml(path.read_text("utf-8")).items()
}


def fields(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


def test_nothing_is_lost_by_reading_in_pieces() -> None:
    assert codes() == set(EVERYTHING)
    for code, entry in EVERYTHING.items():
        assert explain(code) in (entry["en"].get("explain"), entry["en"]["text"])


def test_no_code_is_told_twice() -> None:
    assert told_twice() == []


def test_every_code_is_told_in_both_languages() -> None:
    for code, entry in EVERYTHING.items():
        assert entry["en"].get("text"), code
        words = re.sub(r"\{\w*\}", "", entry["ko"].get("text", ""))
        assert re.search("[가-힣]", words) or not re.search("[a-z]{4}", words), code


def test_placeholders_are_the_same_in_both_languages() -> None:
    for code, entry in EVERYTHING.items():
        given = fields(entry["en"]["text"]) | fields(entry["en"].get("fix", ""))
        wanted = fields(entry["ko"]["text"]) | fields(entry["ko"].get("fix", ""))
        assert wanted <= given, code


def test_an_unknown_code_is_loud() -> None:
    with pytest.raises(KeyError):
        text("no-such-code")
    assert not known("no-such-code")
    assert "yaml-tab" in codes()


def test_details_fill_in_and_missing_ones_stay_visible() -> None:
    assert text("unknown-action", "en", name="a.b") == "There is no action a.b."
    assert "{name}" in text("unknown-action")
    assert "code" in text("code-unknown", code="code", near="")


def test_values_are_never_read_as_templates() -> None:
    assert text("unknown-action", "en", name="{0.__class__}") == "There is no action {0.__class__}."


def test_korean() -> None:
    assert text("unknown-action", "ko", name="a.b") == "a.b 동작이 없습니다."
    assert re.search("[가-힣]", fix("unknown-action", "ko"))
    assert re.search("[가-힣]", explain("unknown-action", "ko"))
