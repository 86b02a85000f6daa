"""Logging in: finding the form, sending it, and telling acceptance from refusal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bots.base import Context
from bots.browser.blocks import in_the_way
from bots.browser.filling import Filling
from bots.browser.find import engine_call
from bots.browser.target import Target
from bots.browser.totp import fresh_code
from bots.browser.values import shown
from bots.browser.waiting import wait_until
from flows.data import Secret
from flows.failures import ApplicationFailure

if TYPE_CHECKING:
    from playwright.sync_api import Locator

    from bots.browser.bot import Browser

PASSWORD = Target(css="input[type=password]")
# The text field of the form: named as user name by the page, else the last one before the password.
USER = Target(
    css="input[autocomplete~=username],input[type=email],input[name*=user i],input[name*=login i],"
    "input[id*=user i],input[id*=login i],input[name*=mail i],input[type=text],input:not([type])",
    nth="first",
)
CODE = Target(
    css="input[autocomplete=one-time-code],input[name*=otp i],input[name*=code i],input[id*=otp i],"
    "input[id*=code i],input[inputmode=numeric]",
    nth="first",
)
SETTLE_S = 4.0
_MESSAGE = """(rpa) => {
  const css = '[role=alert],[aria-live=assertive],.error,.alert,.message,.invalid-feedback,[class*=error i]';
  return rpa.select(document, css).filter(rpa.shown).map((e) =>
      rpa.textOf(e)).filter(Boolean).join(' / ').slice(0, 300);
}"""


class Login:
    """One login."""

    def __init__(
        self,
        browser: Browser,
        ctx: Context,
        user_field: Target | None,
        password_field: Target | None,
        button: Target | None,
        code_field: Target | None,
    ) -> None:
        self.browser, self.ctx, self.button = browser, ctx, button
        self.user_field = user_field or USER
        self.password_field = password_field or PASSWORD
        self.code_field = code_field or CODE

    def enter(self, user: Secret | str, password: Secret | str) -> None:
        """Fills user and password and sends the form, over one page or two."""
        self._fill(self.user_field, user)
        if not self.browser.find.count(self.password_field):
            self._send(self.user_field)
        self._fill(self.password_field, password)
        self._send(self.password_field)

    def enter_code(self, secret: Secret | str, ready: Target | None, refused: Target | None) -> None:
        """Waits for the field of the one-time code and sends the present code."""
        find = self.browser.find
        ends = [t for t in (ready, refused) if t is not None]
        wait_until(
            self.browser,
            self.ctx,
            lambda: bool(find.count(self.code_field)) or any(find.count(t) for t in ends),
            15,
        )
        if not find.count(self.code_field):
            return
        code = fresh_code(shown(secret), 6, 30, lambda seconds: self.browser.page.wait_for_timeout(seconds * 1000))
        self.ctx.mask(code)
        self._fill(self.code_field, Secret("one-time code", code))
        self._send(self.code_field)

    def _fill(self, target: Target, value: Secret | str) -> None:
        Filling(self.browser, self.ctx, target, value).fill()

    def _send(self, field: Target) -> None:
        def enter(locator: Locator, limit: float) -> None:
            locator.press("Enter", timeout=limit)

        def click(locator: Locator, limit: float) -> None:
            locator.click(timeout=limit)

        if self.button is not None:
            self.browser.find.perform(self.ctx, self.button, "press", click)
        else:
            self.browser.find.perform(self.ctx, field, "any", enter)

    def prove(self, ready: Target | None, refused: Target | None) -> None:
        """Raises `login-refused`, `login-undecided` or `blocked-by-site` unless the login was accepted."""
        verdict: list[bool] = []
        since = self.ctx.remaining()

        def decided() -> bool:
            answer = self._verdict(ready, refused, since - self.ctx.remaining())
            if answer is not None:
                verdict.append(answer)
            return answer is not None

        decision = wait_until(self.browser, self.ctx, decided)
        blocked = None if decision and verdict[0] else in_the_way(self.browser)
        if blocked is not None:
            raise blocked
        if not decision:
            raise ApplicationFailure(
                "login-undecided", details={"url": self.browser.shown_url(), "ready": str(ready or "-")}
            )
        if not verdict[0]:
            raise ApplicationFailure(
                "login-refused",
                details={
                    "url": self.browser.shown_url(),
                    "reason": self._message() or "the login form came back",
                },
            )

    def _verdict(self, ready: Target | None, refused: Target | None, waited: float) -> bool | None:
        """True: accepted, False: refused, None: not known yet."""
        find = self.browser.find
        if refused is not None and find.count(refused):
            return False
        form = find.count(self.password_field) > 0
        if ready is not None:
            if find.count(ready):
                return True
        elif not form and waited > 0.3 and self._loaded():
            return True
        return False if form and waited > SETTLE_S and (self._message() or refused is None) else None

    def _loaded(self) -> bool:
        try:
            return bool(self.browser.page.evaluate("() => document.readyState === 'complete'"))
        except self.browser.playwright_error:
            return False  # the next page is just coming

    def _message(self) -> str:
        """What the page says about it, where it says something."""
        try:
            found: Any = engine_call(self.browser.page, _MESSAGE)
        except self.browser.playwright_error:
            return ""
        return str(found)
