"""What a flow means, seen in the ledger: rescued failures, finally, on_failure, loops, the order of tries."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from flows.diagnostics import render
from flows.loader import Loaded, load
from flows.testing import Case, Fake, Result
from rpa.ledger.store import Ledger
from rpa.ledger.types import AttemptRecord, OutcomeKind
from tests.flows.fakes import CATALOG
from tests.flows.running import run_case

KEY = bytes(range(32))
GONE = {"kind": "application", "code": "target-missing"}


def broken(action: str, **when: Any) -> Fake:
    return Fake(action, when, fails=GONE)


@dataclass(frozen=True)
class Told:
    """A run's result, and every step attempt that its ledger holds."""

    result: Result
    attempts: tuple[AttemptRecord, ...]

    def tries(self, action: str) -> list[tuple[int, int, str]]:
        """(try of the item, try of the step, outcome) of every attempt of an action."""
        return [(a.item_try, a.step_try, str(a.outcome)) for a in self.attempts if a.action == action]


def errors(loaded: Loaded) -> list[str]:
    return [d.code for d in loaded.diagnostics if d.severity == "error"]


def run(text: str, folder: Path, *fakes: Fake, **more: Any) -> Told:
    loaded = load(text, catalog=CATALOG)
    assert loaded.flow is not None and not errors(loaded), render(loaded.diagnostics)
    result = run_case(loaded.flow, Case("x", fakes=fakes, **more), CATALOG, folder, key=KEY)
    with Ledger.open(folder / "rpa.db", key=KEY, artifacts=folder / "artifacts") as ledger:
        (record,) = ledger.runs()
        return Told(result, tuple(ledger.attempts(record.id)))


# ── rescued failures ──
CAUGHT = """flow: caught
steps:
  - try:
      - browser.open: https://a.test
      - browser.click: Details
    catch:
      - kind: application
        do:
          - data.log: "${failure.code}"
  - data.log: went on
"""
CONTINUED = """flow: continued
steps:
  - browser.open: https://a.test
  - browser.click: Details
    on_error: continue
  - data.log: went on
"""


@pytest.mark.parametrize("text", [CAUGHT, CONTINUED], ids=["caught", "continued"])
def test_a_rescued_failure_stays_visible_in_the_ledger(text: str, tmp_path: Path) -> None:
    told = run(text, tmp_path, broken("browser.click"))
    assert told.result.status == "succeeded"
    assert told.result.done[-1] == "data.log"
    rescued = [a for a in told.attempts if a.outcome is OutcomeKind.rescued]
    assert [a.failure.code for a in rescued if a.failure] == ["target-missing"]
    assert told.result.failures == ("target-missing",)


def test_catch_takes_only_what_it_names(tmp_path: Path) -> None:
    told = run(CAUGHT.replace("kind: application", "code: page-missing"), tmp_path, broken("browser.click"))
    assert told.result.status == "failed"
    assert "data.log" not in told.result.done


# ── finally and on_failure ──
FINALLY = """flow: finally
steps:
  - browser.open: https://a.test
  - try:
      - browser.click: Details
    finally:
      - browser.wait: 1
  - data.log: after
on_failure:
  - notify.email: {subject: it failed, to: ap@example.com}
"""


def test_finally_runs_and_the_failure_goes_on(tmp_path: Path) -> None:
    told = run(FINALLY, tmp_path, broken("browser.click"))
    assert told.result.status == "failed"
    assert told.result.failures == ("target-missing",)
    assert told.result.done[1:] == ("browser.click", "browser.wait", "notify.email")


def test_a_failure_inside_finally_does_not_hide_the_first_one(tmp_path: Path) -> None:
    other = Fake("browser.wait", {}, fails={"kind": "business", "code": "assertion-failed"})
    told = run(FINALLY, tmp_path, broken("browser.click"), other)
    assert told.result.status == "failed"
    assert told.result.failures[0] == "target-missing"
    assert list(told.result.items.values()) == ["failed_application"]


def test_a_failure_inside_finally_does_not_change_a_success(tmp_path: Path) -> None:
    told = run(FINALLY, tmp_path, broken("browser.wait"))
    assert told.result.status == "succeeded"
    assert "data.log" in told.result.done


def test_a_doubt_in_a_try_runs_nothing_more(tmp_path: Path) -> None:
    """The write was sent and its ending never seen; nothing can tell whether it happened."""
    block = """      - writes: {what: bill, key: A}
        timeout: 1s
        browser.click: Details
        expect:
          - done: {text: Saved}
"""
    told = run(FINALLY.replace("      - browser.click: Details\n", block), tmp_path)
    assert list(told.result.items.values()) == ["in_doubt"]
    assert "browser.wait" not in told.result.done


def test_on_failure_never_changes_the_status(tmp_path: Path) -> None:
    told = run(FINALLY, tmp_path, broken("browser.click"), broken("notify.email"))
    assert told.result.status == "failed"
    assert list(told.result.items.values()) == ["failed_application"]
    assert told.result.failures[0] == "target-missing"


# ── loops ──
LEAK = """flow: leak
steps:
  - id: all
    for_each: {in: "${[1, 2, 3]}", as: n}
    do:
      - id: seen
        if: n == 1
        data.set: "${n}"
    outputs: {n: "${n}", seen: "${seen}"}
  - id: pages
    repeat: {at_most: 4, until: "${page == 3}"}
    do:
      - id: page
        data.set: "${loop.index}"
    outputs: {page: "${page}"}
outputs:
  seen: "${all.results | pick('seen')}"
  pages: "${pages.results | pick('page')}"
"""


def test_what_a_pass_made_is_gone_in_the_next(tmp_path: Path) -> None:
    told = run(LEAK, tmp_path)
    assert told.result.outputs == {"seen": [1, None, None], "pages": [1, 2, 3]}


def test_nothing_of_a_loop_can_be_named_outside_of_it() -> None:
    text = LEAK.replace("${all.results | pick('seen')}", "${seen}")
    assert [d.code for d in load(text, catalog=CATALOG).diagnostics] == ["name-unknown"]


# ── the order of tries ──
ORDER = """flow: order
items:
  from: {list: [{sku: A}]}
  key: "${item.sku}"
  attempts: 2
steps:
  - browser.open: https://a.test
  - browser.click: Details
    retry: {tries: 3, wait: 10ms}
    on_error: POLICY
  - data.log: after
"""


@pytest.mark.parametrize(
    ("policy", "tries", "after"),
    [
        ("stop", [(1, 1), (1, 2), (1, 3), (2, 1), (2, 2), (2, 3)], 0),
        ("continue", [(1, 1), (1, 2), (1, 3)], 1),
    ],
)
def test_a_step_tries_first_then_its_error_policy_decides_then_the_item_tries(
    policy: str, tries: list[tuple[int, int]], after: int, tmp_path: Path
) -> None:
    told = run(ORDER.replace("POLICY", policy), tmp_path, broken("browser.click"))
    failed = [(item, step) for item, step, outcome in told.tries("browser.click") if outcome == "failed"]
    assert sorted(failed) == tries
    assert told.result.done.count("data.log") == after
    assert told.result.status == ("succeeded" if after else "failed")


def test_a_business_failure_is_never_tried_again(tmp_path: Path) -> None:
    refused = Fake("browser.click", {}, fails={"kind": "business", "code": "assertion-failed"})
    told = run(ORDER.replace("POLICY", "stop"), tmp_path, refused)
    assert [(item, step) for item, step, _ in told.tries("browser.click")] == [(1, 1)]
    assert told.result.items == {"A": "failed_business"}
