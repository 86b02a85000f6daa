"""Failure codes that many actions share, with their kinds."""

from __future__ import annotations

from collections.abc import Mapping

from flows.failures import Kind

THERE: Mapping[str, Kind] = {
    "program-missing": "engine",
    "display-missing": "engine",
    "display-busy": "engine",
    "display-not-starting": "engine",
    "display-gone": "engine",
    "program-ended": "application",
    "program-frozen": "application",
    "stopped-by-hand": "application",
}
FOUND: Mapping[str, Kind] = {
    **THERE,
    "not-on-screen": "application",
    "target-ambiguous": "flow",
    "image-missing": "flow",
    "image-unreadable": "flow",
    "image-plain": "flow",
}
ACTED: Mapping[str, Kind] = {**FOUND, "not-ready": "application", "target-unfit": "flow"}
TAKEN: Mapping[str, Kind] = {
    **ACTED,
    "value-not-taken": "application",
    "value-not-typable": "application",
    "clipboard-failed": "engine",
}
