"""After an action: nothing is read or looked for as it stood before it."""

from __future__ import annotations

import psutil
import pytest

from bots.desktop.bot import Desktop
from flows.failures import ApplicationFailure, FlowFailure
from tests.bots.desktop.conftest import needs
from tests.bots.fakes import Doing


@needs("galculator")
def test_a_click_must_change_what_is_watched(do: Doing) -> None:
    do("desktop.start", "galculator")
    field = {"role": "textbox"}
    do("desktop.click", {"role": "button", "name": "7"}, until={"changed": field})
    assert do("desktop.read", field) == "7"
    with pytest.raises(ApplicationFailure, match="no-effect"):
        do("desktop.click", {"role": "button", "name": "MS"}, until={"changed": field}, seconds=2)
    with pytest.raises(FlowFailure, match="condition-invalid"):
        do("desktop.expect", {"changed": {"role": "label"}}, seconds=2)


@needs("galculator")
def test_a_slow_program_is_read_after_it_took_the_click(desktop: Desktop, do: Doing) -> None:
    """Reading and clicking go different ways to a program: a reading must not overtake a click."""
    do("desktop.start", "galculator")
    assert desktop.current is not None
    psutil.Process(desktop.current.pid).nice(19)
    for _ in range(15):
        do("desktop.click", {"role": "button", "name": "C"})
        for shown in ("2", "23", "238"):
            do("desktop.click", {"role": "button", "name": shown[-1]})
            assert do("desktop.read", {"role": "textbox"}) == shown


@needs("mousepad")
def test_a_label_and_a_window_narrow_together(do: Doing) -> None:
    do("desktop.start", "mousepad", seconds=20)
    do("desktop.menu", "Search > Find and Replace...")
    do("desktop.type", target={"label": "Search for", "window": "Find and Replace"}, text="한글")
    assert do("desktop.read", {"label": "Search for", "window": "Find and Replace"}) == "한글"
