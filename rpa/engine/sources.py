"""Where items come from: files, rows of a table, a list, a query, mails, another flow's outputs."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flows.data import encode, plain
from flows.expressions import evaluate
from flows.failures import FlowFailure
from flows.model import Items
from rpa.engine.services import Services
from rpa.engine.state import RunState

PLACES = ("path", "source", "row_number")
NAMES = ("name", "stem", "suffix")
_BRACES = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True)
class SourceItem:
    """One item as found: its data, and the file that is copied into the store (if it is a file)."""

    data: Mapping[str, Any]
    file: Path | None = None


def expand_braces(pattern: str) -> list[str]:
    """`*.{pdf,png}` → [`*.pdf`, `*.png`]; nested braces are not a thing here."""
    match = _BRACES.search(pattern)
    if not match:
        return [pattern]
    return [
        full
        for choice in match.group(1).split(",")
        for full in expand_braces(pattern[: match.start()] + choice.strip() + pattern[match.end() :])
    ]


def sha256_of(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def find_items(run: RunState, items: Items, scope: Mapping[str, Any]) -> Iterator[SourceItem]:
    return look(run.services, items, scope) or _action(run, items, scope)


def look(services: Services, items: Items, scope: Mapping[str, Any]) -> Iterator[SourceItem] | None:
    """Items that can be seen without performing anything; None for those that an action must fetch."""
    finders = {"files": _files, "rows": _rows, "list": _list, "flow": _flow}
    finder = finders.get(items.source)
    return finder(services, items, scope) if finder else None


def _files(services: Services, items: Items, scope: Mapping[str, Any]) -> Iterator[SourceItem]:
    pattern = evaluate(items.params["files"], scope)
    patterns = pattern if isinstance(pattern, list) else [pattern]
    seen: set[Path] = set()
    for path in sorted(p for one in patterns for p in _glob(services.project, str(one))):
        if path.is_file() and path not in seen and not path.name.startswith("."):
            seen.add(path)
            yield SourceItem(_file_data(path), path)


def _glob(project: Path, pattern: str) -> Iterator[Path]:
    for one in expand_braces(pattern):
        base = Path(one).expanduser()
        root = Path(base.anchor) if base.is_absolute() else project
        relative = str(base.relative_to(base.anchor)) if base.is_absolute() else one
        folder = root / _fixed_part(relative)
        if not folder.exists():
            raise FlowFailure("folder-missing", details={"path": str(folder), "pattern": pattern})
        yield from root.glob(relative)


def _fixed_part(pattern: str) -> Path:
    fixed: list[str] = []
    for part in Path(pattern).parts[:-1]:
        if any(c in part for c in "*?["):
            break
        fixed.append(part)
    return Path(*fixed)


def _file_data(path: Path) -> dict[str, Any]:
    stat = path.stat()
    return {
        "source": str(path), "path": str(path), "name": path.name, "stem": path.stem,
        "suffix": path.suffix.lower(), "size": stat.st_size, "sha256": sha256_of(path),
    }


def _rows(services: Services, items: Items, scope: Mapping[str, Any]) -> Iterator[SourceItem]:
    from bots.tables.reading import read_rows

    given = evaluate(dict(items.params), scope)
    options = given["rows"] if isinstance(given["rows"], Mapping) else {"file": given["rows"]}
    file = services.project / str(options["file"])
    rest = {k: v for k, v in {**options, **given}.items() if k not in ("file", "rows")}
    for number, row in enumerate(read_rows(file, **rest), 1):
        yield SourceItem({**row, "row_number": number, "source": str(file)})


def _list(_services: Services, items: Items, scope: Mapping[str, Any]) -> Iterator[SourceItem]:
    values = evaluate(items.params["list"], scope) or []
    if not isinstance(values, list):
        raise FlowFailure("not-a-list", details={"step": "items", "value": type(values).__name__})
    for value in values:
        yield SourceItem(value if isinstance(value, Mapping) else {"value": value})


def _flow(services: Services, items: Items, scope: Mapping[str, Any]) -> Iterator[SourceItem]:
    """The outputs of the newest succeeded run of another flow."""
    from rpa.ledger.types import RunStatus

    given = evaluate(items.params["flow"], scope)
    ref = given if isinstance(given, Mapping) else {"id": given}
    runs = services.ledger.runs(flow_id=str(ref["id"]), status=[RunStatus.succeeded], limit=1)
    outputs = services.ledger.run(runs[0].id).outputs if runs else {}
    values = (outputs or {}).get(str(ref.get("output", "items"))) or []
    for value in values if isinstance(values, list) else [values]:
        yield SourceItem(value if isinstance(value, Mapping) else {"value": value})


def _action(run: RunState, items: Items, scope: Mapping[str, Any]) -> Iterator[SourceItem]:
    """`query:` and `mails:` name a listing action (`data.query`, `mail.list`) of the catalog."""
    from flows.model import Step
    from rpa.engine.attempts import Attempt

    name = {"query": "data.query", "mails": "mail.list"}[items.source]
    params = items.params[items.source]
    step = Step(
        kind="action", segment=name, mark=items.mark, action=name,
        params=params if isinstance(params, Mapping) else {run.services.catalog[name].main or "source": params},
    )
    for value in Attempt(run, step, f"items/{name}", 1, "items").perform(scope, reuse=False) or []:
        yield SourceItem(value if isinstance(value, Mapping) else {"value": value})


def item_key(items: Items, data: Mapping[str, Any], scope: Mapping[str, Any]) -> str:
    """The item's unique reference: `key:`, else the file's SHA-256, else the hash of its data."""
    if items.key is not None:
        key = evaluate(items.key, {**scope, "item": data})
        if key is None or not str(key).strip():
            raise FlowFailure("item-key-empty", details={"item": str(data.get("name") or data.get("row_number"))})
        return str(key)
    return str(data.get("sha256") or data_hash(data))


def data_hash(data: Mapping[str, Any]) -> str:
    """Tells whether an item's data changed; places and times of files do not count, nor does a file's name:
    the same document under another name is the same."""
    core = {k: v for k, v in data.items() if k not in PLACES}
    if "sha256" in data and "path" in data:
        core = {k: v for k, v in core.items() if k not in NAMES}
    return hashlib.sha256(encode(plain(core)).encode()).hexdigest()
