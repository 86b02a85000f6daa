"""What authors run: a rehearsal commits nothing, `--step` asks before each step."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.rpa.engine.conftest import Rpa


def said(rpa: Rpa, *words: str, typed: str = "", lang: str = "en") -> str:
    command = [sys.executable, "-m", "rpa.cli.main", "--project", str(rpa.folder), "--lang", lang, *words]
    done = subprocess.run(command, env=rpa.env, capture_output=True, text=True, input=typed, timeout=120)
    return done.stdout + done.stderr


@pytest.mark.parametrize(("lang", "told"), [("en", "a.txt: all was done up to written"), ("ko", "a.txt: written 앞까지 했고")])
def test_a_rehearsal_does_all_but_the_write_and_says_where_it_stopped(rpa: Rpa, lang: str, told: str) -> None:
    out = said(rpa, "run", "texts", "--rehearse", lang=lang)
    assert told in out
    assert rpa.journal() == []
    assert rpa("items")[1]["items"][0]["status"] == "new"
    code, run = rpa("run", "texts")  # what was rehearsed is still to do
    assert (code, run["counts"]) == (0, {"succeeded": 2})
    assert len(rpa.journal()) == 2


def test_step_shows_each_step_and_stops_on_request(rpa: Rpa) -> None:
    out = said(rpa, "run", "texts", "--step", "--limit", "1", typed="\n\nq\n")
    assert "files.read" in out
    assert out.index("files.read") < out.index("data.assert") < out.index("files.append")
    assert '"line": "a first"' in out  # with the values it would get
    assert rpa.journal() == []
    assert rpa("runs")[1]["runs"][0]["status"] == "cancelled"


def test_step_goes_on_with_all_the_rest(rpa: Rpa) -> None:
    out = said(rpa, "run", "texts", "--step", typed="a\n")
    assert out.count("[Enter]") == 1
    assert len(rpa.journal()) == 2


def test_step_stops_where_nobody_answers(rpa: Rpa) -> None:
    said(rpa, "run", "texts", "--step", typed="")
    assert rpa.journal() == []
