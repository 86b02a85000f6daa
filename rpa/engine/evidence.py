"""Evidence passes one gate: text is masked, a picture that could show a secret is kept only when masked."""

from __future__ import annotations

from bots.base import EvidenceItem
from rpa.engine.services import utc_now
from rpa.engine.state import RunState
from rpa.ledger.types import EventRecord

_TEXT = {"html", "text", "console"}


def keep_evidence(run: RunState, path: str) -> list[str]:
    """Asks every open bot what shows the present state and keeps what passes. Returns SHA-256 addresses.

    A bot that cannot give evidence must not hide the failure it should illustrate: that is an event.
    """
    if run.options.get("evidence", "failure") == "none":
        return []
    kept: list[str] = []
    for name, bot in run.open_bots.items():
        try:
            items = bot.evidence(run.masker.values)
        except Exception as error:  # noqa: BLE001 - recorded; the failure itself goes on
            _event(run, path, "evidence-failed", {"bot": name, "reason": f"{type(error).__name__}: {error}"})
            continue
        kept += [sha for item in items if (sha := _keep(run, path, item))]
    return kept


def _keep(run: RunState, path: str, item: EvidenceItem) -> str | None:
    if item.kind in _TEXT:
        data = run.masker.text(item.data.decode("utf-8", "replace")).encode()
    elif item.masked or not run.masker.values:
        data = item.data
    else:
        _event(run, path, "evidence-not-kept", {"name": item.name, "reason": "it cannot be masked"})
        return None
    return run.keep(path, item.kind, item.name, data, item.media_type).sha256


def _event(run: RunState, path: str, code: str, details: dict[str, str]) -> None:
    event = EventRecord(run.record.id, run.item_id, path, "warning", code, "", run.masker.show(details), utc_now())
    run.services.ledger.event(run.claim, event)
