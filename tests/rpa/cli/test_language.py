"""The command line speaks Korean wherever it speaks: help pages, headings, states, usage errors."""

from __future__ import annotations

import ast
import json
import re
import string
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from typer.main import get_command

from flows.catalogue import FOLDER, phrase
from rpa.cli.asked import statuses
from rpa.cli.edge import guarded
from rpa.cli.language import SAID, help_asked, parser_words
from rpa.cli.main import app
from rpa.cli.state import STATE
from rpa.ledger.types import ItemStatus, OutcomeKind, RunStatus, Verdict
from rpa.replay.plan import Doing

CLI = Path(__file__).parents[3] / "rpa" / "cli"
KOREAN: dict[str, str] = json.loads((FOLDER / "words.ko.json").read_text("utf-8"))
OF_THE_PARSER = {"Usage", "Options", "Arguments", "Commands", "default", "required", "Show this message and exit."}
TOLD = {"extraction", "open", "approved", "corrected", "rejected", "warning", "error", "info"}
"""Kinds and states of questions, severities of findings."""
ARTIFACTS = {"screenshot", "overlay", "attachment", "download"}


def help_texts(command: Any) -> Iterator[str]:
    for text in (command.help, *(getattr(parameter, "help", None) for parameter in command.params)):
        if text:
            yield from (" ".join(part.split()) for part in re.split(r"\n\s*\n", text.strip()))
    for below in getattr(command, "commands", {}).values():
        yield from help_texts(below)


def short_texts() -> Iterator[str]:
    """What the modules of the command line hand to `said`, and the headings of their tables."""
    for file in CLI.glob("*.py"):
        for call in ast.walk(ast.parse(file.read_text("utf-8"))):
            if not isinstance(call, ast.Call) or not call.args:
                continue
            name, first = getattr(call.func, "id", ""), call.args[0]
            if name == "said":
                yield from _constants(first)
            elif name == "table" and isinstance(first, ast.Tuple):
                for heading in first.elts:
                    yield from _constants(heading)


def reasons() -> Iterator[str]:
    """Why a replay does what it does (`Planned.why`)."""
    for node in ast.walk(ast.parse((CLI.parent / "replay" / "plan.py").read_text("utf-8"))):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Planned":
            yield from _constants(node.args[4])
        elif isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "why":
            yield from _constants(node.value)


def _constants(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value:
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from _constants(node.body)
        yield from _constants(node.orelse)


def everything() -> set[str]:
    states = {str(s) for kind in (RunStatus, ItemStatus, OutcomeKind, Verdict) for s in kind}
    told = {template for _, template in SAID}
    return {
        *help_texts(get_command(app)), *short_texts(), *reasons(), *states, *told, *get_args(Doing), *OF_THE_PARSER, *TOLD, *ARTIFACTS,
    }  # fmt: skip


def test_every_text_of_the_command_line_is_told_in_korean() -> None:
    assert everything() - set(KOREAN) == set()


def test_no_korean_text_is_left_over() -> None:
    assert set(KOREAN) - everything() == set()


def test_korean_texts_are_korean_and_name_the_same_things() -> None:
    def fields(template: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(re.sub(r"\$\{[^}]*\}", "", template)) if name}

    for english, korean in KOREAN.items():
        assert re.search("[가-힣]", korean) or not re.search(r"[A-Za-z]{4,} [a-z]", english.replace(" or ", "")), (
            english
        )
        assert fields(korean) <= fields(english), english


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    monkeypatch.setattr(STATE, "flags", {})

    def ask(*words: str) -> tuple[int, str]:
        monkeypatch.setattr("sys.argv", ["rpa", *words])
        code = guarded(app)
        out = capsys.readouterr()
        return code, out.out + out.err

    return ask


def test_a_help_page_in_korean(said: Any) -> None:
    code, page = said("--lang", "ko", "runs", "--help")
    assert code == 0
    assert page.startswith("사용법: ")
    assert "실행 목록을 최근 것부터 보여 줍니다." in page
    assert "옵션:" in page and "[기본값: 30]" in page
    assert "이 도움말을 보여 주고 끝냅니다." in page
    assert not re.search(r"[a-z]+ [a-z]+ [a-z]+\.", page)  # no English sentence is left


def test_help_by_the_setting_too(said: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RPA_LANG", "ko")
    assert said("--help")[1].startswith("사용법: ")
    assert said("ledger")[1].startswith("사용법: ")


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        (("runs", "--limt", "3"), "--limt 옵션이 없습니다 (비슷한 것: --limit)"),
        (("rus",), "rus 명령이 없습니다 (비슷한 것: 'runs', 'run')"),
        (("show",), "인수 RUN이(가) 빠졌습니다"),
        (("show", "a", "b"), "남는 인수가 있습니다: b"),
        (("runs", "--limit"), "옵션 --limit에는 값이 필요합니다"),
        (("runs", "--limit", "x"), "--limit의 값이 올바르지 않습니다: 정수여야 합니다"),
        (("serve", "--port", "99999"), "--port의 값이 올바르지 않습니다: 최대 65535"),
        (("run", "--month", "10", "pay"), "--month 옵션이 없습니다. 흐름의 입력은 흐름 이름 뒤에 씁니다."),
    ],
)
def test_a_command_written_wrongly_is_told_in_korean(said: Any, words: tuple[str, ...], wanted: str) -> None:
    code, told = said("--lang", "ko", *words)
    assert code == 2
    assert wanted in told, told


def test_english_stays_the_parsers_own() -> None:
    assert parser_words("No such option: --x", "en") == "No such option: --x"
    assert parser_words("Something new.", "ko") == "Something new."


def test_when_help_is_asked() -> None:
    assert help_asked(["--lang", "ko"])
    assert help_asked(["run", "x", "--help"])
    assert not help_asked(["--lang", "ko", "runs"])


def test_states_may_be_typed_as_tables_show_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(STATE, "flags", {"lang": "ko"})
    assert phrase("failed", "ko") == "실패"
    assert statuses(RunStatus, ["실패", "running"]) == [RunStatus.failed, RunStatus.running]
