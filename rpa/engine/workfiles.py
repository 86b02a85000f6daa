"""The file of an item under its own name: bots upload and read it as the person who sent it called it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

from flows.failures import EngineFailure
from rpa.engine.state import RunState
from rpa.ledger.types import ItemRecord


def work_copy(run: RunState, item: ItemRecord) -> dict[str, Any]:
    """The item's data with `path` pointing to a link of the stored copy, called like the original."""
    data = {**item.data, "key": item.key}
    if not data.get("sha256") or not data.get("source"):
        return data
    stored = run.services.ledger.artifact_path(str(data["sha256"]))
    if not stored.exists():
        raise EngineFailure("artifact-missing", details={"sha256": data["sha256"], "name": data.get("name")})
    target = run.services.artifacts / "work" / str(data["sha256"])[:16] / Path(str(data["name"])).name
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        _link(stored, target)
    data["path"] = str(target)
    return data


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
