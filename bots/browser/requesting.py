"""HTTP requests with the session's cookies, under the same rules as navigation: allowed hosts, rate,
errors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from bots.base import Context
from bots.browser.errors import first_line
from bots.browser.find import milliseconds
from bots.browser.going import absolute
from flows.failures import ApplicationFailure

if TYPE_CHECKING:
    from playwright.sync_api import APIResponse

    from bots.browser.bot import Browser

MAX_REDIRECTS = 20


def request(browser: Browser, ctx: Context, method: str, url: str, **given: Any) -> APIResponse:
    """The answer to a request. Redirects are followed one by one, so that none leaves the allowed hosts.

    Raises `host-not-allowed`, `site-unreachable`, `http-error`.
    """
    address = absolute(browser, url)
    for _ in range(MAX_REDIRECTS):
        browser.admit(ctx, address)
        answer = _once(browser, ctx, method, address, given)
        goal = answer.headers.get("location")
        if answer.status not in (301, 302, 303, 307, 308) or not goal:
            break
        if answer.status < 307 and method != "HEAD":
            method, given = "GET", {k: v for k, v in given.items() if k != "data"}
        address = urljoin(address, goal)
    if answer.status >= 300:
        raise ApplicationFailure("http-error", details={"url": address, "status": answer.status})
    return answer


def _once(browser: Browser, ctx: Context, method: str, address: str, given: dict[str, Any]) -> APIResponse:
    try:
        return browser.context.request.fetch(
            address, method=method, max_redirects=0, timeout=milliseconds(ctx), **given
        )
    except browser.playwright_error as error:
        details = {"url": address, "host": urlsplit(address).netloc, "reason": first_line(error.message)}
        raise ApplicationFailure("site-unreachable", details=details) from error
