"""Waiting for what shows: the polls behind expect, exists and read."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from bots.base import Context

if TYPE_CHECKING:
    from bots.browser.bot import Browser

POLL_MS = 60


def wait_until(browser: Browser, ctx: Context, holds: Callable[[], bool], seconds: float | None = None) -> bool:
    """True as soon as `holds`, False when `seconds` (or the step's time) are over."""
    spare = 0.2
    limit = max(0.0, ctx.remaining() - spare)
    left = limit if seconds is None else min(seconds, limit)
    start = ctx.remaining()
    while True:
        if holds():
            return True
        if start - ctx.remaining() >= left:
            return False
        browser.page.wait_for_timeout(POLL_MS)
