"""Requests within the session, and scripts where a project allows them."""

from __future__ import annotations

from typing import Any, Literal

from bots.base import Context
from bots.browser.bot import Browser
from bots.browser.failures_of import FOUND, GONE
from bots.browser.requesting import request
from bots.browser.target import Target
from flows.action import action
from flows.failures import FlowFailure

_FETCH: dict[str, Any] = {
    **GONE,
    "site-unreachable": "application",
    "http-error": "application",
    "host-not-allowed": "flow",
    "url-invalid": "flow",
}


def _fetch(browser: Browser, ctx: Context, method: str, url: str, body: Any, headers: dict[str, str] | None) -> Any:
    browser.use(ctx)
    answer = request(browser, ctx, method, url, data=body, headers=headers)
    return answer.json() if "json" in answer.headers.get("content-type", "") else answer.text()


@action("browser.fetch", main="url", acts="nothing", fails=_FETCH, examples=("browser.fetch: /api/me",))
def fetch(browser: Browser, ctx: Context, *, url: str, headers: dict[str, str] | None = None) -> Any:
    """Gets an address with the session's cookies, without showing it.

    JSON becomes data, anything else is text.
    """
    return _fetch(browser, ctx, "GET", url, None, headers)


@action("browser.send", acts="outside", fails=_FETCH)
def send(
    browser: Browser,
    ctx: Context,
    *,
    url: str,
    method: Literal["POST", "PUT", "PATCH", "DELETE"] = "POST",
    body: dict[str, Any] | list[Any] | str | None = None,
    headers: dict[str, str] | None = None,
) -> Any:
    """Sends data to an address with the session's cookies. It acts outside: stands in a `writes` block."""
    return _fetch(browser, ctx, method, url, body, headers)


@action(
    "browser.javascript",
    main="code",
    acts="outside",
    fails={**FOUND, "scripts-not-allowed": "flow", "script-failed": "flow"},
)
def javascript(browser: Browser, ctx: Context, *, code: str, target: Target | None = None, value: Any = None) -> Any:
    """Runs JavaScript in the page, only where the setting `allow_scripts` is on: nobody can see what it does.

    `code` is a function `(value) => …`, or `(element, value) =>
        …` with a target. Returns what the function returns.
    """
    browser.use(ctx)
    if not browser.settings.allow_scripts:
        raise FlowFailure("scripts-not-allowed", details={"action": "browser.javascript"})
    try:
        if target is None:
            return browser.page.evaluate(code, value)
        return browser.find.perform(
            ctx, target, "any", lambda locator, limit: locator.evaluate(code, value, timeout=limit)
        )
    except browser.playwright_error as error:
        raise FlowFailure("script-failed", details={"reason": str(error)[:300]}) from error
