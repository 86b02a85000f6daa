"""What has no words: pictures, shapes, colours; sliders, calendars, marked text, typing where the cursor is."""

from __future__ import annotations

from datetime import date

import pytest

from bots.browser.calendar import shows_day
from flows.failures import Failure
from tests.bots.fakes import Doing


@pytest.fixture
def page(do: Doing, site: str) -> Doing:
    do("browser.open", f"{site}/looks.html")
    return do


def title(do: Doing) -> str:
    return str(do.bot.page.title())


def test_a_picture_is_named_by_its_file(page: Doing) -> None:
    page("browser.click", {"picture": "trash", "in": {"text": "4712"}})
    assert title(page) == "bin 4712"
    assert page("browser.count", {"picture": "pen"}) == 2


def test_one_icon_of_many_in_a_file_is_named_by_its_place(page: Doing) -> None:
    name = page("browser.read", target={"picture": "set"}, **{"as": "picture"})
    page("browser.click", {"picture": name})
    assert title(page) == "sprite"


def test_a_colour_is_what_a_person_calls_it(page: Doing) -> None:
    page("browser.click", {"shape": "circle", "color": "red"})
    assert title(page) == "colour rgb(192, 57, 43)"
    page("browser.click", {"color": "orange"})
    assert title(page) == "colour orange"
    assert page("browser.read", target={"color": "orange"}, **{"as": "color"}) == "#ffa500"


def test_of_two_greens_the_very_one_is_meant(page: Doing) -> None:
    page("browser.click", {"color": "lime"})
    assert title(page) == "colour lime"
    page("browser.click", {"color": "green"})
    assert title(page) == "colour green"


def test_shapes_are_drawn_or_painted(page: Doing) -> None:
    assert page("browser.count", {"shape": "circle"}) == 3
    page("browser.click", {"shape": "rectangle", "color": "navy"})
    assert title(page) == "colour navy"


def test_a_pattern_fits_the_whole_text(page: Doing) -> None:
    assert page("browser.read", {"pattern": "[0-9]+ of [0-9]+ invoices"}) == "12 of 40 invoices"
    assert page("browser.count", {"pattern": "[0-9]+ of"}) == 0


def test_a_broken_pattern_is_the_flows_mistake(page: Doing) -> None:
    with pytest.raises(Failure) as caught:
        page("browser.read", {"pattern": "("})
    assert caught.value.code == "target-invalid"


def test_texts_come_in_the_order_of_the_page(page: Doing) -> None:
    assert page("browser.texts", {"role": "listitem"}) == ["4711", "4712"]
    assert page("browser.texts", target={"role": "menuitem"}, within="50ms") == []


def test_a_slider_without_words_is_moved_by_keys(page: Doing) -> None:
    shown = {"pattern": "[0-9]+", "near": {"role": "slider", "nth": 1}}
    page("browser.slide", target={"role": "slider", "nth": 1}, to=8, shown=shown)
    assert page("browser.read", shown) == "8"


def test_a_range_field_tells_its_value_itself(page: Doing) -> None:
    page("browser.slide", target="Volume", to=65)
    assert page("browser.read", "Volume") == "65"


def test_a_value_between_the_steps_is_not_taken(page: Doing) -> None:
    with pytest.raises(Failure) as caught:
        page("browser.slide", target="Volume", to=33)
    assert caught.value.code == "value-not-taken"


def test_text_is_marked_whole_or_in_part(page: Doing) -> None:
    assert page("browser.select_text", target={"contains": "Late since"}, part="14 days, then") == "14 days, then"
    assert page.bot.page.evaluate("getSelection().toString()") == "14 days, then"
    assert page("browser.select_text", target="Note", part="second") == "second"
    with pytest.raises(Failure) as caught:
        page("browser.select_text", target="Note", part="fourth")
    assert caught.value.code == "text-missing"


def test_typing_goes_to_what_has_the_keyboard(page: Doing) -> None:
    page("browser.click", {"css": "canvas"})
    page("browser.type", text="ls -l", enter=True)
    assert page("browser.read", {"css": "#typed"}) == "ls -l!"


def test_one_line_and_several(page: Doing) -> None:
    page("browser.fill", target={"role": "textbox", "multiline": True}, text="new")
    assert page("browser.read", "Note") == "new"


def test_dragging_toward_a_side(page: Doing) -> None:
    page("browser.drag", target={"css": "#corner"}, toward="left")
    assert title(page) == "moved -30 0"


def test_a_day_is_picked_in_the_calendar_of_a_read_only_field(page: Doing) -> None:
    page("browser.fill", target="Due", text="2027-01-31")
    assert page("browser.read", "Due") == "1/31/2027"
    page("browser.fill", target="Due", text=date(2026, 9, 1))
    assert page("browser.read", "Due") == "9/1/2026"


@pytest.mark.parametrize(
    ("text", "shown"),
    [("2/3/2026", True), ("3 Mar 2026", False), ("2. März 2026", True), ("2026년 3월 2일", True), ("12/3/2026", False)],
)
def test_a_day_shows_in_any_writing(text: str, shown: bool) -> None:
    assert shows_day(text, date(2026, 3, 2)) is shown
