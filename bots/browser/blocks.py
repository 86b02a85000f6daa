"""Noticing that a site asks whether a person is there, or shuts this visitor out. It is never worked round."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flows.failures import EngineFailure

if TYPE_CHECKING:
    from bots.browser.bot import Browser

CAPTCHA = "captcha"
_SIGN = """() => {
  const signs = ['iframe[src*="recaptcha/api2/bframe"]', 'iframe[src*="hcaptcha.com"]', '#px-captcha',
    'iframe[src*="challenges.cloudflare.com"]', 'iframe[src*="captcha-delivery"]', '#challenge-form',
    '.g-recaptcha', '.h-captcha', '.cf-turnstile', '[data-sitekey]'];
  const shows = (e) => {
    const b = e.getBoundingClientRect();
    return b.width > 20 && b.height > 20 && getComputedStyle(e).visibility !== 'hidden';
  };
  return [...document.querySelectorAll(signs.join())].some(shows) ? 'captcha' : document.title;
}"""
TITLES = (
    "just a moment",
    "attention required",
    "access denied",
    "pardon our interruption",
    "are you a robot",
    CAPTCHA,
)


def sign(browser: Browser) -> str:
    """`captcha` where one shows, else the title of the page."""
    return str(browser.page.evaluate(_SIGN))


def in_the_way(browser: Browser) -> EngineFailure | None:
    """Why nothing goes on here, when a CAPTCHA came up after the page had opened."""
    try:
        if sign(browser) != CAPTCHA:
            return None
    except browser.playwright_error:
        return None  # the page is just changing: what failed tells of itself
    return EngineFailure("blocked-by-site", details={"url": browser.shown_url(), "status": 200, "reason": CAPTCHA})
