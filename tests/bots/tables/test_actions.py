"""Totals and pairs of rows: what counts as a number, what as a name, what is left out."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from bots.tables import actions
from flows.action import Catalog
from flows.failures import FlowFailure
from tests.bots.fakes import Doing, FakeContext

CATALOG = Catalog.of_modules([actions])
ROWS = [
    {"shop": "Kim", "paid": "1,000.50"},
    {"shop": "Lee", "paid": ""},
    {"shop": "Kim", "paid": None},
    {"shop": "Kim", "paid": "2"},
]


@pytest.fixture
def do(tmp_path: Path) -> Doing:
    return Doing(CATALOG, None, FakeContext(tmp_path))


@pytest.mark.parametrize(
    ("how", "kim", "lee"),
    [("sum", Decimal("1002.50"), 0), ("count", 2, 0), ("min", 2, None), ("max", Decimal("1000.50"), None)],
)
def test_totals_leave_empty_cells_out(do: Doing, how: str, kim: Any, lee: Any) -> None:
    found = do("tables.total", rows=ROWS, column="paid", by="shop", how=how)
    assert {row["shop"]: row["paid"] for row in found} == {"Kim": kim, "Lee": lee}


def test_any_value_can_be_counted_but_only_numbers_added(do: Doing) -> None:
    rows = [{"same": True, "name": "a"}, {"same": False, "name": "a"}]
    assert do("tables.total", rows=rows, column="same", by="name", how="count") == [{"name": "a", "same": 2}]
    with pytest.raises(FlowFailure, match="table-invalid"):
        do("tables.total", rows=rows, column="name")


def test_amounts_pair_by_value_and_names_by_letters(do: Doing) -> None:
    left = [{"ref": ref, "amount": "1,000.00"} for ref in ("007", "1E3", "10.0")]
    right = [{"ref": ref, "amount": 1000} for ref in ("7", "1000", "10", "007")]
    found = do("tables.match", left=left, right=right, on=["ref"], compare=["amount"])
    assert [pair["left"]["ref"] for pair in found["matched"]] == ["007", "10.0"]
    assert [row["ref"] for row in found["only_left"]] == ["1E3"]
    assert [row["ref"] for row in found["only_right"]] == ["7", "1000"]


def test_a_row_is_found_by_its_own_name_only(do: Doing, tmp_path: Path) -> None:
    (tmp_path / "written.csv").write_text("id,amount\n123,5.00\n", "utf-8")
    assert do("tables.find", file="written.csv", where={"id": "123", "amount": "5"}) is True
    assert do("tables.find", file="written.csv", where={"id": "0123"}) is False
