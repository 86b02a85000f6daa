"""Stamps that print crosses, faded ones and frames: marked on pages drawn here, and nothing of them is read."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from ocr.pages import Picture
from ocr.reading.lines import FoundMark, ReadLine, Span, spans_of
from ocr.reading.marks import marks_of

PAPER, SEAL, PRINT = 235, 120, 30
MIDDLE, RADIUS = (620, 400), 31
"""A seal of 10 mm on A4 at 150 dots an inch."""


def page() -> NDArray[np.uint8]:
    return np.full((1754, 1240, 3), PAPER, np.uint8)


def write(pixels: NDArray[np.uint8], text: str, x: int, baseline: int, level: int = PRINT, size: float = 0.8) -> None:
    cv2.putText(pixels, text, (x, baseline), cv2.FONT_HERSHEY_SIMPLEX, size, (level,) * 3, 2, cv2.LINE_AA)


def seal(pixels: NDArray[np.uint8], round_: bool, colour: tuple[int, int, int]) -> None:
    x, y = MIDDLE
    if round_:
        cv2.circle(pixels, MIDDLE, RADIUS, colour, 3, cv2.LINE_AA)
    else:
        cv2.rectangle(pixels, (x - RADIUS, y - RADIUS), (x + RADIUS, y + RADIUS), colour, 3)
    for text, at in (("A", (-20, -4)), ("H", (4, -4)), ("E", (-20, 20)), ("T", (4, 20))):
        cv2.putText(pixels, text, (x + at[0], y + at[1]), cv2.FONT_HERSHEY_SIMPLEX, 0.6, colour, 1, cv2.LINE_AA)


def line(x0: float, y0: float, x1: float, y1: float, text: str, scores: list[float]) -> ReadLine:
    """A line whose characters share its width evenly."""
    quad = np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]], np.float32)
    places = [i for i, char in enumerate(text) if char != " "]
    letters = tuple(
        Span(text[i], i / len(text), (i + 1) / len(text), score) for i, score in zip(places, scores, strict=True)
    )
    return ReadLine(quad, spans_of(text, 0.9), float(np.mean(scores)), letters=letters)


def crossed(round_: bool = True, colour: tuple[int, int, int] = (SEAL,) * 3) -> NDArray[np.uint8]:
    """A seal, and print across its lower half."""
    pixels = page()
    seal(pixels, round_, colour)
    write(pixels, "Seoul Mapo-gu Yangjiro 24, 3F", 430, MIDDLE[1] + 30)
    return pixels


def stamps(marks: list[FoundMark]) -> list[tuple[int, int, int, int]]:
    return [mark.box for mark in marks if mark.kind == "stamp"]


@pytest.mark.parametrize("round_", [True, False])
@pytest.mark.parametrize("colour", [(SEAL,) * 3, (205, 45, 40)])
def test_a_seal_that_print_crosses_is_found(round_: bool, colour: tuple[int, int, int]) -> None:
    _, marks = marks_of(Picture(1, crossed(round_, colour)), [])
    (box,) = stamps(marks)
    wanted = (MIDDLE[0] - RADIUS, MIDDLE[1] - RADIUS, MIDDLE[0] + RADIUS, MIDDLE[1] + RADIUS)
    assert max(abs(a - b) for a, b in zip(box, wanted, strict=True)) <= 8


def test_a_printed_line_keeps_all_but_what_was_guessed_in_the_seal() -> None:
    """In the seal's place, x 589 to 651: characters 16 to 21 of 10 pixels each, from x 430."""
    text = "Seoul Mapo-gu Yan@@ro 24"
    scores = [0.4 if char == "@" else 0.99 for char in text if char != " "]
    printed = line(430, 410, 430 + 10 * len(text), 434, text, scores)
    (kept,), _ = marks_of(Picture(1, crossed()), [printed])
    assert kept.kind == "print"
    assert kept.text == "Seoul Mapo-gu Yan ro 24"
    assert [kept.spans[i] for i in (0, 1, -1)] == [printed.spans[i] for i in (0, 1, -1)]


def test_an_unsure_character_away_from_marks_stays() -> None:
    text = "Seoul M@po-gu"
    scores = [0.3 if char == "@" else 0.99 for char in text if char != " "]
    (kept,), _ = marks_of(Picture(1, crossed()), [line(430, 410, 560, 434, text, scores)])
    assert kept.text == text


def test_a_lone_character_between_guesses_goes_with_them() -> None:
    inside = line(430, 410, 690, 434, "Seoul Mapo-gu Ya@n@iro 24,", [0.99] * 14 + [0.3, 0.95, 0.3] + [0.99] * 6)
    (kept,), _ = marks_of(Picture(1, crossed()), [inside])
    assert kept.text == "Seoul Mapo-gu Ya iro 24,"


@pytest.mark.parametrize(("text", "score", "said"), [("AH", 0.85, ""), ("AH", 0.95, "AH"), ("A", 0.95, "")])
def test_what_a_seal_says_is_kept_only_where_it_is_sure(text: str, score: float, said: str) -> None:
    inside = line(595, 378, 645, 398, text, [score] * len(text))
    (kept,), _ = marks_of(Picture(1, crossed()), [inside])
    assert (kept.kind, kept.text) == ("stamp", said)


def test_a_faded_seal_in_a_shadow_is_found() -> None:
    pixels = crossed().astype(np.float32)
    faded = PAPER - (PAPER - pixels) * 0.45
    shade = np.linspace(1.0, 0.75, pixels.shape[1])[None, :, None]
    _, marks = marks_of(Picture(1, (faded * shade).astype(np.uint8)), [])
    assert len(stamps(marks)) == 1


def test_a_signature_half_read_as_a_letter_is_marked_whole_and_not_read() -> None:
    pixels = page()
    along = np.arange(200)
    rise = np.sin(along / 12) * 16 * (1 - along / 260)
    points = np.stack([700 + along, 900 + rise], 1).astype(np.int32)
    cv2.polylines(pixels, [points], False, (30, 40, 130), 2, cv2.LINE_AA)
    (kept,), marks = marks_of(Picture(1, pixels), [line(698, 880, 800, 920, "N", [0.75])])
    assert [mark.kind for mark in marks] == ["handwriting"]
    assert marks[0].box[0] < 720 < 880 < marks[0].box[2]
    assert (kept.kind, kept.text) == ("handwriting", "")


def test_the_noise_of_an_empty_page_is_no_mark() -> None:
    noise = np.random.default_rng(3).normal(0, 6, (1754, 1240, 3))
    _, marks = marks_of(Picture(1, (page() + noise).astype(np.uint8)), [])
    assert marks == []


def test_cells_of_a_table_and_a_drawn_triangle_are_no_marks() -> None:
    pixels = page()
    for x in (200, 320):
        cv2.rectangle(pixels, (x, 300), (x + 120, 360), (PRINT,) * 3, 2)
        write(pixels, "24,000", x + 14, 340)
    corners = np.array([[100, 160], [130, 100], [160, 160]], np.int32)
    cv2.polylines(pixels, [corners], True, (50, 60, 160), 4, cv2.LINE_AA)
    _, marks = marks_of(Picture(1, pixels), [])
    assert marks == []


@pytest.mark.parametrize(("size", "text", "count"), [(2.6, "RECEIVED", 1), (0.8, "Reference", 0)])
def test_a_wide_frame_is_a_stamp_if_a_word_fills_it(size: float, text: str, count: int) -> None:
    pixels = page()
    cv2.rectangle(pixels, (400, 700), (790, 790), (70,) * 3, 3)
    (width, height), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, size, 3)
    cv2.putText(pixels, text, (412, 775), cv2.FONT_HERSHEY_SIMPLEX, size, (70,) * 3, 3, cv2.LINE_AA)
    word = line(410, 775 - height - 4, 412 + min(width, 370), 779, text, [0.99] * len(text))
    (kept,), marks = marks_of(Picture(1, pixels), [word])
    assert len(stamps(marks)) == count
    assert kept.text == text
