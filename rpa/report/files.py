"""The kept files of a run under names that a person and a program know how to open."""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Mapping
from pathlib import Path

from rpa.ledger.port import LedgerPort
from rpa.ledger.types import ArtifactRecord
from rpa.report.wording import item_name

_LONGEST = 80


def write_files(ledger: LedgerPort, run_id: str, folder: Path) -> list[Path]:
    """Writes them into `folder`, made when it is not there: `3-invoice.pdf-post.save-screenshot.png`, in the order in
    which they were kept. Sealed ones come unsealed. Raises FileExistsError when one of the names is taken."""
    names = {item.id: item_name(item) for item in ledger.items(run_id=run_id)}
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for number, kept in enumerate(ledger.artifacts(run_id), 1):
        path = folder / f"{number}-{_name(kept, names)}"
        with path.open("xb") as file:
            file.write(ledger.artifact_bytes(kept.sha256))
        written.append(path)
    return written


def _name(kept: ArtifactRecord, items: Mapping[int, str]) -> str:
    own = Path(kept.name).stem if kept.kind == "item" else ""
    parts = (items.get(kept.item_id or 0, ""), "" if own else kept.step_path, kept.kind, own)
    name = "-".join(re.sub(r"[^\w.]+", "_", part).strip("_.") for part in parts if part)
    return name[:_LONGEST] + _suffix(kept)


def _suffix(kept: ArtifactRecord) -> str:
    own = Path(kept.name).suffix
    return own if re.fullmatch(r"\.\w{1,8}", own) else mimetypes.guess_extension(kept.media_type) or ""
