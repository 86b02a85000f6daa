"""The rules of replay: what is reused, done again, skipped, settled, asked or refused. Writes are never
repeated."""

from __future__ import annotations

from typing import Any

import pytest

from flows.failures import FlowFailure
from rpa.ledger.types import ItemStatus, RunStatus, Verdict
from rpa.replay.enqueue import enqueue_replay
from rpa.replay.resolve import resolve_item
from rpa.replay.select import failed
from tests.rpa.replay.conftest import Ground

FLOW = """
steps:
  - id: note
    files.read: note.txt
  - id: first
    writes:
      what: first
      key: "${note}"
    files.append: {path: first.txt, line: "${note}"}
    expect:
      - done: "${true}"
    outputs: {line: "${note}"}
  - id: gate
    files.read: gate.txt
  - data.assert: {that: "${gate == 'open'}", message: closed}
  - id: second
    writes:
      what: second
      key: "${note}"
    files.append: {path: second.txt, line: "${first.line} ${note} ${gate}"}
    expect:
      - done: "${true}"
"""


@pytest.fixture
def stopped(ground: Ground) -> Ground:
    """The first write is done, then the gate was closed; note and gate have changed since."""
    ground.flow(FLOW)
    ground.write("note.txt", "old")
    ground.write("gate.txt", "shut")
    assert ground.run().status is RunStatus.failed
    ground.write("note.txt", "new")
    ground.write("gate.txt", "open")
    return ground


def test_recorded_outputs_stand_and_a_committed_write_is_skipped(stopped: Ground) -> None:
    run = stopped.ledger.run("last")
    again = stopped.replay(run, from_step="gate")
    assert again.status is RunStatus.succeeded and again.replay_of == run.id
    assert stopped.outcomes(again) == {
        "note": "reused", "first": "skipped", "gate": "succeeded", "4:data.assert": "succeeded",
        "second": "succeeded",
    }
    assert (stopped.text("first.txt"), stopped.text("second.txt")) == ("old\n", "old old open\n")


def test_without_from_what_was_read_is_read_no_more(stopped: Ground) -> None:
    again = stopped.replay(stopped.ledger.run("last"))
    assert stopped.outcomes(again)["gate"] == "reused" and again.status is RunStatus.failed
    assert stopped.text("second.txt") == ""


def test_fresh_reuses_nothing_and_still_repeats_no_write(stopped: Ground) -> None:
    stopped.write("note.txt", "old")
    again = stopped.replay(stopped.ledger.run("last"), fresh=True)
    assert again.status is RunStatus.succeeded
    assert stopped.outcomes(again)["note"] == "succeeded" and stopped.outcomes(again)["first"] == "skipped"
    assert stopped.text("first.txt") == "old\n"


def test_time_is_that_of_the_original_unless_fresh(stopped: Ground) -> None:
    run = stopped.ledger.run("last")
    assert stopped.replay(run).frozen_now == run.frozen_now
    assert stopped.replay(run, fresh=True).frozen_now > run.frozen_now


def test_the_revision_that_ran_is_replayed_unless_latest(stopped: Ground) -> None:
    run = stopped.ledger.run("last")
    stopped.flow(FLOW.replace("files.read: gate.txt", "files.read: {path: other.txt}"))
    stopped.write("other.txt", "open")
    assert stopped.replay(run).revision == run.revision
    again = stopped.replay(run, latest=True)
    assert again.revision != run.revision and again.status is RunStatus.succeeded
    made = stopped.outcomes(again)
    assert (made["note"], made["gate"]) == ("reused", "succeeded"), "only what was asked alike is reused"
    assert stopped.text("first.txt") == "old\n"


@pytest.mark.parametrize("how", [{}, {"fresh": True}, {"from_step": "gate"}])
def test_a_plan_says_what_then_happens(stopped: Ground, how: dict[str, Any]) -> None:
    run = stopped.ledger.run("last")
    stopped.write("note.txt", "old")
    planned = stopped.plan(run, **how)
    assert stopped.ledger.runs(replay_of=run.id) == [], "a plan does nothing"
    made = stopped.outcomes(stopped.replay(run, **how))
    fits = {"reuse": {"reused"}, "skip": {"skipped"}, "run": {"succeeded", "failed"},
            "redo": {"succeeded", "failed"}}
    assert all(made[path] in fits[doing] for path, doing in planned.items() if path in made)
    assert set(made) <= set(planned)


def test_a_step_that_is_not_there_is_refused(stopped: Ground) -> None:
    with pytest.raises(FlowFailure, match="step-unknown"):
        stopped.replay(stopped.ledger.run("last"), from_step="nowhere")


# ── doubts ──
DOUBT = """
steps:
  - id: entry
    writes:
      what: entry
      key: one
{probe}    files.append: {{path: out.txt, line: one}}
    expect:
      - done: "${{false}}"
    timeout: 0.1s
"""
PROBE = """      done_if:
        - id: seen
          files.read: probe.txt
        - files.contains: {path: probe.txt, text: "${seen}"}
"""


def doubtful(ground: Ground, probe: str) -> int:
    """An item whose write was begun and has no result; a probe cannot tell, for it has no file to look at."""
    ground.flow(DOUBT.format(probe=probe))
    run = ground.run()
    [item] = ground.items(run).values()
    assert (run.status, item.status) == (RunStatus.failed, ItemStatus.in_doubt)
    return item.id


@pytest.mark.parametrize(("probe", "doing"), [("", "ask"), (PROBE, "settle")], ids=["none", "blind"])
def test_a_doubt_is_never_done_again(ground: Ground, probe: str, doing: str) -> None:
    doubtful(ground, probe)
    run = ground.ledger.run("last")
    assert ground.plan(run)["entry"] == doing
    for _ in range(2):
        again = ground.replay(run)
        assert [i.status for i in ground.items(again).values()] == [ItemStatus.in_doubt]
    assert ground.text("out.txt") == "one\n"


@pytest.mark.parametrize(("happened", "lines"), [(True, 1), (False, 2)])
def test_a_persons_word_settles_it(ground: Ground, happened: bool, lines: int) -> None:
    item = doubtful(ground, "")
    run = ground.ledger.run("last")
    [write] = resolve_item(ground.ledger, item, happened=happened, by="kim")
    assert write.settled_by == "person:kim"
    assert write.verdict is (Verdict.settled_done if happened else Verdict.settled_not_done)
    assert ground.plan(run)["entry"] == ("skip" if happened else "run")
    again = ground.replay(run)
    assert again.status is (RunStatus.succeeded if happened else RunStatus.failed)
    assert ground.text("out.txt") == "one\n" * lines
    assert "resolve" in [a.what for a in ground.ledger.audit_log()]


def test_a_probe_settles_what_it_can_see(ground: Ground) -> None:
    doubtful(ground, PROBE)
    ground.write("probe.txt", "one")
    again = ground.replay(ground.ledger.run("last"))
    assert again.status is RunStatus.succeeded and ground.text("out.txt") == "one\n"
    assert [w.settled_by for w in ground.ledger.writes()] == ["done_if"]


def test_nothing_open_nothing_to_settle(ground: Ground) -> None:
    ground.flow("steps:\n  - data.set: 1\n")
    run = ground.run()
    [item] = ground.items(run).values()
    with pytest.raises(FlowFailure, match="nothing-in-doubt"):
        resolve_item(ground.ledger, item.id, happened=True, by="kim")


# ── many ──
def test_bulk_replay_takes_faults_and_leaves_business_failures(ground: Ground) -> None:
    ground.flow("steps:\n  - files.read: missing.txt\n")
    fault = ground.run()
    ground.flow("steps:\n  - data.assert: {that: false, message: no}\n")
    ground.run()
    ground.flow("steps:\n  - data.set: 1\n")
    ground.run()
    assert [s.run.id for s in failed(ground.ledger, since=None)] == [fault.id]
    assert failed(ground.ledger, since=None, flow_id="other") == []


def test_one_item_can_be_named_whatever_its_state(ground: Ground) -> None:
    ground.flow(
        'items:\n  from: {files: "in/*.txt"}\nsteps:\n  - id: seen\n    files.read: "${item.path}"\n'
    )
    ground.write("in/a.txt", "a")
    ground.write("in/b.txt", "b")
    run = ground.run()
    again = ground.replay(run, item="b.txt")
    assert list(ground.items(again)) == ["b.txt"] and again.status is RunStatus.succeeded
    with pytest.raises(FlowFailure, match="item-unknown"):
        ground.replay(run, item="c.txt")


# ── what was erased ──
def erase_results(ground: Ground) -> None:
    """What `rpa ledger prune` does to writes that are older than `keep_data_days`."""
    from rpa.ledger.operations import Retention, prune

    prune(ground.ledger, Retention(succeeded_days=None, failed_days=None, data_days=0))
    assert all(w.result is None for w in ground.ledger.writes())


def test_a_write_whose_outputs_were_erased_is_neither_repeated_nor_guessed(stopped: Ground) -> None:
    run = stopped.ledger.run("last")
    erase_results(stopped)
    assert stopped.plan(run, from_step="gate")["first"] == "refuse"
    again = stopped.replay(run, from_step="gate")
    [item] = stopped.items(again).values()
    assert again.status is RunStatus.failed and item.status is ItemStatus.failed_business
    assert item.failure and item.failure.code == "outputs-erased" and "first" in str(item.failure.details)
    assert (stopped.text("first.txt"), stopped.text("second.txt")) == ("old\n", "")
    assert failed(stopped.ledger, since=None) == [], "it is a person's now"


def test_erased_outputs_that_nobody_takes_are_not_missed(stopped: Ground) -> None:
    stopped.flow(FLOW.replace("${first.line} ", ""))
    stopped.write("gate.txt", "shut")
    run = stopped.run()
    stopped.write("gate.txt", "open")
    erase_results(stopped)
    again = stopped.replay(run, fresh=True)
    assert again.status is RunStatus.succeeded and stopped.outcomes(again)["first"] == "skipped"


def test_a_finished_item_whose_data_were_erased_stays_finished(ground: Ground) -> None:
    from rpa.ledger.operations import erase_item

    ground.flow(
        'items:\n  from: {files: "in/*.txt"}\nsteps:\n  - id: seen\n    files.read: "${item.path}"\n'
    )
    ground.write("in/a.txt", "a")
    run = ground.run()
    [item] = ground.items(run).values()
    erase_item(ground.ledger, item.id, actor="kim")
    assert ground.plan(run, item=item.key) == {"": "refuse"}
    with pytest.raises(FlowFailure, match="replay-refused"):
        ground.replay(run, item=item.key)
    assert ground.ledger.item(item.id).status is ItemStatus.succeeded


def test_bulk_replay_takes_an_item_once_however_many_runs_had_it(ground: Ground) -> None:
    ground.flow(
        'items:\n  from: {files: "in/*.txt"}\nsteps:\n  - files.read: "${item.stem}.gate"\n'
    )
    ground.write("in/a.txt", "a")
    ground.write("in/b.txt", "b")
    ground.replay(ground.run())

    def left() -> list[str]:
        return sorted(i.data["stem"] for s in failed(ground.ledger, since=None) for i in s.items)

    assert left() == ["a", "b"]
    for gate in ("a", "b"):
        ground.write(f"{gate}.gate", "")
        for selected in failed(ground.ledger, since=None):
            ground.execute(enqueue_replay(ground.project, selected))
        assert gate not in left()
    assert left() == []
