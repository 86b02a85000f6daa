"""What a desktop driver is: the accessible things of running programs, read and acted on.

Three implementations pass one contract suite: AT-SPI (Linux), UIA (Windows, experimental) and recorded trees.
Roles carry ARIA's names (`button`, `textbox`, `menuitem`, …), so that a target reads alike in browser and
desktop.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol, TypeAlias

from bots.desktop.geometry import Box

Ref: TypeAlias = tuple[str, str]
MENU_ROLES = frozenset({"menuitem", "menuitemcheckbox", "menuitemradio", "menu"})
PRESSED = MENU_ROLES | {
    "button",
    "togglebutton",
    "checkbox",
    "radio",
    "tab",
    "link",
    "option",
    "listitem",
    "cell",
    "treeitem",
    "combobox",
    "switch",
    "columnheader",
}
FIELDS = frozenset({"textbox", "password", "combobox", "spinbutton", "searchbox", "slider", "terminal", "editor"})
CHECKED = frozenset({"checkbox", "radio", "togglebutton", "switch", "menuitemcheckbox", "menuitemradio"})
WINDOWS = frozenset({"window", "dialog", "alert", "popup", "filechooser"})
TABLES = frozenset({"table", "tree", "list", "listbox"})


class DriverGone(Exception):
    """The program, or the thing in it, is no longer there."""


class DriverFrozen(Exception):
    """The program did not answer in time."""


@dataclass(frozen=True, slots=True)
class Application:
    """A program that the driver can look into. `toolkit` is `gtk 3.24.38`, `GTK 4.8.3`, …"""

    ref: Ref
    name: str
    pid: int
    toolkit: str = ""


@dataclass(frozen=True, slots=True)
class Node:
    """One accessible thing. `children` is how many it has (-1: unknown); `can` are its interfaces: action,
    text, editable, value, table, selection, component."""

    ref: Ref
    role: str
    name: str
    states: frozenset[str]
    parent: Ref | None = None
    description: str = ""
    can: frozenset[str] = frozenset()
    children: int = 0
    index: int = 0

    @property
    def shows(self) -> bool:
        return "showing" in self.states and "visible" in self.states

    @property
    def enabled(self) -> bool:
        return "sensitive" in self.states or "enabled" in self.states

    def __str__(self) -> str:
        return f'{self.role} "{self.name}"' if self.name else self.role


class Tree:
    """The accessible things of one program at one moment, parents before children, in reading order."""

    def __init__(self, application: Application, nodes: Iterable[Node]) -> None:
        self.application = application
        self.by_ref: dict[Ref, Node] = {node.ref: node for node in nodes}
        self.children: dict[Ref | None, list[Node]] = {}
        for node in self.by_ref.values():
            parent = node.parent if node.parent in self.by_ref and node.parent != node.ref else None
            self.children.setdefault(parent, []).append(node)
        for group in self.children.values():
            group.sort(key=lambda n: n.index)

    @cached_property
    def nodes(self) -> tuple[Node, ...]:
        return tuple(found for top in self.children.get(None, ()) for found in self.under(top))

    def under(self, node: Node) -> Iterator[Node]:
        """`node` and everything inside it."""
        stack, seen = [node], set()
        while stack:
            one = stack.pop()
            if one.ref in seen:
                continue
            seen.add(one.ref)
            yield one
            stack += reversed(self.children.get(one.ref, ()))

    def above(self, node: Node) -> Iterator[Node]:
        """What `node` is in, from the inside out."""
        seen = {node.ref}
        parent = node.parent
        while parent is not None and parent in self.by_ref and parent not in seen:
            seen.add(parent)
            yield self.by_ref[parent]
            parent = self.by_ref[parent].parent

    def window(self, node: Node) -> Node | None:
        """The top-level window or dialog that `node` is in."""
        chain = [node, *self.above(node)]
        return next((n for n in reversed(chain) if n.role in WINDOWS), None)

    def windows(self) -> list[Node]:
        """Top-level windows and dialogs that show."""
        roots = [n for n in self.nodes if n.role == "application"]
        tops = [c for root in roots for c in self.children.get(root.ref, ())] or self.children.get(None, [])
        return [n for n in tops if n.role in WINDOWS and n.shows]


@dataclass(frozen=True, slots=True)
class TableShape:
    """Rows and columns of a table, without its headings; `headings` may be shorter than `columns`."""

    rows: int
    columns: int
    headings: tuple[str, ...]


class Driver(Protocol):
    """Looks into programs. Every method raises DriverGone or DriverFrozen, and nothing else of its
    library."""

    name: str

    def close(self) -> None:
        """Ends the connection."""

    def applications(self) -> tuple[Application, ...]:
        """The programs that can be looked into now."""

    def tree(self, application: Application) -> Tree:
        """Everything in a program, except the cells of what manages its own (big tables)."""

    def catch_up(self, application: Application) -> None:
        """Returns once the program has taken what was clicked and typed before."""

    def look(self, node: Node) -> Node:
        """`node` as it is now."""

    def box(self, application: Application, window: Node | None, node: Node) -> Box | None:
        """Where `node` is on the screen. None: nowhere."""

    def boxes(self, tree: Tree, nodes: Sequence[Node]) -> list[Box | None]:
        """`box` of many things of one tree, at once."""

    def text(self, node: Node) -> str:
        """The whole text of a field or label; its name where it has no text of its own."""

    def texts(self, nodes: Sequence[Node]) -> list[str]:
        """`text` of many, at once."""

    def value(self, node: Node) -> float | None:
        """The number of a slider, spin button or progress bar."""

    def set_text(self, node: Node, text: str) -> bool:
        """Replaces the text. False: it cannot."""

    def set_value(self, node: Node, value: float) -> bool:
        """Sets the number. False: it cannot."""

    def actions(self, node: Node) -> tuple[str, ...]:
        """The names of what can be invoked: click, activate, expand or contract, …"""

    def do(self, node: Node, action: str) -> bool:
        """Invokes one of its actions. False: it has none of that name."""

    def focus(self, node: Node) -> bool:
        """Gives it the keyboard. False: it cannot take it."""

    def labels(self, node: Node) -> tuple[Ref, ...]:
        """What labels it, by the program's own word."""

    def row_above(self, node: Node) -> Ref | None:
        """What a row of a tree hangs under, by the program's own word: another row's cell, or the tree."""

    def shape(self, node: Node) -> TableShape | None:
        """Of a table; None for what is none."""

    def cells(self, node: Node, places: Sequence[tuple[int, int]]) -> list[Node | None]:
        """Cells by (row, column), counted from 0, at once. None: there is none."""

    def at(self, window: Node, x: int, y: int) -> Node | None:
        """The innermost thing of a window at a point of the screen."""

    def select(self, node: Node, index: int) -> bool:
        """Selects a child of a list, combo box or tab list by its number. False: it cannot."""

    def selected(self, node: Node) -> tuple[Node, ...]:
        """The selected children of a list, combo box or tab list."""


def dump(tree: Tree, boxes: Mapping[Ref, Box], texts: Mapping[Ref, str]) -> list[dict[str, object]]:
    """A tree as plain data, for recordings that the fake driver replays."""
    number = {node.ref: i for i, node in enumerate(tree.nodes)}
    return [
        {
            "id": number[n.ref],
            "parent": number.get(n.parent) if n.parent is not None else None,
            "role": n.role,
            "name": n.name,
            "description": n.description,
            "states": sorted(n.states),
            "can": sorted(n.can),
            "children": n.children,
            "box": [getattr(boxes[n.ref], k) for k in ("x", "y", "width", "height")] if n.ref in boxes else None,
            "text": texts.get(n.ref),
        }
        for n in tree.nodes
    ]
