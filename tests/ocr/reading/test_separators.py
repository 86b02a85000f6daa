"""Signs of amounts that two readers of a Korean line see differently."""

from __future__ import annotations

import numpy as np
import pytest

from ocr.reading.batched.separators import with_likelier_signs
from ocr.reading.lines import ReadLine, Span, spans_of

QUAD = np.array([[0, 0], [90, 0], [90, 20], [0, 20]], np.float32)


def letters(text: str, score: float) -> tuple[Span, ...]:
    return tuple(Span(char, i / 40, (i + 1) / 40, score) for i, char in enumerate(text.replace(" ", "")))


def line(text: str, score: float) -> ReadLine:
    return ReadLine(QUAD, spans_of(text, score), score, letters=letters(text, score))


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("2 * 1.900", "2 * 1,900", "2 * 1,900"),
        ("1.354.760 원", "1,354,760 원", "1,354,760 원"),
        ("1.354,760", "1,354.760", "1,354,760"),
        ("2018.10.24", "2018,10,24", "2018.10.24"),
        ("4.75 22.5", "4,75 22,5", "4.75 22.5"),
        ("1.9000", "1,9000", "1.9000"),
        ("1.900", "1.900", "1.900"),
        ("1.900", "11,900", "1.900"),
        ("2015.11,15", "2015.11.15", "2015.11.15"),
        ("www.han.co,kr", "www.han.co.kr", "www.han.co.kr"),
        ("11,44 1,234", "11.44 1.234", "11.44 1,234"),
        ("마로 52, 11층", "마로 52. 11층", "마로 52, 11층"),
        ("9,500W", "9,500₩", "9,500₩"),
        ("W 9,500", "₩ 9,500", "W 9,500"),
        ("KRW9,500", "KR₩9,500", "KRW9,500"),
    ],
)
def test_the_likelier_sign_of_either_reading_is_taken(first: str, second: str, expected: str) -> None:
    made = with_likelier_signs(line(first, 0.9), letters(second, 0.7))
    assert made.text == expected
    assert "".join(letter.text for letter in made.letters) == expected.replace(" ", "")


def test_the_far_surer_point_stands() -> None:
    sure = line("10.540", 0.99)
    assert with_likelier_signs(sure, letters("10,540", 0.53)) is sure


def test_a_line_without_letters_stays_as_it_is() -> None:
    bare = ReadLine(QUAD, spans_of("1.900", 0.9), 0.9)
    assert with_likelier_signs(bare, letters("1,900", 0.9)) is bare
