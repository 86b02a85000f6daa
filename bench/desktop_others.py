"""Other tools on the display of `bench.desktop`, each under a Python that has it. Prints one JSON line.

    python desktop_others.py dogtail APPLICATION NAME ROLE
    python desktop_others.py pyautogui|rpaframework SCREEN.png FOLDER-OF-PICTURES

The pictures are named `x-y-width-height.png` after the place where they were cut out: what is found elsewhere
is a wrong click.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

TIMES = 15


def milliseconds(look: Callable[[], Any], times: int = TIMES) -> tuple[float, float]:
    """The median and the best of several, after one that does not count."""
    look()
    took = []
    for _ in range(times):
        start = time.perf_counter()
        look()
        took.append(time.perf_counter() - start)
    return round(statistics.median(took) * 1000, 1), round(min(took) * 1000, 1)


def dogtail(application: str, name: str, role: str) -> dict[str, Any]:
    from dogtail.tree import root  # type: ignore[import-not-found,unused-ignore]

    program = root.application(application)
    return {"name_ms": milliseconds(lambda: program.child(name=name, roleName=role))}


def judged(find: Callable[[Any, Any], Any], screen: Any, folder: Path) -> dict[str, Any]:
    """`find` gives left and top of what it takes for the picture, or None."""
    from PIL import Image

    right = wrong = missing = 0
    pictures = {file: Image.open(file).convert("RGB") for file in sorted(folder.glob("*-*-*-*.png"))}
    for file, picture in pictures.items():
        x, y = map(int, file.stem.split("-")[:2])
        found = find(screen, picture)
        if found is None:
            missing += 1
        elif abs(found[0] - x) <= 3 and abs(found[1] - y) <= 3:
            right += 1
        else:
            wrong += 1
    one = next(iter(pictures.values()))
    return {
        "image_ms": milliseconds(lambda: find(screen, one)),
        **{"right": right, "wrong": wrong, "missing": missing},
    }


def pyautogui(screen: str, folder: str) -> dict[str, Any]:
    import pyautogui as gui  # type: ignore[import-untyped,unused-ignore]
    from PIL import Image

    def find(whole: Any, picture: Any) -> Any:
        try:
            return gui.locate(picture, whole, confidence=0.9)
        except gui.ImageNotFoundException:
            return None

    return judged(find, Image.open(screen).convert("RGB"), Path(folder))


def rpaframework(screen: str, folder: str) -> dict[str, Any]:
    from PIL import Image
    from RPA.recognition import templates  # type: ignore[import-not-found,unused-ignore]

    def find(whole: Any, picture: Any) -> Any:
        try:
            found = templates.find(whole, picture)
        except templates.ImageNotFoundError:
            return None
        return (found[0].left, found[0].top)

    return judged(find, Image.open(screen).convert("RGB"), Path(folder))


if __name__ == "__main__":
    tools: dict[str, Callable[..., dict[str, Any]]] = {
        "dogtail": dogtail,
        "pyautogui": pyautogui,
        "rpaframework": rpaframework,
    }
    print(json.dumps(tools[sys.argv[1]](*sys.argv[2:])))
