"""Windows of an X display: which there are, which is where, what lies under a point.

Only this module, and the hand, talk to the X server.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bots.desktop.geometry import Box
from bots.desktop.settings import adopted
from flows.failures import EngineFailure

if TYPE_CHECKING:
    from Xlib.xobject.drawable import Window as XWindow  # type: ignore[import-untyped]

PING_SECONDS = 2.0
_EVENT_MASKS = (1 << 19) | (
    1 << 20
)  # SubstructureNotify | SubstructureRedirect: how requests reach the manager
_NOTIFY = 1 << 19
_CLIENT_MESSAGE = 33
_ICONIC = 3


@dataclass(frozen=True, slots=True)
class Window:
    """A top-level window. `box` is its content, without the frame that the window manager draws."""

    id: int
    title: str
    program: str
    pid: int
    box: Box
    active: bool = False
    minimised: bool = False
    maximised: bool = False
    fullscreen: bool = False


@dataclass(frozen=True, slots=True)
class Hit:
    """What lies uppermost under a point: `window` 0 is the bare desktop; `popup` is a menu, hint or list
    that no window manager frames."""

    window: int
    title: str
    pid: int
    popup: bool


class XServer:
    """A connection to one display. Raises EngineFailure `display-gone` when the display is."""

    def __init__(self, name: str, environment: Mapping[str, str]) -> None:
        from Xlib import error  # type: ignore[import-untyped]
        from Xlib.display import Display  # type: ignore[import-untyped]

        keys = {k: environment[k] for k in ("XAUTHORITY",) if k in environment}
        try:
            with adopted(keys):
                self._display = Display(name)
        except (error.DisplayError, error.XauthError, OSError) as problem:
            raise EngineFailure(
                "display-gone", details={"display": name, "reason": str(problem)}
            ) from problem
        self._lost = (error.BadWindow, error.BadDrawable, error.BadMatch)
        self._root = self._display.screen().root
        self._root.change_attributes(event_mask=_NOTIFY)
        extension = self._display.query_extension("X-Resource")
        self._tells_pids = extension is not None
        if extension is not None:
            self._display.display.set_extension_major("X-Resource", extension.major_opcode)

    def close(self) -> None:
        from Xlib.error import ConnectionClosedError  # type: ignore[import-untyped]

        try:
            self._display.close()
        except (ConnectionClosedError, OSError):
            return

    # ---- what there is ----
    @property
    def size(self) -> Box:
        """The whole display as it is now: a person may change the resolution in the middle of a run."""
        from Xlib.error import ConnectionClosedError

        try:
            now = self._root.get_geometry()
        except (ConnectionClosedError, OSError) as error:
            raise EngineFailure("display-gone", details={"display": "", "reason": str(error)}) from error
        return Box(0, 0, now.width, now.height)

    def has_window_manager(self) -> bool:
        return self._property(self._root, "_NET_SUPPORTING_WM_CHECK") is not None

    def windows(self) -> list[Window]:
        """Top-level windows, the lowest first."""
        stacked = self._property(self._root, "_NET_CLIENT_LIST_STACKING") or []
        active = self.active_id()
        found = [self.window(int(id_), active) for id_ in stacked]
        return [w for w in found if w is not None]

    def window(self, id_: int, active: int | None = None) -> Window | None:
        """A top-level window by its number; None when it is gone."""
        window = self._display.create_resource_object("window", id_)
        try:
            size, place = window.get_geometry(), window.translate_coords(self._root, 0, 0)
            names = window.get_wm_class() or ("", "")
            state = {self._display.get_atom_name(a) for a in self._property(window, "_NET_WM_STATE") or []}
            return Window(
                id_,
                self._title(window),
                str(names[-1]),
                self._pid(window),
                Box(-place.x, -place.y, size.width, size.height),
                id_ == (self.active_id() if active is None else active),
                "_NET_WM_STATE_HIDDEN" in state or self._iconic(window),
                {"_NET_WM_STATE_MAXIMIZED_VERT", "_NET_WM_STATE_MAXIMIZED_HORZ"} <= state,
                "_NET_WM_STATE_FULLSCREEN" in state,
            )
        except self._lost:
            return None

    def popups(self) -> list[Window]:
        """Menus, lists and hints that no window manager frames, the uppermost first."""
        found = []
        for child in reversed(self._root.query_tree().children):
            try:
                how = child.get_attributes()
                if how.override_redirect and how.map_state == 2 and self._shows(child):
                    found.append(self.window(child.id, 0))
            except self._lost:
                continue
        return [w for w in found if w is not None]

    def _shows(self, window: XWindow) -> bool:
        """Whether a popup is more than the window manager's little helpers, which stand outside the
        screen."""
        size = window.get_geometry()
        box = Box(size.x, size.y, size.width, size.height).common(self.size)
        return box.width > 8 and box.height > 8 and self._pid(window) != self._manager_pid()

    def _manager_pid(self) -> int:
        found = self._property(self._root, "_NET_SUPPORTING_WM_CHECK")
        return self._pid(self._display.create_resource_object("window", int(found[0]))) if found else 0

    def active_id(self) -> int:
        found = self._property(self._root, "_NET_ACTIVE_WINDOW")
        return int(found[0]) if found else 0

    def framed(self, window: Window) -> Box:
        """The window with the frame that the window manager draws."""
        made = self._display.create_resource_object("window", window.id)
        try:
            found = self._property(made, "_NET_FRAME_EXTENTS")
        except self._lost:
            return window.box
        left, right, top, bottom = [int(v) for v in found] if found and len(found) == 4 else (0, 0, 0, 0)
        box = window.box
        return Box(box.x - left, box.y - top, box.width + left + right, box.height + top + bottom)

    def hit(self, x: int, y: int) -> Hit:
        """What a click at this point would reach."""
        top = self._child(self._root, x, y)
        if top is None:
            return Hit(0, "", 0, popup=False)
        inner: XWindow | None = top
        try:
            while inner is not None:
                if self._property(inner, "WM_STATE") is not None:
                    return Hit(inner.id, self._title(inner), self._pid(inner), popup=False)
                inner = self._child(inner, x, y)
            popup = bool(top.get_attributes().override_redirect)
            return Hit(top.id, self._title(top), self._pid(top), popup)
        except self._lost:
            return Hit(0, "", 0, popup=False)

    def pointer(self) -> tuple[int, int]:
        found = self._root.query_pointer()
        return int(found.root_x), int(found.root_y)

    def key_held(self, name: str) -> bool:
        """Whether a key is pressed right now, on whichever window."""
        from Xlib import XK

        code = self._display.keysym_to_keycode(XK.string_to_keysym(name))
        pressed = self._display.query_keymap()
        return bool(code and pressed[code // 8] >> code % 8 & 1)

    def _child(self, window: XWindow, x: int, y: int) -> XWindow | None:
        try:
            child = window.translate_coords(self._root, x, y).child
        except self._lost:
            return None
        return child if child and not isinstance(child, int) else None

    def _title(self, window: XWindow) -> str:
        for name in ("_NET_WM_NAME", "WM_NAME"):
            found = self._property(window, name)
            if found is not None:
                text = found if isinstance(found, str) else bytes(found).decode("utf-8", "replace")
                return " ".join(text.split())
        return ""

    def _pid(self, window: XWindow) -> int:
        """The process behind a window: the server's own word, since programs may leave it out."""
        from Xlib.ext import res  # type: ignore[import-untyped]

        mask = res.LocalClientPIDMask
        if self._tells_pids:
            found = res.query_client_ids(self._display, [{"client": window.id, "mask": mask}])
            for one in found.ids:
                if one.spec.mask == mask and one.value:
                    return int(one.value[0])
        said = self._property(window, "_NET_WM_PID")
        return int(said[0]) if said else 0

    def _iconic(self, window: XWindow) -> bool:
        state = self._property(window, "WM_STATE")
        return bool(state) and int(state[0]) == _ICONIC

    def _property(self, window: XWindow, name: str) -> Any:
        found = window.get_full_property(self._display.intern_atom(name), 0)
        return None if found is None else found.value

    # ---- what can be asked of a window ----
    def activate(self, window: Window) -> None:
        """Raises it and gives it the keyboard."""
        self._ask(window, "_NET_ACTIVE_WINDOW", [2, 0, 0, 0, 0])

    def close_window(self, window: Window) -> None:
        """What the cross in its corner does."""
        self._ask(window, "_NET_CLOSE_WINDOW", [0, 2, 0, 0, 0])

    def place(self, window: Window, x: int, y: int, width: int, height: int) -> None:
        """Moves and sizes it; the frame's corner comes to x, y. Width and height are of the content."""
        flags = 0b1111 << 8 | 1  # all four given, north-west gravity
        self._ask(window, "_NET_MOVERESIZE_WINDOW", [flags, x, y, width, height])

    def maximise(self, window: Window, *, on: bool) -> None:
        both = [self._atom("_NET_WM_STATE_MAXIMIZED_VERT"), self._atom("_NET_WM_STATE_MAXIMIZED_HORZ")]
        self._ask(window, "_NET_WM_STATE", [1 if on else 0, *both, 2, 0])

    def minimise(self, window: Window) -> None:
        self._ask(window, "WM_CHANGE_STATE", [_ICONIC, 0, 0, 0, 0])

    def answers(self, window: Window, seconds: float = PING_SECONDS) -> bool | None:
        """Whether the program behind a window still handles events. None: it does not take part in asking."""
        from Xlib.protocol import event  # type: ignore[import-untyped]

        made = self._display.create_resource_object("window", window.id)
        protocols, ping = self._atom("WM_PROTOCOLS"), self._atom("_NET_WM_PING")
        try:
            if ping not in made.get_wm_protocols():
                return None
        except self._lost:
            return None
        stamp = int(time.monotonic() * 1000) & 0x7FFFFFFF
        data = (32, [ping, stamp, window.id, 0, 0])
        made.send_event(event.ClientMessage(window=made, client_type=protocols, data=data))
        self._display.flush()
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self._ponged(protocols, [ping, stamp]):
                return True
            if self.window(window.id, 0) is None:
                return None
            time.sleep(0.002)
        return False

    def _ponged(self, protocols: int, wanted: list[int]) -> bool:
        while self._display.pending_events():
            got = self._display.next_event()
            ours = got.type == _CLIENT_MESSAGE and got.client_type == protocols
            if ours and got.data[1][:2].tolist() == wanted:
                return True
        return False

    def set_resources(self, text: str) -> None:
        """The display's resources: where programs without a desktop's settings learn the resolution."""
        self._root.change_property(self._atom("RESOURCE_MANAGER"), self._atom("STRING"), 8, text.encode())
        self._display.sync()

    def _ask(self, window: Window, message: str, data: list[int]) -> None:
        from Xlib.protocol import event

        made = self._display.create_resource_object("window", window.id)
        request = event.ClientMessage(window=made, client_type=self._atom(message), data=(32, data))
        self._root.send_event(request, event_mask=_EVENT_MASKS)
        self._display.sync()

    def _atom(self, name: str) -> int:
        return int(self._display.intern_atom(name))
