"""Text entry: whatever goes in is what stands there, or the step fails."""

from __future__ import annotations

import json
import random
import sys
import time
from pathlib import Path

import pytest

from bots.desktop.bot import Desktop
from flows.data import Secret
from flows.failures import ApplicationFailure
from tests.bots.desktop.conftest import needs
from tests.bots.fakes import Doing

FORM = str(Path(__file__).with_name("tk_form.py"))
ALPHABETS = (
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 ",
    "가각간갇갈감갑값갓강개객거건걸검겁게겨결경계고곡곤골공과관광괜교구국군굴궁권귀규균그근글금급기긴길김깊",
    "<>@€#$%^&*()_+-=[]{}|;:'\",./?`~\\!",
    "éèüößÄñçøåÆŁžşğИЖЩΩλπ中文字かな",
    "😀🧾✓→№½²µ",
)


def random_text(seed: int) -> str:
    """One to forty characters from one to three alphabets. No blanks at the ends, where editors may differ."""
    chance = random.Random(seed)
    letters = "".join(chance.sample(ALPHABETS, chance.randint(1, 3)))
    return "".join(chance.choice(letters) for _ in range(chance.randint(1, 40))).strip() or "x"


def enter(do: Doing, count: int, by: str) -> None:
    do("desktop.start", "mousepad", seconds=20)
    for seed in range(count):
        text = random_text(seed)
        do("desktop.type", target={"role": "textbox"}, text=text, by=by)
        assert do("desktop.read", {"role": "textbox"}) == text


@needs("mousepad")
@pytest.mark.parametrize("by", ["accessibility", "clipboard"])
def test_random_strings(do: Doing, by: str) -> None:
    enter(do, 15, by)


@pytest.mark.heavy
@needs("mousepad")
@pytest.mark.parametrize("by", ["accessibility", "clipboard"])
def test_a_thousand_random_strings(do: Doing, by: str) -> None:
    enter(do, 500, by)


@needs("mousepad")
def test_the_clipboard_comes_back(desktop: Desktop, do: Doing) -> None:
    do("desktop.start", "mousepad", seconds=20)
    do("desktop.copy", "what was there")
    do("desktop.type", target={"role": "textbox"}, text="한글", by="clipboard")
    assert desktop.clipboard.read() == "what was there"


@needs("mousepad")
def test_keys_type_every_ascii_character(do: Doing) -> None:
    """`<` among them, which pyautogui by itself turns into `>`."""
    text = "".join(map(chr, range(33, 127)))
    do("desktop.start", "mousepad", seconds=20)
    do("desktop.type", target={"role": "textbox"}, text=text, by="keys", seconds=30)
    assert do("desktop.read", {"role": "textbox"}) == text
    with pytest.raises(ApplicationFailure, match="value-not-typable"):
        do("desktop.type", target={"role": "textbox"}, text="é", by="keys")


@needs("galculator")
def test_what_was_not_taken_is_told(do: Doing) -> None:
    """The calculator's display takes no letters."""
    do("desktop.start", "galculator")
    with pytest.raises(ApplicationFailure, match="value-not-taken") as caught:
        do("desktop.type", target={"role": "textbox"}, text="abc", seconds=8)
    assert caught.value.details["value"] == "'abc'"
    with pytest.raises(ApplicationFailure, match="value-not-taken") as caught:
        do("desktop.type", target={"role": "textbox"}, text=Secret("pin", "geheim"), seconds=8)
    assert "geheim" not in str(caught.value.details)


def test_a_form_without_accessibility(do: Doing, tmp_path: Path) -> None:
    """Tk: labels are read from the screen, fields are found beside them, text is read back by copying it."""
    do("desktop.start", program=sys.executable, args=[FORM, str(tmp_path / "saved.json")])
    bill = {"Supplier": "한글 상사 <é>", "Invoice number": "RE-4711/€", "Amount": "1234.50"}
    for label, text in bill.items():
        do("desktop.type", target={"label": label}, text=text, seconds=30)
    do("desktop.click", "Save", seconds=20)
    do("desktop.expect", "Saved 1", seconds=20)
    assert json.loads((tmp_path / "saved.json").read_text("utf-8")) == [bill]


@needs("xedit")
def test_an_xaw_editor_takes_text_by_the_selection(do: Doing, tmp_path: Path) -> None:
    """No accessibility, no clipboard, no Control+v: five clicks select, the middle button pastes."""
    note, text = tmp_path / "note.txt", "Invoice 4711 <a@b> {}[]|~\nsecond line\n"
    note.write_text("  old text here\n", "utf-8")
    do("desktop.start", program="xedit", args=[str(note)], seconds=20)
    do("desktop.type", target={"screen_text": "old text here"}, text=text, by="selection", seconds=40)
    do("desktop.click", {"screen_text": "Save"}, seconds=20)
    deadline = time.monotonic() + 10
    while note.read_text("utf-8") != text and time.monotonic() < deadline:
        time.sleep(0.1)
    assert note.read_text("utf-8") == text
