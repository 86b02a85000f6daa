"""The inspector: what stands on the desktop, with the target to paste into a flow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bots.desktop.bot import Desktop
from bots.desktop.driver import DriverFrozen, DriverGone, Node, Tree
from bots.desktop.geometry import Box
from bots.desktop.naming import Naming, shown_boxes, yaml_of

USEFUL = frozenset(
    {
        *(
            "button",
            "togglebutton",
            "menubutton",
            "checkbox",
            "radio",
            "switch",
            "combobox",
            "textbox",
            "password",
        ),
        *("searchbox", "spinbutton", "slider", "editor", "terminal", "menu", "menuitem", "menuitemcheckbox"),
        *("menuitemradio", "tab", "link", "table", "tree", "list", "listbox", "cell", "treeitem", "option"),
        *("dialog", "alert", "filechooser", "window", "label", "listitem"),
    }
)
MOST_CELLS = 60
TEXT_SHOWN = 40


@dataclass(frozen=True, slots=True)
class Line:
    """One thing: how deep it is in, where it stands (None: it does not show), the target that finds it."""

    depth: int
    role: str
    name: str
    text: str
    box: Box | None
    target: str

    def data(self) -> dict[str, Any]:
        box = [self.box.x, self.box.y, self.box.width, self.box.height] if self.box is not None else None
        shown = {"role": self.role, "name": self.name, "text": self.text, "target": self.target}
        return {"depth": self.depth, **shown, "box": box}


@dataclass(frozen=True, slots=True)
class Seen:
    """What one program shows. `dark`: it tells nothing about itself, and `lines` are words on the screen."""

    program: str
    toolkit: str
    lines: tuple[Line, ...]
    dark: bool = False


def inspect(desktop: Desktop, window: str | None = None, *, every: bool = False) -> list[Seen]:
    """The programs in scope. `window`: only those with such a title; `every`: closed menus and panels too."""
    desktop.check()
    found = [_program(desktop, tree, every=every) for tree in desktop.find.trees(window)]
    return [*[s for s in found if s.lines], *_dark(desktop, window)]


def _program(desktop: Desktop, tree: Tree, *, every: bool) -> Seen:
    driver = desktop.driver
    assert driver is not None
    boxes, naming = shown_boxes(driver, tree), Naming(driver, tree)
    cells = 0
    lines = []
    for node in tree.nodes:
        cells += node.role == "cell"
        if (every or _worth(node)) and not (node.role == "cell" and cells > MOST_CELLS):
            target = naming.target(node) if node.shows else None
            depth = sum(_worth(n) for n in tree.above(node))
            said = yaml_of(target) if target is not None else ""
            lines.append(Line(depth, node.role, node.name, _text(desktop, node), boxes.get(node.ref), said))
    return Seen(tree.application.name, tree.application.toolkit, tuple(lines))


def _worth(node: Node) -> bool:
    return node.shows and node.role in USEFUL and (node.role != "label" or bool(node.name))


def _text(desktop: Desktop, node: Node) -> str:
    driver = desktop.driver
    if driver is None or "text" not in node.can or not node.shows or node.role in ("password", "label"):
        return ""
    try:
        text = driver.text(node)
    except (DriverGone, DriverFrozen):
        return ""
    return "" if text == node.name else text[:TEXT_SHOWN]


def _dark(desktop: Desktop, window: str | None) -> list[Seen]:
    """Programs that tell nothing about themselves: the words that can be read on their windows."""
    driver = desktop.driver
    lit = {a.pid for a in driver.applications()} if driver is not None else set()
    seen = []
    for one in desktop.windows(window):
        if one.pid not in lit and not one.minimised:
            region = one.box.common(desktop.screen.size)
            read = desktop.screen_text.look(desktop.screen.grab(region))
            lines = tuple(
                Line(1, "text", s.text, "", s.box.moved(region.x, region.y), yaml_of({"screen_text": s.text}))
                for s in sorted(read, key=lambda s: (s.box.y, s.box.x))
            )
            seen.append(Seen(one.program or one.title, "no accessibility", lines, dark=True))
    return seen


def drawn(desktop: Desktop, seen: list[Seen]) -> bytes:
    """The screen as a PNG with a numbered frame around everything that has a target."""
    from PIL import Image, ImageDraw

    from bots.desktop.screen import png

    image = Image.fromarray(desktop.screen.grab())
    pen = ImageDraw.Draw(image)
    for number, line in enumerate(numbered(seen), 1):
        box = line.box
        assert box is not None
        pen.rectangle((box.x, box.y, box.right - 1, box.bottom - 1), outline=(220, 30, 60))
        words = str(number)
        left = max(0, min(box.x, image.width - 8 * len(words)))
        top = max(0, box.y - 5)
        pen.rectangle((left, top, left + 7 * len(words), top + 11), fill=(220, 30, 60))
        pen.text((left + 1, top), words, (255, 255, 255))
    import numpy as np

    return png(np.asarray(image, np.uint8))


def numbered(seen: list[Seen]) -> list[Line]:
    """The things that get a number, in the order in which they are printed."""
    return [line for one in seen for line in one.lines if line.box is not None and line.target]
