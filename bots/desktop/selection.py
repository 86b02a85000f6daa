"""Offering text on the clipboard ourselves, for a moment, and knowing when it was fetched.

A helper program that holds the clipboard cannot say when a busy program has taken the text; changing the
clipboard too early then pastes the wrong thing. Source of the protocol: ICCCM, chapter 2.
"""

from __future__ import annotations

import select
import threading
from collections.abc import Mapping
from typing import Any

from bots.desktop.settings import adopted

CHUNK = 200_000
_TEXT_TARGETS = ("UTF8_STRING", "text/plain;charset=utf-8", "TEXT", "STRING", "text/plain", "COMPOUND_TEXT")


class Offer:
    """Owns a selection with `text` from `with` to its end. `fetched` is set once somebody took the text."""

    def __init__(
        self, name: str, environment: Mapping[str, str], text: str, which: str = "CLIPBOARD"
    ) -> None:
        from Xlib.display import Display  # type: ignore[import-untyped]

        with adopted({k: environment[k] for k in ("XAUTHORITY",) if k in environment}):
            self._display: Any = Display(name)
        self._display.set_error_handler(lambda *_: None)  # whoever asked may be gone before our answer
        self._window = self._display.screen().root.create_window(-10, -10, 1, 1, 0, 0)
        self._selection = self._atom(which)
        self._data = text.encode("utf-8")
        self._stop = threading.Event()
        self.fetched = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="desktop-clipboard", daemon=True)

    def __enter__(self) -> Offer:
        self._window.set_selection_owner(self._selection, 0)
        self._display.sync()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(2)
        self._window.destroy()
        self._display.close()

    def _atom(self, name: str) -> int:
        return int(self._display.intern_atom(name))

    def _serve(self) -> None:
        from Xlib import X  # type: ignore[import-untyped]

        while not self._stop.is_set():
            while self._display.pending_events():
                event = self._display.next_event()
                if event.type == X.SelectionRequest:
                    self._answer(event)
            select.select([self._display.fileno()], [], [], 0.02)

    def _answer(self, request: Any) -> None:
        """Puts what was asked for into the asker's property, or says that it cannot be had."""
        from Xlib import X
        from Xlib.protocol import event  # type: ignore[import-untyped]

        place = request.property or request.target
        known = {self._atom(n): n for n in _TEXT_TARGETS}
        if request.target == self._atom("TARGETS"):
            offered = [self._atom("TARGETS"), *known]
            request.requestor.change_property(place, self._atom("ATOM"), 32, offered)
        elif request.target in known:
            self._give(request.requestor, place, known[request.target])
        else:
            place = X.NONE
        answer = event.SelectionNotify(
            time=request.time,
            requestor=request.requestor,
            selection=request.selection,
            target=request.target,
            property=place,
        )
        request.requestor.send_event(answer)
        self._display.sync()
        if request.target in known:
            self.fetched.set()

    def _give(self, window: Any, place: int, target: str) -> None:
        """The text in pieces that a request can carry."""
        from Xlib import X

        kind = self._atom("UTF8_STRING" if target in ("TEXT", "COMPOUND_TEXT") else target)
        data = self._data.decode().encode("latin-1", "replace") if target == "STRING" else self._data
        window.change_property(place, kind, 8, data[:CHUNK])
        for start in range(CHUNK, len(data), CHUNK):
            window.change_property(place, kind, 8, data[start : start + CHUNK], mode=X.PropModeAppend)
