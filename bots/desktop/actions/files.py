"""Files: the open and save dialogs, and the clipboard."""

from __future__ import annotations

import time
from pathlib import Path

from bots.base import Context
from bots.browser.values import Text, shown
from bots.desktop.bot import Desktop
from bots.desktop.conditions import sees, target_of, wait_until
from bots.desktop.driver import Tree
from bots.desktop.failures_of import TAKEN, THERE
from bots.desktop.find import Place
from bots.desktop.target import Target
from flows.action import action
from flows.failures import ApplicationFailure, BusinessFailure

_FAILS = {**TAKEN, "dialog-missing": "application", "dialog-not-closing": "application"}


@action(
    "desktop.open_file",
    main="path",
    acts="screen",
    fails={**_FAILS, "file-missing": "flow"},
    examples=("desktop.open_file: orders/4711.xlsx",),
)
def open_file(desktop: Desktop, ctx: Context, *, path: str) -> str:
    """Gives a file to the open dialog that shows (or comes), and waits until the dialog is gone."""
    desktop.use(ctx)
    place = ctx.path(path)
    if not place.exists():
        raise FileNotFoundError(2, "no such file", str(place))
    _give(desktop, ctx, place)
    return str(place)


@action(
    "desktop.save_file",
    main="path",
    acts="screen",
    fails={**_FAILS, "file-exists": "business", "file-not-written": "application"},
    examples=("desktop.save_file: out/bill.txt", "desktop.save_file: {path: out/bill.txt, overwrite: true}"),
)
def save_file(
    desktop: Desktop, ctx: Context, *, path: str, overwrite: bool = False, answer: str | None = None
) -> str:
    """Gives a path to the save dialog that shows (or comes), and waits until the file is written.

    Without `overwrite` a path where a file already stands is refused (`file-exists`).
    `answer` is the button to press if the program asks something before it writes (`Use Excel*`).
    """
    desktop.use(ctx)
    place = ctx.path(path, write=True)
    if place.exists() and not overwrite:
        raise BusinessFailure("file-exists", details={"path": str(place)})
    place.parent.mkdir(parents=True, exist_ok=True)
    before = _stamp(place)
    _give(desktop, ctx, place, overwrite=overwrite)

    def written() -> bool:
        if answer is not None and sees(desktop, {"role": "button", "name": answer}):
            desktop.act.perform(ctx, Target(role="button", name=answer), "press", desktop.act.click)
        return _stamp(place) not in (None, before)

    if not wait_until(desktop, ctx, written, seconds=10, living=False):
        raise ApplicationFailure("file-not-written", details={"path": str(place)}, effect="maybe")
    _stands(place)
    return str(place)


def _stamp(place: Path) -> tuple[int, int] | None:
    """When it was last written and how long it is; None for no file or an empty one."""
    if not place.exists():
        return None
    stat = place.stat()
    return (stat.st_mtime_ns, stat.st_size)


def _stands(place: Path) -> None:
    """Waits until the file stops growing."""
    last = -1
    while (size := place.stat().st_size) != last:
        last = size
        time.sleep(0.1)


def _dialog(desktop: Desktop) -> tuple[str, int] | None:
    """The file dialog in front: its title and window number."""
    for tree in desktop.find.trees():
        for top in tree.windows():
            if top.role == "filechooser" or (top.role == "dialog" and _chooses_files(tree, top.ref)):
                window = next((w for w in desktop.server.windows() if w.title == top.name), None)
                if window is not None:
                    return top.name, window.id
    return None


def _chooses_files(tree: Tree, ref: tuple[str, str]) -> bool:
    return any(n.role == "filechooser" for n in tree.under(tree.by_ref[ref]))


def _give(desktop: Desktop, ctx: Context, place: Path, *, overwrite: bool = False) -> None:
    """Writes the whole path into the dialog's name field, accepts, and answers the question about
    replacing."""
    found: list[tuple[str, int]] = []

    def shows() -> bool:
        desktop.find.all(Target(window="*"))
        now = _dialog(desktop)
        found[:] = [now] if now is not None else []
        return now is not None

    if not wait_until(desktop, ctx, shows):
        raise ApplicationFailure("dialog-missing", details={"window": desktop.window_title()})
    title, number = found[0]
    _name_field(desktop, ctx, title, place)
    _accept(desktop, ctx, title)
    again = time.monotonic() + 1.5

    def gone() -> bool:
        if overwrite and (button := _question(desktop, title, place)) is not None:
            desktop.act.perform(ctx, button, "press", desktop.act.click)
        nonlocal again
        if time.monotonic() > again and _default_button(desktop, title):  # a dialog still busy loses a click
            again = time.monotonic() + 3.0
            _accept(desktop, ctx, title)
        return number not in {w.id for w in desktop.server.windows()}

    if not wait_until(desktop, ctx, gone, seconds=10, living=False):
        raise ApplicationFailure("dialog-not-closing", details={"window": title, "path": str(place)})


def _question(desktop: Desktop, title: str, place: Path) -> Target | None:
    """The button that replaces, in whatever language: the default one of the question that names the file."""
    for tree in desktop.find.trees():
        for top in tree.windows():
            inside = [n for n in tree.under(top) if n.shows]
            asks = top.role in ("alert", "dialog") and any(place.name in n.name for n in inside)
            default = [n.name for n in inside if n.role == "button" and "is-default" in n.states]
            if asks and top.name != title and len(default) == 1:
                holder = {"role": top.role, **({"name": top.name} if top.name else {})}
                return target_of({"role": "button", "name": default[0], "in": holder})
    return None


def _accept(desktop: Desktop, ctx: Context, title: str) -> None:
    """Presses the dialog's default button, once it is enabled; Enter in the name field may only close its
    list of proposals."""
    name = _default_button(desktop, title)
    if name:
        desktop.act.perform(ctx, Target(role="button", name=name, window=title), "press", desktop.act.click)
    else:
        desktop.hand.press("Enter")


def _default_button(desktop: Desktop, title: str) -> str:
    buttons = desktop.find.all(Target(role="button", window=title))
    found = [p.node.name for p in buttons if p.node is not None and "is-default" in p.node.states]
    return found[0] if len(found) == 1 else ""


def _name_field(desktop: Desktop, ctx: Context, title: str, place: Path) -> None:
    """The name field of a save dialog, or the one that `/` brings up in GTK's open dialog."""
    fields = Target(role="textbox", window=title)
    if not desktop.find.count(fields):
        desktop.hand.press("/")
        wait_until(desktop, ctx, lambda: desktop.find.count(fields) > 0, seconds=2)
    target = Target(role="textbox", window=title, nth="first")

    def put(found: Place) -> None:
        desktop.entry.fill(ctx, target, found, str(place), "auto", "exact", secret=False)

    desktop.act.perform(ctx, target, "field", put)


@action("desktop.clipboard", acts="nothing", fails={**THERE, "clipboard-failed": "engine"})
def clipboard(desktop: Desktop, ctx: Context) -> str:
    """The text in the clipboard."""
    desktop.use(ctx)
    return desktop.clipboard.read()


@action("desktop.copy", main="text", acts="screen", fails={**THERE, "clipboard-failed": "engine"})
def copy(desktop: Desktop, ctx: Context, *, text: Text) -> None:
    """Puts text into the clipboard."""
    desktop.use(ctx)
    desktop.clipboard.write(shown(text))
