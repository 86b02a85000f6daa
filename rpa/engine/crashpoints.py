"""Numbered places where tests end the process, to prove that nothing is lost or done twice there.

`RPA_CRASH_AT=name` or `name:3` (the third time) ends the process as SIGKILL would. Read once, by settings;
outside tests the dictionary is empty and a call costs one look-up.
"""

from __future__ import annotations

import os
import signal

_armed: dict[str, int] = {}
NAMES = (
    "item-taken", "before-intent", "after-intent", "after-commit", "before-result", "after-result",
    "before-item-end", "after-item-end", "before-run-end",
)


def arm(text: str) -> None:
    """Arms one point from `name` or `name:count`. Raises ValueError for an unknown name."""
    name, _, count = text.partition(":")
    if name not in NAMES:
        raise ValueError(f"unknown crash point {name}; known: {', '.join(NAMES)}")
    _armed[name] = int(count or 1)


def crash_point(name: str) -> None:
    """Ends the process here when armed."""
    left = _armed.get(name)
    if left is None:
        return
    _armed[name] = left - 1
    if left == 1:
        os.kill(os.getpid(), signal.SIGKILL)
