"""Acting: waiting until a thing is ready, making sure that the hand reaches it and nothing else, then the
hand."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from bots.base import Context
from bots.desktop.driver import MENU_ROLES, WINDOWS, DriverFrozen, DriverGone
from bots.desktop.find import Place
from bots.desktop.target import Target, Wants
from bots.desktop.words import same
from bots.desktop.xserver import Window
from flows.failures import ApplicationFailure, FlowFailure

if TYPE_CHECKING:
    from bots.desktop.bot import Desktop

POLL = 0.05
ACTIVE_WITHIN = 0.5
T = TypeVar("T")
_POPUP_ROLES = MENU_ROLES | {"popup", "popupmenu", "listitem", "option", "tooltip", "combobox"}


class Acting:
    """What stands between an action and the hand."""

    def __init__(self, desktop: Desktop) -> None:
        self.desktop = desktop

    def perform(
        self, ctx: Context, target: Target, wants: Wants, do: Callable[[Place], T], *, by_hand: bool = True
    ) -> T:
        """Finds `target`, waits until it can be used, does it. `by_hand`: the pointer must reach it.

        Raises what `Finder.one` raises, and `not-ready` with what was in the way.
        """
        desktop = self.desktop
        desktop.use(ctx)
        while True:
            place = desktop.find.one(ctx, target, wants)
            reason = self._obstacle(place, wants, by_hand=by_hand)
            if not reason:
                try:
                    done = do(place)
                except _Slipped as slip:
                    reason = slip.reason
                except DriverGone:
                    reason = "it went away"
                except DriverFrozen as error:
                    details = {"program": desktop.program_name()}
                    raise ApplicationFailure("program-frozen", details=details, effect="maybe") from error
                else:
                    self._noted(ctx, place)
                    desktop.pause()
                    return done
            if ctx.remaining() < 0.3:
                details = {"target": str(target), "reason": reason, "window": desktop.window_title()}
                raise ApplicationFailure("not-ready", details=details)
            time.sleep(POLL)

    def _noted(self, ctx: Context, place: Place) -> None:
        ctx.note("found", {"rung": place.rung, "what": str(place), "score": round(place.score, 4)})

    def _obstacle(self, place: Place, wants: Wants, *, by_hand: bool) -> str:
        """Why it cannot be used right now; empty when it can."""
        node = place.node
        if node is not None:
            if wants != "read" and not node.enabled:
                return "disabled"
            if wants == "field" and "read-only" in node.states:
                return "read only"
            if dialog := self._dialog_before(place):
                return f'the dialog "{dialog}" stands before it'
        if by_hand and not self.desktop.screen.size.common(place.box).area:
            return "outside the screen"
        return ""

    def _dialog_before(self, place: Place) -> str:
        if place.tree is None or place.top is None:
            return ""
        modal = [w for w in place.tree.windows() if "modal" in w.states and w.ref != place.top.ref]
        here = "modal" in place.top.states
        return (modal[0].name or modal[0].role) if modal and not here else ""

    # ---- the hand ----
    def click(self, place: Place, button: str = "left", count: int = 1) -> None:
        """A click that reaches `place`, or none. Raises _Slipped (tried again) when something came
        between."""
        self.reach(place)
        self.desktop.hand.click(button, count)

    def reach(self, place: Place) -> Place:
        """Brings the pointer over `place` after a last look that it still is what was found there."""
        fresh = self.desktop.find.fresh(place)
        if fresh is None:
            raise _Slipped("it changed or went away")
        point = self._point(fresh)
        self._uncover(fresh, *point)
        self._give_keyboard(*point)
        self.desktop.hand.move(*point)
        again = self.desktop.find.fresh(fresh) if fresh.node is not None else fresh
        if again is None or again.box != fresh.box:
            raise _Slipped("it is moving")
        covered = self._covered(again, *point)
        if covered:
            raise _Slipped(covered)
        return again

    def _point(self, place: Place) -> tuple[int, int]:
        """The middle of what shows of it."""
        return place.box.common(self.desktop.screen.size).center

    def _uncover(self, place: Place, x: int, y: int) -> None:
        """Raises the window of `place` when another one covers the point; the hint of what the pointer rests
        on goes when the pointer does."""
        if not self._covered(place, x, y):
            return
        window = self.window_of(place)
        if self.desktop.server.hit(x, y).popup:
            self.desktop.hand.move(x, y)
        elif window is not None:
            self.desktop.server.activate(window)
        deadline = time.monotonic() + 1.0
        while self._covered(place, x, y) and time.monotonic() < deadline:
            time.sleep(0.02)
        reason = self._covered(place, x, y)
        if reason:
            raise _Slipped(reason)

    def _give_keyboard(self, x: int, y: int) -> None:
        """Makes the window at a point the active one, as a click by hand would."""
        server = self.desktop.server
        hit = server.hit(x, y)
        window = server.window(hit.window) if hit.window and not hit.popup else None
        if window is None or window.active:
            return
        server.activate(window)
        deadline = time.monotonic() + ACTIVE_WITHIN
        while server.active_id() != window.id and time.monotonic() < deadline:
            time.sleep(0.01)

    def window_of(self, place: Place) -> Window | None:
        windows = self.desktop.server.windows()
        if place.window:
            return next((w for w in windows if w.id == place.window), None)
        pid = place.application.pid if place.application is not None else 0
        mine = [w for w in windows if w.pid == pid]
        title = place.top.name if place.top is not None else ""
        holding = [w for w in mine if same(title, w.title)] if title else []
        fitting = [w for w in holding or mine if self.desktop.server.framed(w).holds(*place.box.center)]
        return fitting[-1] if fitting else None

    def _covered(self, place: Place, x: int, y: int) -> str:
        """What would get the click instead; empty when `place` gets it."""
        hit = self.desktop.server.hit(x, y)
        if place.window:
            return "" if hit.window == place.window else f'covered by "{hit.title or "another window"}"'
        if place.application is None:
            return ""
        if hit.pid != place.application.pid:
            return f'covered by "{hit.title}"' if hit.window else "its window is not there"
        if hit.popup:
            return "" if self._pops_up(place) else "covered by a menu or list"
        if self._pops_up(place) and place.node is not None and place.node.role not in ("menu", "combobox"):
            return "" if self._window_fits(place, hit.window) else "its menu has closed"
        return "" if self._window_fits(place, hit.window) else f'covered by "{hit.title}"'

    def _window_fits(self, place: Place, window: int) -> bool:
        own = self.window_of(place)
        return own is None or own.id == window

    def _pops_up(self, place: Place) -> bool:
        """Whether it may stand in a popup: a menu, a list of choices, a window without a title."""
        if place.node is None or place.tree is None:
            return False
        chain = [place.node, *place.tree.above(place.node)]
        titled = place.top is not None and place.top.name and place.top.role in WINDOWS
        return any(n.role in _POPUP_ROLES for n in chain) or not titled


class _Slipped(Exception):
    """Something came between looking and acting; nothing was done."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def unfit(target: Target, reason: str) -> FlowFailure:
    """`target-unfit`: the action does not work on this kind of thing."""
    return FlowFailure("target-unfit", details={"target": str(target), "reason": reason})
