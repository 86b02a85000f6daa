"""Words on the command line that must be one of a few."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import TypeVar

from flows.failures import FlowFailure

Kind = TypeVar("Kind", bound=StrEnum)


def statuses(kind: type[Kind], given: Iterable[str] | None) -> list[Kind]:
    """The states named by `--status`. Raises FlowFailure `status-unknown` with those there are."""
    known = {str(status): status for status in kind}
    names = list(given or ())
    for name in names:
        if name not in known:
            raise FlowFailure("status-unknown", details={"name": name, "known": ", ".join(known)})
    return [known[name] for name in names]
