"""A run with something of everything: a document that was read, a screenshot, a doubt, a business failure."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from rpa.ledger.store import Ledger
from rpa.ledger.types import Claim, ItemRecord, ItemStatus, OutcomeKind, RunStatus, Verdict
from tests.rpa.ledger.helpers import (
    START,
    FakeClock,
    add,
    attempt,
    claimed,
    failure,
    intend,
    open_ledger,
    taken,
)

SECRET = "Nordwind GmbH"


@dataclass
class Told:
    """The ledger and the run that `telling_run` wrote into it."""

    ledger: Ledger
    run_id: str
    items: dict[str, int]


def picture(tint: str, size: tuple[int, int] = (200, 280)) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", size, tint).save(buffer, "PNG")
    return buffer.getvalue()


def extraction(total: str = "119.00", confidence: float = 0.99) -> dict[str, Any]:
    """What `document.extract` gives."""
    box = {"page": 1, "box": [0.1, 0.2, 0.5, 0.25]}
    detail = {
        "value": total, "raw": f"Total {total}", "confidence": confidence, "boxes": [box],
        "checks": [{"name": "total-adds-up", "passed": True}],
    }
    return {
        "doctype": "invoice", "fields": {"total": total}, "details": {"total": detail},
        "lines": [{"name": "Bolts", "amount": "100.00"}], "line_details": [], "needs_review": False,
    }


def step(ledger: Ledger, claim: Claim, item: ItemRecord, path: str, at: float, **more: Any) -> None:
    """An attempt that began `at` seconds after the start and took half a second."""
    started = START + timedelta(seconds=at)
    made = attempt(claim, item, path, started=started, ended=started + timedelta(seconds=0.5), **more)
    ledger.record_attempt(claim, made, dict)


def keep(ledger: Ledger, claim: Claim, item: ItemRecord, kind: str, name: str, data: bytes) -> str:
    return ledger.keep(
        claim, run_id=claim.run_id, item_id=item.id, step_path="post", kind=kind, name=name, data=data,
        media_type="image/png",
    ).path


def read_item(ledger: Ledger, claim: Claim, total: str = "119.00", tint: str = "white") -> ItemRecord:
    item = taken(ledger, claim, f"<b>{SECRET}</b>.png")
    keep(ledger, claim, item, "item", "page.png", picture(tint))
    step(ledger, claim, item, "reading", 1, action="document.extract", outputs=extraction(total))
    ledger.end_item(claim, item.id, ItemStatus.succeeded)
    return item


def failing_item(ledger: Ledger, claim: Claim, tint: str = "red") -> ItemRecord:
    item = taken(ledger, claim, "failing.pdf", n=2)
    why = failure("field-hidden", message="hidden", step_path="post/1:browser.fill")
    step(ledger, claim, item, "post/1:browser.fill", 2, action="browser.fill", failure=why,
         params={"text": SECRET}, outcome=OutcomeKind.failed)
    keep(ledger, claim, item, "screenshot", "page.png", picture(tint))
    ledger.end_item(claim, item.id, ItemStatus.failed_application, failure=why)
    return item


def doubtful_item(ledger: Ledger, claim: Claim) -> ItemRecord:
    item = taken(ledger, claim, "doubtful.pdf", n=3)
    intend(ledger, claim, item, key="INV-3")
    ledger.end_item(claim, item.id, ItemStatus.in_doubt)
    return item


@pytest.fixture
def told(tmp_path: Path) -> Iterator[Told]:
    with open_ledger(tmp_path, FakeClock()) as ledger:
        claim = claimed(ledger, inputs={"inbox": f"/data/{SECRET}"})
        items = {
            "read": read_item(ledger, claim).id,
            "failing": failing_item(ledger, claim).id,
            "doubtful": doubtful_item(ledger, claim).id,
        }
        written = taken(ledger, claim, "written.pdf", n=4)
        write = intend(ledger, claim, written, key="INV-4")
        ledger.settle(claim, write.id, Verdict.committed, by="expect")
        ledger.end_item(claim, written.id, ItemStatus.succeeded)
        add(ledger, claim, "left.pdf", n=5)
        ledger.end_run(claim, RunStatus.failed)
        yield Told(ledger, claim.run_id, items)
