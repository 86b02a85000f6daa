"""The concrete bots, made when a run first needs them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bots.base import Bot


def _browser() -> Bot:
    from bots.browser.bot import Browser

    return Browser()


def _desktop() -> Bot:
    from bots.desktop.bot import Desktop

    return Desktop()


FACTORIES: Mapping[str, Callable[[], Bot]] = {"browser": _browser, "desktop": _desktop}
