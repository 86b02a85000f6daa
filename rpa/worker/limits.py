"""How big and how old the process of a run may grow before the run goes on in a fresh one."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Literal

import psutil

from rpa.settings import Settings

LOOK_S = 2.0
MB = 1024 * 1024
Excess = Literal["", "memory-limit", "age-limit"]


@dataclass
class Limits:
    """Asked in every round of a supervisor; looks every `LOOK_S`."""

    memory_mb: float
    age_s: float
    _begun: float = field(default_factory=time.monotonic)
    _next: float = 0.0

    @classmethod
    def of(cls, settings: Settings) -> Limits:
        return cls(settings.worker_memory_mb, settings.worker_age_s)

    def excess(self, pid: int) -> Excess:
        """What the process and all below it have too much of; empty most of the time."""
        now = time.monotonic()
        if now < self._next:
            return ""
        self._next = now + LOOK_S
        if self.memory_mb and private_mb(pid) > self.memory_mb:
            return "memory-limit"
        return "age-limit" if self.age_s and now - self._begun > self.age_s else ""


def private_mb(pid: int) -> float:
    """Resident memory of a process and its descendants without what they share, in MiB; 0 when it is gone."""
    try:
        top = psutil.Process(pid)
        return sum(_private(p) for p in [top, *top.children(recursive=True)])
    except psutil.NoSuchProcess:
        return 0.0


def _private(process: psutil.Process) -> float:
    try:
        told = process.memory_info()
    except psutil.NoSuchProcess:
        return 0.0
    return float(told.rss - getattr(told, "shared", 0)) / MB
