"""Windows: which there are, bringing one to the front, moving, sizing."""

from __future__ import annotations

from typing import Any

from bots.base import Context
from bots.desktop.bot import Desktop
from bots.desktop.conditions import wait_until
from bots.desktop.failures_of import THERE
from bots.desktop.xserver import Window
from flows.action import action
from flows.failures import ApplicationFailure, FlowFailure

_FAILS = {
    **THERE,
    "window-missing": "application",
    "target-ambiguous": "flow",
    "window-not-moved": "application",
}


def one_window(desktop: Desktop, ctx: Context, title: str | None) -> Window:
    """The only window with a title, waiting for it; without one the front window of the current program."""
    desktop.use(ctx)
    found: list[Window] = []

    def shows() -> bool:
        found[:] = desktop.windows(title)
        return bool(found)

    if not wait_until(desktop, ctx, shows):
        there = ", ".join(f'"{w.title}"' for w in desktop.server.windows()) or "none"
        raise ApplicationFailure("window-missing", details={"window": title or "a window", "there": there})
    if title is not None and len(found) > 1:
        listed = "\n".join(f'  {i}. "{w.title}" of {w.program}' for i, w in enumerate(found, 1))
        details = {"target": f'window "{title}"', "count": len(found), "candidates": listed}
        raise FlowFailure("target-ambiguous", details=details)
    return next((w for w in found if w.active), found[-1])


@action("desktop.windows", acts="nothing", fails=THERE)
def windows(desktop: Desktop, ctx: Context, *, every: bool = False) -> list[dict[str, Any]]:
    """The windows of the current program (`every`: of all), the front one first."""
    desktop.use(ctx)
    found = desktop.server.windows() if every else desktop.windows()
    return [
        {
            "title": w.title, "program": w.program, "pid": w.pid,
            "active": w.active, "minimised": w.minimised,
            "x": w.box.x, "y": w.box.y, "width": w.box.width, "height": w.box.height,
        }
        for w in reversed(found)
    ]  # fmt: skip


@action("desktop.focus", main="window", acts="screen", fails=_FAILS, examples=("desktop.focus: '*Calc'",))
def focus(desktop: Desktop, ctx: Context, *, window: str) -> None:
    """Brings a window to the front and makes its program the current one."""
    found = one_window(desktop, ctx, window)
    desktop.attach(found)
    desktop.server.activate(found)
    if not wait_until(desktop, ctx, lambda: desktop.server.active_id() == found.id, seconds=5):
        raise ApplicationFailure("window-not-moved", details={"window": found.title, "wanted": "in front"})


@action(
    "desktop.move_window",
    acts="screen",
    fails=_FAILS,
    examples=("desktop.move_window: {x: 0, y: 0, width: 1200, height: 800}",),
)
def move_window(
    desktop: Desktop,
    ctx: Context,
    *,
    window: str | None = None,
    x: int | None = None,
    y: int | None = None,
    width: int | None = None,
    height: int | None = None,
) -> None:
    """Moves a window's frame to x, y and sizes its content, in pixels; what is not said stays."""
    found = one_window(desktop, ctx, window)
    frame = desktop.server.framed(found)
    goal = (
        frame.x if x is None else x,
        frame.y if y is None else y,
        width or found.box.width,
        height or found.box.height,
    )
    desktop.server.place(found, *goal)

    def there() -> bool:
        now = desktop.server.window(found.id)
        if now is None:
            return False
        at = desktop.server.framed(now)
        return (x is None or at.x == x) and (y is None or at.y == y)

    if not wait_until(desktop, ctx, there, seconds=3):
        raise ApplicationFailure(
            "window-not-moved", details={"window": found.title, "wanted": f"at {goal[0]}, {goal[1]}"}
        )


@action("desktop.maximise", main="window", acts="screen", fails=_FAILS)
def maximise(desktop: Desktop, ctx: Context, *, window: str | None = None, on: bool = True) -> None:
    """Makes a window fill the screen, or (`on: false`) gives it its former size."""
    found = one_window(desktop, ctx, window)
    desktop.server.maximise(found, on=on)

    def done() -> bool:
        now = desktop.server.window(found.id)
        return now is not None and now.maximised is on

    if not wait_until(desktop, ctx, done, seconds=3):
        raise ApplicationFailure("window-not-moved", details={"window": found.title, "wanted": "maximised"})


@action(
    "desktop.wait_window",
    main="window",
    acts="nothing",
    fails=_FAILS,
    examples=("desktop.wait_window: 'Report*'",),
)
def wait_window(desktop: Desktop, ctx: Context, *, window: str, gone: bool = False) -> str:
    """Waits until a window is there (or gone) and gives its title."""
    if not gone:
        return one_window(desktop, ctx, window).title
    desktop.use(ctx)
    if not wait_until(desktop, ctx, lambda: not desktop.windows(window), living=False):
        raise ApplicationFailure("not-closing", details={"window": window, "there": window})
    return ""
