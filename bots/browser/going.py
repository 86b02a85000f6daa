"""Going to an address, and noticing when a site answers with an error or a block instead of a page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Literal, TypeAlias
from urllib.parse import urljoin, urlsplit

from bots.base import Context
from bots.browser import blocks
from bots.browser.errors import failure_of
from bots.browser.find import milliseconds
from bots.browser.waiting import listening, wait_until
from flows.failures import ApplicationFailure, EngineFailure, Failure, FlowFailure

if TYPE_CHECKING:
    from playwright.sync_api import Response

    from bots.browser.bot import Browser

Until: TypeAlias = Literal["load", "ready", "quiet", "answer"]
State: TypeAlias = Literal["load", "domcontentloaded", "networkidle", "commit"]
STATES: Mapping[Until, State] = {
    "load": "load",
    "ready": "domcontentloaded",
    "quiet": "networkidle",
    "answer": "commit",
}


def go(browser: Browser, ctx: Context, url: str, until: Until = "load") -> None:
    """Opens `url` (relative to the present page) in the current tab and checks the answer."""
    browser.use(ctx)
    address = absolute(browser, url)
    browser.admit(ctx, address)

    def move(limit: float) -> Response | None:
        return browser.page.goto(address, wait_until=STATES[until], timeout=limit)

    if until != "quiet":
        return travel(browser, ctx, address, move)
    with listening(browser.page) as traffic:
        travel(browser, ctx, address, move)
        if not wait_until(browser, ctx, traffic.quiet):
            raise ApplicationFailure(
                "navigation-failed", details={"url": _shown(address), "reason": "the network never became quiet"}
            )
    return None


def absolute(browser: Browser, url: str) -> str:
    """`url` in full. Raises `url-invalid` for a relative one before any page is open."""
    if not url.strip():
        raise FlowFailure("url-invalid", details={"url": url, "reason": "it is empty"})
    full = urljoin(browser.page.url, url) if browser.page.url.startswith("http") else url
    if not urlsplit(full).scheme:
        raise FlowFailure("url-invalid", details={"url": url, "reason": "it has no scheme such as https://"})
    return full


def travel(browser: Browser, ctx: Context, url: str, move: Callable[[float], Response | None]) -> None:
    """Performs a navigation and raises what its error or its answer means."""
    try:
        response = move(milliseconds(ctx))
    except browser.playwright_error as error:
        raise _failure(browser, error, url) from error
    check_answer(browser, response)
    if response is not None:
        browser.page_loaded()


def _failure(browser: Browser, error: Any, url: str) -> Failure:
    details: dict[str, Any] = {"url": _shown(url), "host": urlsplit(url).netloc}
    if browser.settings.hosts and "ERR_NAME_NOT_RESOLVED" in error.message:
        return FlowFailure("host-not-allowed", details={**details, "allowed": ", ".join(browser.settings.hosts)})
    timed_out = type(error).__name__ == "TimeoutError"
    failure = failure_of(error.message, details, timed_out=timed_out)
    if failure.code == "password-wanted" and browser.knows_password:
        return ApplicationFailure("login-refused", details=failure.details)
    return ApplicationFailure("navigation-failed", details=failure.details) if failure.code == "timed-out" else failure


def _shown(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rsplit('@', 1)[-1]}{parts.path}"


def check_answer(browser: Browser, response: Response | None) -> None:
    """Raises `blocked-by-site`, or `http-error` for an answer of 400 and above."""
    status = response.status if response is not None else 0
    if status < 400 and not browser.page.url.startswith("http"):
        return
    details = {"url": browser.shown_url(), "status": status}
    if status >= 400 or status == 0:
        block = blocks.sign(browser)
        if block == blocks.CAPTCHA or (status in (403, 429, 503) and block.casefold().startswith(blocks.TITLES)):
            raise EngineFailure("blocked-by-site", details={**details, "reason": block})
    if status == 429:
        raise EngineFailure("blocked-by-site", details={**details, "reason": "too many requests"})
    if status in (401, 407) and browser.knows_password:
        raise ApplicationFailure("login-refused", details={**details, "reason": f"status {status}"})
    if status >= 400:
        raise ApplicationFailure("http-error", details=details)
