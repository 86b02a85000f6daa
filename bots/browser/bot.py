"""The browser's lifetime: one Playwright per process, one browser per bot, one browser context per
session."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterable, Mapping
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlsplit

from bots.base import Context, EvidenceItem
from bots.browser import conditions, state
from bots.browser.evidence import Evidence
from bots.browser.find import Finder
from bots.browser.healing import Memory
from bots.browser.launch import give_playwright, start_browser, take_playwright, trust_home
from bots.browser.settings import BasicAuth, BrowserSettings, settings_of
from bots.browser.watch import Watch
from flows.failures import ApplicationFailure, EngineFailure, FlowFailure

if TYPE_CHECKING:
    from playwright.sync_api import Browser as PlaywrightBrowser
    from playwright.sync_api import BrowserContext, Error, Locator, Page, Playwright

TIDY_EVERY = 10


class Browser:
    """The bot of the family `browser`. What actions use: `page`, `find`, `watch`, `use`, `secret_typed`."""

    bot_name: ClassVar[str] = "browser"

    def __init__(self) -> None:
        self.settings = BrowserSettings()
        self.ctx: Context | None = None
        self.find = Finder(self)
        self.watch = Watch(self._page_opened)
        self.evidence_of = Evidence(self)
        self.memory = Memory(self)
        self.pages: list[Page] = []
        self.auth: BasicAuth | None = None
        self.playwright_error: type[Error] = Exception  # type: ignore[assignment]  # known once opened
        self._page: Page | None = None
        self._playwright: Playwright | None = None
        self._browser: PlaywrightBrowser | None = None
        self._context: BrowserContext | None = None
        self._home: Path | None = None
        self._visits: dict[str, float] = {}
        self._loads = 0

    # ---- lifetime ----
    def open(self, ctx: Context) -> None:
        """Starts the browser with an empty context. Raises `browser-missing`, `browser-not-starting`, …"""
        from playwright.sync_api import Error

        self.ctx = ctx
        self.settings = settings_of(ctx.options)
        for secret in self.settings.secrets():
            ctx.mask(secret.reveal())
        self.playwright_error = Error
        self._home = trust_home(self.settings.ca_file)
        self._playwright = take_playwright(self.settings.ca_file, self._home)
        if not self.settings.profile_folder:
            self._browser = start_browser(self._playwright, self.settings, self._home)
        self._new_context()

    def close(self) -> None:
        """Ends the browser. A browser that is already gone is no failure."""
        self._quietly_close(self._context)
        self._quietly_close(self._browser)
        self._context = self._browser = self._page = None
        self.pages = []
        if self._playwright is not None:
            self._playwright = None
            give_playwright()
        self.evidence_of.close()
        if self._home is not None:
            shutil.rmtree(self._home, ignore_errors=True)
            self._home = None

    def _quietly_close(self, thing: BrowserContext | PlaywrightBrowser | None) -> None:
        if thing is None:
            return
        try:
            thing.close()
        except self.playwright_error:
            return  # it is gone: that is what was wanted

    def reset(self) -> None:
        """A new, empty context; a browser that died is started again."""
        self._quietly_close(self._context)
        self._context = self.auth = None
        if self._browser is not None and not self._browser.is_connected() and self._playwright is not None:
            self._browser = start_browser(self._playwright, self.settings, self._home)
        self._new_context()

    def _new_context(self, storage: Mapping[str, Any] | None = None) -> None:
        self.pages = []
        self.watch = Watch(self._page_opened)
        self.evidence_of.forget()
        self._context = self._make_context(storage)
        self.watch.attach(self._context)
        for page in self._context.pages:  # a persistent profile comes with a tab
            self.watch.attach_page(page)
        self._page = self.pages[0] if self.pages else self._context.new_page()
        self.evidence_of.begin()

    def _make_context(self, storage: Mapping[str, Any] | None) -> BrowserContext:
        from bots.browser.launch import launch_options
        from bots.browser.profile import context_options

        options = context_options(self.settings, self.auth or self.settings.basic_auth)
        if storage is not None:
            options["storage_state"] = storage
        if self._browser is not None:
            return self._browser.new_context(**options)
        assert self._playwright is not None
        return self._playwright.chromium.launch_persistent_context(
            Path(self.settings.profile_folder).expanduser(),
            **launch_options(self.settings, self._home),
            **options,
        )

    def _page_opened(self, page: Page) -> None:
        self.pages.append(page)
        page.on("close", self._page_closed)

    def _page_closed(self, page: Page) -> None:
        self.watch.underway.clear()  # requests of a closed page never end
        if page in self.pages:
            self.pages.remove(page)
        if page is self._page:
            self._page = self.pages[-1] if self.pages else None

    # ---- what actions use ----
    @property
    def page(self) -> Page:
        """The tab that steps act on. Raises `browser-gone` when none is left."""
        if self._page is None or self._page.is_closed():
            raise ApplicationFailure("browser-gone", details={"reason": "no tab is open"})
        return self._page

    @page.setter
    def page(self, page: Page) -> None:
        self._page = page

    @property
    def current(self) -> Page | None:
        """The tab that steps act on, open or not."""
        return self._page

    @property
    def context(self) -> BrowserContext:
        if self._context is None:
            raise EngineFailure("browser-gone", details={"reason": "the browser was not opened"})
        return self._context

    @property
    def knows_password(self) -> bool:
        """Whether it has an answer for a site's password window."""
        return bool(self.auth or self.settings.basic_auth)

    def use(self, ctx: Context) -> None:
        """Called first by every action: the step's context, and what happened since the last step."""
        self.ctx = ctx
        self._report()
        if self.watch.crashed:
            raise ApplicationFailure("page-crashed", details={"reason": "the page crashed"})
        if self._browser is not None and not self._browser.is_connected():
            raise ApplicationFailure("browser-gone", details={"reason": "the browser program ended"})
        self.evidence_of.film.before()

    def page_loaded(self) -> None:
        """Counts pages. The browser itself keeps the memory of left ones for hundreds of megabytes; now and then it is
        asked to give it back, or a run of a whole night would grow and grow."""
        self._loads += 1
        if self._loads % TIDY_EVERY == 0:
            self.page.request_gc()

    def pause(self, milliseconds: float) -> None:
        """Waits a moment in which things arrive."""
        self.page.wait_for_timeout(milliseconds)
        self.evidence_of.film.waiting()

    def hidden(self) -> set[str]:
        """What no picture may show."""
        known = self.ctx.hidden() if self.ctx is not None else ()
        return {s for s in (*known, *self.evidence_of.typed) if s}

    def shown_url(self) -> str:
        """The address of the current tab without query and fragment (they may carry what nobody should
        read)."""
        parts = urlsplit(self._page.url) if self._page is not None and not self._page.is_closed() else urlsplit("")
        return f"{parts.scheme}://{parts.netloc}{parts.path}" if parts.netloc else parts.scheme

    def secret_typed(self, locator: Locator, value: str) -> None:
        """Remembers that a secret stands in this element: pictures cover it."""
        self.evidence_of.cover(locator, value)

    def admit(self, ctx: Context, url: str) -> None:
        """Refuses hosts that are not allowed and keeps to the rate of the host. Raises `host-not-allowed`."""
        parts = urlsplit(url)
        host = parts.hostname or ""
        if (
            self.settings.hosts
            and parts.scheme in ("http", "https", "ws", "wss")
            and not self._allowed(host, parts.netloc)
        ):
            raise FlowFailure(
                "host-not-allowed", details={"host": parts.netloc, "allowed": ", ".join(self.settings.hosts)}
            )
        rate = self.settings.rate.get(host, 0)
        wait = self._visits.get(host, 0) + 1 / rate - time.monotonic() if rate else 0
        if wait > 0 and self._page is not None:
            self._page.wait_for_timeout(min(wait, ctx.remaining()) * 1000)
        self._visits[host] = time.monotonic()

    def _allowed(self, host: str, netloc: str) -> bool:
        return any(fnmatch(host, h) or fnmatch(netloc, h) for h in self.settings.hosts)

    # ---- what the engine uses ----
    def mark(self) -> None:
        self.watch.mark()

    def sees(self, condition: Mapping[str, Any]) -> bool:
        """See `bots.browser.conditions`."""
        return conditions.sees(self, condition)

    def settle(self) -> None:
        self._report()
        if self.ctx is not None:
            self.memory.save(self.ctx)
            self.evidence_of.film.after()

    def _report(self) -> None:
        if self.ctx is None:
            return
        while self.watch.findings:
            code, details = self.watch.findings.pop(0)
            self.ctx.warn(code, **details)

    def evidence(self, secrets: Iterable[str]) -> list[EvidenceItem]:
        self._report()
        return self.evidence_of.collect([s for s in secrets if s])

    def save_state(self) -> dict[str, Any]:
        """Cookies, local storage, IndexedDB and session storage, as plain data to be kept encrypted."""
        return state.save(self)

    def restore_state(self, saved: Mapping[str, Any]) -> None:
        """An own new context with what `save_state` gave, at the address where it was taken."""
        state.restore(self, saved)

    def replace_context(self, storage: Mapping[str, Any]) -> None:
        """A new context that begins with this storage."""
        self._quietly_close(self._context)
        self._new_context(storage)
