"""Words on the command line that must be one of a few."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import TypeVar

from flows.failures import FlowFailure
from rpa.cli.show import said

Kind = TypeVar("Kind", bound=StrEnum)


def statuses(kind: type[Kind], given: Iterable[str] | None) -> list[Kind]:
    """The states named by `--status`. Raises FlowFailure `status-unknown` with those there are."""
    known = {str(status): status for status in kind}
    told = {said(str(status)): status for status in kind}  # what tables show may be typed too
    names = list(given or ())
    for name in names:
        if name not in known and name not in told:
            raise FlowFailure("status-unknown", details={"name": name, "known": ", ".join(known)})
    return [known.get(name) or told[name] for name in names]
