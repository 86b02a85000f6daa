"""A driver over recorded trees: for tests of everything above a driver, without a display.

A recording is what `driver.dump` gives (roles, names, states, boxes, texts), tables as `rows` of texts.
Setting a text or invoking an action changes the recording and is kept in `done`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from bots.desktop.driver import Application, DriverFrozen, DriverGone, Node, Ref, TableShape, Tree
from bots.desktop.geometry import Box

_SHOWN = ("enabled", "sensitive", "showing", "visible")


class FakeDriver:
    """See `bots.desktop.driver.Driver`. `frozen` and `gone` make every call fail so."""

    name = "fake"

    def __init__(self, recorded: Sequence[Mapping[str, Any]], application: str = "recorded", pid: int = 1) -> None:
        self._application = Application(("fake", "0"), application, pid, "fake")
        self.nodes: dict[Ref, Node] = {}
        self.placed: dict[Ref, Box] = {}
        self.contents: dict[Ref, str] = {}
        self.rows: dict[Ref, list[list[str]]] = {}
        self.headings: dict[Ref, tuple[str, ...]] = {}
        self.hanging: dict[Ref, Ref] = {}
        self.tied: dict[Ref, tuple[Ref, ...]] = {}
        self.done: list[tuple[str, str, Any]] = []
        self.frozen = self.gone = False
        for item in recorded:
            self._add(item)

    def _add(self, item: Mapping[str, Any]) -> None:
        ref: Ref = ("fake", str(item["id"]))
        parent = ("fake", str(item["parent"])) if item.get("parent") is not None else None
        can = set(item.get("can", ("component",)))
        if item.get("text") is not None:
            can.add("text")
            self.contents[ref] = item["text"]
        if "rows" in item:
            can.add("table")
            self.rows[ref] = [list(row) for row in item["rows"]]
            self.headings[ref] = tuple(item.get("headings", ()))
        self.nodes[ref] = Node(
            ref, item["role"], item.get("name", ""), frozenset(item.get("states", _SHOWN)), parent,
            item.get("description", ""), frozenset(can), item.get("children", 0), len(self.nodes),
        )  # fmt: skip
        if item.get("box") is not None:
            self.placed[ref] = Box(*item["box"])
        if "under" in item:
            self.hanging[ref] = ("fake", str(item["under"]))
        self.tied[ref] = tuple(("fake", str(i)) for i in item.get("labelled_by", ()))

    def catch_up(self, application: Application) -> None:
        self._check()

    def _check(self, node: Node | None = None) -> None:
        if self.frozen:
            raise DriverFrozen("recorded as frozen")
        if self.gone or (node is not None and node.ref not in self.nodes and "/" not in node.ref[1]):
            raise DriverGone(str(node or self._application.name))

    def close(self) -> None:
        self.gone = True

    def applications(self) -> tuple[Application, ...]:
        if self.frozen:
            raise DriverFrozen("recorded as frozen")
        return () if self.gone else (self._application,)

    def tree(self, application: Application) -> Tree:
        self._check()
        return Tree(application, self.nodes.values())

    def look(self, node: Node) -> Node:
        self._check(node)
        return self.nodes.get(node.ref, node)

    def box(self, application: Application, window: Node | None, node: Node) -> Box | None:
        self._check(node)
        return self.placed.get(node.ref)

    def boxes(self, tree: Tree, nodes: Sequence[Node]) -> list[Box | None]:
        return [self.box(tree.application, None, n) for n in nodes]

    def text(self, node: Node) -> str:
        self._check(node)
        return self.contents.get(node.ref, node.name)

    def texts(self, nodes: Sequence[Node]) -> list[str]:
        return [self.text(n) for n in nodes]

    def value(self, node: Node) -> float | None:
        self._check(node)
        return float(self.contents[node.ref]) if "value" in node.can and node.ref in self.contents else None

    def set_text(self, node: Node, text: str) -> bool:
        self._check(node)
        if "editable" not in node.can:
            return False
        self.contents[node.ref] = text
        self.done.append(("set_text", node.name, text))
        return True

    def set_value(self, node: Node, value: float) -> bool:
        self._check(node)
        if "value" not in node.can:
            return False
        self.contents[node.ref] = str(value)
        return True

    def actions(self, node: Node) -> tuple[str, ...]:
        self._check(node)
        return ("click",) if "action" in node.can else ()

    def do(self, node: Node, action: str) -> bool:
        if action not in self.actions(node):
            return False
        self.done.append(("do", node.name, action))
        return True

    def focus(self, node: Node) -> bool:
        self._check(node)
        if "focusable" not in node.states:
            return False
        for ref, other in self.nodes.items():
            self.nodes[ref] = replace(other, states=other.states - {"focused"})
        self.nodes[node.ref] = replace(node, states=node.states | {"focused"})
        return True

    def labels(self, node: Node) -> tuple[Ref, ...]:
        self._check(node)
        return self.tied.get(node.ref, ())

    def row_above(self, node: Node) -> Ref | None:
        self._check(node)
        return self.hanging.get(node.ref)

    def shape(self, node: Node) -> TableShape | None:
        self._check(node)
        rows = self.rows.get(node.ref)
        if rows is None:
            return None
        return TableShape(len(rows), max(map(len, rows), default=0), self.headings[node.ref])

    def cells(self, node: Node, places: Sequence[tuple[int, int]]) -> list[Node | None]:
        return [self._cell(node, *place) for place in places]

    def _cell(self, node: Node, row: int, column: int) -> Node | None:
        self._check(node)
        rows = self.rows.get(node.ref, [])
        if not (0 <= row < len(rows) and 0 <= column < len(rows[row])):
            return None
        ref = ("fake", f"{node.ref[1]}/{row}/{column}")
        whole = self.placed.get(node.ref)
        if whole is not None:
            width, height = whole.width // len(rows[row]), whole.height // len(rows)
            self.placed[ref] = Box(whole.x + column * width, whole.y + row * height, width, height)
        return Node(ref, "cell", rows[row][column], frozenset(_SHOWN), node.ref, can=frozenset({"component"}))

    def at(self, window: Node, x: int, y: int) -> Node | None:
        self._check(window)
        tree = Tree(self._application, self.nodes.values())
        inside = [n for n in tree.under(window) if n.ref in self.placed and self.placed[n.ref].holds(x, y)]
        return min(inside, key=lambda n: self.placed[n.ref].area, default=None)

    def select(self, node: Node, index: int) -> bool:
        self._check(node)
        children = [n for n in self.nodes.values() if n.parent == node.ref]
        if "selection" not in node.can or not 0 <= index < len(children):
            return False
        for i, child in enumerate(children):
            states = child.states | {"selected"} if i == index else child.states - {"selected"}
            self.nodes[child.ref] = replace(child, states=states)
        return True

    def selected(self, node: Node) -> tuple[Node, ...]:
        self._check(node)
        return tuple(n for n in self.nodes.values() if n.parent == node.ref and "selected" in n.states)
