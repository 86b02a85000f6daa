"""Filling forms."""

from __future__ import annotations

from decimal import Decimal

from bots.base import Context
from bots.browser.bot import Browser
from bots.browser.choosing import Choosing, fill_and_choose, set_checked
from bots.browser.failures_of import TAKEN
from bots.browser.filling import Filling
from bots.browser.target import Target
from bots.browser.values import Text, shown
from flows.action import action
from flows.data import Secret

CHOSEN = {**TAKEN, "option-missing": "application"}


@action(
    "browser.fill",
    acts="screen",
    fails=CHOSEN,
    examples=(
        "browser.fill: {target: Invoice number, text: '${bill.fields.invoice_number}'}",
        "browser.fill: {target: {label: Supplier}, text: Kim, choose: Kim & Partner GmbH}",
    ),
)
def fill(
    browser: Browser,
    ctx: Context,
    *,
    target: Target,
    text: Text,
    choose: str | bool | None = None,
    typed: bool = False,
    check: bool = True,
) -> None:
    """Puts a value into a field and reads it back: what stands there must be the value, at most formatted.

    Copes with fields that swap when entered, masks and rich text; a date is picked in the calendar of a field
    that takes no typing. `choose` takes a suggestion that the page
    offers while one types: `true` the one that reads as the text itself, or the one named. `typed` types
    key by key from the start. `check: false` leaves out the reading back, for fields that turn the value into
    something else.
    """
    if choose:
        choice = shown(text) if choose is True else str(choose)
        fill_and_choose(browser, ctx, target, text if isinstance(text, Secret) else shown(text), choice)
    else:
        Filling(browser, ctx, target, text).fill(typed=typed, check=check)


@action("browser.clear", main="target", acts="screen", fails=TAKEN)
def clear(browser: Browser, ctx: Context, *, target: Target) -> None:
    """Empties a field."""
    Filling(browser, ctx, target, "").fill()


@action(
    "browser.select",
    acts="screen",
    fails=CHOSEN,
    examples=(
        "browser.select: {target: Currency, option: EUR}",
        "browser.select: {target: Tags, option: [Rent, Office]}",
    ),
)
def select(
    browser: Browser, ctx: Context, *, target: Target, option: str | int | Decimal | list[str]
) -> str | list[str]:
    """Chooses one or more options of a list by their text (or value), native or built by a script.

    Waits for options that arrive later. Returns what was chosen.
    """
    many = option if isinstance(option, list) else [shown(option)]
    chosen = Choosing(browser, ctx, target, many).choose()
    return chosen if isinstance(option, list) else chosen[0]


@action("browser.check", main="target", acts="screen", fails=TAKEN)
def check(browser: Browser, ctx: Context, *, target: Target, on: bool = True) -> None:
    """Ticks a box, turns a switch on, picks a radio button; `on: false` does the opposite.

    Nothing happens when it already stands so.
    """
    set_checked(browser, ctx, target, on)


@action("browser.uncheck", main="target", acts="screen", fails=TAKEN)
def uncheck(browser: Browser, ctx: Context, *, target: Target) -> None:
    """Takes the tick out of a box."""
    set_checked(browser, ctx, target, on=False)


@action(
    "browser.totp",
    main="target",
    acts="screen",
    fails=TAKEN,
    examples=('browser.totp: {target: Code, secret: "${secrets.erp_totp}"}',),
)
def totp(
    browser: Browser, ctx: Context, *, target: Target, secret: Secret | str, digits: int = 6, period: int = 30
) -> None:
    """Types the present one-time code (RFC 6238) of a secret in base32, as an authenticator app shows it.
    Shortly before a code ends it waits for the next one."""
    from bots.browser.totp import fresh_code

    code = fresh_code(shown(secret), digits, period, lambda seconds: browser.page.wait_for_timeout(seconds * 1000))
    ctx.mask(code)
    Filling(browser, ctx, target, Secret("one-time code", code)).fill()
