"""Looking at the desktop and recording on it, outside runs: for authors."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rpa.settings import Settings

if TYPE_CHECKING:
    from bots.desktop.bot import Desktop
    from bots.desktop.inspecting import Seen

START_S = 60.0


class Author:
    """The context of a bot that an author uses by hand: nothing is kept, nothing is masked."""

    def __init__(self, settings: Settings, options: Mapping[str, Any]) -> None:
        self.settings = settings
        self.options = {**settings.run_options(), **options}
        self.rehearsing = False
        self._deadline = time.monotonic() + START_S

    def remaining(self) -> float:
        return max(0.0, self._deadline - time.monotonic())

    def path(self, text: str, *, write: bool = False) -> Path:
        return self.settings.project / text

    def note(self, key: str, value: Any) -> None:
        """Notes belong to a run's record; here there is none."""

    def log(self, message: str, **details: Any) -> None:
        """Nothing is recorded here."""

    def warn(self, code: str, **details: Any) -> None:
        """Nothing is recorded here."""

    def mask(self, value: str) -> None:
        """No secrets are handed in here."""

    def hidden(self) -> Iterable[str]:
        return ()


@contextmanager
def opened(
    settings: Settings, program: str | None, display: str | None, *, virtual: bool
) -> Iterator[Desktop]:
    """A display with `program` started on it: a virtual one, or the real one without its lock."""
    from bots.desktop.actions.programs import start
    from bots.desktop.bot import Desktop

    real = {} if virtual else {"headed": True, "display": display or "", "only_look": True}
    ctx: Any = Author(settings, {"desktop": {**settings.desktop, **real}})
    desktop = Desktop()
    desktop.open(ctx)
    try:
        if program is not None:
            start(desktop, ctx, program=program)
        yield desktop
    finally:
        desktop.close()


def looked_at(
    settings: Settings,
    program: str | None,
    display: str | None,
    window: str | None,
    *,
    every: bool,
    wait: float,
    picture: bool,
) -> tuple[list[Seen], bytes]:
    """What shows, and (with `picture`) the screen with numbers as a PNG."""
    from bots.desktop.inspecting import drawn, inspect

    virtual = program is not None and not display
    with opened(settings, program, display, virtual=virtual) as desktop:
        if program is not None:
            time.sleep(wait)
        seen = inspect(desktop, window, every=every)
        return seen, drawn(desktop, seen) if picture else b""


def recorded(
    settings: Settings,
    program: str | None,
    display: str | None,
    out: Path,
    seconds: float | None,
    tell: Callable[[str], Any],
    *,
    virtual: bool,
) -> Path:
    """Records until `seconds` are over, the program ends or Control+C; writes the flow and its pictures."""
    from bots.desktop.recording import Recorder

    with opened(settings, program, display, virtual=virtual) as desktop:
        tell(f"Recording on {desktop.display.name}. Control+C ends it.")
        recorder = Recorder(desktop, program)
        deadline = None if seconds is None else time.monotonic() + seconds
        try:
            recorder.listen(lambda: deadline is not None and time.monotonic() > deadline, tell)
        except KeyboardInterrupt:
            recorder.interrupted()
        return recorder.write(out)
