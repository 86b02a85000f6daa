"""One browser for each test module, one empty context for each test, one awkward site for all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bots.browser.actions import data, fields, files, keyboard, navigation, pointer, reading, session
from bots.browser.bot import Browser
from bots.browser.launch import find_browser
from flows.action import Catalog
from tests.bots.browser.site import serving
from tests.bots.fakes import Doing, FakeContext

CATALOG = Catalog.of_modules([navigation, pointer, keyboard, fields, reading, files, session, data])


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    missing = find_browser() is None
    for item in items:
        if "do" in getattr(item, "fixturenames", ()) or "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)
            if missing:
                item.add_marker(pytest.mark.skip(reason="no Chromium, Chrome or Edge is installed"))


@pytest.fixture(scope="session")
def site() -> Iterator[str]:
    with serving() as address:
        yield address


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    bot = Browser()
    bot.open(FakeContext(tmp_path_factory.mktemp("browser")))
    yield bot
    bot.close()


@pytest.fixture
def ctx(tmp_path: Path) -> FakeContext:
    return FakeContext(tmp_path)


@pytest.fixture
def browser(running: Browser, ctx: FakeContext) -> Browser:
    running.reset()
    running.use(ctx)
    return running


@pytest.fixture
def do(browser: Browser, ctx: FakeContext) -> Doing:
    return Doing(CATALOG, browser, ctx)


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Callable[..., Doing]]:
    """Starts browsers with settings of their own."""
    bots: list[Browser] = []

    def start(**options: Any) -> Doing:
        ctx = FakeContext(tmp_path, **options)
        bot = Browser()
        bots.append(bot)
        bot.open(ctx)
        return Doing(CATALOG, bot, ctx)

    yield start
    for bot in bots:
        bot.close()
