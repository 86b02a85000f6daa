"""Geometry and numbers before the network: order, stretches, hashing, amounts."""

from __future__ import annotations

import numpy as np

from ocr.layout.encode import LIMIT, ROWS, SLOTS, amount_of, amount_relations, encode, shape, text_rows
from ocr.layout.page import Token, arrange
from ocr.layout.runtime import windows


def _line(text: str, x: float, y: float, key: int, height: float = 10.0) -> list[Token]:
    tokens = []
    for word in text.split():
        tokens.append(Token(word, x, y, x + 6.0 * len(word), y + height, key))
        x, key = x + 6.0 * len(word) + 4, key + 1
    return tokens


def _texts(stretches: tuple[tuple[Token, ...], ...]) -> list[str]:
    return [" ".join(t.text for t in s) for s in stretches]


def test_rows_run_from_the_top_and_stretches_from_the_left() -> None:
    lines = [_line("Total 9.00", 20, 60, 0), _line("Date 1/2/2024", 200, 20, 2), _line("ACME Ltd", 20, 21, 4)]
    view = arrange(lines)
    assert _texts(view.stretches) == ["ACME Ltd", "Date 1/2/2024", "Total 9.00"]
    assert view.rows == (0, 0, 1)


def test_a_line_with_a_wide_gap_becomes_two_stretches_and_close_ones_one() -> None:
    wide = [*_line("Total", 20, 20, 0), *_line("9.00", 300, 20, 1)]
    assert _texts(arrange([wide]).stretches) == ["Total", "9.00"]
    close = [_line("SDN", 20, 20, 0), _line("BHD", 42, 20.5, 1)]
    assert _texts(arrange(close).stretches) == ["SDN BHD"]


def test_arranging_is_independent_of_the_given_order() -> None:
    lines = [_line(f"row {i} words", 20 + (i % 3) * 150, 20 + 15 * (i // 3), i * 3) for i in range(12)]
    assert arrange(lines).stretches == arrange(lines[::-1]).stretches


def test_encoding_has_a_fixed_form_and_survives_scaling() -> None:
    lines = [_line("ACME Trading Ltd", 20, 20, 0), _line("Total RM 1,234.50", 20, 60, 3)]
    bigger = [[Token(t.text, 3 * t.x0, 3 * t.y0, 3 * t.x1, 3 * t.y1, t.key) for t in line] for line in lines]
    first, second = encode(arrange(lines), "receipt"), encode(arrange(bigger), "receipt")
    assert first.ids.shape == (6, SLOTS) and first.ids.max() < ROWS and (first.ids[:, 0] > 0).all()
    assert np.array_equal(first.ids, second.ids) and np.array_equal(first.boxes, second.boxes)
    assert not np.array_equal(first.ids, encode(arrange(lines), "invoice").ids)


def test_digits_do_not_tell_words_apart_but_letters_do() -> None:
    assert text_rows("12/05/2018") == text_rows("30/11/2025")
    assert text_rows("TOTAL")[0] == text_rows("Total")[0]
    assert text_rows("합계") != text_rows("할인")
    assert shape("Inv-2024/7") == "Xxx-0000/0" and shape("Inv-2024/7", short=True) == "Xx-0/0"


def test_amounts_are_read_in_any_notation() -> None:
    cases = {
        "1,234.50": 1234.5,
        "1.234,50": 1234.5,
        "RM9.00": 9.0,
        "9,000원": 9000.0,
        "€12,30": 12.3,
        "1 234,00": 1234.0,
    }
    assert {text: amount_of(text) for text in cases} == cases
    assert all(amount_of(text) is None for text in ("2024", "12/05/2018", "No.5", "A4", "03-12345678"))


def test_amounts_that_add_up_are_known_to_do_so() -> None:
    related = amount_relations([100.0, 6.0, 106.0, 150.0, None, 44.0])
    assert related[4] == [] and len({tuple(r) for r in related if r}) >= 3
    assert related[2] != amount_relations([100.0, 7.0, 106.0, 151.0, None, 45.0])[2]


def test_windows_cover_every_word_once() -> None:
    for count in (1, LIMIT, LIMIT + 1, 3 * LIMIT + 17):
        owner = np.zeros(count, dtype=int)
        for start, end, keep in windows(count):
            assert end - start <= LIMIT and start <= keep <= end
            owner[keep:end] += 1
        assert (owner >= 1).all()


def test_an_empty_page_is_no_trouble() -> None:
    assert encode(arrange([]), "invoice").ids.shape == (0, SLOTS)
