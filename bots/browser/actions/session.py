"""Logging in, and what the browser remembers of a session."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Literal
from urllib.parse import urlsplit

from bots.base import Context
from bots.browser.bot import Browser
from bots.browser.failures_of import GONE, TAKEN
from bots.browser.logging_in import Login
from bots.browser.settings import BasicAuth
from bots.browser.target import Target
from flows.action import action
from flows.data import Secret
from flows.failures import FlowFailure


@action(
    "browser.login",
    acts="screen",
    fails={**TAKEN, "login-refused": "application", "login-undecided": "application"},
    examples=('browser.login: {user: "${secrets.erp_user}", password: "${secrets.erp_password}", ready: Dashboard}',),
)
def login(
    browser: Browser,
    ctx: Context,
    *,
    user: Secret | str,
    password: Secret | str,
    totp: Secret | str | None = None,
    user_field: Target | None = None,
    password_field: Target | None = None,
    button: Target | None = None,
    code_field: Target | None = None,
    ready: Target | None = None,
    refused: Target | None = None,
) -> None:
    """Fills the page's login form, sends it, and proves that it was accepted.

    The fields are found by themselves (a password field and the text field before it) unless named; forms
    that ask for the password on a second page work too. `totp` is the secret of a one-time code that is
    asked for afterwards. Accepted is when `ready` shows, or else when the password field is gone.
    `login-refused` when the form comes back or `refused` shows: it ends the run, is never tried again, and
    pauses the schedule, because accounts lock.
    """
    login_form = Login(browser, ctx, user_field, password_field, button, code_field)
    login_form.enter(user, password)
    if totp is not None:
        login_form.enter_code(totp, ready, refused)
    login_form.prove(ready, refused)


@action(
    "browser.basic_auth",
    acts="screen",
    fails={**GONE, "url-invalid": "flow"},
    examples=(
        'browser.basic_auth: {site: "https://intranet.example.com", user: kim, password: "${secrets.intranet}"}',
    ),
)
def basic_auth(browser: Browser, ctx: Context, *, site: str, user: Secret | str, password: Secret) -> None:
    """Answers the password window of one site (HTTP basic auth) from here on; no other site is told.

    It stands before the page is opened, best as the first step of the `session`: tabs that are open are closed,
    cookies and storage stay.
    """
    browser.use(ctx)
    parts = urlsplit(site)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise FlowFailure("url-invalid", details={"url": site, "reason": "it is no site such as https://host"})
    browser.auth = BasicAuth(origin=f"{parts.scheme}://{parts.netloc}", user=user, password=password)
    browser.replace_context(browser.context.storage_state(indexed_db=True))


@action("browser.cookies", acts="nothing", fails=GONE)
def cookies(browser: Browser, ctx: Context, *, names_only: bool = True) -> list[dict[str, Any]]:
    """The cookies of the present site: name, domain, path, expiry.

    With `names_only: false` also their values, which are hidden from then on.
    """
    browser.use(ctx)
    out: list[dict[str, Any]] = []
    for cookie in browser.context.cookies(browser.page.url):
        expires = cookie.get("expires", -1)
        entry: dict[str, Any] = {
            "name": cookie.get("name"),
            "domain": cookie.get("domain"),
            "path": cookie.get("path"),
            "expires": datetime.fromtimestamp(expires, UTC) if expires and expires > 0 else None,
        }
        if not names_only:
            value = str(cookie.get("value", ""))
            ctx.mask(value)
            entry["value"] = value
        out.append(entry)
    return out


@action("browser.set_cookie", acts="screen", fails=GONE)
def set_cookie(browser: Browser, ctx: Context, *, name: str, value: Secret | str, url: str | None = None) -> None:
    """Sets a cookie for a site (the present one unless `url` says otherwise)."""
    browser.use(ctx)
    text = value.reveal() if isinstance(value, Secret) else value
    browser.context.add_cookies([{"name": name, "value": text, "url": url or browser.page.url}])


@action("browser.forget", acts="screen", fails=GONE)
def forget(browser: Browser, ctx: Context, *, what: Literal["cookies", "storage", "all"] = "all") -> None:
    """Forgets cookies and the storage of the present page: the session is over."""
    browser.use(ctx)
    if what in ("cookies", "all"):
        browser.context.clear_cookies()
    if what in ("storage", "all") and browser.page.url.startswith("http"):
        browser.page.evaluate("() => { localStorage.clear(); sessionStorage.clear(); }")


@action("browser.storage", main="key", acts="nothing", fails=GONE)
def storage(browser: Browser, ctx: Context, *, key: str, kind: Literal["local", "session"] = "local") -> str | None:
    """What the present site stored under a key; null when nothing."""
    browser.use(ctx)
    script = f"(key) => {kind}Storage.getItem(key)"
    value = browser.page.evaluate(script, key)
    return None if value is None else str(value)


@action("browser.set_storage", acts="screen", fails=GONE)
def set_storage(
    browser: Browser,
    ctx: Context,
    *,
    key: str,
    value: Secret | str,
    kind: Literal["local", "session"] = "local",
) -> None:
    """Stores a text for the present site under a key."""
    browser.use(ctx)
    text = value.reveal() if isinstance(value, Secret) else value
    browser.page.evaluate(f"([key, value]) => {kind}Storage.setItem(key, value)", [key, text])


@action("browser.place", acts="screen", fails=GONE)
def place(browser: Browser, ctx: Context, *, latitude: Decimal, longitude: Decimal) -> None:
    """Tells pages that ask where the browser is (degrees), and lets them ask."""
    browser.use(ctx)
    browser.context.grant_permissions(["geolocation"])
    browser.context.set_geolocation({"latitude": float(latitude), "longitude": float(longitude)})
