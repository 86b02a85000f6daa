"""The reading process that the runs of `rpa serve` share: models are loaded once, not once a run."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import TYPE_CHECKING

from rpa.settings import Settings

if TYPE_CHECKING:
    from ocr.reading.service import ReadingService

_FOLDER = "reading"


def shared_reading(settings: Settings, folder: Path) -> ReadingService | None:
    """Listens in a folder under `folder`; the engine is loaded with the first page. None where the system has
    no sockets in folders (Windows): each run then loads its own."""
    if not hasattr(socket, "AF_UNIX"):
        return None
    from ocr.reading.reader import ReaderOptions
    from ocr.reading.service import ReadingService

    options = ReaderOptions(settings.device, Path(settings.models) if settings.models else None, korean=settings.korean)
    return ReadingService(folder / _FOLDER, settings.engine, options)


def with_shared_reading(settings: Settings, service: ReadingService | None) -> Settings:
    """The settings of runs that ask `service`."""
    return settings if service is None else settings.model_copy(update={"engine": service.engine})
