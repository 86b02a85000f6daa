"""The recorder and the inspector: what a person does and sees becomes targets that hold."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import yaml
from PIL import Image

from bots.desktop.bot import Desktop
from bots.desktop.inspecting import drawn, inspect, numbered
from bots.desktop.recording import Recorder
from bots.desktop.screen import from_png
from bots.desktop.target import Target
from tests.bots.desktop.conftest import needs
from tests.bots.fakes import Doing

BETWEEN = 0.5


def record(desktop: Desktop, acts: Iterable[Callable[[], None]], program: str, out: Path) -> str:
    """Records what a person does with the hand, a moment between one thing and the next."""
    recorder = Recorder(desktop, program)

    def person() -> None:
        for act in acts:
            time.sleep(BETWEEN)
            act()
        time.sleep(BETWEEN)

    thread = threading.Thread(target=person)
    thread.start()
    recorder.listen(lambda: not thread.is_alive(), lambda line: None)  # noqa: ARG005
    thread.join()
    return recorder.write(out).read_text("utf-8")


def click_on(desktop: Desktop, do: Doing, target: Any, count: int = 1) -> Callable[[], None]:
    """A click of the hand where the target stands now."""
    x, y = desktop.find.one(do.ctx.begin(), Target.model_validate(target)).box.center

    def act() -> None:
        desktop.hand.move(x, y)
        desktop.hand.click(count=count)

    return act


def seen(act: Callable[[], None]) -> None:
    """A person sees what came up before clicking it."""
    time.sleep(BETWEEN)
    act()


def keys(desktop: Desktop, text: str) -> Callable[[], None]:
    def act() -> None:
        for char in text:
            desktop.hand.press(char)

    return act


@needs("galculator")
def test_clicks_become_steps_with_a_ladder(desktop: Desktop, do: Doing, tmp_path: Path) -> None:
    do("desktop.start", "galculator")
    acts = [click_on(desktop, do, {"role": "button", "name": n}) for n in "7+8="]
    text = record(desktop, acts, "galculator", tmp_path / "flows" / "sum.yaml")
    flow = yaml.safe_load(text)
    clicks = [step["desktop.click"] for step in flow["steps"]]
    assert [(c["role"], c["name"]) for c in clicks] == [("togglebutton", n) for n in "7+8="]
    assert flow["session"]["steps"] == [{"desktop.start": "galculator"}]
    pictures = re.findall(r"images/\S+\.png", text)
    assert len(pictures) == 4
    with Image.open(tmp_path / pictures[0]) as picture:
        assert picture.info["theme"] == desktop.settings.theme
        assert round(picture.info["dpi"][0]) == desktop.settings.dpi
    found = desktop.find.on_screen.image(Target(image=str(tmp_path / pictures[0])), None)
    assert len(found) == 1


@needs("mousepad")
def test_typing_and_menus_become_one_step_each(desktop: Desktop, do: Doing, tmp_path: Path) -> None:
    do("desktop.start", "mousepad", seconds=20)
    edit = click_on(desktop, do, {"role": "menu", "name": "Edit"})
    acts = [
        click_on(desktop, do, {"role": "textbox"}),
        keys(desktop, "ab<c"),
        lambda: desktop.hand.press("Control+a"),
        edit,
        lambda: seen(click_on(desktop, do, {"role": "menuitem", "name": "Delete Line"})),
    ]
    flow = yaml.safe_load(record(desktop, acts, "mousepad", tmp_path / "flows" / "note.yaml"))
    (typed,) = (s["desktop.type"] for s in flow["steps"] if "desktop.type" in s)
    assert flow["inputs"][typed["text"].removeprefix("${inputs.").removesuffix("}")]["default"] == "ab<c"
    assert [next(iter(s)) for s in flow["steps"]] == ["desktop.type", "desktop.press", "desktop.menu"]
    assert flow["steps"][1] == {"desktop.press": "Control+a"}
    assert flow["steps"][2] == {"desktop.menu": "Edit > Delete Line"}


@needs("galculator")
def test_the_inspector_names_everything_by_a_target_that_finds_it(desktop: Desktop, do: Doing) -> None:
    do("desktop.start", "galculator")
    (seen,) = inspect(desktop)
    shown = numbered([seen])
    assert len(shown) > 30
    for line in shown:
        found = desktop.find.all(Target.model_validate(yaml.safe_load(line.target)))
        assert [p.box for p in found] == [line.box], line.target
    picture = from_png(drawn(desktop, [seen]))
    assert picture.shape[:2] == (1080, 1920)


@needs("xcalc")
def test_the_inspector_reads_what_tells_nothing(desktop: Desktop, do: Doing) -> None:
    do("desktop.start", "xcalc")
    seen = [one for one in inspect(desktop) if one.dark]
    words = {line.name or line.target for one in seen for line in one.lines}
    assert any("STO" in w for w in words), words
