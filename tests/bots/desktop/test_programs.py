"""Real programs, driven by what they are: no coordinates."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.bots.desktop.conftest import needs
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
@needs("gnome-calculator")
def test_gnome_calculator(do: Doing) -> None:
    """GTK 4: extents count from the window, nothing inside says that it shows."""
    do("desktop.start", "gnome-calculator", seconds=40)
    for seed in range(20):
        numbers = random.Random(seed)
        first, second = numbers.randint(10, 999), numbers.randint(10, 999)
        do("desktop.click", {"role": "button", "description": "Clear Display*"}, seconds=20)
        for key in f"{first}+{second}=":
            do("desktop.click", {"role": "button", "name": key})
        assert do("desktop.read", {"target": {"role": "textbox", "nth": "first"}}) == str(first + second)


@pytest.mark.heavy
@needs("localc")
def test_libreoffice_timesheet(do: Doing, tmp_path: Path) -> None:
    """50 × 6 cells with formulas, saved as xlsx, read back equal."""
    import openpyxl

    days = ["Name", "Mon", "Tue", "Wed", "Thu", "Sum"]
    people = [[f"Kim {i} 한글", i, i + 1, 7.5, 8, f"=SUM(B{i + 1}:E{i + 1})"] for i in range(1, 51)]
    do("desktop.start", program="localc", args=["--norestore", "--nologo"], window="*Calc", seconds=90)
    do("desktop.click", {"cell": "A1"}, seconds=40)
    do("desktop.paste", text="\n".join("\t".join(map(str, row)) for row in [days, *people]))
    ok = {"role": "button", "name": "OK", "window": "Text Import"}
    do("desktop.click", target=ok, until={"absent": {"window": "Text Import"}}, seconds=30)
    shown = do(
        "desktop.table",
        target={"role": "table", "name": "Sheet*"},
        columns={"A": "text", "F": "number"},
        rows=51,
    )
    assert [row["A"] for row in shown] == ["Name", *(p[0] for p in people)]
    do("desktop.menu", "File > Save As...", seconds=30)
    do("desktop.save_file", "sheet.xlsx", answer="Use Excel*", seconds=60)
    sheet = openpyxl.load_workbook(tmp_path / "sheet.xlsx").active
    assert [[c.value for c in row] for row in sheet.iter_rows()] == [days, *people]


@pytest.mark.heavy
@needs("galculator", "mousepad")
@pytest.mark.parametrize("theme", ["Adwaita", "Adwaita:dark", "HighContrast"])
@pytest.mark.parametrize("dpi", [96, 120])
def test_other_themes_scales_and_places(
    another: Callable[..., Doing], tmp_path: Path, theme: str, dpi: int
) -> None:
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
