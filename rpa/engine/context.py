"""The engine's hand to a running action: the `Context` of `bots/base.py`, one per attempt."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bots.base import ArtifactRef
from flows.data import plain
from flows.failures import FlowFailure
from rpa.engine.services import utc_now
from rpa.engine.signals import Suspended
from rpa.ledger.types import ArtifactRecord, EventRecord

if TYPE_CHECKING:
    from rpa.engine.state import RunState


def as_ref(record: ArtifactRecord) -> ArtifactRef:
    return ArtifactRef(record.name, record.path, record.sha256, record.size, record.media_type)


class StepContext:
    """One attempt's context. `deadline` is a time of the monotonic clock."""

    def __init__(self, run: RunState, path: str, deadline: float, phase: str = "steps") -> None:
        self.run = run
        self.step_path = path
        self.phase = phase
        self._deadline = deadline
        self.notes: dict[str, Any] = {}
        self.kept: list[str] = []

    @property
    def project(self) -> Path:
        return self.run.services.project

    @property
    def now(self) -> datetime:
        return self.run.now

    @property
    def rehearse(self) -> bool:
        return bool(self.run.options.get("rehearse"))

    @property
    def options(self) -> Mapping[str, Any]:
        return self.run.options

    def remaining(self) -> float:
        return max(0.0, self._deadline - time.monotonic())

    def path(self, text: str, *, write: bool = False) -> Path:
        path = (self.project / text).resolve()
        if write and not any(path.is_relative_to(root) for root in self._writable()):
            raise FlowFailure("path-outside", details={"path": text, "project": str(self.project)})
        return path

    def _writable(self) -> list[Path]:
        extra = self.run.options.get("write_folders") or ()
        return [self.project.resolve(), *(Path(p).expanduser().resolve() for p in extra)]

    def save(self, kind: str, name: str, data: bytes | Path, media_type: str) -> ArtifactRef:
        record = self.run.keep(self.step_path, kind, name, data, media_type)
        self.kept.append(record.sha256)
        return as_ref(record)

    def log(self, message: str, **details: Any) -> None:
        self._event("info", "", message, details)

    def warn(self, code: str, **details: Any) -> None:
        self._event("warning", code, "", details)

    def _event(self, level: str, code: str, message: str, details: Mapping[str, Any]) -> None:
        show = self.run.masker.show
        self.run.services.ledger.event(
            self.run.claim,
            EventRecord(
                self.run.record.id, self.run.item_id, self.step_path, level, code,
                self.run.masker.text(message), show(dict(details)), utc_now(),
            ),
        )

    def mask(self, value: str) -> None:
        self.run.masker.add(value)

    def hidden(self) -> Iterable[str]:
        return self.run.masker.values

    def ask(self, question: Mapping[str, Any]) -> Mapping[str, Any]:
        answered = self.run.answer_for(self.step_path)
        if answered is not None:
            return answered
        review = self.run.services.ledger.ask(
            self.run.claim, item_id=self.run.item_id, step_path=self.step_path,
            kind=str(question.get("kind", "question")), question=plain(question), masked=self.run.masker.show,
        )
        raise Suspended(review.id)

    @contextmanager
    def state(self, name: str) -> Iterator[dict[str, Any]]:
        """Encrypted plain data kept between runs; saved when the block ends without an exception."""
        value = self.run.services.ledger.get_state(name)
        data: dict[str, Any] = dict(value) if isinstance(value, Mapping) else {}
        before = deepcopy(data)
        yield data
        if data != before:  # only looking writes nothing, so that it cannot undo what another run has written
            self.run.services.ledger.put_state(name, data or None)

    def note(self, key: str, value: Any) -> None:
        self.notes[key] = plain(value)
