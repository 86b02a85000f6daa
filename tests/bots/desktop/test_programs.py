"""Real programs, driven by what they are: no coordinates."""

from __future__ import annotations

import random
from pathlib import Path

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
