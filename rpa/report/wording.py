"""Recorded failures as sentences for people, and names that a person recognises."""

from __future__ import annotations

from datetime import datetime

from rpa.ledger.types import FailureRecord, ItemRecord


def failure_text(failure: FailureRecord, lang: str) -> tuple[str, str]:
    """(message, fix) of a recorded failure."""
    from flows.catalogue import fix, known, text

    if known(failure.code):
        details = {"item": failure.item_id or "ITEM", **failure.details}
        return text(failure.code, lang, **details), fix(failure.code, lang, **details)
    return failure.message or failure.code, str(failure.details.get("fix", ""))


def item_name(item: ItemRecord) -> str:
    """What a person calls the item: its file, its key, or the flow where the run itself is the only item."""
    only = item.key.startswith("run:r-")
    return str(item.data.get("name") or (item.flow_id if only else item.key))


def seconds(started: datetime | None, ended: datetime | None) -> float | None:
    """How long something took; None while it has no beginning or no end."""
    return (ended - started).total_seconds() if started and ended else None
