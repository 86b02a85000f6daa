"""What is read again on a screen: other text, not the same text in other colours."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from bots.desktop.changes import changed_boxes
from bots.desktop.geometry import Box
from bots.desktop.screen import Pixels
from bots.desktop.texts import ScreenText, Seen
from tests.bots.desktop.lookalikes import FONTS

pytestmark = pytest.mark.skipif(
    not all(Path(f).exists() for f in FONTS), reason="the fonts of the drawn screens are not installed"
)
Colour = tuple[int, int, int]
BLACK, WHITE, GREY = (0, 0, 0), (255, 255, 255), (150, 150, 150)
PAPER = (246, 245, 244)


def drawn(text: str, ink: Colour = BLACK, paper: Colour = PAPER, size: tuple[int, int] = (400, 90)) -> Pixels:
    image = Image.new("RGB", size, paper)
    font = ImageFont.truetype(FONTS[0], 13)
    ImageDraw.Draw(image).text((20, 30), text, fill=ink, font=font)
    return np.asarray(image, np.uint8).copy()


@pytest.mark.parametrize(("ink", "paper"), [(GREY, PAPER), (BLACK, (225, 222, 219)), ((60, 90, 140), PAPER)])
def test_the_same_text_in_other_colours_is_no_change(ink: Colour, paper: Colour) -> None:
    assert changed_boxes(drawn("Amount 1,234.50"), drawn("Amount 1,234.50", ink, paper)) == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("1.234", "1,234"),
        ("Amount 880", "Amount 380"),
        ("Save", "Save as"),
        ("", "OK"),
        ("OK", ""),
        ("Total -5", "Total +5"),
        ("Il1", "I11"),
        ("rn", "m"),
        ("e", "é"),
    ],
)
@pytest.mark.parametrize(("ink", "paper"), [(BLACK, PAPER), (GREY, (225, 222, 219))])
def test_another_text_is_a_change_in_any_colour(before: str, after: str, ink: Colour, paper: Colour) -> None:
    assert changed_boxes(drawn(before), drawn(after, ink, paper))


def test_text_that_faded_to_nearly_nothing_is_a_change() -> None:
    assert changed_boxes(drawn("Save"), drawn("Save", ink=(230, 229, 228)))


def test_a_gradient_in_other_colours_is_no_change() -> None:
    run = np.linspace(0, 60, 90, dtype=np.uint8)[:, None, None]
    before, after = drawn("", paper=(100, 100, 100)) + run, drawn("", paper=(180, 190, 195)) + run
    assert changed_boxes(before, after) == []


class _Counting:
    """Eyes that tell what they were shown."""

    def __init__(self) -> None:
        self.shown: list[tuple[int, ...]] = []

    def read(self, pictures: Sequence[Pixels]) -> list[list[Seen]]:
        self.shown += [p.shape for p in pictures]
        return [[Seen("Amount", Box(20, 30, 60, 16), 1.0)] for _ in pictures]


def test_a_window_that_lost_the_keyboard_is_not_read_again() -> None:
    eyes = _Counting()
    reader = ScreenText(eyes)
    reader.look(drawn("Amount"))
    assert reader.look(drawn("Amount", GREY, WHITE))[0].text == "Amount"
    assert len(eyes.shown) == 1
    reader.look(drawn("Account", GREY, WHITE))
    assert len(eyes.shown) == 2
