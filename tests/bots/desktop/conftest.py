"""One display for each test module, one program for each test, displays of a range of its own."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bots.desktop.actions import MODULES
from bots.desktop.bot import Desktop
from flows.action import Catalog
from tests.bots.fakes import Doing, FakeContext

NEEDED = ("Xvfb", "openbox", "dbus-daemon", "xclip")
FIRST, LAST = (int(n) for n in os.environ.get("RPA_TEST_DISPLAYS", "70-89").split("-"))


def options(**changed: Any) -> dict[str, Any]:
    """The settings of the desktop in tests."""
    return {"first_display": FIRST, "last_display": LAST, **changed}


def needs(*programs: str) -> pytest.MarkDecorator:
    """Skips where a program is not installed."""
    missing = [p for p in programs if shutil.which(p) is None]
    return pytest.mark.skipif(bool(missing), reason=f"not installed: {', '.join(missing)}")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    missing = [p for p in NEEDED if shutil.which(p) is None]
    for item in items:
        if {"desktop", "display", "running", "another"} & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.desktop)
            item.add_marker(pytest.mark.xdist_group("desktop"))
            if missing:
                item.add_marker(pytest.mark.skip(reason=f"not installed: {', '.join(missing)}"))


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    from importlib import import_module

    return Catalog.of_modules([import_module(name) for name in MODULES])


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desktop]:
    bot = Desktop()
    bot.open(FakeContext(tmp_path_factory.mktemp("desktop"), desktop=options()))
    yield bot
    bot.close()


@pytest.fixture
def ctx(tmp_path: Path) -> FakeContext:
    return FakeContext(tmp_path, desktop=options())


@pytest.fixture
def desktop(running: Desktop, ctx: FakeContext) -> Desktop:
    running.reset()
    running.use(ctx)
    return running


@pytest.fixture
def do(desktop: Desktop, ctx: FakeContext, catalog: Catalog) -> Doing:
    return Doing(catalog, desktop, ctx)


@pytest.fixture
def another(tmp_path: Path, catalog: Catalog) -> Iterator[Callable[..., Doing]]:
    """Makes a desktop with other settings."""
    made: list[Desktop] = []

    def make(**changed: Any) -> Doing:
        ctx = FakeContext(tmp_path, desktop=options(**changed))
        bot = Desktop()
        made.append(bot)
        bot.open(ctx)
        return Doing(catalog, bot, ctx)

    yield make
    for bot in made:
        bot.close()
