"""Hearing clicks and keys on a display, without taking them: the X server's RECORD extension."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any

from bots.desktop.display import Display
from bots.desktop.settings import adopted
from flows.failures import EngineFailure

_BUTTONS = {1: "left", 2: "middle", 3: "right", 4: "up", 5: "down"}
_MODIFIERS = {"Control": 4, "Alt": 8, "Meta": 64}
_SHIFT = 1
_NAMES = {
    **{"Return": "Enter", "KP_Enter": "Enter", "Prior": "PageUp", "Next": "PageDown", "ISO_Left_Tab": "Tab"},
    **{
        "BackSpace": "BackSpace",
        "Tab": "Tab",
        "Escape": "Escape",
        "Delete": "Delete",
        "Home": "Home",
        "End": "End",
    },
    **{"Up": "Up", "Down": "Down", "Left": "Left", "Right": "Right", "Insert": "Insert"},
}


@dataclass(frozen=True, slots=True)
class Sign:
    """A click (`button`, at x, y) or a key (`key` as flows say it, `text` the character it gives)."""

    moment: float
    button: str = ""
    x: int = 0
    y: int = 0
    key: str = ""
    text: str = ""


class Listener:
    """Puts what a person does into a queue, from `with` to its end. Raises `recorder-missing`."""

    def __init__(self, display: Display, signs: SimpleQueue[Sign]) -> None:
        from Xlib import X  # type: ignore[import-untyped]
        from Xlib.display import Display as XDisplay  # type: ignore[import-untyped]
        from Xlib.ext import record  # type: ignore[import-untyped]

        env = display.environment
        with adopted({k: env[k] for k in ("XAUTHORITY",) if k in env}):
            self._control: Any = XDisplay(display.name)
            self._data: Any = XDisplay(display.name)
        if not self._control.has_extension("RECORD"):
            reason = "the server has no RECORD extension"
            raise EngineFailure("recorder-missing", details={"display": display.name, "reason": reason})
        self._signs = signs
        nothing = (0, 0)
        wanted = {
            **{"core_requests": nothing, "core_replies": nothing, "delivered_events": nothing},
            **{"ext_requests": (*nothing, *nothing), "ext_replies": (*nothing, *nothing), "errors": nothing},
            **{"device_events": (X.KeyPress, X.ButtonPress), "client_started": False, "client_died": False},
        }
        self._context = self._data.record_create_context(0, [record.AllClients], [wanted])
        self._thread = threading.Thread(target=self._run, name="desktop-recorder", daemon=True)

    def __enter__(self) -> Listener:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._control.record_disable_context(self._context)
        self._control.flush()
        self._thread.join(2)
        self._control.close()

    def _run(self) -> None:
        self._data.record_enable_context(self._context, self._heard)
        self._data.record_free_context(self._context)
        self._data.close()

    def _heard(self, reply: Any) -> None:
        from Xlib.ext import record
        from Xlib.protocol import rq  # type: ignore[import-untyped]

        if reply.category != record.FromServer or reply.client_swapped:
            return
        data = reply.data
        while len(data) >= 32:
            event, data = rq.EventField(None).parse_binary_value(data, self._data.display, None, None)
            self._put(event)

    def _put(self, event: Any) -> None:
        from Xlib import X

        now = time.monotonic()
        if event.type == X.ButtonPress:
            self._signs.put(Sign(now, _BUTTONS.get(event.detail, ""), event.root_x, event.root_y))
        elif event.type == X.KeyPress:
            key, text = self._key(event.detail, event.state)
            if key:
                self._signs.put(Sign(now, key=key, text=text))

    def _key(self, code: int, state: int) -> tuple[str, str]:
        """The key as flows say it, and the character it gives; both empty for a modifier alone."""
        from Xlib import XK

        shifted = bool(state & _SHIFT)
        symbol = self._control.keycode_to_keysym(code, int(shifted)) or self._control.keycode_to_keysym(
            code, 0
        )
        name = XK.keysym_to_string(symbol) if symbol < 0x100 else None
        held = [word for word, bit in _MODIFIERS.items() if state & bit]
        if name is not None and name.isprintable() and not held:
            return name, name
        known = _NAMES.get(_symbol_name(symbol)) or (_symbol_name(symbol) if _function(symbol) else name)
        if known is None:
            return "", ""
        shift = ["Shift"] if shifted else []
        return "+".join([*held, *shift, "space" if known == " " else known]), ""


def _symbol_name(symbol: int) -> str:
    from Xlib import XK

    for group in ("miscellany", "korean"):
        XK.load_keysym_group(group)
    names = (n[3:] for n in dir(XK) if n.startswith("XK_") and getattr(XK, n) == symbol)
    known = [*names]
    return next((n for n in known if n in _NAMES), known[0] if known else "")


def _function(symbol: int) -> bool:
    return 0xFFBE <= symbol <= 0xFFC9 or 0xFF31 <= symbol <= 0xFF39
