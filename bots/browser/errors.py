"""Playwright's errors as our failures: one table, read from top to bottom."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from flows.failures import FAILURES, Failure, Kind


class Rule(NamedTuple):
    pattern: re.Pattern[str]
    kind: Kind
    code: str


def _rule(pattern: str, kind: Kind, code: str) -> Rule:
    return Rule(re.compile(pattern, re.IGNORECASE), kind, code)


RULES = (
    _rule(r"strict mode violation", "flow", "target-ambiguous"),
    _rule(r"target crashed|page crashed", "application", "page-crashed"),
    _rule(
        r"(page|context|browser|target)[^.]{0,40} (has been|been) closed|connection closed|Browser closed",
        "application",
        "browser-gone",
    ),
    _rule(r"net::ERR_(CERT|SSL|BAD_SSL)", "application", "certificate-refused"),
    _rule(r"net::ERR_(INVALID_AUTH|PROXY_AUTH)", "flow", "password-wanted"),
    _rule(
        r"net::ERR_(NAME|CONNECTION|ADDRESS|INTERNET|NETWORK|PROXY|TUNNEL|EMPTY_RESPONSE|TIMED_OUT|SOCKS|SOCKET|UNSAFE_PORT|"
        r"DNS)",
        "application",
        "site-unreachable",
    ),
    _rule(
        r"Cannot navigate to invalid URL|Invalid URL|"
        r"net::ERR_(INVALID_URL|UNKNOWN_URL_SCHEME|DISALLOWED_URL_SCHEME)",
        "flow",
        "url-invalid",
    ),
    _rule(r"net::ERR_FILE_NOT_FOUND", "flow", "url-invalid"),
    _rule(r"Download is starting", "flow", "navigation-downloads"),
    _rule(r"net::ERR_|interrupted by another navigation|frame was detached", "application", "navigation-failed"),
    _rule(r"did not find some options", "application", "option-missing"),
    _rule(
        r"is not an? <?(input|select|textarea|checkbox|radio)|not a checkbox|not an HTMLInputElement|"
        r"cannot be filled|Cannot type text into|Malformed value|non-multiple|cannot be checked",
        "flow",
        "target-unfit",
    ),
    _rule(r"Clicking the checkbox did not change its state", "application", "value-not-taken"),
    _rule(r"ENOENT|no such file", "flow", "file-missing"),
    _rule(r"Unknown key", "flow", "key-unknown"),
    _rule(
        r"not attached to the DOM|element was detached|is outside of the viewport",
        "application",
        "target-not-ready",
    ),
    _rule(r"Execution context was destroyed|because of a navigation", "application", "page-changed"),
    _rule(
        r"SyntaxError|is not a valid selector|is not a valid XPath|"
        r"Failed to execute '(querySelectorAll|evaluate|matches)'",
        "flow",
        "target-invalid",
    ),
)


def failure_of(text: str, details: Mapping[str, Any], *, timed_out: bool) -> Failure:
    """The failure that a Playwright error with this text means. What no rule knows is `browser-error`
    (application)."""
    reason = first_line(text)
    for rule in RULES:
        if rule.pattern.search(text):
            return FAILURES[rule.kind](rule.code, details={**details, "reason": reason})
    code = "timed-out" if timed_out else "browser-error"
    return FAILURES["application"](code, details={**details, "reason": reason})


def first_line(text: str) -> str:
    """Playwright's sentence without its call log and API name."""
    line = text.split("\nCall log:", 1)[0].strip().split("\n", 1)[0]
    return re.sub(r"^\w+\.\w+: (Error: )?", "", line)[:500]


_OBSTACLES = (
    (re.compile(r"(<[^\n]*?>)[^\n]*?intercepts pointer events"), "covered"),
    (re.compile(r"element is not enabled"), "disabled"),
    (re.compile(r"element is not editable"), "read only"),
    (re.compile(r"element is not stable"), "moving"),
    (re.compile(r"element is not visible"), "not visible"),
    (re.compile(r"element is outside of the viewport"), "outside the window"),
)


def obstacle(text: str) -> str:
    """Why an element that is there could not be acted on, from Playwright's call log (empty: unknown)."""
    for pattern, word in _OBSTACLES:
        found = pattern.findall(text)
        if found:
            return f"covered by {found[-1][:160]}" if word == "covered" else word
    return ""
