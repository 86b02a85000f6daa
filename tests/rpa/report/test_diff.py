"""Two runs side by side: what differs, and nothing else."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from rpa.ledger.types import Claim, ItemStatus, OutcomeKind, RunStatus
from rpa.report.diff import diff_runs, picture_difference
from tests.rpa.ledger.helpers import START, attempt, claimed
from tests.rpa.report.conftest import Told, extraction, keep, picture


def differences(told: Told, second: Claim) -> dict[tuple[str, str], tuple[Any, Any]]:
    ledger = told.ledger
    rows = diff_runs(ledger, ledger.run(told.run_id), ledger.run(second.run_id), ledger.artifact_bytes)
    return {(r["item"], r["what"]): (r["first"], r["second"]) for r in rows}


def replay(told: Told, *names: str) -> tuple[Claim, list[Any]]:
    """A replay that took the named items and left them running."""
    claim = claimed(told.ledger, replay_of=told.run_id)
    taken = [told.ledger.take_item(claim, told.items[n], from_status=list(ItemStatus)) for n in names]
    return claim, taken


def test_a_replay_is_compared_on_the_items_it_took(told: Told) -> None:
    claim, [item] = replay(told, "failing")
    later = START + timedelta(seconds=9)
    made = attempt(claim, item, "post/1:browser.fill", action="browser.fill", ended=later)
    told.ledger.record_attempt(claim, made, dict)
    keep(told.ledger, claim, item, "screenshot", "page.png", picture("blue"))
    told.ledger.end_item(claim, item.id, ItemStatus.succeeded)
    told.ledger.end_run(claim, RunStatus.succeeded)
    found = differences(told, claim)
    pictures = {what: value for (_, what), value in found.items() if "picture" in what}
    assert list(pictures) == ["post screenshot picture (100.0% differs)"]
    assert {k: v for k, v in found.items() if "picture" not in k[1]} == {
        ("", "status"): ("failed", "succeeded"),
        ("failing.pdf", "status"): ("failed_application", "succeeded"),
        ("failing.pdf", "post/1:browser.fill outcome"): ("failed field-hidden", "succeeded"),
        ("failing.pdf", "post/1:browser.fill seconds"): (0.5, 9.0),
    }


def test_fields_are_compared_one_by_one(told: Told) -> None:
    claim, [item] = replay(told, "read")
    made = attempt(claim, item, "reading", action="document.extract", outputs=extraction("120.00", 0.5))
    told.ledger.record_attempt(claim, made, dict)
    told.ledger.end_item(claim, item.id, ItemStatus.succeeded)
    found = differences(told, claim)
    assert {what: v for (_, what), v in found.items() if what.startswith("reading")} == {
        "reading field total": ("119.00", "120.00")
    }


def test_a_step_that_did_not_run_is_told(told: Told) -> None:
    claim, [item] = replay(told, "failing")
    skipped = attempt(claim, item, "other", outcome=OutcomeKind.skipped)
    told.ledger.record_attempt(claim, skipped, dict)
    told.ledger.end_item(claim, item.id, ItemStatus.failed_application)
    found = differences(told, claim)
    assert found["failing.pdf", "other outcome"] == ("did not run", "skipped")
    assert found["failing.pdf", "post/1:browser.fill outcome"] == ("failed field-hidden", "did not run")


def test_a_run_does_not_differ_from_itself(told: Told) -> None:
    ledger = told.ledger
    run = ledger.run(told.run_id)
    assert diff_runs(ledger, run, run, ledger.artifact_bytes) == []


@pytest.mark.parametrize(
    ("first", "second", "words"),
    [
        (picture("red"), picture("#f00000"), "0.0% differs"),
        (picture("red", (10, 10)), picture("red", (10, 20)), "10×10 and 10×20"),
        (b"no picture", picture("red"), "cannot be compared"),
    ],
)
def test_pictures_are_compared_by_what_the_eye_sees(first: bytes, second: bytes, words: str) -> None:
    assert picture_difference({"1": first, "2": second}.__getitem__, "1", "2") == words
