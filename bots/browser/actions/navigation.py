"""Going to addresses, back and forth, and between tabs."""

from __future__ import annotations

import time
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from bots.base import Context
from bots.browser.bot import Browser
from bots.browser.failures_of import GONE, WENT
from bots.browser.going import STATES, Until, go, travel
from bots.browser.values import Duration
from flows.action import action
from flows.failures import ApplicationFailure

if TYPE_CHECKING:
    from playwright.sync_api import Page

FILMED_S = 0.5


@action(
    "browser.open",
    main="url",
    acts="screen",
    fails=WENT,
    timeout="60s",
    examples=("browser.open: https://erp.example.com",),
)
def open_(browser: Browser, ctx: Context, *, url: str, until: Until = "load") -> None:
    """Opens an address in the browser, which it starts if need be.

    `until` says what to wait for: `load` (everything the page names has arrived), `ready` (the page is
    built), `answer` (the server answered), `quiet` (half a second without network). An answer of 400 and
    above is `http-error`; a page that asks whether a person is there is `blocked-by-site`.
    """
    go(browser, ctx, url, until)


@action(
    "browser.goto",
    main="url",
    acts="screen",
    fails=WENT,
    timeout="60s",
    examples=('browser.goto: "${inputs.erp_url}/bills/new"', "browser.goto: /bills/new"),
)
def goto(browser: Browser, ctx: Context, *, url: str, until: Until = "load") -> None:
    """Goes to an address in the current tab. It may be relative to the present page (`/bills/new`)."""
    go(browser, ctx, url, until)


@action("browser.back", acts="screen", fails=WENT)
def back(browser: Browser, ctx: Context, *, until: Until = "load") -> None:
    """Goes one page back, as the browser's own button does."""
    browser.use(ctx)
    travel(
        browser,
        ctx,
        browser.page.url,
        lambda limit: browser.page.go_back(wait_until=STATES[until], timeout=limit),
    )


@action("browser.forward", acts="screen", fails=WENT)
def forward(browser: Browser, ctx: Context) -> None:
    """Goes one page forward."""
    browser.use(ctx)
    travel(browser, ctx, browser.page.url, lambda limit: browser.page.go_forward(timeout=limit))


@action("browser.reload", acts="screen", fails=WENT)
def reload(browser: Browser, ctx: Context) -> None:
    """Loads the present page again."""
    browser.use(ctx)
    travel(browser, ctx, browser.page.url, lambda limit: browser.page.reload(timeout=limit))


@action("browser.new_tab", main="url", acts="screen", fails=WENT)
def new_tab(browser: Browser, ctx: Context, *, url: str | None = None) -> None:
    """Opens a new tab, goes to `url` there, and goes on in it."""
    browser.use(ctx)
    address = browser.page.url if url is not None and url.startswith("/") else ""
    browser.page = browser.context.new_page()
    if url is not None:
        from urllib.parse import urljoin

        go(browser, ctx, urljoin(address, url))


@action(
    "browser.switch_tab",
    main="to",
    acts="screen",
    fails={**GONE, "tab-missing": "application"},
    examples=('browser.switch_tab: "*Invoice*"', "browser.switch_tab: last"),
)
def switch_tab(browser: Browser, ctx: Context, *, to: str | int = "last") -> None:
    """Goes on in another tab.

    `last` (the newest), `first`, its number from 1, or a part of its title or address with `*` for
    anything. Waits until there is such a tab.
    """
    browser.use(ctx)
    while True:
        found = _tab(browser, to)
        if found is not None:
            browser.page = found
            found.bring_to_front()
            return
        if ctx.remaining() < 0.2:
            tabs = "; ".join(f"{p.title()} ({p.url})" for p in browser.pages)
            raise ApplicationFailure("tab-missing", details={"tab": str(to), "tabs": tabs})
        browser.page.wait_for_timeout(80)


def _tab(browser: Browser, to: str | int) -> Page | None:
    pages = browser.pages
    if to in ("last", "first"):
        others = [p for p in pages if p is not browser.page] if to == "last" else pages
        return others[-1 if to == "last" else 0] if others else None
    if isinstance(to, int) or to.isdigit():
        return pages[int(to) - 1] if 0 < int(to) <= len(pages) else None
    pattern = to.casefold().replace("[", "[[]")
    return next((p for p in pages if any(fnmatchcase(t.casefold(), pattern) for t in (p.title(), p.url))), None)


@action("browser.close_tab", acts="screen", fails=GONE)
def close_tab(browser: Browser, ctx: Context) -> None:
    """Closes the current tab and goes on in the one that was opened before it."""
    browser.use(ctx)
    browser.page.close()


@action("browser.wait", main="seconds", acts="nothing", fails=GONE, examples=("browser.wait: 500ms",))
def wait(browser: Browser, ctx: Context, *, seconds: Duration) -> None:
    """Waits a fixed time.

    Prefer `browser.expect`: it waits for what you wait for, no longer and no shorter.
    """
    browser.use(ctx)
    end = time.monotonic() + min(seconds.total_seconds(), ctx.remaining())
    while (left := end - time.monotonic()) > 0:
        browser.pause(min(left, FILMED_S) * 1000)
