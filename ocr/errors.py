"""Failures of the document stage. Each carries a stable word code, what happened, and how to mend it."""

from __future__ import annotations

from collections.abc import Mapping


class DocumentError(Exception):
    """A document that cannot be read, or an engine that is not there.

    `code` is stable (`pdf-encrypted`, `image-empty`, …), `fix` tells a person what to do,
    `kind` says who must act: `business` (the document), `engine` (this machine) or `flow` (the author).
    `details` are the names and numbers in the message, for telling it in another language.
    """

    def __init__(self, code: str, message: str, fix: str, *, kind: str = "business",
                 details: Mapping[str, object] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.fix = fix
        self.kind = kind
        self.details = dict(details or {})
