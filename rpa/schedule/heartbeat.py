"""A sign of life to a URL or a file: whoever watches it raises the alarm that a dead service cannot."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from flows.types import duration
from rpa.app.project import Project

TIMEOUT_S = 5.0


class Heart:
    """Beats at most once each `heartbeat.every`, from `look`."""

    def __init__(self, project: Project, log: Callable[..., None]) -> None:
        self.told = project.manifest.file.heartbeat
        self.folder, self.log = project.settings.project, log
        self._next = 0.0

    def look(self) -> None:
        if self.told is None or time.monotonic() < self._next:
            return
        self._next = time.monotonic() + duration(self.told.every).total_seconds()
        if self.told.file:
            path = self.folder / self.told.file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(datetime.now(UTC).isoformat(timespec="seconds") + "\n")
        if self.told.url:
            self._call(self.told.url)

    def _call(self, url: str) -> Any:
        import httpx

        try:
            httpx.get(url, timeout=TIMEOUT_S, trust_env=False).raise_for_status()
        except httpx.HTTPError as error:
            self.log("heartbeat-failed", host=httpx.URL(url).host, reason=type(error).__name__)
