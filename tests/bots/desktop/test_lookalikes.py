"""Similar buttons: never the wrong one. Ambiguity is told; with an anchor nearly all are resolved."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import Image

from bots.desktop.find import Finder, Place
from bots.desktop.geometry import Box
from bots.desktop.screen import Pixels
from bots.desktop.settings import DesktopSettings
from bots.desktop.target import Target
from bots.desktop.texts import OcrEyes, ScreenText
from bots.desktop.xserver import Window
from tests.bots.desktop.lookalikes import FONTS, Screen, draw

pytestmark = pytest.mark.skipif(
    not all(Path(f).exists() for f in FONTS), reason="the fonts of the drawn screens are not installed"
)
EYES = OcrEyes("auto")


def finder(pixels: Pixels, folder: Path) -> Finder:
    """A finder that looks at a drawn screen instead of a display."""
    whole = Box(0, 0, pixels.shape[1], pixels.shape[0])
    window = Window(7, "drawn", "drawn", 1, whole, active=True)

    def grab(box: Box | None = None) -> Pixels:
        part = (box or whole).common(whole)
        return np.ascontiguousarray(pixels[part.y : part.bottom, part.x : part.right])

    desktop: Any = SimpleNamespace(
        driver=None,
        settings=DesktopSettings(),
        screen=SimpleNamespace(size=whole, grab=grab),
        screen_text=ScreenText(EYES),
        windows=lambda title=None: [window],  # noqa: ARG005
        popups=list,
        note=lambda key, value: None,  # noqa: ARG005
        path=lambda name: folder / name,
        in_scope=lambda pid, title: True,  # noqa: ARG005
    )
    return Finder(desktop)


def verdict(screen: Screen, found: list[Place]) -> str:
    if len(found) != 1:
        return "ambiguous" if found else "nothing"
    if screen.right.holds(*found[0].box.center):
        return "right"
    return "wrong"


def judge(
    seeds: Iterable[int], folder: Path
) -> tuple[Counter[str], Counter[str], list[tuple[int, str, str]]]:
    """Verdicts without and with an anchor, and the seeds that went wrong or unresolved."""
    plain: Counter[str] = Counter()
    anchored: Counter[str] = Counter()
    odd = []
    for seed in seeds:
        screen = draw(seed)
        looker = finder(screen.pixels, folder)
        without = verdict(screen, looker.all(Target(screen_text=screen.words)))
        anchor = {"screen_text": screen.words, "right_of": {"screen_text": screen.anchor}}
        with_anchor = verdict(screen, looker.all(Target.model_validate(anchor)))
        if screen.doubles and without == "right":
            without = "wrong"  # one of several equal ones was taken for the only one
        plain[without] += 1
        anchored[with_anchor] += 1
        if without in ("wrong", "nothing") or with_anchor != "right":
            odd.append((seed, without, with_anchor))
    return plain, anchored, odd


def test_similar_buttons_are_never_mistaken(tmp_path: Path) -> None:
    plain, anchored, odd = judge(range(12), tmp_path)
    assert plain["wrong"] == anchored["wrong"] == 0, odd
    assert anchored["right"] >= 11, odd


@pytest.mark.heavy
def test_two_hundred_screens(tmp_path: Path) -> None:
    plain, anchored, odd = judge(range(200), tmp_path)
    assert plain["wrong"] == anchored["wrong"] == 0, odd
    assert anchored["right"] >= 190, odd


def test_the_best_picture_counts_with_a_margin(tmp_path: Path) -> None:
    """Equal pictures are ambiguous, the one under an anchor is not, and what is not there is not found."""
    for seed in range(1, 40, 4):
        screen = draw(seed)
        crop = screen.right
        picture = screen.pixels[crop.y : crop.bottom, crop.x : crop.right]
        Image.fromarray(picture).save(tmp_path / "button.png")
        looker = finder(screen.pixels, tmp_path)
        assert verdict(screen, looker.all(Target(image="button.png"))) == "ambiguous"
        assert looker.on_screen.best_score > 0.99


def test_similar_pictures_are_told_apart(tmp_path: Path) -> None:
    for seed in range(0, 40, 4):
        screen = draw(seed)
        crop = screen.right
        Image.fromarray(screen.pixels[crop.y : crop.bottom, crop.x : crop.right]).save(
            tmp_path / "button.png"
        )
        assert verdict(screen, finder(screen.pixels, tmp_path).all(Target(image="button.png"))) == "right"
