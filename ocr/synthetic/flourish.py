"""What stands on paper beside text: logos, stamps, signatures, bar codes, punch holes."""

from __future__ import annotations

import math
from random import Random
from typing import Literal

from ocr.synthetic.fonts import families
from ocr.synthetic.scene import Colour, Mark, Shape
from ocr.synthetic.sheet import Sheet

RED: Colour = (205, 45, 40)
INK: Colour = (30, 40, 130)


def logo(sheet: Sheet, x: float, y: float, size: float, colour: Colour, rng: Random) -> float:
    """A sign of simple shapes, `size` high. Returns its right end."""
    kind = rng.randrange(4)
    if kind == 0:
        sheet.put(Shape("ellipse", ((x, y), (x + size, y + size)), None, colour))
        sheet.put(
            Shape(
                "ellipse",
                ((x + size * 0.3, y + size * 0.3), (x + size * 0.7, y + size * 0.7)),
                None,
                (255, 255, 255),
            )
        )
    elif kind == 1:
        for i in range(3):
            sheet.put(
                Shape(
                    "rect",
                    (
                        (x + i * size * 0.36, y + size * 0.25 * i),
                        (x + i * size * 0.36 + size * 0.26, y + size),
                    ),
                    None,
                    colour,
                )
            )
    elif kind == 2:
        corners = [(x, y + size), (x + size / 2, y), (x + size, y + size), (x, y + size)]
        sheet.put(Shape("path", tuple(corners), colour, None, 2.5))
    else:
        sheet.put(Shape("rect", ((x, y), (x + size, y + size)), None, colour))
        sheet.put(
            Shape(
                "ellipse",
                ((x + size * 0.2, y + size * 0.2), (x + size * 0.8, y + size * 0.8)),
                (255, 255, 255),
                None,
                1.6,
            )
        )
    return x + size * 1.1


def seal(sheet: Sheet, x: float, y: float, text: str, size: float, rng: Random) -> None:
    """A red company seal over what is printed, centred on `x`, `y`."""
    half = size / 2
    kind: Literal["ellipse", "rect"] = "ellipse" if rng.random() < 0.5 else "rect"
    sheet.put(Shape(kind, ((x - half, y - half), (x + half, y + half)), RED, None, 1.4), over=True)
    letters = [c for c in text if not c.isspace()][:4]
    family = families(any(ord(c) > 0x1100 for c in text))[0]
    step = size * 0.34
    for i, letter in enumerate(letters):
        dx, dy = (i % 2 - 0.5) * step * -1, (i // 2 - 0.5 * (len(letters) > 2)) * step
        sheet.say(
            letter,
            x + dx,
            y + dy - step * 0.4,
            size=step * 0.95,
            align="c",
            colour=RED,
            family=family,
            over=True,
            mark=Mark("other"),
        )


def rubber_stamp(sheet: Sheet, x: float, y: float, text: str, rng: Random) -> None:
    """A word in a frame, such as PAID or RECEIVED."""
    colour = rng.choice((RED, INK))
    size = rng.uniform(12, 20)
    width = sheet.measure(text, size, True) + 12
    sheet.put(Shape("rect", ((x, y), (x + width, y + size * 1.5)), colour, None, 1.6), over=True)
    sheet.say(text, x + width / 2, y + size * 0.22, size=size, bold=True, align="c", colour=colour, over=True)


def signature(sheet: Sheet, x: float, y: float, width: float, rng: Random) -> None:
    """A pen stroke."""
    points, phase = [], rng.uniform(0, 6)
    for i in range(40):
        t = i / 39
        rise = math.sin(t * 22 + phase) * (1 - t) * 9 + math.sin(t * 7 + phase) * 5
        points.append((x + t * width + math.sin(t * 30) * 3, y + rise))
    sheet.put(Shape("path", tuple(points), INK, None, 0.9), over=True)


def barcode(sheet: Sheet, x: float, y: float, width: float, height: float, rng: Random) -> None:
    """Bars without a meaning."""
    at = x
    while at < x + width:
        thick = rng.choice((0.8, 1.2, 2.0))
        sheet.put(Shape("rect", ((at, y), (at + thick, y + height)), None, (0, 0, 0)))
        at += thick + rng.choice((0.9, 1.4, 2.2))


def matrix_code(sheet: Sheet, x: float, y: float, size: float, rng: Random) -> None:
    """A square of dots that looks like a QR code."""
    cells = 21
    unit = size / cells
    for row in range(cells):
        for column in range(cells):
            if rng.random() < 0.45:
                sheet.put(
                    Shape(
                        "rect",
                        (
                            (x + column * unit, y + row * unit),
                            (x + (column + 1) * unit, y + (row + 1) * unit),
                        ),
                        None,
                        (0, 0, 0),
                    )
                )
