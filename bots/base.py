"""What an action may ask of the engine, and what the engine may ask of a bot.

Both are small protocols, so that bots know nothing of the ledger and the engine nothing of playwright.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar, Protocol, runtime_checkable


@dataclass(frozen=True, slots=True)
class ArtifactRef:
    """A kept file: `path` is its copy in the artifact store, `sha256` its address there."""

    name: str
    path: str
    sha256: str
    size: int
    media_type: str


@dataclass(frozen=True, slots=True)
class EvidenceItem:
    """One piece of evidence a bot offers after a failure; it reaches the disk only through the gate.

    `kind` is screenshot | html | text | console | trace | video; `masked` says that the bot itself already
    covered the elements into which secrets or masked values were typed.
    """

    kind: str
    name: str
    data: bytes
    media_type: str
    masked: bool = False


@runtime_checkable
class Context(Protocol):
    """The engine's hand to a running action."""

    @property
    def project(self) -> Path:
        """The project root: relative paths start there."""

    @property
    def now(self) -> datetime:
        """The run's frozen time, with time zone."""

    @property
    def rehearse(self) -> bool:
        """True while nothing may be committed."""

    @property
    def options(self) -> Mapping[str, Any]:
        """How to run: `headed`, `slow_ms`, `evidence` (none|failure|full), `lang`, settings of the
        families."""

    def remaining(self) -> float:
        """Seconds left until this step's deadline (never negative)."""

    def path(self, text: str, *, write: bool = False) -> Path:
        """A path of the flow, from the project root. Writing outside the project's folders is refused
        (`path-outside`) unless settings allow it."""

    def save(self, kind: str, name: str, data: bytes | Path, media_type: str) -> ArtifactRef:
        """Keeps a file as an artifact of this step (through the evidence gate)."""

    def log(self, message: str, **details: Any) -> None:
        """One line in the run's record, masked like everything shown."""

    def warn(self, code: str, **details: Any) -> None:
        """A finding that a person should see with the run (an unexpected dialog, a healed target)."""

    def mask(self, value: str) -> None:
        """From now on `value` is replaced wherever this run is shown."""

    def hidden(self) -> Iterable[str]:
        """Every value that may not show, for pictures that are taken while all goes well."""

    def ask(self, question: Mapping[str, Any]) -> Mapping[str, Any]:
        """A question to a person. Returns the recorded answer, or suspends the item (status `waiting`)."""

    def state(self, name: str) -> AbstractContextManager[dict[str, Any]]:
        """Encrypted state kept between runs under `name` (browser sessions, vendor memory)."""

    def note(self, key: str, value: Any) -> None:
        """Attaches plain data to this attempt's record (a target's fingerprint, a match score)."""


class Bot(Protocol):
    """Something with a lifetime that performs actions. Opened at first use, closed by the engine.

    `bot_name` is the family's name; libraries are imported in `open`, not at import of the module.
    """

    bot_name: ClassVar[str]

    def open(self, ctx: Context) -> None:
        """Starts it. Raises EngineFailure (`browser-missing`, …) with the fix when it cannot."""

    def close(self) -> None:
        """Ends it and everything it started. Never raises for a program that is already gone."""

    def reset(self) -> None:
        """Back to an empty state before a new session (new browser context, program restarted)."""

    def evidence(self, secrets: Iterable[str]) -> list[EvidenceItem]:
        """What shows the present state, with `secrets` masked in pictures and text."""

    def mark(self) -> None:
        """Called right before a committing step: what `sees` of passing things (responses, downloads,
        dialogs) counts only from here on."""

    def sees(self, condition: Mapping[str, Any]) -> bool:
        """Whether what `condition` describes (a target, or the bot's own things such as `url`, `response`,
        `download`, `title`) shows right now. Does not wait; the engine polls."""

    def settle(self) -> None:
        """Called after each step: lets the bot do its bookkeeping (collect dialogs, console lines)."""
