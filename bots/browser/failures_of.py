"""Failure codes that many actions share, with their kinds."""

from __future__ import annotations

from collections.abc import Mapping

from flows.failures import Kind

GONE: Mapping[str, Kind] = {
    "browser-gone": "application",
    "page-crashed": "application",
    "timed-out": "application",
    "browser-error": "application",
    "browser-missing": "engine",
    "browser-not-starting": "engine",
}
FOUND: Mapping[str, Kind] = {
    **GONE,
    "target-missing": "application",
    "target-ambiguous": "flow",
    "target-invalid": "flow",
    "blocked-by-site": "engine",
}
ACTED: Mapping[str, Kind] = {
    **FOUND,
    "target-not-ready": "application",
    "target-unfit": "flow",
    "page-changed": "application",
}
WENT: Mapping[str, Kind] = {
    **GONE,
    "site-unreachable": "application",
    "navigation-failed": "application",
    "navigation-downloads": "flow",
    "certificate-refused": "application",
    "password-wanted": "flow",
    "login-refused": "application",
    "url-invalid": "flow",
    "host-not-allowed": "flow",
    "http-error": "application",
    "blocked-by-site": "engine",
}
TAKEN: Mapping[str, Kind] = {**ACTED, "value-not-taken": "application"}
