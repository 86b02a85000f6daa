"""Two runs compared: status, outputs, items, steps, extracted fields, timing, pictures; only what differs."""

from __future__ import annotations

import io
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from typing import Any

from PIL import Image, ImageChops, UnidentifiedImageError

from flows.data import simple
from rpa.ledger.errors import LedgerError
from rpa.ledger.port import LedgerPort
from rpa.ledger.types import ArtifactRecord, AttemptRecord, RunRecord
from rpa.report.story import is_extraction
from rpa.report.wording import item_name, seconds

SLOWER, NOTICED_S = 1.5, 1.0
SHOWN = 80
SAME_TINT = 24
Row = dict[str, Any]
Read = Callable[[str], bytes]
Place = tuple[int, str]


def diff_runs(ledger: LedgerPort, first: RunRecord, second: RunRecord, read: Read) -> list[Row]:
    """Rows {item, what, first, second} in masked form. Times are told when one run took half as long again
    and a second more. `read` gives a picture's content by its SHA-256.
    """
    only = _compared(ledger, first, second)
    one, other = _Side(ledger, first, only), _Side(ledger, second, only)
    names = {0: "", **one.names, **other.names}
    rows = [*_whole(one, other), *_items(one, other), *_steps(one, other), *_pictures(one, other, read)]
    return [{**row, "item": names[row["item"]]} for row in rows if row["first"] != row["second"]]


class _Side:
    """One of the two runs: the last try of each step, what it made of each item, its pictures."""

    def __init__(self, ledger: LedgerPort, run: RunRecord, only: Container[int]) -> None:
        self.run = ledger.run(run.id, masked=True)
        self.names = {i.id: item_name(i) for i in ledger.items(run_id=run.id)}
        self.states = {i: str(s) for i, s in ledger.run_items(run.id).items() if i in only}
        self.steps: dict[Place, AttemptRecord] = {
            (a.item_id or 0, a.step_path): a for a in ledger.attempts(run.id) if (a.item_id or 0) in only
        }
        self.pictures: dict[Place, ArtifactRecord] = {
            (a.item_id or 0, f"{a.step_path} {a.kind}"): a
            for a in ledger.artifacts(run.id)
            if a.media_type.startswith("image/") and a.kind != "item" and (a.item_id or 0) in only
        }


class _All(Container[int]):
    def __contains__(self, _: object) -> bool:
        return True


def _compared(ledger: LedgerPort, first: RunRecord, second: RunRecord) -> Container[int]:
    """A replay took some of the original's items: only these are compared, and what stands outside items."""
    return {0, *ledger.run_items(second.id)} if second.replay_of == first.id else _All()


def _row(item: int, what: str, first: Any, second: Any) -> Row:
    return {"item": item, "what": what, "first": first, "second": second}


def _whole(one: _Side, other: _Side) -> Iterator[Row]:
    yield _row(0, "status", str(one.run.status), str(other.run.status))
    yield _row(0, "reason", one.run.reason or "", other.run.reason or "")
    yield _row(0, "outputs", _short(one.run.outputs), _short(other.run.outputs))
    first, second = (seconds(r.started, r.ended) for r in (one.run, other.run))
    yield from _times(0, "seconds", first, second)


def _items(one: _Side, other: _Side) -> Iterator[Row]:
    for item in _in_order(one.states, other.states):
        yield _row(item, "status", *(side.states.get(item, "not in it") for side in (one, other)))


def _steps(one: _Side, other: _Side) -> Iterator[Row]:
    for key in _in_order(one.steps, other.steps):
        item, step = key
        first, second = one.steps.get(key), other.steps.get(key)
        yield _row(item, f"{step} outcome", _outcome(first), _outcome(second))
        if first is None or second is None:
            continue
        yield from _outputs(item, step, first.outputs, second.outputs)
        taken = (seconds(a.started, a.ended) for a in (first, second))
        yield from _times(item, f"{step} seconds", *taken)


def _outcome(attempt: AttemptRecord | None) -> str:
    if attempt is None:
        return "did not run"
    return f"{attempt.outcome} {attempt.failure.code}" if attempt.failure else str(attempt.outcome)


def _outputs(item: int, step: str, first: Any, second: Any) -> Iterator[Row]:
    """Field by field where a document was read, else as a whole."""
    if not (is_extraction(first) and is_extraction(second)):
        yield _row(item, f"{step} outputs", _short(first), _short(second))
        return
    one, other = first.get("fields") or {}, second.get("fields") or {}
    for name in _in_order(one, other):
        yield _row(item, f"{step} field {name}", _short(one.get(name)), _short(other.get(name)))
    yield _row(item, f"{step} lines", _short(first.get("lines")), _short(second.get("lines")))


def _times(item: int, what: str, first: float | None, second: float | None) -> Iterator[Row]:
    if first is None or second is None:
        return
    low, high = sorted((first, second))
    if high - low >= NOTICED_S and high >= low * SLOWER:
        yield _row(item, what, round(first, 2), round(second, 2))


def _pictures(one: _Side, other: _Side, read: Read) -> Iterator[Row]:
    for key in _in_order(one.pictures, other.pictures):
        first, second = one.pictures.get(key), other.pictures.get(key)
        if first is None or second is None:
            yield _row(key[0], f"{key[1]} picture", _path(first), _path(second))
        elif first.sha256 != second.sha256:
            share = picture_difference(read, first.sha256, second.sha256)
            yield _row(key[0], f"{key[1]} picture ({share})", first.path, second.path)


def _path(artifact: ArtifactRecord | None) -> str:
    return artifact.path if artifact else "none"


def picture_difference(read: Read, first: str, second: str) -> str:
    """How much of two pictures differs by more than a tint, as words: `3.1 % differs`, or why that is not
    known."""
    try:
        one, other = (Image.open(io.BytesIO(read(sha256))).convert("RGB") for sha256 in (first, second))
    except (LedgerError, UnidentifiedImageError, OSError):
        return "cannot be compared"
    if one.size != other.size:
        return f"{one.width}×{one.height} and {other.width}×{other.height}"
    counts = ImageChops.difference(one, other).convert("L").histogram()
    return f"{sum(counts[SAME_TINT:]) / sum(counts):.1%} differs"


def _in_order(first: Mapping[Any, Any], second: Mapping[Any, Any]) -> Iterable[Any]:
    return dict.fromkeys([*first, *second])


def _short(value: Any) -> str:
    if value is None:
        return ""
    text = str(simple(value))
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"
