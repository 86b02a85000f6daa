"""What AT-SPI says of a thing, as a Node: from the cache's items, and from the questions asked one by one."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from bots.desktop.atspi_words import interface_words, role_word, state_words
from bots.desktop.bus import Call
from bots.desktop.driver import DriverFrozen, DriverGone, Node, Ref
from bots.desktop.geometry import Box

ATSPI = "org.a11y.atspi."
PROPERTIES = "org.freedesktop.DBus.Properties"
_NOWHERE = -(2**31)
_GTK4_CLASS = re.compile(r"(Gtk|Adw)[A-Z]\w+")


def ref_of(pair: Any) -> Ref:
    return str(pair[0]), str(pair[1])


def shown_box(extents: Any) -> Box | None:
    x, y, width, height = extents
    return Box(x, y, width, height) if width > 0 and height > 0 and x > _NOWHERE else None


def property_of(ref: Ref, interface: str, name: str) -> Call:
    return Call(ref, PROPERTIES, "Get", "ss", (ATSPI + interface, name))


def questions(ref: Ref) -> tuple[Call, ...]:
    return (
        Call(ref, PROPERTIES, "GetAll", "s", (ATSPI + "Accessible",)),
        Call(ref, ATSPI + "Accessible", "GetRole"),
        Call(ref, ATSPI + "Accessible", "GetState"),
        Call(ref, ATSPI + "Accessible", "GetInterfaces"),
        Call(ref, ATSPI + "Accessible", "GetIndexInParent"),
    )


def answered_node(ref: Ref, parent: Ref | None, index: int, answers: list[Any]) -> Node:
    properties, role, states, interfaces, own_index = answers
    said = {k: v.value for k, v in properties.items()}
    above = parent or (ref_of(said["Parent"]) if "Parent" in said else None)
    return Node(
        ref,
        role_word(int(role)),
        _plain(said.get("Name", "")),
        state_words(*states[:2]),
        above,
        _plain(said.get("Description", "")),
        interface_words(tuple(interfaces)),
        int(said.get("ChildCount", 0)),
        index or int(own_index),
    )


def cached_node(item: Any) -> Node:
    ref, _, parent, index, children, interfaces, name, role, description, states = item
    return Node(
        ref_of(ref),
        role_word(int(role)),
        _plain(name),
        state_words(*states[:2]),
        ref_of(parent),
        _plain(description),
        interface_words(tuple(interfaces)),
        int(children),
        int(index),
    )


def _plain(text: str) -> str:
    """Names carry trailing blanks and line ends."""
    return " ".join(str(text).split())


def gtk4_name(name: str) -> str:
    """GTK 4 names what has no name after its class (`GtkButton`), and a button with a label twice (`7 7`)."""
    half = len(name) // 2
    if len(name) > 2 and name[:half] == name[half + 1 :] and name[half] == " ":
        return name[:half]
    return "" if _GTK4_CLASS.fullmatch(name) else name


def raise_lost(answers: Iterable[Any]) -> None:
    for answer in answers:
        if isinstance(answer, DriverFrozen | DriverGone):
            raise answer
