"""What people type about runs, items and the ledger, through the command itself."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

import pytest
from typer.main import get_command_name

from rpa.cli.edge import guarded
from rpa.cli.main import app
from rpa.ledger.types import EventRecord, ItemStatus, NewRun, RunStatus
from tests.rpa.replay.conftest import Ground

Ask = Callable[..., tuple[int, Any]]
FLOW = """
items:
  from: {files: "in/*.txt"}
  key: "${item.stem}"
steps:
  - id: text
    files.read: "${item.path}"
  - data.assert: {that: "${text != 'no'}", message: refused}
  - writes:
      what: line
      key: "${item.stem}"
    files.append: {path: out.txt, line: "${text}"}
    expect:
      - done: "${text == 'yes'}"
    timeout: 0.1s
"""


@pytest.fixture
def ground(tmp_path: Path) -> Iterator[Ground]:
    """One item of each kind: done, refused, in doubt."""
    made = Ground(tmp_path)
    made.flow(FLOW)
    for name, text in {"a": "yes", "b": "no", "c": "perhaps"}.items():
        made.write(f"in/{name}.txt", text)
    made.run()
    yield made
    made.ledger.close()


@pytest.fixture
def rpa(ground: Ground, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Ask:
    """`rpa("runs", "--json")` gives exit code and what was printed, as data where it is JSON."""
    monkeypatch.setenv("RPA_KEY_FILE", str(ground.folder / "key"))
    monkeypatch.setenv("RPA_PACE", "0")

    def ask(*words: str) -> tuple[int, Any]:
        monkeypatch.setattr("sys.argv", ["rpa", "--project", str(ground.folder), *words])
        code = guarded(app)
        said = capsys.readouterr()
        text = said.out + said.err
        return code, json.loads(said.out) if said.out.startswith("{") else text

    return ask


def item_id(ground: Ground, key: str) -> str:
    return str(next(i.id for i in ground.ledger.items() if i.key == key))


def test_runs_are_filtered_by_what_is_asked(rpa: Ask) -> None:
    def found(*words: str) -> int:
        return len(rpa("runs", "--json", *words)[1]["runs"])

    assert found() == found("--failed", "--since", "1d") == found("--code", "assertion-failed") == 1
    assert found("--status", "succeeded") == found("--code", "other") == found("--flow", "other") == 0
    assert found("--text", "refused") == 1 and found("--since", "2999-01-01") == 0


def test_a_story_tells_each_item_and_how_to_go_on(rpa: Ask, ground: Ground) -> None:
    code, text = rpa("show", "last")
    assert code == 0
    resolve = f"rpa resolve {item_id(ground, 'c')} --done"
    for words in ("a.txt", "[assertion-failed]", "refused", "[write-in-doubt]", resolve, "rpa replay r-"):
        assert words in text


def test_a_story_is_opened_with_its_pictures(rpa: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", lambda address: opened.append(address) or True)
    assert rpa("show", "last", "--open")[0] == 0
    [address] = opened
    assert "assertion-failed" in Path(url2pathname(urlsplit(address).path)).read_text("utf-8")


def test_a_doubt_is_resolved_by_a_persons_word(rpa: Ask, ground: Ground) -> None:
    doubtful = item_id(ground, "c")
    assert rpa("resolve", doubtful)[0] == 2, "nobody guesses for a person"
    code, text = rpa("resolve", doubtful, "--done")
    assert (code, text) == (0, "line c: settled_done\n")
    assert ground.ledger.item(int(doubtful)).status is ItemStatus.new


def test_items_are_reopened_unless_in_doubt(rpa: Ask, ground: Ground) -> None:
    assert rpa("items", "reopen", item_id(ground, "b"))[0] == 0
    code, text = rpa("items", "reopen", item_id(ground, "c"))
    assert code == 2 and "item-in-doubt" in text
    _, found = rpa("items", "--json")
    assert {i["key"]: i["status"] for i in found["items"]} == {"a": "succeeded", "b": "new", "c": "in_doubt"}


def test_a_queued_run_is_cancelled_and_an_ended_one_left_alone(rpa: Ask, ground: Ground) -> None:
    from rpa.app.compose import enqueue

    queued = enqueue(ground.project, ground.project.flow("replayed"), {})
    assert rpa("cancel", queued)[0] == 0
    assert str(ground.ledger.run(queued).status) == "cancelled"
    ended = ground.ledger.runs(flow_id="replayed", limit=None)[-1]
    assert "failed" in rpa("cancel", ended.id)[1] and str(ground.ledger.run(ended.id).status) == "failed"


def test_a_dry_run_names_what_would_be_done(rpa: Ask) -> None:
    code, found = rpa("replay", "last", "--dry-run", "--json")
    assert code == 0
    plan = {(p["item"], p["step_path"]): p["doing"] for p in found["plan"]}
    assert plan["b", "text"] == "reuse" and plan["b", "2:data.assert"] == "run"
    assert [doing for (item, step), doing in plan.items() if item == "c" and "append" in step] == ["ask"]
    assert not any(item == "a" for item, _ in plan), "what succeeded is not taken again"


def test_a_report_and_a_bundle_are_written(rpa: Ask, ground: Ground) -> None:
    page, bundle = ground.folder / "r.html", ground.folder / "s.zip"
    assert rpa("report", "last", "-o", str(page))[0] == 0 and "a.txt" in page.read_text("utf-8")
    code, found = rpa("support", "last", "-o", str(bundle), "--json")
    assert code == 0 and found["bytes"] == bundle.stat().st_size
    code, text = rpa("support", "last", "-o", str(bundle))
    assert code == 2 and "file-exists-already" in text


def test_the_ledger_is_exported_and_filled_again(rpa: Ask, ground: Ground) -> None:
    file, copy = ground.folder / "all.jsonl.gz", ground.folder / "copy"
    assert rpa("ledger", "export", str(file))[0] == 0
    copy.mkdir()
    (copy / "flows.yaml").write_text("version: 1\n")
    assert rpa("--project", str(copy), "ledger", "import", str(file))[0] == 0
    _, there = rpa("--project", str(copy), "runs", "--json")
    assert [r["run"] for r in there["runs"]] == [r.id for r in ground.ledger.runs()]


def test_the_ledger_is_backed_up_and_put_back(rpa: Ask, ground: Ground) -> None:
    saved, copy = ground.folder / "saved", ground.folder / "copy"
    assert rpa("ledger", "backup", str(saved))[0] == 0
    copy.mkdir()
    (copy / "flows.yaml").write_text("version: 1\n")
    code, text = rpa("--project", str(copy), "ledger", "restore", str(saved))
    assert (code, text) == (0, "restored, sound\n")


def test_tampering_with_the_audit_is_told(rpa: Ask, ground: Ground) -> None:
    assert rpa("ledger", "verify") == (0, "sound\n")
    with sqlite3.connect(ground.folder / "rpa.db") as raw:
        raw.execute("UPDATE audit SET who = 'nobody' WHERE id = 1")
    code, found = rpa("ledger", "verify", "--json")
    assert code == 3 and found["problems"] == ["audit 1: the row was changed"]


def test_pruning_counts_before_it_removes(rpa: Ask) -> None:
    code, found = rpa("ledger", "prune", "--dry-run", "--json")
    assert code == 0 and found["runs"] == 0
    _, stats = rpa("ledger", "stats", "--json")
    assert stats["runs"] == {"failed": 1} and stats["bytes"] > 0


@pytest.mark.parametrize("what", ("runs", "items"))
def test_a_state_that_does_not_exist_is_the_askers_mistake(rpa: Ask, what: str) -> None:
    code, said = rpa(what, "--status", "failde", "--json")
    assert (code, said["error"]["code"]) == (2, "status-unknown")
    assert "succeeded" in said["error"]["fix"]


def test_show_puts_kept_files_into_a_folder_and_names_the_item_of_a_warning(rpa: Ask, ground: Ground) -> None:
    ledger = ground.ledger
    run, item = ledger.runs()[0], ledger.items(key="a")[0]
    at = run.created
    claimed = ledger.claim("w", run_id=ledger.enqueue(NewRun(run.flow_id, run.revision, {})))
    assert claimed is not None
    told = EventRecord(claimed[0].run_id, item.id, "text", "warning", "", "odd page", {}, at)
    ledger.take_item(claimed[0], item.id, from_status=list(ItemStatus))
    ledger.event(claimed[0], told)
    ledger.end_run(claimed[0], RunStatus.succeeded)
    assert "a.txt: odd page" in rpa("show", "last")[1]
    folder = ground.folder / "files"
    code, _ = rpa("show", run.id, "--files", str(folder))
    assert code == 0 and sorted(p.name for p in folder.iterdir()) == ["1-item-a.txt", "2-item-b.txt", "3-item-c.txt"]
    assert rpa("show", run.id, "--files", str(folder))[0] == 2


@pytest.mark.parametrize(
    ("word", "stays"), [("runs", {"runs"}), ("ledger", {"ledger"}), ("new-flow", {"new-flow"}), ("rusn", None), (None, None)]
)
def test_only_the_asked_command_is_made(word: str | None, stays: set[str] | None, monkeypatch: pytest.MonkeyPatch) -> None:
    from rpa.cli import main

    before = [c.name or get_command_name(c.callback.__name__) for c in app.registered_commands if c.callback]
    monkeypatch.setattr(app, "registered_commands", list(app.registered_commands))
    monkeypatch.setattr(app, "registered_groups", list(app.registered_groups))
    main._keep_only(word)
    commands = [c.name or get_command_name(c.callback.__name__) for c in app.registered_commands if c.callback]
    groups = [str(g.name) for g in app.registered_groups]
    assert {*commands, *groups} == stays if stays else commands == before


def test_a_table_that_is_not_for_a_terminal_has_one_aligned_line_a_row(capsys: pytest.CaptureFixture[str]) -> None:
    from rpa.cli.show import table

    table(("flow", "key", "n"), [("한글", "x" * 300, 1), ("a\nb", "y", None)])
    heading, first, second = capsys.readouterr().out.splitlines()
    assert first == f"한글  {'x' * 300}  1" and second == "a b   y"
    assert heading.startswith("flow  key") and heading.endswith(" n")
