"""Targets over recorded trees: what fits, what is ambiguous, what anchors choose. No display needed."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from bots.desktop.accessible import TreeSearch, column_number
from bots.desktop.driver import TableShape
from bots.desktop.entry import taken
from bots.desktop.fake import FakeDriver
from bots.desktop.target import Target
from bots.desktop.words import same

FORM: list[dict[str, Any]] = [
    {"id": 0, "role": "application", "name": "erp"},
    {"id": 1, "parent": 0, "role": "window", "name": "New bill", "box": [0, 0, 800, 600]},
    {"id": 2, "parent": 1, "role": "label", "name": "Amount:", "box": [10, 10, 60, 20]},
    {"id": 3, "parent": 1, "role": "textbox", "text": "12", "box": [100, 8, 200, 24], "labelled_by": []},
    {"id": 4, "parent": 1, "role": "label", "name": "Supplier", "box": [10, 40, 60, 20]},
    {"id": 5, "parent": 1, "role": "textbox", "text": "", "box": [100, 200, 200, 24], "labelled_by": [4]},
    {"id": 6, "parent": 1, "role": "button", "name": "Save", "box": [10, 500, 80, 30], "can": ["action"]},
    {"id": 7, "parent": 6, "role": "label", "name": "Save", "box": [20, 505, 60, 20]},
    {"id": 8, "parent": 1, "role": "togglebutton", "name": "Save…", "box": [100, 500, 80, 30]},
    {"id": 9, "parent": 1, "role": "panel", "name": "Lines", "box": [300, 0, 500, 500]},
    {"id": 10, "parent": 9, "role": "button", "name": "Delete", "box": [310, 10, 60, 20]},
    {"id": 11, "parent": 1, "role": "button", "name": "Delete", "box": [200, 500, 60, 30]},
    {"id": 12, "parent": 1, "role": "checkbox", "name": "Paid", "box": [10, 300, 60, 20]},
    {"id": 13, "parent": 1, "role": "label", "name": "Paid", "box": [400, 560, 60, 20]},
    {
        "id": 14, "parent": 9, "role": "table", "name": "Bills", "box": [300, 100, 400, 100],
        "headings": ["Number", "Total"], "rows": [["4711", "10.00"], ["4712", "20.00"], ["4713", "20.00"]],
    },
    {"id": 15, "parent": 1, "role": "button", "name": "", "description": "Print", "box": [700, 500, 30, 30]},
]  # fmt: skip


def found(wants: str = "any", /, **parts: Any) -> list[str]:
    driver = FakeDriver(FORM)
    search = TreeSearch(driver, driver.tree(driver.applications()[0]))
    return [n.ref[1] for n in search.find(Target.model_validate(parts), wants)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("wants", "parts", "ids"),
    [
        ("press", {"says": "Save"}, ["6"]),  # letter by letter before «Save…»; the label inside is the button
        ("press", {"role": "button", "name": "save…"}, ["8"]),
        ("press", {"role": "button", "name": "Del*"}, ["10", "11"]),
        ("press", {"role": "button", "name": "Delete", "in": {"role": "panel", "name": "Lines"}}, ["10"]),
        ("press", {"path": ["Lines", "Delete"]}, ["10"]),
        ("press", {"path": ["New bill", "Delete"]}, ["10", "11"]),
        ("press", {"says": "Print"}, ["15"]),  # what has no name goes by its hint
        ("field", {"says": "Amount"}, ["3"]),  # the label stands before it
        ("field", {"label": "Supplier"}, ["5"]),  # the program says so, though the other is nearer
        ("field", {"label": "Nothing"}, []),
        ("check", {"says": "Paid"}, ["12"]),  # not the label of the same words
        ("read", {"text": "12"}, ["3"]),
        ("read", {"contains": "PPL"}, ["4"]),
        ("any", {"role": "dialog", "name": "New*"}, ["1"]),
        ("any", {"cell": {"row": 2, "column": "Total"}}, ["14/1/1"]),
        ("any", {"cell": "B3"}, ["14/2/1"]),
        ("any", {"cell": {"row": {"Number": "4712"}, "column": 2}}, ["14/1/1"]),
        ("any", {"cell": {"row": {"Total": "20.00"}, "column": 1}}, []),  # two rows: none, not the first
        ("any", {"row": {"Number": "4713"}}, ["14/2/0"]),
        ("any", {"row": {"Total": "20.00"}}, ["14/1/1", "14/2/1"]),
        ("any", {"row": "4711"}, ["14/0/0"]),
        ("any", {"row": {"No such": "x"}}, []),
        ("any", {"cell": "C1"}, []),
    ],
)
def test_what_fits(wants: str, parts: dict[str, Any], ids: list[str]) -> None:
    assert found(wants, **parts) == ids


@pytest.mark.parametrize(
    "wrong",
    [
        {}, {"in": {"role": "dialog"}}, {"nth": 0, "role": "button"}, {"name": " "}, {"cell": "7"}, {"cell": "B0"},
        {"screen_text": "a", "image": "b.png"}, {"unknown": 1}, 1.5, None, True,
    ],
)  # fmt: skip
def test_what_is_no_target(wrong: Any) -> None:
    with pytest.raises(ValidationError):
        Target.model_validate(wrong)


def test_a_target_reads_like_a_sentence() -> None:
    target = Target.model_validate(
        {"role": "button", "name": "Delete", "in": {"row": {"Number": "4711"}}, "right_of": "Total", "nth": 2}
    )
    assert str(target) == 'button "Delete" right of "Total" in row (Number = 4711) nth 2'


@pytest.mark.parametrize(
    ("wanted", "there", "is_same"),
    [
        ("Save As...", "Save As…", True), ("Amount", " Amount : ", True), ("save", "SAVE", True), 
        ("Save", "Saved", False),
        ("*Calc", "Untitled 1 - Calc", True), ("a[1]*", "a[1] x", True), ("*", "*", True), ("*", "+", False),
        ("저장", "저장(S)", True), ("다른 이름으로 저장...", "다른 이름으로 저장(A)...", True), ("저장(L)", "저장(S)", True),
        ("f", "f(X)", False), ("저장", "저장(2)장", False),
        ("ﬁle", "file", True), ("é", "é", True), (":", ":", True), ("...", "…", True), ("<", ">", False),
    ],
)  # fmt: skip
def test_comparing_words(wanted: str, there: str, is_same: bool) -> None:
    assert same(wanted, there) is is_same


@pytest.mark.parametrize(
    ("wanted", "stands", "check", "ok"),
    [
        ("a<b", "a<b", "exact", True), ("a<b", "a>b", "exact", False), ("é", "e", "exact", False), ("x", "x\n", "exact", True),
        ("x\r\ny", "x\ny", "exact", True), ("1234.5", "1,234.50", "exact", False), ("1234.5", "1,234.50", "number", True),
        ("1234.5", "1.234,50", "number", True), ("1234.5", "1234.6", "number", False), ("-5", "−5", "number", True),
        ("abc", "", "number", False), ("O0", "00", "screen", True), ("a ", "a", "exact", False),
    ],
)  # fmt: skip
def test_what_counts_as_taken(wanted: str, stands: str, check: Any, ok: bool) -> None:
    assert taken(wanted, stands, check) is ok


def test_columns_by_number_heading_and_letter() -> None:
    plain, sheet = TableShape(5, 3, ("A", "Total", "")), TableShape(1_048_576, 16384, ())
    assert [column_number(plain, c) for c in (1, "Total", "A", "3", "Z")] == [0, 1, 0, 2, None]
    assert [column_number(sheet, c) for c in ("A", "Z", "AA", "XFD", "XFE")] == [0, 25, 26, 16383, None]
