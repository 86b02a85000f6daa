"""From beliefs to values."""

from __future__ import annotations

import numpy as np

from ocr.layout.encode import Encoded, encode
from ocr.layout.page import PageView, Token, arrange
from ocr.layout.runtime import Beliefs
from ocr.layout.spans import header_values, item_rows
from ocr.layout.tags import INDEX, PARTS, ROLES, TAGS


def _page(lines: list[tuple[str, float, float]]) -> tuple[PageView, Encoded]:
    made, key = [], 0
    for text, x, y in lines:
        tokens = []
        for word in text.split():
            tokens.append(Token(word, x, y, x + 6.0 * len(word), y + 10, key))
            x, key = x + 6.0 * len(word) + 4, key + 1
        made.append(tokens)
    view = arrange(made)
    return view, encode(view, "receipt")


def _believing(
    page: Encoded, tags: dict[str, str], begins: set[str] = frozenset(), rows: set[str] = frozenset()
) -> Beliefs:
    texts = [t.text for t in page.tokens]
    belief = np.full((len(texts), len(TAGS)), 0.1 / len(TAGS), dtype=np.float32)
    for i, text in enumerate(texts):
        belief[i, INDEX[tags.get(text, "O")]] = 0.9
    marks = [
        np.array([0.9 if t in chosen else 0.05 for t in texts], dtype=np.float32) for chosen in (begins, rows)
    ]
    flat = [np.full((len(texts), len(names)), 1 / len(names), dtype=np.float32) for names in (ROLES, PARTS)]
    return Beliefs(belief, flat[0], flat[1], marks[0], marks[1])


def test_an_address_goes_on_below_until_another_begins() -> None:
    view, page = _page([("5 Mill Lane", 20, 20), ("Leeds LS1", 20, 34), ("9 Oak Road", 20, 48)])
    tags = {t.text: "supplier_address" for t in page.tokens}
    found = header_values(view, page, _believing(page, tags, begins={"5", "9"}))["supplier_address"]
    texts = sorted(" ".join(page.tokens[i].text for i in f.words) for f in found)
    assert texts == ["5 Mill Lane Leeds LS1", "9 Oak Road"]


def test_a_doubted_word_inside_a_name_stays_in_it() -> None:
    view, page = _page([("ACME of Borneo Trading", 20, 20)])
    tags = dict.fromkeys(("ACME", "Borneo", "Trading"), "supplier_name")
    found = header_values(view, page, _believing(page, tags, begins={"ACME"}))["supplier_name"]
    assert len(found[0].words) == 4 and found[0].weakest < 0.1


def test_amounts_of_two_lines_are_two_candidates() -> None:
    view, page = _page([("Total", 20, 20), ("9.00", 200, 20), ("Rounded", 20, 40), ("9.05", 200, 40)])
    found = header_values(view, page, _believing(page, {"9.00": "gross", "9.05": "gross"}))["gross"]
    assert {page.tokens[f.words[0]].text for f in found} == {"9.00", "9.05"}


def test_line_items_are_parted_where_one_starts() -> None:
    lines = [
        ("Blue pen", 20, 20),
        ("2", 200, 20),
        ("3.00", 300, 20),
        ("fine tip", 20, 32),
        ("Paper", 20, 46),
        ("1", 200, 46),
        ("8.00", 300, 46),
    ]
    view, page = _page(lines)
    tags = {
        "Blue": "row_description",
        "pen": "row_description",
        "fine": "row_description",
        "tip": "row_description",
        "Paper": "row_description",
    }
    tags |= {"2": "row_quantity", "1": "row_quantity", "3.00": "row_amount", "8.00": "row_amount"}
    items = item_rows(view, page, _believing(page, tags, rows={"Blue", "Paper"}))
    assert [" ".join(page.tokens[i].text for i in item["row_description"].words) for item in items] == [
        "Blue pen fine tip",
        "Paper",
    ]
    assert all({"row_quantity", "row_amount"} <= set(item) for item in items)


def test_nothing_believed_nothing_found() -> None:
    view, page = _page([("hello there", 20, 20)])
    assert (
        header_values(view, page, _believing(page, {})) == {}
        and item_rows(view, page, _believing(page, {})) == []
    )
