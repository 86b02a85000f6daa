"""Text into fields: never typed letter by letter unless asked, always read back and compared."""

from __future__ import annotations

import time
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Literal, TypeAlias

from bots.base import Context
from bots.desktop.driver import DriverGone
from bots.desktop.find import Place
from bots.desktop.target import Target
from flows.failures import ApplicationFailure

if TYPE_CHECKING:
    from bots.desktop.bot import Desktop

By: TypeAlias = Literal["auto", "accessibility", "clipboard", "selection", "keys"]
Check: TypeAlias = Literal["exact", "number", "screen", "none"]
SETTLE = 2.0
FETCHED = 5.0
"""Seconds that a program may take to fetch a pasted text."""
ALL_CLICKS = 5
APART = 0.6
"""Seconds after which a click begins to count anew."""
_UNREAD = "\ufdd0"
"""Put into the clipboard before copying: a character that no text contains."""


class Entry:
    """Puts text into a field and makes sure that it stands there."""

    def __init__(self, desktop: Desktop) -> None:
        self.desktop = desktop

    def fill(
        self, ctx: Context, target: Target, place: Place, text: str, by: By, check: Check, *, secret: bool
    ) -> None:
        """Replaces what stands in the field. Raises `value-not-taken` naming what stands there instead."""
        if secret:
            self.desktop.evidence_of.cover(place, text)
        self._put(place, text, by)
        if check == "none":
            return
        stands = self._settled(ctx, place, text, check, by)
        if by in ("auto", "clipboard") and not self._took(place, text, stands, check):
            # Some programs accept a text and do nothing; a busy one may miss the keys.
            self._by_clipboard(place, text)
            stands = self._settled(ctx, place, text, check)
        if not self._took(place, text, stands, check):
            shown = "[hidden]" if secret else repr(stands)
            details = {"target": str(target), "value": "[hidden]" if secret else repr(text), "stands": shown}
            raise ApplicationFailure("value-not-taken", details=details, effect="maybe")

    def _took(self, place: Place, text: str, stands: str | None, check: Check) -> bool:
        if not text and stands is None:  # nothing can be copied out of an empty field
            stands = self._from_screen(place)
        return stands is not None and taken(text, stands, check, hidden=_hidden(place))

    # ---- in ----
    def _put(self, place: Place, text: str, by: By) -> None:
        if by in ("auto", "accessibility") and self._by_accessibility(place, text):
            return
        if by == "accessibility":
            raise ApplicationFailure(
                "not-ready", details={"target": str(place), "reason": "it takes no text", "window": ""}
            )
        if by == "keys":
            self._by_keys(place, text)
        elif by == "selection":
            self._by_selection(place, text)
        else:
            self._by_clipboard(place, text)

    def _by_accessibility(self, place: Place, text: str) -> bool:
        driver = self.desktop.driver
        if place.node is None or driver is None or "editable" not in place.node.can:
            return False
        driver.focus(place.node)
        return driver.set_text(place.node, text)

    def _by_clipboard(self, place: Place, text: str) -> None:
        self._take_keyboard(place)
        self._select_all(place)
        self.desktop.hand.press("Delete")  # under X, Tk pastes beside what is selected, not over it
        if not text:
            return
        with self.desktop.clipboard.holding(text) as offer:
            self.desktop.hand.press(self._paste_keys(place))
            offer.fetched.wait(FETCHED)  # whether it then stands there, the read-back tells
            self.desktop.catch_up()

    def _paste_keys(self, place: Place) -> str:
        return "Control+Shift+v" if place.node is not None and place.node.role == "terminal" else "Control+v"

    def _by_keys(self, place: Place, text: str) -> None:
        """Key by key, for programs that know no clipboard. ASCII only; else `value-not-typable`."""
        wrong = next((c for c in text if not (c.isascii() and c.isprintable()) and c not in "\n\t"), None)
        if wrong is not None:
            raise ApplicationFailure("value-not-typable", details={"character": wrong})
        self._take_keyboard(place)
        self._select_all(place)
        self.desktop.hand.press("Delete")
        for char in text:
            self.desktop.hand.press({"\n": "enter", "\t": "tab", " ": "space"}.get(char, char))

    def _by_selection(self, place: Place, text: str) -> None:
        """The X way of old programs (Xaw): five clicks select everything, the middle button pastes."""
        hand = self.desktop.hand
        self.desktop.act.click(place, count=ALL_CLICKS)
        hand.press("Control+w")
        time.sleep(APART)
        if not text:
            return
        with self.desktop.clipboard.holding(text, "primary") as offer:
            hand.click("middle")
            offer.fetched.wait(FETCHED)
            self.desktop.catch_up()

    def paste(self, text: str, keys: str = "Control+v") -> None:
        """Pastes where the keyboard is. Raises `value-not-taken` when nobody fetches the text."""
        with self.desktop.clipboard.holding(text) as offer:
            self.desktop.hand.press(keys)
            if not offer.fetched.wait(FETCHED):
                details = {"target": "the cursor", "value": "the pasted text", "stands": "nothing new"}
                raise ApplicationFailure("value-not-taken", details=details)
            self.desktop.catch_up()  # LibreOffice fetches a new text before it takes the keys

    def _take_keyboard(self, place: Place) -> None:
        """A click is what gives a person's field the keyboard; then it must say so, where it can."""
        self.desktop.act.click(place)
        driver = self.desktop.driver
        if place.node is None or driver is None or "focusable" not in place.node.states:
            time.sleep(0.05)
            return
        deadline = time.monotonic() + SETTLE
        while "focused" not in driver.look(place.node).states:
            if time.monotonic() > deadline:
                driver.focus(place.node)
                return
            time.sleep(0.02)

    def _select_all(self, place: Place) -> None:
        """Home and Shift+End select everywhere; Control+a would go to the line's start in some programs."""
        many = place.node is not None and "multi-line" in place.node.states
        self.desktop.hand.press("Control+Home" if many else "Home")
        self.desktop.hand.press("Control+Shift+End" if many else "Shift+End")

    # ---- back ----
    def _settled(
        self, ctx: Context, place: Place, text: str, check: Check, by: By = "auto"
    ) -> str | None:
        """What stands in the field once it stands still, at best what was wanted."""
        deadline = time.monotonic() + min(SETTLE, max(0.2, ctx.remaining() - 0.3))
        while True:
            stands = self._selected(place) if by == "selection" and check != "screen" else self.read(place, check)
            if self._took(place, text, stands, check) or time.monotonic() > deadline:
                return stands
            time.sleep(0.05)

    def read(self, place: Place, check: Check = "exact") -> str | None:
        """What stands in a field: by accessibility, else by copying it, else (`screen`) as it reads on the
        screen."""
        if check == "screen":
            return self._from_screen(place)
        if place.node is not None and ("text" in place.node.can or "value" in place.node.can):
            return self._text(place)
        return self._copied(place)

    def _text(self, place: Place) -> str | None:
        driver = self.desktop.driver
        if place.node is None or driver is None:
            return None
        try:
            if "text" in place.node.can:
                return driver.text(place.node)
            value = driver.value(place.node)
        except DriverGone:
            return None
        return None if value is None else format(Decimal(repr(value)).normalize(), "f")

    def _copied(self, place: Place) -> str | None:
        """By the clipboard; None when the program put nothing there."""
        clipboard, hand = self.desktop.clipboard, self.desktop.hand
        with clipboard.holding(_UNREAD):
            self._select_all(place)
            hand.press("Control+c")
            deadline = time.monotonic() + 1.0
            while (got := clipboard.read()) in ("", _UNREAD) and time.monotonic() < deadline:
                time.sleep(0.03)
            hand.press("End")
        return None if got in ("", _UNREAD) else got

    def _selected(self, place: Place) -> str:
        """What five clicks select, as the X selection tells; empty when that is nothing."""
        with self.desktop.clipboard.holding(_UNREAD, "primary"):
            time.sleep(APART)
            self.desktop.act.click(replace(place, look=None), count=ALL_CLICKS)  # it reads otherwise now
            deadline = time.monotonic() + 1.0
            while (got := self.desktop.clipboard.read("primary")) == _UNREAD and time.monotonic() < deadline:
                time.sleep(0.03)
        return "" if got == _UNREAD else got

    def _from_screen(self, place: Place) -> str:
        pixels = self.desktop.screen.grab(place.box.grown(2))
        seen = self.desktop.screen_text.look(pixels)
        return " ".join(s.text for s in sorted(seen, key=lambda s: (s.box.y // 8, s.box.x)))


def taken(wanted: str, stands: str, check: Check, *, hidden: bool = False) -> bool:
    """Whether a field that now shows `stands` took `wanted`. A hidden field shows only how many
    characters."""
    if hidden:
        return len(stands) == len(wanted)
    if _plain(wanted) == _plain(stands):
        return True
    if check == "screen":
        from bots.desktop.texts import confusable

        return confusable(wanted, stands)
    return check == "number" and _number(wanted) is not None and _number(wanted) == _number(stands)


def _plain(text: str) -> str:
    """Line ends alike; the line end that editors keep at the end of their text does not count."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text.removesuffix("\n")


def _number(text: str) -> Decimal | None:
    """A number as programs write it: with thousands marks, under a decimal point or comma."""
    plain = "".join(c for c in text if c.isdigit() or c in ".,-−").replace("−", "-")
    comma = plain.rfind(",") > plain.rfind(".") and len(plain) - plain.rfind(",") != 4
    plain = plain.replace(".", "").replace(",", ".") if comma else plain.replace(",", "")
    try:
        return Decimal(plain)
    except InvalidOperation:
        return None


def _hidden(place: Place) -> bool:
    return place.node is not None and place.node.role == "password"
