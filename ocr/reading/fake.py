"""An engine for tests: it reads nothing, or exactly what it was told."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ocr.pages.page import Picture
from ocr.values import PageText


class FakeReader:
    """Answers every picture by `answer`, a page without lines when none is given."""

    name = "fake"
    batch = 4

    def __init__(self, answer: Callable[[Picture], PageText] | None = None) -> None:
        self._answer = answer or _nothing
        self.seen: list[Picture] = []

    def read(self, pictures: Sequence[Picture]) -> list[PageText]:
        self.seen += pictures
        return [self._answer(picture) for picture in pictures]


def _nothing(picture: Picture) -> PageText:
    return PageText(picture.number, picture.width, picture.height, (), "ocr")
