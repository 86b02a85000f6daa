"""Programs: starting, attaching to one that runs, closing."""

from __future__ import annotations

import shlex
import time
from typing import Any

from bots.base import Context
from bots.desktop.bot import Desktop
from bots.desktop.conditions import wait_until
from bots.desktop.failures_of import FOUND
from bots.desktop.words import same
from bots.desktop.xserver import Window
from flows.action import action
from flows.failures import ApplicationFailure

_STARTED = {**FOUND, "program-unknown": "flow", "window-missing": "application"}


@action(
    "desktop.start",
    main="program",
    acts="screen",
    timeout="60s",
    fails=_STARTED,
    examples=(
        "desktop.start: galculator",
        "desktop.start: {program: localc, args: [--norestore], window: '*Calc'}",
    ),
)
def start(
    desktop: Desktop,
    ctx: Context,
    *,
    program: str,
    args: list[str] | None = None,
    folder: str | None = None,
    window: str | None = None,
) -> dict[str, Any]:
    """Starts a program on the bot's display, waits for its window, and makes it the one that targets are
    looked for in.

    `program` is a name or path, in one piece with its arguments or with them in `args`. `window` is the
    title to wait for (`*` for anything); without it, the first window of the program.
    """
    desktop.ctx = ctx
    command = [*shlex.split(program), *(args or [])] if args is None else [program, *args]
    started = desktop.start(command, ctx.path(folder) if folder is not None else None)
    found = _await_window(desktop, ctx, window)
    return {"pid": started.pid, "window": found.title}


def _await_window(desktop: Desktop, ctx: Context, title: str | None) -> Window:
    """The program's window once it shows and stands still. Raises `window-missing`, `program-ended`."""
    found: list[Window] = []

    def shows() -> bool:
        mine = [w for w in desktop.windows() if not w.minimised and w.box.area > 100]
        found[:] = [w for w in mine if title is None or same(title, w.title)]
        return bool(found)

    if not wait_until(desktop, ctx, shows):
        details = {"window": title or "a window", "there": _titles(desktop)}
        raise ApplicationFailure("window-missing", details=details)
    _stands_still(desktop, ctx, found[-1])
    desktop.server.activate(found[-1])
    return found[-1]


def _stands_still(desktop: Desktop, ctx: Context, window: Window) -> None:
    """Window managers move new windows: waits until its box is the same twice."""
    last = None

    def same_twice() -> bool:
        nonlocal last
        now = desktop.server.window(window.id)
        still = now is None or (last is not None and now.box == last.box)
        last = now
        return still

    wait_until(desktop, ctx, same_twice, seconds=2.0)


def _titles(desktop: Desktop) -> str:
    return ", ".join(f'"{w.title}"' for w in desktop.server.windows()) or "none"


@action(
    "desktop.attach",
    main="window",
    acts="screen",
    fails=_STARTED,
    examples=("desktop.attach: '*SAP Easy Access*'",),
)
def attach(desktop: Desktop, ctx: Context, *, window: str) -> dict[str, Any]:
    """Makes the program behind a window the one that targets are looked for in. It is not ended with the
    run."""
    desktop.ctx = ctx
    found: list[Window] = []

    def shows() -> bool:
        found[:] = desktop.windows(window)
        return bool(found)

    if not wait_until(desktop, ctx, shows, living=False):
        raise ApplicationFailure("window-missing", details={"window": window, "there": _titles(desktop)})
    program = desktop.attach(found[-1])
    desktop.server.activate(found[-1])
    return {"pid": program.pid, "window": found[-1].title}


@action(
    "desktop.close",
    main="window",
    acts="screen",
    fails={**_STARTED, "not-closing": "application"},
    examples=("desktop.close:", "desktop.close: 'Preferences'", "desktop.close: {force: true}"),
)
def close(desktop: Desktop, ctx: Context, *, window: str | None = None, force: bool = False) -> None:
    """Closes a window, or every window of the current program, as the cross in its corner does.

    `not-closing` when one stays, because the program asks something. `force` ends the program instead.
    """
    desktop.ctx = ctx
    if force and desktop.current is not None:
        desktop.end(desktop.current)
        return
    going = desktop.windows(window)
    for one in reversed(going):
        desktop.server.close_window(one)
    ids = {w.id for w in going}

    def gone() -> bool:
        return not ids & {w.id for w in desktop.server.windows()}

    if not wait_until(desktop, ctx, gone, seconds=10, living=False):
        left = [w.title for w in desktop.server.windows() if w.id in ids]
        raise ApplicationFailure(
            "not-closing", details={"window": ", ".join(left), "there": _titles(desktop)}
        )
    if window is None and desktop.current is not None:
        _let_end(desktop, ctx)


def _let_end(desktop: Desktop, ctx: Context) -> None:
    """A program whose last window is gone ends by itself, or is ended."""
    program = desktop.current
    assert program is not None
    deadline = time.monotonic() + min(3.0, ctx.remaining())
    while program.running and time.monotonic() < deadline:
        time.sleep(0.05)
    desktop.end(program)
