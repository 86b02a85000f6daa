"""The hand: mouse and keys, by pyautogui. It never types text (see `entry`): it presses keys.

pyautogui is imported when the hand is made, bound to the bot's display, and its keys are mended: under X it
looks up `<` as its own key and, holding Shift besides, typed `>`.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from bots.desktop.settings import adopted
from flows.failures import ApplicationFailure, FlowFailure

_NAMES = {
    "control": "ctrl",
    "ctrl": "ctrl",
    "shift": "shift",
    "alt": "alt",
    "meta": "win",
    "super": "win",
    "win": "win",
    "return": "enter",
    "escape": "esc",
    "del": "delete",
    "ins": "insert",
    "arrowup": "up",
    "arrowdown": "down",
    "arrowleft": "left",
    "arrowright": "right",
    "page_up": "pageup",
    "page_down": "pagedown",
    "plus": "+",
    "minus": "-",
    "menu": "apps",
}
_SHIFTED = dict(zip('~!@#$%^&*()_+{}|:"<>?', "`1234567890-=[]\\;',./", strict=True))
BETWEEN = 0.012


class Hand:
    """Mouse and keyboard of one display. `attended`: the corner of the screen stops everything."""

    def __init__(self, name: str, environment: Mapping[str, str], *, attended: bool, seconds: float) -> None:
        keys = {k: environment[k] for k in ("XAUTHORITY",) if k in environment}
        with adopted({"DISPLAY": name, **keys} if name else {}):
            import pyautogui  # type: ignore[import-untyped]

            self._gui: Any = pyautogui
            self._bind(name)
        self._gui.PAUSE = 0
        self._gui.FAILSAFE = attended
        self._gui.DARWIN_CATCH_UP_TIME = 0
        self._seconds = seconds
        self.used = False
        """Something was clicked, pressed or moved; whoever looks at its effect makes sure it has arrived."""

    def _bind(self, name: str) -> None:
        """Binds pyautogui to this display and mends its keys. On Windows there is nothing to bind."""
        module = self._gui.platformModule
        if not hasattr(module, "_display"):
            return
        from Xlib.display import Display  # type: ignore[import-untyped]

        module._display = Display(name)
        for upper, lower in _SHIFTED.items():
            module.keyboardMapping[upper] = module.keyboardMapping[lower]

    def close(self) -> None:
        from Xlib.error import ConnectionClosedError  # type: ignore[import-untyped]

        display = getattr(self._gui.platformModule, "_display", None)
        try:
            if display is not None:
                display.close()
        except (ConnectionClosedError, OSError):
            return

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        from Xlib.error import ConnectionClosedError

        self.used = True
        try:
            yield
        except self._gui.FailSafeException as error:
            raise ApplicationFailure("stopped-by-hand", details={"how": "the mouse in a corner"}) from error
        except ConnectionClosedError as error:
            raise ApplicationFailure("display-gone", details={"display": "", "reason": str(error)}) from error

    # ---- mouse ----
    def move(self, x: int, y: int) -> None:
        with self._guarded():
            self._gui.moveTo(x, y, duration=self._seconds)

    def down(self, button: str = "left") -> None:
        with self._guarded():
            self._gui.mouseDown(button=button, _pause=False)

    def up(self, button: str = "left") -> None:
        with self._guarded():
            self._gui.mouseUp(button=button, _pause=False)

    def click(self, button: str = "left", count: int = 1) -> None:
        """Where the pointer is."""
        for _ in range(count):
            self.down(button)
            time.sleep(BETWEEN)
            self.up(button)
            time.sleep(BETWEEN)

    def drag(self, start: tuple[int, int], goal: tuple[int, int], steps: int = 12) -> None:
        """Presses at `start` and lets go at `goal`, slowly enough for programs that watch every movement."""
        self.move(*start)
        self.down()
        try:
            for i in range(1, steps + 1):
                x = start[0] + (goal[0] - start[0]) * i // steps
                y = start[1] + (goal[1] - start[1]) * i // steps
                self.move(x, y)
                time.sleep(BETWEEN)
            time.sleep(0.05)
        finally:
            self.up()

    def scroll(self, notches: int, *, sideways: bool = False) -> None:
        """Turns the wheel where the pointer is: up or to the left for positive numbers."""
        turn = self._gui.hscroll if sideways else self._gui.vscroll
        with self._guarded():
            turn(notches)

    # ---- keys ----
    def press(self, keys: str) -> None:
        """A key or a combination: `Enter`, `F2`, `Control+Shift+s`. Raises `keys-unknown`."""
        names = self.key_names(keys)
        with self._guarded(), self.held(names[:-1]):
            self._gui.keyDown(names[-1], _pause=False)
            time.sleep(BETWEEN)
            self._gui.keyUp(names[-1], _pause=False)
        time.sleep(BETWEEN)

    @contextmanager
    def held(self, names: Sequence[str]) -> Iterator[None]:
        """Holds keys meanwhile, and lets go whatever happens."""
        with self._guarded():
            down: list[str] = []
            try:
                for name in names:
                    self._gui.keyDown(name, _pause=False)
                    down.append(name)
                yield
            finally:
                for name in reversed(down):
                    self._gui.keyUp(name, _pause=False)

    def key_names(self, keys: str) -> list[str]:
        """pyautogui's names of a combination. A single `+` is the key itself."""
        parts = [keys] if len(keys) == 1 else [p for p in keys.replace("++", "+plus").split("+") if p]
        names = [_NAMES.get(p.strip().lower(), p.strip().lower() if len(p.strip()) > 1 else p) for p in parts]
        known = {*self._gui.KEYBOARD_KEYS, *(chr(c) for c in range(33, 127))}
        wrong = next((n for n in names if n not in known), None)
        if wrong is not None or not names:
            raise FlowFailure(
                "keys-unknown", details={"keys": keys, "reason": f"there is no key {wrong or keys!r}"}
            )
        return names
