"""Items through the engine: chosen once, changed data told, circuit breaker, tries after a new session."""

from __future__ import annotations

import pytest

from rpa.ledger.types import ItemStatus, RunStatus
from tests.rpa.replay.conftest import Ground

FILES = """
items:
  from: {{files: "in/*.txt"}}
  key: "${{item.stem}}"
  on_change: {on_change}
steps:
  - id: text
    files.read: "${{item.path}}"
  - writes:
      what: line
      key: "${{item.stem}} ${{text}}"
    files.append: {{path: out.txt, line: "${{text}}"}}
    expect:
      - done: "${{true}}"
"""
FAILING = """
items:
  from: {{files: "in/*.txt"}}
  attempts: {attempts}
  stop_after: {stop_after}
session:
  steps:
    - files.append: {{path: sessions.txt, line: opened}}
      repeatable: true
steps:
  - files.append: {{path: tries.txt, line: "${{item.stem}}"}}
    repeatable: true
  - repeat: {{at_most: 1, until: "${{there}}"}}
    do:
      - id: there
        files.exists: "needed.txt"
"""


def statuses(ground: Ground) -> list[str]:
    return [str(i.status) for i in ground.ledger.items()]


# ── on_change ──
@pytest.mark.parametrize(
    ("on_change", "status", "out"),
    [
        ("ignore", "succeeded", "one\n"),
        ("again", "succeeded", "one\ntwo\n"),
        ("business", "failed_business", "one\n"),
    ],
)
def test_what_changed_data_of_a_known_key_means(
    ground: Ground, on_change: str, status: str, out: str
) -> None:
    ground.flow(FILES.format(on_change=on_change))
    ground.write("in/a.txt", "one")
    ground.run()
    ground.write("in/a.txt", "two")
    ground.run()
    assert statuses(ground) == [status] and ground.text("out.txt") == out


def test_an_item_that_was_reopened_is_taken_again_and_writes_nothing_twice(ground: Ground) -> None:
    ground.flow(FILES.format(on_change="business"))
    ground.write("in/a.txt", "one")
    ground.run()
    [item] = ground.ledger.items()
    ground.ledger.reopen_item(item.id, actor="kim")
    run = ground.run()
    assert dict(run.counts) == {"succeeded": 1} and ground.text("out.txt") == "one\n"
    assert [a.who for a in ground.ledger.audit_log() if a.what == "reopen"] == ["kim"]


def test_a_replay_reads_what_was_there_when_the_item_was_found(ground: Ground) -> None:
    """The file is kept: moved or changed on disk, the item stays what it was."""
    failing = '  - data.assert: {that: "${false}"}\n  - writes:'
    ground.flow(FILES.format(on_change="ignore").replace("  - writes:", failing))
    ground.write("in/a.txt", "one")
    run = ground.run()
    (ground.folder / "in" / "a.txt").unlink()
    again = ground.replay(run, fresh=True)
    [read] = ground.ledger.attempts(again.id, step_path="text")
    assert (str(read.outcome), read.outputs) == ("succeeded", "one")


# ── failures ──
def test_the_circuit_breaker_ends_the_run_after_so_many_faults_in_a_row(ground: Ground) -> None:
    ground.flow(FAILING.format(attempts=1, stop_after=2))
    for name in "abcd":
        ground.write(f"in/{name}.txt", name)
    run = ground.run()
    assert (run.status, run.reason) == (RunStatus.failed, "stop-after")
    assert statuses(ground) == ["failed_application", "failed_application", "new", "new"]
    assert ground.text("tries.txt") == "a\nb\n"


def test_a_fault_is_tried_again_after_the_session_was_made_anew(ground: Ground) -> None:
    ground.flow(FAILING.format(attempts=3, stop_after=9))
    ground.write("in/a.txt", "a")
    run = ground.run()
    [item] = ground.ledger.items(run_id=run.id)
    assert (item.status, item.tries) == (ItemStatus.failed_application, 3)
    assert ground.text("tries.txt") == "a\na\na\n" and ground.text("sessions.txt") == "opened\n" * 3


def test_a_business_failure_is_not_tried_again_and_breaks_no_circuit(ground: Ground) -> None:
    flow = FAILING.format(attempts=3, stop_after=1)
    ground.flow(flow.replace('files.exists: "needed.txt"', "data.fail: no"))
    for name in "ab":
        ground.write(f"in/{name}.txt", name)
    run = ground.run()
    assert run.reason is None and statuses(ground) == ["failed_business"] * 2
    assert ground.text("tries.txt") == "a\nb\n" and ground.text("sessions.txt") == "opened\n"


def test_items_that_failed_by_fault_are_taken_by_the_next_run_others_are_known(ground: Ground) -> None:
    ground.flow(FAILING.format(attempts=1, stop_after=9))
    ground.write("in/a.txt", "a")
    ground.run()
    ground.write("needed.txt", "now here")
    assert ground.run().status is RunStatus.succeeded
    last = ground.run()
    assert dict(last.counts) == {"known": 1} and ground.text("tries.txt") == "a\na\n"
