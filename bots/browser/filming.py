"""What the film of full evidence is made of.

As long as the run has taken no secret in hand: the live page, as the browser itself sends it. From the first secret on:
pictures in which it is covered, one after each step and twice a second while a step waits.
"""

from __future__ import annotations

import base64
import time
from typing import TYPE_CHECKING, Any

from bots.base import EvidenceItem
from bots.browser.film import Film

if TYPE_CHECKING:
    from playwright.sync_api import CDPSession, Page

    from bots.browser.bot import Browser

QUALITY = 70
RATE_S = 0.5  # between two covered pictures while a step waits
LIVE_S = 0.08  # between two live pictures: more nobody sees
CAST = {"format": "jpeg", "quality": QUALITY, "everyNthFrame": 1}


class Cast:
    """Live pictures of one page."""

    def __init__(self, page: Page, film: Film) -> None:
        self.page, self.film = page, film
        self._on = True
        self._session: CDPSession = page.context.new_cdp_session(page)
        self._session.on("Page.screencastFrame", self._came)
        self._session.send("Page.startScreencast", CAST)

    def _came(self, frame: dict[str, Any]) -> None:
        if not self._on:
            return
        at = float(frame.get("metadata", {}).get("timestamp") or time.time())
        if at - self.film.latest >= LIVE_S:
            self.film.add(base64.b64decode(frame["data"]), at)
        self._session.send("Page.screencastFrameAck", {"sessionId": frame["sessionId"]})

    def stop(self) -> None:
        """From here on not one picture more is taken."""
        self._on = False
        self._session.send("Page.stopScreencast")
        self._session.detach()


class Filming:
    """The film of one browser, where one is wanted."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        self._film: Film | None = None
        self._cast: Cast | None = None

    @property
    def _wanted(self) -> bool:
        return self.browser.settings.video and self.browser.settings.evidence == "full"

    def forget(self) -> None:
        """The pages are gone; what was filmed stays."""
        self._cast = None

    def before(self) -> None:
        """A step begins: the page is filmed live, unless the step or one before it had a secret in hand."""
        page = self.browser.evidence_of.live_page() if self._wanted else None
        if page is None or self.browser.hidden():
            return self.uncast()
        if self._cast is not None and self._cast.page is page:
            return None
        self.uncast()
        try:
            self._cast = Cast(page, self._begun())
        except self.browser.playwright_error:
            return None  # the page is just going: the next step has one again
        return None

    def uncast(self) -> None:
        cast, self._cast = self._cast, None
        if cast is None:
            return
        try:
            cast.stop()
        except self.browser.playwright_error:
            return  # the page is gone, and with it what it sent

    def after(self) -> None:
        """A step is over: one picture of what it did."""
        if self._wanted:
            self._shoot()

    def waiting(self) -> None:
        """A step waits: a picture every half second."""
        if self._wanted and self._cast is None and time.time() - self._begun().latest >= RATE_S:
            self._shoot()

    def _begun(self) -> Film:
        if self._film is None:
            self._film = Film(self.browser.evidence_of.folder())
        return self._film

    def _shoot(self) -> None:
        page = self.browser.evidence_of.live_page()
        known = sorted(self.browser.hidden())
        if page is None:
            return
        try:
            picture = self.browser.evidence_of.screenshot(page, known, type="jpeg", quality=QUALITY)
        except self.browser.playwright_error:
            return  # the page is just being left: the next step has a picture again
        self._begun().add(picture, time.time())

    def taken(self) -> list[EvidenceItem]:
        """The film so far; the next one begins."""
        self.uncast()
        film, self._film = self._film, None
        data = film.taken() if film is not None else b""
        return [EvidenceItem("video", "browser.mp4", data, "video/mp4", masked=True)] if data else []
