"""Screens with two or more similar buttons, drawn, with the truth beside them.

Each screen has a target that names several things or nearly so, and an anchor that leaves one.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from bots.desktop.geometry import Box

FONTS = (
    "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
    "/usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf",
    "/usr/share/fonts/truetype/liberation/LiberationSans-Regular.ttf",
    "/usr/share/fonts/truetype/liberation/LiberationSerif-Regular.ttf",
    "/usr/share/fonts/truetype/nanum/NanumGothic.ttf",
)
THEMES = (
    ((240, 240, 240), (225, 225, 225), (20, 20, 20), (150, 150, 150)),
    ((255, 255, 255), (53, 132, 228), (255, 255, 255), (53, 132, 228)),
    ((46, 52, 54), (72, 80, 84), (238, 238, 236), (20, 24, 26)),
    ((250, 247, 240), (250, 247, 240), (60, 40, 20), (170, 150, 120)),
    ((212, 208, 200), (212, 208, 200), (0, 0, 0), (128, 128, 128)),
)
LOOKALIKES = (
    ("Save", "Save as", "Saved"),
    ("Post", "Post all", "Past"),
    ("Delete", "Deleted", "Delete all"),
    ("Open", "Opens", "Reopen"),
    ("Invoice 10", "Invoice 100", "Invoice 16"),
    ("Print", "Reprint", "Point"),
    ("Send", "Send later", "Sand"),
    ("Apply", "Supply", "Apply to all"),
)
ROWS = (
    "Invoice 4711",
    "Order 2201",
    "Credit note 93",
    "Reminder 58",
    "Quote 312",
    "Contract 77",
    "Receipt 640",
)


@dataclass(frozen=True, slots=True)
class Screen:
    """`pixels` RGB; `words` on the wanted button; `right` is it; `others` are buttons that may never be clicked;
    `anchor` is the text that stands left of the right one; `doubles` says that several carry the same words."""

    pixels: NDArray[np.uint8]
    words: str
    right: Box
    others: tuple[Box, ...]
    anchor: str
    doubles: bool


def draw(seed: int, width: int = 760, height: int = 420) -> Screen:
    """A list of three to five rows with a button each: equal ones (odd seeds) or similar ones (even)."""
    chance = random.Random(seed)
    back, face, ink, edge = chance.choice(THEMES)
    image = Image.new("RGB", (width, height), back)
    pen = ImageDraw.Draw(image)
    font = ImageFont.truetype(chance.choice(FONTS), chance.randint(13, 19))
    family = chance.choice(LOOKALIKES)
    count = chance.randint(3, 5)
    doubles = seed % 2 == 1
    words = [family[0]] * count if doubles else _similar(chance, family, count)
    rows = chance.sample(ROWS, count)
    boxes, top = [], chance.randint(20, 50)
    right = words.index(family[0]) if not doubles else chance.randrange(count)
    ink_on_back = ink if sum(back) > 380 or back != face else (238, 238, 236)
    if sum(back) > 600:
        ink_on_back = (20, 20, 20)
    for row, text in zip(rows, words, strict=True):
        pen.text((30, top + 6), row, ink_on_back, font)
        boxes.append(_button(pen, font, text, 300 + chance.randint(0, 40), top, face, ink, edge))
        top += chance.randint(52, 72)
    others = tuple(b for i, b in enumerate(boxes) if i != right)
    return Screen(np.asarray(image, np.uint8), family[0], boxes[right], others, rows[right], doubles)


def _similar(chance: random.Random, family: tuple[str, ...], count: int) -> list[str]:
    words = [family[0], *(chance.choice(family[1:]) for _ in range(count - 1))]
    chance.shuffle(words)
    return words


def _button(
    pen: ImageDraw.ImageDraw,
    font: ImageFont.FreeTypeFont,
    text: str,
    x: int,
    y: int,
    face: tuple[int, int, int],
    ink: tuple[int, int, int],
    edge: tuple[int, int, int],
) -> Box:
    left, top, right, bottom = font.getbbox(text)
    box = Box(x, y, round(right - left) + 32, round(bottom - top) + 18)
    pen.rounded_rectangle((box.x, box.y, box.right, box.bottom), 4, fill=face, outline=edge)
    pen.text((box.x + 16 - left, box.y + 9 - top), text, ink, font)
    return box
