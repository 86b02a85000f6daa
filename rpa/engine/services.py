"""What a running engine needs from the outside, handed in once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from bots.base import Bot
from flows.action import Catalog
from flows.data import Secret
from flows.model import Flow
from rpa.ledger.port import LedgerPort


class Reporter(Protocol):
    """Where the engine tells what it does right now: the supervisor (deadlines) and the person (progress)."""

    def tell(self, what: str, **details: Any) -> None:
        """`what` is step | item | items | session | run | wait."""


class Silent:
    """A reporter for nobody."""

    def tell(self, what: str, **details: Any) -> None:
        return


@dataclass(frozen=True)
class Services:
    """One run's surroundings. `bots` maps a bot's name to a factory; `secret` raises `secret-missing`."""

    ledger: LedgerPort
    catalog: Catalog
    bots: Mapping[str, Callable[[], Bot]]
    secret: Callable[[str], Secret]
    project: Path
    artifacts: Path
    options: Mapping[str, Any] = field(default_factory=dict)
    reporter: Reporter = field(default_factory=Silent)
    timezone: str = "UTC"
    load_flow: Callable[[str, str], Flow] | None = None
    prompt: Callable[[str, str], str] | None = None


def utc_now() -> datetime:
    """The one place where the engine asks for the time."""
    from datetime import UTC

    return datetime.now(UTC)
