"""How a target finds what a person means."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from bots.browser.bot import Browser
from bots.browser.target import Target
from flows.failures import Failure
from tests.bots.fakes import Doing


@pytest.fixture
def form(do: Doing, site: str) -> Doing:
    do("browser.open", f"{site}/form.html")
    return do


def found(browser: Browser, target: Any, wants: Any = "any") -> int:
    return browser.find.count(Target.model_validate(target), wants)


@pytest.mark.parametrize(
    ("target", "count"),
    [
        ("Invoice number", 1),  # the star and the case at the end of a label are overlooked
        ("invoice NUMBER:", 1),
        ("Note", 1),
        ("Search bills", 1),
        ("Due date", 1),
        ("Type a city…", 1),
        ("Cost centre", 1),  # words in the cell before
        ({"label": "Cost unit"}, 1),
        ("Street", 2),
        ({"says": "Street", "in": "Shipping address"}, 1),
        ({"label": "Street", "in": {"role": "group", "name": "Billing address"}}, 1),
        ({"label": "Street", "near": "Shipping address"}, 1),
        ({"label": "Street", "nth": "last"}, 1),
        ({"label": "Street", "nth": 2}, 1),
        ({"label": "Street", "nth": 3}, 0),
        ("Invisible words", 0),
        ({"text": "Invisible words", "hidden": True}, 1),
        ({"text": "Total 1,234.50 EUR"}, 1),  # text split over elements
        ({"contains": "1,234"}, 1),
        ({"text": "1,234.50"}, 0),  # a part is not the whole
        ({"role": "button", "name": "SAVE DRAFT"}, 1),
        ({"role": "link", "title": "Delete this bill"}, 1),
        ({"css": "#number"}, 1),
        ({"xpath": "//input[@id='number']"}, 1),
        ({"label": "Read only", "value": "fixed"}, 1),
        ({"label": "Read only", "value": "other"}, 0),
        ({"role": "radio"}, 2),
        ({"role": "radio", "label": "By mail"}, 1),
    ],
)
def test_counts_on_the_form(form: Doing, target: Any, count: int) -> None:
    assert found(form.bot, target) == count


def test_rows_are_found_by_their_cells(do: Doing, site: str) -> None:
    do("browser.open", f"{site}/table.html")
    bot = do.bot
    assert found(bot, {"row": {"Number": "4701"}}) == 1
    assert found(bot, {"row": {"Number": 4701, "Supplier": "kim & partner"}}) == 1
    assert found(bot, {"row": {"Number": 4701, "Supplier": "Lee Co"}}) == 0
    assert found(bot, {"row": {"Money Net": Decimal("1001.5"), "Due": date(2026, 3, 2)}}) == 1
    assert found(bot, {"row": {"Supplier": "Lee Co"}}) == 5
    assert found(bot, {"row": {"Number": "470"}}) == 0  # whole cells only
    assert found(bot, {"row": {"No such column": "4701"}}) == 0
    assert found(bot, {"row": "4701"}) == 1
    assert found(bot, {"row": {"Part": "A2", "Count": 6}}) == 1  # a grid without table elements
    assert found(bot, {"row": {"Item": "Nut", "Qty": 7}}) == 1  # head in a table of its own, value in a field
    assert found(bot, {"role": "button", "name": "Open", "row": {"Number": 4703}}) == 1


def test_frames_are_searched_by_themselves(do: Doing, site: str) -> None:
    do("browser.open", f"{site}/frames.html")
    do("browser.fill", target="Amount", text="5")
    do("browser.click", "Store")
    do("browser.expect", {"role": "button", "name": "Stored"})
    do("browser.click", "Deep")
    assert do("browser.read", {"target": {"role": "button", "frame": ["Invoice form", "deep"]}}) == "2"
    with pytest.raises(Failure) as caught:
        do("browser.fill", target="Twice", text="x", seconds=2)
    assert caught.value.code == "target-ambiguous"
    do("browser.fill", target={"label": "Twice", "frame": "other"}, text="x")
    assert do("browser.read", {"target": {"label": "Twice", "frame": "other"}}) == "x"


def test_shadow_trees_are_no_border(do: Doing, site: str) -> None:
    do("browser.open", f"{site}/shadow.html")
    do("browser.fill", target="Reference", text="R-1")
    assert do("browser.read", "Reference") == "R-1"
    assert do("browser.exists", "Slotted words")
    assert do("browser.exists", {"row": {"Key": "deep cell"}})
    do("browser.click", "Confirm")
    assert do.bot.sees({"title": "confirmed"})


def test_ambiguity_lists_the_candidates_and_what_tells_them_apart(form: Doing) -> None:
    with pytest.raises(Failure) as caught:
        form("browser.fill", target="Street", text="x", seconds=3)
    failure = caught.value
    assert (failure.kind, failure.code, failure.details["count"]) == ("flow", "target-ambiguous", 2)
    assert 'group "Billing address"' in failure.details["candidates"]
    assert 'group "Shipping address"' in failure.details["candidates"]


def test_missing_says_what_reads_alike(form: Doing) -> None:
    with pytest.raises(Failure) as caught:
        form("browser.fill", target="Invioce number", text="x", seconds=1)
    failure = caught.value
    assert (failure.kind, failure.code) == ("application", "target-missing")
    assert "Invoice number" in failure.details["similar"]


def test_a_wrong_css_is_the_authors(form: Doing) -> None:
    with pytest.raises(Failure) as caught:
        form("browser.click", {"css": "a[["}, seconds=2)
    assert (caught.value.kind, caught.value.code) == ("flow", "target-invalid")


def test_in_front_of_a_modal_dialog_the_page_behind_is_out_of_reach(do: Doing, site: str) -> None:
    do("browser.open", f"{site}/overlay.html")
    do("browser.click", "Ask")  # waits for the cover to go
    do("browser.click", "Save")
    assert do.bot.sees({"title": "in front"})
    do("browser.click", "Cancel")
    do("browser.click", "Save")
    assert do.bot.sees({"title": "behind"})


def test_what_stays_covered_is_told(do: Doing, site: str) -> None:
    do("browser.open", f"{site}/overlay.html?stay")
    with pytest.raises(Failure) as caught:
        do("browser.click", "Ask", seconds=1.5)
    assert caught.value.code == "target-not-ready"
    assert "cover" in caught.value.details["reason"]


@pytest.mark.parametrize(
    "bad",
    [{}, "", {"nope": 1}, {"text": "x", "nth": 0}, {"nth": 1}, {"row": {"A": None}}, {"row": {"A": 1.5}}],
)
def test_what_is_no_target(bad: Any) -> None:
    with pytest.raises(ValidationError):
        Target.model_validate(bad)


def test_a_selector_survives_every_character() -> None:
    target = Target.model_validate({"says": 'O\'Neill >> "x" `y` \\ 한글', "in": "<b>"})
    assert "'" not in target.selector() and ">" not in target.selector()
    assert str(target) == '"O\'Neill >> "x" `y` \\ 한글" in "<b>"'


def test_the_schema_admits_text_and_mapping() -> None:
    schema = Target.model_json_schema()
    body = schema["$defs"]["Target"] if "$defs" in schema else schema
    kinds = {option.get("type") for option in body["anyOf"]}
    assert kinds == {"string", "object"}
    assert "in" in next(o for o in body["anyOf"] if o["type"] == "object")["properties"]
