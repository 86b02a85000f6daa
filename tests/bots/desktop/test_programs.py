"""Real programs, driven by what they are: no coordinates."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from flows.failures import ApplicationFailure
from tests.bots.desktop.conftest import needs
from tests.bots.desktop.gnucash_book import write_book
from tests.bots.fakes import Doing

TEXT = "Rechnung «4711» <>@€ 한글 견적서 é ü ß Ω 𝄞 😀 {}[]|~^`\\ \"'&\n둘째 줄\ttab\n"


def calculate(do: Doing, keys: str) -> str:
    do("desktop.click", {"role": "button", "name": "C"})
    for key in keys:
        do("desktop.click", {"role": "button", "name": key})
    return str(do("desktop.read", {"role": "textbox"}))


@needs("galculator")
def test_galculator_adds_what_was_clicked(do: Doing) -> None:
    do("desktop.start", "galculator")
    for seed in range(6):
        numbers = random.Random(seed)
        first, second = numbers.randint(10, 999), numbers.randint(10, 999)
        assert calculate(do, f"{first}+{second}=") == str(first + second)


@needs("mousepad")
def test_mousepad_saves_the_bytes_that_were_entered(do: Doing, tmp_path: Path) -> None:
    do("desktop.start", "mousepad", seconds=20)
    do("desktop.type", target={"role": "textbox"}, text=TEXT)
    do("desktop.menu", "File > Save As...")
    do("desktop.save_file", "note.txt", seconds=15)
    assert (tmp_path / "note.txt").read_text("utf-8") == TEXT


@needs("xcalc")
def test_xcalc_by_what_stands_on_its_buttons(do: Doing) -> None:
    """Xaw: no accessibility, no clipboard, bitmap fonts."""
    do("desktop.start", "xcalc")
    for key in ("AC", "1", "2", "+", "3", "4"):
        do("desktop.click", {"screen_text": key}, seconds=20)
    do("desktop.press", "Enter")
    assert do("desktop.ocr").splitlines()[0] == "46"


@pytest.mark.heavy
@needs("gnucash")
def test_a_row_of_gnucashs_tree_is_chosen_by_the_way_to_it(do: Doing, tmp_path: Path) -> None:
    """Rows whose cells are made of a picture and a text, in branches that are still closed."""
    book = tmp_path / "book.gnucash"
    write_book(book, ["A vendor"])
    tree, travel = {"role": "tree"}, {"row": {"Account Name": "Travel"}}
    do("desktop.start", program="gnucash", args=[str(book)], window="*Accounts - GnuCash", seconds=120)
    tip = {"role": "button", "name": "Close", "window": "GnuCash Tip Of The Day"}
    do("desktop.click", tip, seconds=60)
    do("desktop.choose", target=tree, option="Expenses > Travel", seconds=30)
    assert do("desktop.read", {"cell": {"row": {"Account Name": "Travel"}, "column": "Account Name"}}) == "Travel"
    do("desktop.choose", target=tree, option="Bank", seconds=30)
    do("desktop.choose", target=tree, option="Expenses > Office", seconds=30)
    do("desktop.expect", that=travel)
    with pytest.raises(ApplicationFailure) as failed:
        do("desktop.choose", target=tree, option="Bank > Travel", seconds=30)
    assert failed.value.code == "option-missing", "Travel shows, but it does not hang under Bank"
    assert "Expenses" in failed.value.details["offered"]


@pytest.mark.heavy
@needs("galculator", "mousepad")
@pytest.mark.parametrize("theme", ["Adwaita", "Adwaita:dark", "HighContrast"])
@pytest.mark.parametrize("dpi", [96, 120])
def test_other_themes_scales_and_places(another: Callable[..., Doing], tmp_path: Path, theme: str, dpi: int) -> None:
    do = another(theme=theme, dpi=dpi)
    do("desktop.start", "galculator")
    do("desktop.move_window", x=7 + dpi, y=11)
    for seed in range(20):
        numbers = random.Random(seed)
        first, second = numbers.randint(10, 999), numbers.randint(10, 999)
        assert calculate(do, f"{first}*{second}=") == str(first * second)
    do("desktop.start", "mousepad", seconds=20)
    do("desktop.type", target={"role": "textbox"}, text=TEXT)
    do("desktop.menu", "File > Save As...")
    do("desktop.save_file", "note.txt", seconds=15)
    assert (tmp_path / "note.txt").read_text("utf-8") == TEXT
