"""What `rpa doctor` says about one thing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from flows.failures import Failure
from ocr.errors import DocumentError

State = Literal["ok", "missing", "broken"]


@dataclass(frozen=True)
class Finding:
    """One thing looked at. `missing` keeps only some flows from running, `broken` keeps every one.

    The message `doctor-<what>` has its name (text), the remedy (fix) and what needs it (explain). `detail` is
    a fact that needs no translation; `code` is a failure of the catalogue, told instead with `details`.
    """

    what: str
    state: State
    detail: str = ""
    code: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)

    def told(self, lang: str) -> tuple[str, str, str]:
        """(name, what was found, remedy) in `lang`."""
        from flows.catalogue import fix, text

        name = text(f"doctor-{self.what}", lang)
        if self.code:
            return name, text(self.code, lang, **self.details), fix(self.code, lang, **self.details)
        remedy = "" if self.state == "ok" else fix(f"doctor-{self.what}", lang, **self.details)
        return name, self.detail, remedy


def failed(what: str, failure: Failure | DocumentError, state: State = "broken") -> Finding:
    """A finding in the words of the failure that a run would meet."""
    return Finding(what, state, code=failure.code, details=failure.details)
