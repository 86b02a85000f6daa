"""The resolution of the display changes in the middle of a run: targets are found where they are then."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

from bots.desktop.bot import Desktop
from bots.desktop.geometry import Box
from tests.bots.desktop.conftest import needs
from tests.bots.fakes import Doing


def resize(desktop: Desktop, width: int, height: int) -> None:
    """What a person does in the settings; the clock numbers mean nothing on a virtual display."""
    name = f"{width}x{height}"
    horizontal = [str(width + extra) for extra in (0, 24, 48, 80)]
    vertical = [str(height + extra) for extra in (0, 3, 6, 20)]
    for words in (
        ["--newmode", name, "60", *horizontal, *vertical],
        ["--addmode", "screen", name],
        ["--output", "screen", "--mode", name],
    ):
        done = subprocess.run(
            ["xrandr", *words], env=desktop.display.environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
    assert desktop.screen.size == Box(0, 0, width, height)


@needs("xrandr", "galculator", "xcalc")
def test_a_run_goes_on_at_another_resolution(another: Callable[..., Doing]) -> None:
    do = another(width=1600, height=900)
    desktop = do.bot
    do("desktop.start", "galculator")
    do("desktop.move_window", x=1200, y=480)
    do("desktop.click", {"role": "button", "name": "7"})
    resize(desktop, 1024, 640)
    assert desktop.screen.grab().shape == (640, 1024, 3)
    do("desktop.move_window", x=600, y=100)
    for key in "*6=":
        do("desktop.click", {"role": "button", "name": key})
    assert do("desktop.read", {"role": "textbox"}) == "42"
    resize(desktop, 1280, 800)
    do("desktop.start", "xcalc")
    for key in ("AC", "4", "2"):
        do("desktop.click", {"screen_text": key}, seconds=30)
    assert do("desktop.ocr").splitlines()[0].endswith("42")
