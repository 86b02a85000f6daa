"""What the service counts, from its own log events; told in the Prometheus text format."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import UTC, datetime
from typing import Any

HELP = {
    "rpa_firings_total": ("counter", "Due times and events that were decided, by outcome and reason."),
    "rpa_runs_total": ("counter", "Runs that this service ended, by status."),
    "rpa_events_total": ("counter", "Other events of the service's log."),
    "rpa_lateness_seconds": ("gauge", "How long after its due time the last fire was decided."),
    "rpa_runs": ("gauge", "Runs in the ledger that are queued or running."),
    "rpa_schedules": ("gauge", "Schedules of flows.yaml."),
}


class Metrics:
    """Counts every event that passes through `count`. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[str] = Counter()
        self._gauges: dict[str, float] = {}

    def count(self, event: str, details: dict[str, Any]) -> None:
        with self._lock:
            self._counts[_name(event, details)] += 1

    def lateness(self, due: datetime | None) -> None:
        if due is not None:
            self.gauge("rpa_lateness_seconds", max(0.0, (datetime.now(UTC) - due).total_seconds()))

    def gauge(self, name: str, value: float) -> None:
        with self._lock:
            self._gauges[name] = value

    def text(self) -> str:
        with self._lock:
            values = {**self._counts, **self._gauges}
        lines = []
        for family, (kind, told) in HELP.items():
            lines += [f"# HELP {family} {told}", f"# TYPE {family} {kind}"]
            lines += [f"{n} {v:g}" for n, v in sorted(values.items()) if n.partition("{")[0] == family]
        return "\n".join(lines) + "\n"


def _name(event: str, details: dict[str, Any]) -> str:
    if event in ("fired", "not-fired"):
        reason = str(details.get("reason", "")).partition(":")[0]
        return f'rpa_firings_total{{outcome="{event}",reason="{reason}"}}'
    if event == "run-ended":
        return f'rpa_runs_total{{status="{details.get("status", "")}"}}'
    return f'rpa_events_total{{event="{event}"}}'
