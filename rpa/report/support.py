"""A bundle for a colleague: enough to understand a failure, without what the business is about.

Values are replaced by their kind and length, item names by numbers, messages by their code; pictures, pages
and files stay here. What remains: the flow's text, steps, outcomes, codes, timing, versions, settings.
"""

from __future__ import annotations

import json
import platform
import zipfile
from collections.abc import Mapping
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from rpa.ledger.types import ArtifactRecord, AttemptRecord, EventRecord, FailureRecord, WriteRecord
from rpa.report.story import ItemStory, RunStory
from rpa.report.wording import seconds

PACKAGES = (
    "daeri",
    "playwright",
    "sqlalchemy",
    "sqlmodel",
    "pydantic",
    "jinja2",
    "onnxruntime",
    "pillow",
    "pypdfium2",
)
#: details of a failure that name parts of the flow or of the program, never of the business
_TECHNICAL = frozenset(
    {"action", "parameter", "step", "bot", "error", "status", "write", "code", "known", "cause", "doctype"}
)


def redacted(value: Any) -> Any:
    """The shape of a value: mappings keep their keys, everything else becomes its kind and size."""
    if isinstance(value, Mapping):
        return {str(k): redacted(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [redacted(v) for v in value[:20]] + ([f"… {len(value) - 20} more"] if len(value) > 20 else [])
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return f"text({len(value)})"
    return type(value).__name__


def bundle_data(story: RunStory) -> dict[str, Any]:
    """The redacted story as JSON-able data."""
    run = story.run
    return {
        "schema": 1,
        "run": run.id,
        "flow": run.flow_id,
        "revision": run.revision,
        "status": str(run.status),
        "reason": run.reason,
        "trigger": run.trigger,
        "replay_of": run.replay_of,
        "created": _time(run.created),
        "seconds": seconds(run.started, run.ended),
        "counts": dict(run.counts),
        "inputs": redacted(run.inputs),
        "options": sorted(run.options),
        "failure": _failure(run.failure),
        "items": [_item(number, s) for number, s in enumerate(story.items, 1)],
        "outside_items": [_attempt(a) for a in story.around],
        "events": [_event(e) for e in story.events],
    }


def _item(number: int, story: ItemStory) -> dict[str, Any]:
    item = story.item
    return {
        "item": number,
        "id": item.id,
        "status": str(item.status),
        "tries": item.tries,
        "data": redacted(item.data),
        "failure": _failure(item.failure),
        "attempts": [_attempt(a) for a in story.attempts],
        "writes": [_write(w) for w in story.writes],
        "files": [_file(a) for a in story.artifacts],
        "reviews": [{"kind": r.kind, "status": r.status, "step": r.step_path} for r in story.reviews],
    }


def _attempt(a: AttemptRecord) -> dict[str, Any]:
    return {
        "step": _place(a.step_path),
        "action": a.action,
        "phase": a.phase,
        "try": [a.item_try, a.step_try],
        "outcome": str(a.outcome),
        "started": _time(a.started),
        "seconds": seconds(a.started, a.ended),
        "params": redacted(a.params),
        "outputs": redacted(a.outputs),
        "failure": _failure(a.failure),
        "notes": redacted(a.notes),
    }


def _failure(f: FailureRecord | None) -> dict[str, Any] | None:
    if f is None:
        return None
    details = {k: v if k in _TECHNICAL else redacted(v) for k, v in f.details.items()}
    return {
        "kind": f.kind,
        "code": f.code,
        "step": _place(f.step_path),
        "effect": f.effect,
        "details": details,
    }


def _write(w: WriteRecord) -> dict[str, Any]:
    return {
        "what": w.what,
        "verdict": str(w.verdict),
        "by": w.settled_by.split(":")[0],
        "step": _place(w.step_path),
    }


def _file(a: ArtifactRecord) -> dict[str, Any]:
    return {"kind": a.kind, "media_type": a.media_type, "size": a.size, "step": _place(a.step_path)}


def _event(e: EventRecord) -> dict[str, Any]:
    return {
        "at": _time(e.at),
        "level": e.level,
        "code": e.code,
        "step": _place(e.step_path),
        "details": redacted(e.details),
    }


def _place(path: str) -> str:
    """A step's path without the keys of loop passes, which are data."""
    import re

    return re.sub(r"\[[^\]]*\]", "[…]", path)


def _time(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def surroundings() -> dict[str, Any]:
    """Versions of what takes part."""
    found = {}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = ""
    return {"python": platform.python_version(), "system": platform.platform(), "packages": found}


def write_bundle(file: Path, story: RunStory, texts: Mapping[str, str], settings: Mapping[str, Any]) -> None:
    """Writes the ZIP. `texts`: the flow and what it calls; `settings`: names and plain values. Refuses to
    overwrite (FileExistsError)."""
    with file.open("xb") as handle, zipfile.ZipFile(handle, "w", zipfile.ZIP_DEFLATED) as pack:
        pack.writestr("run.json", json.dumps(bundle_data(story), ensure_ascii=False, indent=1))
        pack.writestr(
            "surroundings.json",
            json.dumps({**surroundings(), "settings": settings}, ensure_ascii=False, indent=1),
        )
        for number, (name, body) in enumerate(texts.items(), 1):
            pack.writestr(f"flows/{number}-{Path(name).name}.yaml", body)
