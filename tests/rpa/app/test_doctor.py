"""`rpa doctor`: each lack is seen, told with its remedy in both languages, and decides the exit code."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from flows.catalogue import known
from rpa.app import machine
from rpa.app.findings import Finding
from rpa.app.project import Project
from rpa.app.ready import PROJECT
from rpa.ledger.crypto import create_key
from rpa.settings import load_settings

FLOW = """flow: bills
secrets: [erp_password]
steps:
  - browser.open: "http://127.0.0.1:8000/"
  - browser.fill: {target: Password, text: "${secrets.erp_password}"}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    create_key(tmp_path / "key")
    (tmp_path / "flows.yaml").write_text("version: 1\ntimezone: Asia/Seoul\n")
    (tmp_path / "flows").mkdir()
    return tmp_path


def look(folder: Path, **more: str) -> dict[str, Finding]:
    given = {"project": folder, "key_file": str(folder / "key"), **more}
    project = Project(load_settings(given, environ={}))
    return {f.what: f for f in (each(project) for each in PROJECT)}


def test_a_sound_project_lacks_nothing(folder: Path) -> None:
    assert {f.state for f in look(folder).values()} == {"ok"}


def test_outside_of_a_project_it_says_so_and_leaves_no_ledger(tmp_path: Path) -> None:
    found = look(tmp_path)
    assert (found["project"].state, found["key"].state) == ("missing", "broken")
    assert "rpa init" in found["key"].told("en")[2]
    assert list(tmp_path.iterdir()) == []


def test_flows_with_errors_and_missing_secrets_are_named(folder: Path) -> None:
    (folder / "flows" / "wrong.yaml").write_text("flow: wrong\nsteps:\n  - no.such: 1\n")
    (folder / "flows" / "bills.yaml").write_text(FLOW)
    found = look(folder)
    assert (found["flows"].state, found["flows"].detail) == ("missing", "wrong")
    assert found["secrets"].state == "missing"
    assert "rpa secrets set erp_password" in found["secrets"].told("ko")[2]


def test_a_broken_manifest_and_an_unknown_zone(folder: Path) -> None:
    assert look(folder, timezone="Asia/Nowhere")["zone"].state == "ok"  # flows.yaml wins
    (folder / "flows.yaml").write_text("version: 1\nflow: x\n")
    found = look(folder, timezone="Asia/Nowhere")
    assert (found["manifest"].state, found["zone"].state) == ("broken", "broken")


def test_a_ledger_that_was_changed_is_broken(folder: Path) -> None:
    (folder / "rpa.db").write_bytes(b"no database at all, but long enough to be looked at " * 40)
    assert look(folder)["ledger"].state == "broken"


def test_packages_of_another_version_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = ["pydantic>=99", "no-such-thing>=1", "pyyaml>=6", "psycopg; extra == 'postgresql'"]
    monkeypatch.setattr(machine.metadata, "requires", lambda _: wanted)
    named = list(machine.wrong_packages("daeri"))
    assert [line.split(">")[0] for line in named] == ["pydantic", "no-such-thing"]


def test_everything_has_a_name_and_a_remedy_in_the_catalogue() -> None:
    looks = [look.__name__.lstrip("_") for look in (*machine.MACHINE, *PROJECT)]
    assert all(known(f"doctor-{what}") for what in looks)


@pytest.mark.parametrize(("lang", "said"), [("en", "apt install chromium"), ("ko", "설치하거나")])
def test_the_command_names_the_missing_browser(folder: Path, lang: str, said: str) -> None:
    env = {k: v for k, v in os.environ.items() if not k.startswith("RPA_")}
    env |= {"RPA_KEY_FILE": str(folder / "key"), "RPA_BROWSER_PATH": str(folder / "none")}
    command = [sys.executable, "-m", "rpa.cli.main", "--project", str(folder), "--lang", lang, "doctor"]
    done = subprocess.run([*command, "--json"], env=env, capture_output=True, text=True, timeout=100)
    found = {f["what"]: f for f in json.loads(done.stdout)["findings"]}
    assert (found["browser"]["state"], found["browser"]["code"]) == ("missing", "browser-missing")
    assert said in found["browser"]["fix"]
    assert done.returncode == (3 if any(f["state"] == "broken" for f in found.values()) else 0)
