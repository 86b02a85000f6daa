"""A stand-in for the engine's side: `bots.base.Context` on a temporary folder, for tests of any bot."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bots.base import ArtifactRef, Context
from flows.action import Catalog
from flows.data import decode, encode, plain
from flows.failures import FlowFailure

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=ZoneInfo("Asia/Seoul"))


class FakeContext:
    """One step after another: `begin` gives the next step its time."""

    def __init__(
        self, project: Path, seconds: float = 10.0, answer: Mapping[str, Any] | None = None, **options: Any
    ):
        self.project_folder = project
        self.given = {"headed": False, "slow_ms": 0, "evidence": "failure", "lang": "en", **options}
        self.answer = answer
        self.logged: list[tuple[str, dict[str, Any]]] = []
        self.warned: list[tuple[str, dict[str, Any]]] = []
        self.masked: list[str] = []
        self.asked: list[Mapping[str, Any]] = []
        self.saved: list[ArtifactRef] = []
        self.notes: dict[str, Any] = {}
        self.states: dict[str, str] = {}
        self.rehearsing = False
        self.begin(seconds)

    def begin(self, seconds: float = 10.0) -> FakeContext:
        self.deadline = time.monotonic() + seconds
        return self

    @property
    def project(self) -> Path:
        return self.project_folder

    @property
    def now(self) -> datetime:
        return NOW

    @property
    def rehearse(self) -> bool:
        return self.rehearsing

    @property
    def options(self) -> Mapping[str, Any]:
        return self.given

    def remaining(self) -> float:
        return max(0.0, self.deadline - time.monotonic())

    def path(self, text: str, *, write: bool = False) -> Path:
        path = (self.project_folder / text).resolve()
        if write and not path.is_relative_to(self.project_folder.resolve()):
            raise FlowFailure("path-outside", details={"path": text, "project": str(self.project_folder)})
        return path

    def save(
        self,
        kind: str,
        name: str,
        data: bytes | Path,
        media_type: str,
    ) -> ArtifactRef:
        content = data.read_bytes() if isinstance(data, Path) else data
        address = hashlib.sha256(content).hexdigest()
        place = self.project_folder / "artifacts" / address[:16] / Path(name).name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
        ref = ArtifactRef(name, str(place), address, len(content), media_type)
        self.saved.append(ref)
        return ref

    def log(self, message: str, **details: Any) -> None:
        self.logged.append((message, details))

    def warn(self, code: str, **details: Any) -> None:
        self.warned.append((code, details))

    def mask(self, value: str) -> None:
        self.masked.append(value)

    def hidden(self) -> list[str]:
        return self.masked

    def ask(self, question: Mapping[str, Any]) -> Mapping[str, Any]:
        self.asked.append(question)
        if self.answer is None:
            raise AssertionError("the question has no answer in this test")
        return self.answer

    @contextmanager
    def state(self, name: str) -> Iterator[dict[str, Any]]:
        value: dict[str, Any] = decode(self.states[name]) if name in self.states else {}
        yield value
        self.states[name] = encode(value)

    def note(self, key: str, value: Any) -> None:
        self.notes[key] = plain(value)


def _is_context(fake: FakeContext) -> Context:
    return fake


class Doing:
    """Runs actions as the engine does: parameters as in YAML, validated by the action's own model.

    `do("browser.fill", target="Name", text="Kim")`; a bare value is the main parameter:
    `do("browser.click", "Save")`.
    """

    def __init__(self, catalog: Catalog, bot: Any, ctx: FakeContext) -> None:
        self.catalog, self.bot, self.ctx = catalog, bot, ctx

    def __call__(self, name: str, bare: Any = None, /, *, seconds: float = 10.0, **parameters: Any) -> Any:
        spec = self.catalog[name]
        if bare is not None:
            is_mapping = isinstance(bare, dict) and set(bare) <= {n.rstrip("_") for n in spec.parameters}
            parameters = {**parameters, **bare} if is_mapping else {**parameters, str(spec.main): bare}
        model = spec.model(**parameters)
        values = {field: getattr(model, field) for field in type(model).model_fields}
        given = [self.bot if getattr(hint, "bot_name", None) else self.ctx for _, hint in spec.injected]
        self.ctx.begin(seconds)
        outputs = plain(spec.call(given, values))
        if self.bot is not None:
            self.bot.settle()
        return outputs

    def steps(self, steps: list[dict[str, Any]]) -> list[Any]:
        """Steps as they stand in a flow: `[{"browser.open": "…"}, …]`."""
        return [self(name, value) for step in steps for name, value in step.items()]
