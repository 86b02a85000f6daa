"""The record of a document that could not be read."""

from __future__ import annotations

from dataclasses import dataclass

from ocr.errors import DocumentError


@dataclass(frozen=True, slots=True)
class FailedReading:
    """Stands in the stream of readings where a document failed, so that inputs and outputs stay aligned."""

    file: str
    error: DocumentError
