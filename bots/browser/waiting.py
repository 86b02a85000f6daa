"""Waiting for what shows: the polls behind expect, exists and read; and for a page that has become quiet."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from bots.base import Context

if TYPE_CHECKING:
    from playwright.sync_api import Page, Request

    from bots.browser.bot import Browser

POLL_MS = 60
QUIET_S = 0.5


class Traffic:
    """The requests of one page from now on. Playwright's own `networkidle` knows only the first load of a document;
    most of what an application of one page does comes after that."""

    def __init__(self) -> None:
        self._open: set[Request] = set()
        self._latest = time.monotonic()

    def began(self, request: Request) -> None:
        self._open.add(request)
        self._latest = time.monotonic()

    def ended(self, request: Request) -> None:
        self._open.discard(request)
        self._latest = time.monotonic()

    def quiet(self) -> bool:
        """Whether nothing is under way, nor was during the last half second."""
        return not self._open and time.monotonic() - self._latest >= QUIET_S


@contextmanager
def listening(page: Page) -> Iterator[Traffic]:
    """The traffic of a page as long as this lasts."""
    traffic = Traffic()
    ends = ("requestfinished", "requestfailed")
    page.on("request", traffic.began)
    for end in ends:
        page.on(end, traffic.ended)  # type: ignore[call-overload]  # one of two literal names
    try:
        yield traffic
    finally:
        page.remove_listener("request", traffic.began)
        for end in ends:
            page.remove_listener(end, traffic.ended)


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
        browser.pause(POLL_MS)
