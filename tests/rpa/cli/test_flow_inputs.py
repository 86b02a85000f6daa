"""One declaration in the flow makes the options of `rpa run` and `rpa plan`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from rpa.cli.edge import guarded
from rpa.cli.main import app
from rpa.cli.state import STATE
from rpa.ledger.crypto import create_key

FLOW = """
flow: pay
inputs:
  month: {type: text, title: Month to pay, description: As year and month}
  cost_centre: {type: choice, choices: [north, south], default: north}
  mail: {type: bool, default: true}
  거래처: {type: text, default: 모두}
  limit: {type: int, default: 5}
  pin: {type: secret, required: false}
steps:
  - data.set: "${inputs.month}"
"""


@pytest.fixture
def rpa(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """`rpa("plan", …)` gives exit code and what was printed, as data where it is JSON."""
    (tmp_path / "flows").mkdir()
    (tmp_path / "flows" / "pay.yaml").write_text(FLOW, "utf-8")
    (tmp_path / "flows.yaml").write_text("version: 1\n", "utf-8")
    create_key(tmp_path / "key")
    monkeypatch.setenv("RPA_KEY_FILE", str(tmp_path / "key"))
    monkeypatch.setattr(STATE, "flags", {})

    def ask(*words: str) -> tuple[int, Any]:
        monkeypatch.setattr("sys.argv", ["rpa", "--project", str(tmp_path), *words])
        code = guarded(app)
        out = capsys.readouterr()
        return code, json.loads(out.out) if out.out.startswith("{") else out.out + out.err

    return ask


def inputs(rpa: Any, *words: str) -> dict[str, Any]:
    code, plan = rpa("plan", "pay", *words, "--json")
    assert code == 0, plan
    found: dict[str, Any] = plan["inputs"]
    return found


def test_an_input_is_an_option(rpa: Any) -> None:
    found = inputs(rpa, "--month", "2026-10", "--cost-centre=south", "--거래처", "한빛")
    assert found["month"] == "2026-10"
    assert found["cost_centre"] == "south"
    assert found["거래처"] == "한빛"


def test_a_value_may_begin_with_a_dash_and_underscores_may_stay(rpa: Any) -> None:
    found = inputs(rpa, "--month", "-10", "--cost_centre", "south")
    assert found["month"] == "-10"
    assert found["cost_centre"] == "south"


@pytest.mark.parametrize(
    ("word", "wanted"), [("--mail", "true"), ("--no-mail", "false"), ("--mail=no", "false"), ("--mail=yes", "true")]
)
def test_a_yes_no_input_is_a_pair_of_options(rpa: Any, word: str, wanted: str) -> None:
    assert str(inputs(rpa, "--month", "x", word)["mail"]).lower() == wanted


def test_the_run_gets_it(rpa: Any) -> None:
    code, run = rpa("run", "pay", "--month", "2026-10", "--json")
    assert code == 0, run
    assert run["status"] == "succeeded"


def test_an_option_of_the_command_goes_first_and_the_input_stays_reachable(rpa: Any) -> None:
    code, run = rpa("run", "pay", "--limit", "1", "--month", "x", "--json")
    assert code == 0, run
    assert inputs(rpa, "--month", "x", "-i", "limit=9")["limit"] == 9


def test_the_help_page_lists_the_inputs(rpa: Any) -> None:
    code, page = rpa("run", "pay", "--help")
    assert code == 0
    told = " ".join(page.partition("Inputs of pay:")[2].split())
    assert "--month TEXT Month to pay. As year and month [required]" in told
    assert "--cost-centre CHOICE [north, south; default: north]" in told
    assert "--mail / --no-mail [default: true]" in told
    assert "--pin SECRET" in told


def test_a_misspelt_input_names_the_near_one(rpa: Any) -> None:
    code, told = rpa("plan", "pay", "--mnth", "x")
    assert code == 2
    assert "No such option: --mnth (Possible options: --month)" in told


@pytest.mark.parametrize("words", [("--month", "x", "pay"), ("--month=x", "pay")])
def test_inputs_come_after_the_flow(rpa: Any, words: tuple[str, ...]) -> None:
    code, told = rpa("plan", *words)
    assert code == 2
    assert "Inputs of a flow come after its name." in told


def test_an_option_without_its_value(rpa: Any) -> None:
    code, told = rpa("plan", "pay", "--month")
    assert code == 2
    assert "Option --month needs a value" in told


def test_a_missing_input_says_which_option_gives_it(rpa: Any) -> None:
    code, told = rpa("plan", "pay")
    assert code == 2
    assert "input-missing" in told and "`--month …`" in told


def test_a_flow_that_is_broken_is_told_by_its_own_problems(rpa: Any, tmp_path: Path) -> None:
    (tmp_path / "flows" / "pay.yaml").write_text("flow: pay\nsteps:\n  - no.such: 1\n", "utf-8")
    code, told = rpa("plan", "pay", "--month", "x")
    assert code == 2
    assert "no.such" in told
