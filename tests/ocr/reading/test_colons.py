"""Colons beside the detector's boxes are taken in, other print is not."""

from __future__ import annotations

import numpy as np
import pytest

from ocr.reading.batched.colons import with_colons

QUAD = np.array([[60, 40], [160, 40], [160, 64], [60, 64]], np.float32)


def page(*boxes: tuple[int, int, int, int]) -> np.ndarray:
    pixels = np.full((120, 300, 3), 250, np.uint8)
    pixels[44:60, 64:156] = 20
    for x0, y0, x1, y1 in boxes:
        pixels[y0:y1, x0:x1] = 20
    return pixels


COLON = ((168, 46, 171, 49), (168, 55, 171, 58))
BEFORE = ((46, 46, 49, 49), (46, 55, 49, 58))


def test_a_colon_on_either_side_is_taken_in() -> None:
    (after,) = with_colons(page(*COLON), [QUAD])
    assert 171 < after[1, 0] < 176 and after[0, 0] == 60
    (before,) = with_colons(page(*BEFORE), [QUAD])
    assert 41 < before[0, 0] < 46 and before[1, 0] == 160


@pytest.mark.parametrize(
    "boxes",
    [
        (),
        ((168, 50, 171, 53),),  # a dot
        ((168, 36, 170, 70),),  # a rule
        (*COLON, (173, 44, 178, 60)),  # print that goes on
        ((168, 44, 176, 60), (180, 44, 188, 60)),  # letters
    ],
)
def test_nothing_else_is(boxes: tuple[tuple[int, int, int, int], ...]) -> None:
    (made,) = with_colons(page(*boxes), [QUAD])
    assert np.array_equal(made, QUAD)


def test_a_colon_of_another_line_stays_there() -> None:
    other = np.array([[165, 40], [250, 40], [250, 64], [165, 64]], np.float32)
    (made, _) = with_colons(page(*COLON), [QUAD, other])
    assert np.array_equal(made, QUAD)
