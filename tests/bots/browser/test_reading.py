"""Reading values and tables, expecting, finding out whether something exists."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from bots.browser.values import taken
from flows.failures import Failure
from tests.bots.fakes import Doing


@pytest.fixture
def bills(do: Doing, site: str) -> Doing:
    do("browser.open", f"{site}/table.html")
    return do


def test_a_table_with_two_lines_of_headings(bills: Doing) -> None:
    rows = bills("browser.table", {"css": "#bills"})
    assert len(rows) == 10  # without the foot
    assert rows[1] == {
        "Number": "4701",
        "Supplier": "Kim & Partner",
        "Money Net": "1.001,50 €",
        "Money Due": "2026-03-02",
        "5": "Open",
    }


def test_typed_columns_over_all_pages(bills: Doing) -> None:
    rows = bills(
        "browser.table",
        target={"role": "table", "name": "Open bills"},
        next="Next",
        columns={"Number": "integer", "Money Net": "money", "Money Due": "date"},
    )
    assert len(rows) == 25
    assert rows[-1] == {"Number": 4724, "Money Net": Decimal("1024.50"), "Money Due": date(2026, 3, 25)}


def test_more_pages_than_allowed_is_no_quiet_loss(bills: Doing) -> None:
    with pytest.raises(Failure) as caught:
        bills("browser.table", target={"css": "#bills"}, next="Next", pages=2)
    assert caught.value.code == "too-many-pages"


def test_a_column_that_is_not_there(bills: Doing) -> None:
    with pytest.raises(Failure) as caught:
        bills("browser.table", target={"css": "#bills"}, columns={"Gross": "money"})
    assert caught.value.code == "column-missing"
    assert "Supplier" in caught.value.details["columns"]


def test_grids_of_every_make(bills: Doing) -> None:
    assert bills("browser.table", {"css": "#b"}) == [
        {"Item": "Bolt", "Qty": "12"},
        {"Item": "Nut", "Qty": "7"},
    ]
    assert bills("browser.table", {"role": "grid"}) == [
        {"Part": "A1", "Count": "5"},
        {"Part": "A2", "Count": "6"},
    ]
    assert bills("browser.table", {"css": "#empty"}) == []


def test_a_cell_of_a_row(bills: Doing) -> None:
    assert bills(
        "browser.read", {"target": {"row": {"Number": "4703"}}, "column": "Money Due", "as": "date"}
    ) == date(2026, 3, 4)
    assert bills("browser.read", target={"row": {"Item": "Nut"}}, column="Qty") == "7"


def test_reading_values(do: Doing, site: str) -> None:
    do("browser.open", f"{site}/form.html")
    assert do("browser.read", "Read only") == "fixed"
    assert do("browser.read", "State") == "Draft"  # a term and its definition
    assert do("browser.read", {"target": "Gross", "as": "money"}) == Decimal("1190.00")
    assert do("browser.read", {"target": "Paid already", "as": "boolean"}) is False
    assert do("browser.read", {"target": {"css": "#number"}, "attribute": "id"}) == "number"
    with pytest.raises(Failure) as caught:
        do("browser.read", {"target": "State", "as": "date"})
    assert caught.value.code == "value-unreadable"


def test_exists_has_three_answers(bills: Doing) -> None:
    row = {"row": {"Number": "4701"}}
    assert bills("browser.exists", target=row, absent="No bills") is True
    assert bills("browser.exists", target={"row": {"Number": "1"}}, absent="Bills") is False
    assert bills("browser.exists", target="Nowhere", within="200ms") is False
    with pytest.raises(Failure) as caught:
        bills("browser.exists", target="Nowhere", absent="Nor here", seconds=1)
    assert (caught.value.kind, caught.value.code) == ("application", "undecided")


def test_count(bills: Doing) -> None:
    assert bills("browser.count", {"role": "button", "name": "Open"}) == 10
    assert bills("browser.count", "Nowhere") == 0


def test_expect_waits_and_tells(do: Doing, site: str) -> None:
    do("browser.open", f"{site}/overlay.html")
    do("browser.expect", that={"absent": {"text": "Loading"}})
    with pytest.raises(Failure) as caught:
        do("browser.expect", "Never", seconds=1)
    assert caught.value.code == "not-as-expected"
    with pytest.raises(Failure) as caught:
        do("browser.expect", that="Never", unless={"text": "Overlay"}, code="duplicate-bill")
    assert (caught.value.kind, caught.value.code) == ("business", "duplicate-bill")


@pytest.mark.parametrize(
    ("wanted", "got", "same"),
    [
        ("1234.50", "1,234.50", True),
        ("1234.5", "1.234,50", True),
        ("12345", "123.45", False),
        ("1.50", "150", False),
        ("01012345678", "010-1234-5678", True),
        ("abc", "ABC", True),
        ("DE 12", "DE12", True),
        ("yes", "no", False),
        ("a\nb", "a\r\nb", True),
        ("", "", True),
        ("", "x", False),
        ("-5", "(5.00)", True),
        ("-5", "5", False),
        ("1000", "1.000", True),
        ("서울", "서울", True),
        ("100", "1000", False),
    ],
)
def test_what_counts_as_taken(wanted: str, got: str, same: bool) -> None:
    assert taken(wanted, got) is same
