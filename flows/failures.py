"""Why something failed is a type, chosen by who must act.

    Failure
    ├── FlowFailure          the author mends the flow; the run ends
    ├── BusinessFailure      a person decides; never retried
    ├── ApplicationFailure   the target program misbehaved; may be retried after a new session
    └── EngineFailure        ours or this machine's; the run ends, the item goes back or is in doubt
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal, TypeAlias

Kind: TypeAlias = Literal["flow", "business", "application", "engine"]
Effect: TypeAlias = Literal["none", "maybe"]


class Failure(Exception):
    """A failure with a stable word `code` that `rpa explain CODE` describes.

    `details` fill the placeholders of the catalogue's message; `effect` says whether the outside world
    may have changed (`maybe`) or certainly has not (`none`).
    """

    kind: ClassVar[Kind] = "engine"

    def __init__(
        self,
        code: str,
        message: str = "",
        *,
        details: Mapping[str, Any] | None = None,
        effect: Effect = "none",
    ) -> None:
        super().__init__(message or code)
        self.code = code
        self.message = message
        self.details: dict[str, Any] = dict(details or {})
        self.effect: Effect = effect


class FlowFailure(Failure):
    kind = "flow"


class BusinessFailure(Failure):
    kind = "business"


class ApplicationFailure(Failure):
    kind = "application"


class EngineFailure(Failure):
    kind = "engine"


FAILURES: Mapping[Kind, type[Failure]] = {
    "flow": FlowFailure,
    "business": BusinessFailure,
    "application": ApplicationFailure,
    "engine": EngineFailure,
}
