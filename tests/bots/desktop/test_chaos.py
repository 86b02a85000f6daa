"""What comes between looking and acting: never a click on something else, always a failure with its
kind."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from contextlib import contextmanager
from typing import Any

import pytest

from bots.desktop.bot import Desktop
from bots.desktop.find import Place
from bots.desktop.screen import COVER, from_png
from bots.desktop.target import Target
from flows.data import Secret
from flows.failures import ApplicationFailure, FlowFailure
from tests.bots.desktop.conftest import needs
from tests.bots.fakes import Doing

pytestmark = needs("galculator")
FIELD = {"role": "textbox"}
SEVEN = {"role": "button", "name": "7"}


@contextmanager
def between(desktop: Desktop, what: Callable[[], None]) -> Any:
    """Does `what` once, after a target was found and before it is acted on."""
    original, done = desktop.act.reach, []

    def reach(place: Place) -> Place:
        if not done:
            done.append(True)
            what()
        return original(place)

    desktop.act.reach = reach  # type: ignore[method-assign]
    try:
        yield
    finally:
        del desktop.act.reach  # the method of the class again


def cover(desktop: Desktop, title: str = "In the way") -> None:
    """Puts a window of another program over everything."""
    script = (
        f"import tkinter as t\nr=t.Tk()\nr.title({title!r})\nr.geometry('1900x1000+0+0')\n"
        "r.bind('<Button-1>',lambda e:r.title('I was clicked'))\nr.mainloop()"
    )
    current = desktop.current
    desktop.display.launch([sys.executable, "-c", script])
    deadline = time.monotonic() + 10
    while not any(w.title == title for w in desktop.server.windows()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    found = next(w for w in desktop.server.windows() if w.title == title)
    desktop.server.activate(found)
    time.sleep(0.2)
    desktop.current = current


def test_a_moved_window_is_followed(desktop: Desktop, do: Doing) -> None:
    do("desktop.start", "galculator")

    def move() -> None:
        window = desktop.windows()[0]
        desktop.server.place(window, 30, 40, window.box.width, window.box.height)
        time.sleep(0.2)

    with between(desktop, move):
        do("desktop.click", SEVEN)
    assert do("desktop.read", FIELD) == "7"


def test_a_window_in_the_way_is_not_clicked(desktop: Desktop, do: Doing) -> None:
    do("desktop.start", "galculator")
    with between(desktop, lambda: cover(desktop)):
        do("desktop.click", SEVEN)
    assert do("desktop.read", FIELD) == "7"
    assert not [w for w in desktop.server.windows() if w.title == "I was clicked"]


def test_stolen_focus_takes_no_keys(desktop: Desktop, do: Doing) -> None:
    do("desktop.start", "galculator")
    cover(desktop)
    do("desktop.press", "7")
    assert do("desktop.read", FIELD) == "7"


def test_a_program_killed_before_the_click(desktop: Desktop, do: Doing) -> None:
    do("desktop.start", "galculator")
    program = desktop.current
    assert program is not None

    def kill() -> None:
        os.kill(program.pid, signal.SIGKILL)
        time.sleep(0.3)

    with between(desktop, kill), pytest.raises(ApplicationFailure, match="program-ended"):
        do("desktop.click", SEVEN)


def test_after_a_crash_the_session_starts_anew(desktop: Desktop, do: Doing) -> None:
    do("desktop.start", "galculator")
    assert desktop.current is not None
    os.kill(desktop.current.pid, signal.SIGKILL)
    with pytest.raises(ApplicationFailure, match="program-ended"):
        do("desktop.click", SEVEN, seconds=3)
    desktop.reset()
    do("desktop.start", "galculator")
    do("desktop.click", SEVEN)
    assert do("desktop.read", FIELD) == "7"


def test_a_frozen_program_does_not_freeze_the_run(desktop: Desktop, do: Doing) -> None:
    do("desktop.start", "galculator")
    assert desktop.current is not None
    pid = desktop.current.pid
    os.kill(pid, signal.SIGSTOP)
    try:
        start = time.monotonic()
        with pytest.raises(ApplicationFailure, match="program-frozen"):
            do("desktop.click", SEVEN, seconds=5)
        assert time.monotonic() - start < 8
    finally:
        os.kill(pid, signal.SIGCONT)


@needs("mousepad")
def test_a_dialog_that_pops_up_is_told(do: Doing) -> None:
    """A modal dialog stands before the window: its text field cannot be meant by a click into the window."""
    do("desktop.start", "mousepad", seconds=20)
    do("desktop.menu", "File > Save As...")
    do("desktop.wait", {"window": "Save As"})
    with pytest.raises(ApplicationFailure, match="not-ready") as caught:
        do("desktop.click", {"role": "menuitem", "name": "Edit", "in": {"role": "menubar"}}, seconds=3)
    assert "Save As" in caught.value.details["reason"]


def test_what_is_not_there_is_told_with_what_reads_alike(do: Doing) -> None:
    do("desktop.start", "galculator")
    with pytest.raises(ApplicationFailure, match="not-on-screen") as caught:
        do("desktop.click", {"role": "button", "name": "sqr"}, seconds=1.5)
    assert '"sqrt"' in caught.value.details["similar"]


def test_what_fits_twice_is_told_with_the_candidates(do: Doing) -> None:
    do("desktop.start", "galculator")
    with pytest.raises(FlowFailure, match="target-ambiguous") as caught:
        do("desktop.click", {"role": "button", "contains": "M"}, seconds=3)
    assert caught.value.details["count"] == 3
    assert 'togglebutton "MS"' in caught.value.details["candidates"]


def test_a_disabled_button_is_waited_for(do: Doing) -> None:
    """MR is enabled only after something was stored."""
    do("desktop.start", "galculator")
    with pytest.raises(ApplicationFailure, match="not-ready") as caught:
        do("desktop.click", {"role": "button", "name": "MR"}, seconds=1.5)
    assert caught.value.details["reason"] == "disabled"


def test_the_stop_key_stops_an_attended_run(desktop: Desktop, do: Doing) -> None:
    do("desktop.start", "galculator")
    desktop.display.attended = True
    held = threading.Event()
    try:
        desktop.hand._gui.keyDown("esc")
        held.set()
        with pytest.raises(ApplicationFailure, match="stopped-by-hand"):
            do("desktop.click", SEVEN, seconds=3)
    finally:
        desktop.hand._gui.keyUp("esc")
        desktop.display.attended = False


@needs("mousepad")
def test_evidence_covers_what_is_secret(desktop: Desktop, do: Doing) -> None:
    do("desktop.start", "mousepad", seconds=20)
    do("desktop.type", target=FIELD, text=Secret("pin", "hunter4711"))
    place = desktop.find.one(do.ctx.begin(), Target(role="textbox"))
    items = {item.name: item for item in desktop.evidence(["hunter4711"])}
    picture = from_png(items["desktop.png"].data)
    assert tuple(picture[place.box.center[1], place.box.center[0]]) == COVER
    assert items["desktop.png"].masked
    assert b"hunter4711" not in items["desktop.txt"].data
    assert do.ctx.masked == ["hunter4711"]


@needs("mousepad")
def test_the_cover_moves_with_its_window(desktop: Desktop, do: Doing) -> None:
    do("desktop.start", "mousepad", seconds=20)
    do("desktop.type", target=FIELD, text=Secret("pin", "hunter4711"))
    do("desktop.move_window", x=5, y=5)
    place = desktop.find.one(do.ctx.begin(), Target(role="textbox"))
    assert desktop.evidence_of.boxes()[0].common(place.box) == place.box
    do("desktop.close", force=True)
    desktop.settle()
    assert desktop.evidence_of.boxes() == []


def test_a_hint_over_the_button_is_sent_away(desktop: Desktop, do: Doing) -> None:
    """The hint of `5` stands over `2` as long as the pointer rests on `5`."""
    do("desktop.start", "galculator")
    do("desktop.hover", {"role": "button", "name": "5"})
    deadline = time.monotonic() + 5
    while not desktop.popups():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    do("desktop.click", {"role": "button", "name": "2"}, seconds=5)
    assert do("desktop.read", FIELD) == "2"


def test_the_mouse_in_a_corner_stops_an_attended_run(desktop: Desktop, do: Doing) -> None:
    do("desktop.start", "galculator")
    desktop.hand.move(0, 0)
    desktop.hand._gui.FAILSAFE = True
    try:
        with pytest.raises(ApplicationFailure, match="stopped-by-hand"):
            do("desktop.click", SEVEN, seconds=3)
    finally:
        desktop.hand._gui.FAILSAFE = False
    assert do("desktop.read", FIELD) == "0"
