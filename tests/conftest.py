"""Shared by all tests. `--update` rewrites golden files and generated pages; without it they are checked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

Golden = Callable[[Path, str], None]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update", action="store_true", help="Rewrite golden files and generated pages instead of checking."
    )


@pytest.fixture
def updating(request: pytest.FixtureRequest) -> bool:
    """Whether golden files are rewritten."""
    return bool(request.config.getoption("--update"))


@pytest.fixture
def golden(updating: bool) -> Iterator[Golden]:
    """`golden(path, text)`: `text` must equal the file. With `--update` the file is written."""

    def check(path: Path, text: str) -> None:
        if updating:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
            return
        assert path.is_file(), f"{path} is missing: run pytest --update and look at what it writes"
        assert text == path.read_text("utf-8"), (
            f"{path} differs: run pytest --update and look at the difference"
        )

    yield check
