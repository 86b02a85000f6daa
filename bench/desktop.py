"""How fast targets are found on a desktop, and how often a picture finds the wrong place, beside other tools.

    python -m bench.desktop [--dogtail PYTHON] [--pyautogui PYTHON] [--rpaframework PYTHON]

Each PYTHON is an interpreter that has that tool; without one it is left out. On a virtual display of
1920 × 1080: GnuCash with an empty book for names and text, galculator's keys for pictures. Prints JSON.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import tempfile
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from bench.desktop_others import judged, milliseconds
from bots.desktop.actions import MODULES
from bots.desktop.bot import Desktop
from bots.desktop.images import best
from bots.desktop.screen import png
from bots.desktop.target import Target
from bots.desktop.texts import OcrEyes, ScreenText
from flows.action import Catalog
from tests.bots.desktop.conftest import options
from tests.bots.desktop.gnucash_book import write_book
from tests.bots.fakes import Doing, FakeContext

SAVE = {"role": "button", "name": "Save"}


def opened(folder: Path) -> tuple[Desktop, Doing]:
    ctx, desktop = FakeContext(folder, desktop=options()), Desktop()
    desktop.open(ctx)
    return desktop, Doing(Catalog.of_modules([import_module(name) for name in MODULES]), desktop, ctx)


def other(desktop: Desktop, python: str, tool: str, *words: str) -> dict[str, Any]:
    """Another tool on the same display."""
    command = [python, str(Path(__file__).with_name("desktop_others.py")), tool, *words]
    done = subprocess.run(
        command, env=desktop.display.environment, capture_output=True, text=True, check=False, timeout=300
    )
    if done.returncode:
        return {"failed": done.stderr[-500:]}
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def names(desktop: Desktop, do: Doing, folder: Path, dogtail: str | None) -> dict[str, Any]:
    """A button by role and name, the tree read anew each time."""
    book = folder / "book.gnucash"
    write_book(book, ["A vendor"])
    title = "*Accounts - GnuCash"
    do("desktop.start", program="gnucash", args=[str(book)], window=title, seconds=90)
    do("desktop.click", {"role": "button", "name": "Close", "window": "GnuCash Tip Of The Day"}, seconds=20)
    do("desktop.maximise", title)
    target = Target.model_validate(SAVE)
    assert len(desktop.find.all(target)) == 1
    found: dict[str, Any] = {
        "nodes": sum(len(tree.nodes) for tree in desktop.find.trees()),
        "name_ms": milliseconds(lambda: desktop.find.all(target), 30),
    }
    if dogtail:
        found["dogtail"] = other(desktop, dogtail, "dogtail", "gnucash", "Save", "push button")
    return found


def texts(desktop: Desktop, do: Doing) -> dict[str, Any]:
    """Reading the screen, with and without looking for Korean."""
    return {
        name: {"screen": _screen(desktop, eyes), **_region(desktop, do, eyes)}
        for name, eyes in (("hangul", OcrEyes("auto")), ("no_hangul", OcrEyes("auto", hangul=False)))
    }


def _screen(desktop: Desktop, eyes: OcrEyes) -> tuple[float, float]:
    """All of it at once, models loaded and nothing remembered of it."""
    eyes.read([desktop.screen.grab(desktop.screen.size.grown(-200))])
    return _seconds(lambda: ScreenText(eyes).look(desktop.screen.grab()))


def _region(desktop: Desktop, do: Doing, eyes: OcrEyes) -> dict[str, Any]:
    """Looks at a screen that was read before: unchanged, with five menus opened one after the other, with a
    dialog, with that dialog again."""
    reader = ScreenText(eyes)

    def look() -> tuple[float, float]:
        return _seconds(lambda: reader.look(desktop.screen.grab()))

    look()
    found: dict[str, Any] = {"unchanged": look(), "menus": []}
    for name in ("File", "View", "Actions", "Business", "Reports"):
        do("desktop.click", {"role": "menu", "name": name, "nth": "first"})
        time.sleep(0.5)
        found["menus"].append(look())
        desktop.hand.press("Escape")
        time.sleep(0.3)
        look()
    for time_ in ("dialog", "dialog_again"):
        do("desktop.menu", "Business > Vendor > New Bill...", until={"window": "New Bill"})
        time.sleep(0.5)
        found[time_] = look()
        do("desktop.click", {"role": "button", "name": "Cancel", "window": "New Bill*"})
        time.sleep(0.5)
    return found


def _seconds(look: Callable[[], Any]) -> tuple[float, float]:
    """Wall seconds, and CPU seconds with children."""
    start, cpu = time.perf_counter(), _cpu()
    look()
    return round(time.perf_counter() - start, 3), round(_cpu() - cpu, 3)


def _cpu() -> float:
    """Seconds of this process and its ended children."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def pictures(desktop: Desktop, do: Doing, folder: Path, pythons: dict[str, str | None]) -> dict[str, Any]:
    """Every key of galculator by a picture of it, on a screenshot of the whole screen."""
    import numpy as np

    desktop.reset()
    do("desktop.start", "galculator")
    time.sleep(0.5)
    cut = folder / "pictures"
    cut.mkdir()
    screen = desktop.screen.grab()
    for place in desktop.find.all(Target(role="button")):
        b = place.box
        part = screen[b.y : b.bottom, b.x : b.right]
        (cut / f"{b.x}-{b.y}-{b.width}-{b.height}.png").write_bytes(png(part))
    (folder / "screen.png").write_bytes(png(screen))

    def find(whole: Any, picture: Any) -> tuple[int, int] | None:
        found = best(np.asarray(whole), np.asarray(picture))
        return (found[0].box.x, found[0].box.y) if len(found) == 1 else None

    mine = judged(find, screen, cut)
    rest = {
        tool: other(desktop, python, tool, str(folder / "screen.png"), str(cut))
        for tool, python in pythons.items()
        if python
    }
    return {**mine, **rest}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for tool in ("dogtail", "pyautogui", "rpaframework"):
        parser.add_argument(f"--{tool}", metavar="PYTHON")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-desktop-") as name:
        folder = Path(name)
        desktop, do = opened(folder)
        try:
            found = {"names": names(desktop, do, folder, given.dogtail), "texts": texts(desktop, do)}
            others = {"pyautogui": given.pyautogui, "rpaframework": given.rpaframework}
            found["pictures"] = pictures(desktop, do, folder, others)
        finally:
            desktop.close()
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
