"""The Linux driver: AT-SPI over D-Bus.

One call, `Cache.GetItems`, brings a program's whole tree. GTK 3 keeps that cache only while somebody
listens to its events, hence `RegisterEvent`; GTK 4 fills it only with what was asked for, hence `_waken`;
what is still missing `_complete` adds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

from bots.desktop.atspi_nodes import (
    ATSPI,
    PROPERTIES,
    answered_node,
    cached_node,
    gtk4_name,
    property_of,
    questions,
    raise_lost,
    ref_of,
    shown_box,
)
from bots.desktop.bus import Bus, Call, Refused
from bots.desktop.driver import Application, DriverGone, Node, Ref, TableShape, Tree
from bots.desktop.geometry import Box

_ROOT = (ATSPI + "Registry", "/org/a11y/atspi/accessible/root")
_CACHE = "/org/a11y/atspi/cache"
MOST_CHILDREN = 600
MOST_NODES = 20_000
LABELLED_BY, NODE_CHILD_OF = 2, 7
DEEPEST = 60
TURNS = 12
MOST_PARTS = 6  # of a cell


def accessibility_bus(session_address: str, seconds: float) -> str:
    """The address of the accessibility bus, which starts when first asked for. Raises DriverGone."""
    session = Bus(session_address, seconds)
    try:
        to = ("org.a11y.Bus", "/org/a11y/bus")
        return str(session.call(Call(to, "org.a11y.Bus", "GetAddress"), seconds=15.0))
    except Refused as error:
        raise DriverGone(str(error)) from error
    finally:
        session.close()


WindowBox = Callable[[int, str], Box | None]


class AtspiDriver:
    """See `bots.desktop.driver.Driver`. `window_box` tells where the window of a process with a title stands:
    GTK 4 counts from its window's corner."""

    name = "atspi"

    def __init__(self, session_address: str, window_box: WindowBox, seconds: float = 3.0) -> None:
        self._bus = Bus(accessibility_bus(session_address, seconds), seconds)
        self._window_box = window_box
        self._known: dict[str, Application] = {}
        registry = (ATSPI + "Registry", "/org/a11y/atspi/registry")
        body: tuple[Any, ...] = ("object:children-changed", [], "")
        self._bus.call(Call(registry, ATSPI + "Registry", "RegisterEvent", "sass", body))

    def close(self) -> None:
        self._bus.close()

    # ---- programs and trees ----
    def applications(self) -> tuple[Application, ...]:
        refs = [ref_of(r) for r in self._get(_ROOT, "Accessible", "GetChildren")]
        new = [ref for ref in refs if ref[0] not in self._known]
        for ref, found in zip(new, map(self._application, new), strict=True):
            if found is not None and found.toolkit:  # one that is just starting does not say yet what it is
                self._known[ref[0]] = found
        return tuple(self._known[ref[0]] for ref in refs if ref[0] in self._known)

    def _application(self, ref: Ref) -> Application | None:
        daemon = ("org.freedesktop.DBus", "/org/freedesktop/DBus")
        pid, name, kit, version = self._bus.calls(
            (
                Call(daemon, daemon[0], "GetConnectionUnixProcessID", "s", (ref[0],)),
                property_of(ref, "Accessible", "Name"),
                property_of(ref, "Application", "ToolkitName"),
                property_of(ref, "Application", "Version"),
            )
        )
        if isinstance(pid, BaseException) or isinstance(name, BaseException):
            return None
        words = [v.value for v in (kit, version) if not isinstance(v, BaseException)]
        return Application(ref, name.value, int(pid), " ".join(words))

    def tree(self, application: Application) -> Tree:
        if application.toolkit.startswith("GTK 4"):
            self._waken(application.ref)
        try:
            items = self._get((application.ref[0], _CACHE), "Cache", "GetItems")
        except Refused:
            items = []
        nodes = {node.ref: node for node in map(cached_node, items)}
        if application.ref not in nodes:
            nodes[application.ref] = self.look(Node(application.ref, "", "", frozenset()))
        self._complete(nodes)
        if application.toolkit.startswith("GTK 4"):
            nodes = {n.ref: n for n in self._gtk4(list(nodes.values()))}
        return Tree(application, nodes.values())

    def catch_up(self, application: Application) -> None:
        """A question more for each event that may still wait: toolkits answer questions and take events in
        turns, and a click (with the pointer's coming and going) is fewer than `TURNS` events."""
        for _ in range(TURNS):
            self._ping(application.ref)

    def _gtk4(self, nodes: list[Node]) -> list[Node]:
        """GTK 4 names things after their class and says of no inner thing that it shows: what is visible
        and has a place does."""
        asked = [n for n in nodes if "visible" in n.states and "component" in n.can]
        said = self._bus.calls(Call(n.ref, ATSPI + "Component", "GetExtents", "u", (0,)) for n in asked)
        placed = {n.ref for n, e in zip(asked, said, strict=True) if isinstance(e, list | tuple) and e[2] > 0 < e[3]}
        return [
            replace(n, name=gtk4_name(n.name), states=n.states | ({"showing"} if n.ref in placed else set()))
            for n in nodes
        ]

    def _waken(self, root: Ref) -> None:
        """GTK 4 makes accessible things, and counts them, only when it is asked for children."""
        level, seen = [root], {root}
        while level and len(seen) < MOST_NODES:
            answers = self._bus.calls(Call(ref, ATSPI + "Accessible", "GetChildren") for ref in level)
            below = {ref_of(r) for a in answers if not isinstance(a, BaseException) for r in a}
            level = list(below - seen)
            seen |= below

    def _complete(self, nodes: dict[Ref, Node]) -> None:
        """Adds what the cache left out, level by level."""
        wanting = self._wanting(nodes, nodes.values())
        while wanting and len(nodes) < MOST_NODES:
            answers = self._bus.calls(Call(n.ref, ATSPI + "Accessible", "GetChildren") for n in wanting)
            new = {}
            for parent, answer in zip(wanting, answers, strict=True):
                if not isinstance(answer, BaseException):
                    new.update({ref_of(r): (parent, i) for i, r in enumerate(answer) if ref_of(r) not in nodes})
            found = self._look_at([(ref, parent.ref, i) for ref, (parent, i) in new.items()])
            nodes.update({n.ref: n for n in found})
            wanting = self._wanting(nodes, found)

    def _wanting(self, nodes: dict[Ref, Node], among: Iterable[Node]) -> list[Node]:
        known: dict[Ref | None, int] = {}
        for node in nodes.values():
            known[node.parent] = known.get(node.parent, 0) + 1
        return [
            n
            for n in among
            if known.get(n.ref, 0) < n.children <= MOST_CHILDREN and "manages-descendants" not in n.states
        ]

    def _look_at(self, wanted: list[tuple[Ref, Ref | None, int]]) -> list[Node]:
        """Nodes by their references, each with five calls; those gone meanwhile are left out."""
        answers = self._bus.calls(call for ref, _, _ in wanted for call in questions(ref))
        groups = [answers[i : i + 5] for i in range(0, len(answers), 5)]
        return [
            answered_node(ref, parent, index, group)
            for (ref, parent, index), group in zip(wanted, groups, strict=True)
            if not any(isinstance(a, BaseException) for a in group)
        ]

    def look(self, node: Node) -> Node:
        found = self._look_at([(node.ref, node.parent, node.index)])
        if not found:
            self._ping(node.ref)
            raise DriverGone(str(node))
        if "defunct" in found[0].states:
            raise DriverGone(str(node))
        known = self._known.get(node.ref[0])
        return self._gtk4(found)[0] if known is not None and known.toolkit.startswith("GTK 4") else found[0]

    def _ping(self, ref: Ref) -> None:
        """Raises DriverFrozen when the program answers nothing at all."""
        try:
            self._get(ref, "Accessible", "GetRole")
        except Refused as error:
            raise DriverGone(str(error)) from error

    # ---- one thing ----
    def box(self, application: Application, window: Node | None, node: Node) -> Box | None:
        found = self._extents(node)
        if found is None or not application.toolkit.startswith("GTK 4"):
            return found
        corner = self._corner(application, window)
        return None if corner is None else found.moved(*corner)

    def _extents(self, node: Node) -> Box | None:
        if "component" not in node.can:
            return None
        try:
            return shown_box(self._get(node.ref, "Component", "GetExtents", "u", (0,)))
        except Refused:
            return None

    def boxes(self, tree: Tree, nodes: Sequence[Node]) -> list[Box | None]:
        asked = [n for n in nodes if "component" in n.can]
        said = self._bus.calls(Call(n.ref, ATSPI + "Component", "GetExtents", "u", (0,)) for n in asked)
        found = {n.ref: shown_box(e) for n, e in zip(asked, said, strict=True) if isinstance(e, list | tuple)}
        if not tree.application.toolkit.startswith("GTK 4"):
            return [found.get(n.ref) for n in nodes]
        tops = {n.ref: tree.window(n) for n in asked}
        corners = {top: self._corner(tree.application, top) for top in set(tops.values())}
        return [
            box.moved(*corner) if (box := found.get(n.ref)) and (corner := corners[tops[n.ref]]) else None
            for n in nodes
        ]

    def _corner(self, application: Application, window: Node | None) -> tuple[int, int] | None:
        """GTK 4: extents count from the window inside its shadow, which is equally wide on all sides."""
        place = self._window_box(application.pid, window.name if window else "")
        size = self._extents(window) if window else None
        if place is None or size is None:
            return None
        return (
            place.x + (place.width - size.width) // 2 - size.x,
            place.y + (place.height - size.height) // 2 - size.y,
        )

    def text(self, node: Node) -> str:
        found = self.texts([node])[0]
        if not found and "text" in node.can:
            self._ping(node.ref)
        return found

    def texts(self, nodes: Sequence[Node]) -> list[str]:
        asked = [n for n in nodes if "text" in n.can]
        got = self._ranges(asked, [-1] * len(asked))
        empty = [n for n in asked if not got[n.ref]]  # GTK 4 wants to be told where the text ends
        counts = self._bus.calls(property_of(n.ref, "Text", "CharacterCount") for n in empty)
        ends = [0 if isinstance(c, BaseException) else int(c.value) for c in counts]
        got.update(self._ranges([n for n, e in zip(empty, ends, strict=True) if e > 0], [e for e in ends if e > 0]))
        return [got.get(n.ref, n.name) for n in nodes]

    def _ranges(self, nodes: Sequence[Node], ends: Sequence[int]) -> dict[Ref, str]:
        """The texts from 0 to an end; the name where a text is refused."""
        calls = [Call(n.ref, ATSPI + "Text", "GetText", "ii", (0, e)) for n, e in zip(nodes, ends, strict=True)]
        said = self._bus.calls(calls)
        return {n.ref: n.name if isinstance(t, BaseException) else str(t) for n, t in zip(nodes, said, strict=True)}

    def value(self, node: Node) -> float | None:
        if "value" not in node.can:
            return None
        try:
            return float(self._bus.call(property_of(node.ref, "Value", "CurrentValue")).value)
        except Refused:
            return None

    def set_text(self, node: Node, text: str) -> bool:
        if "editable" not in node.can:
            return False
        return self._try(node, "EditableText", "SetTextContents", "s", (text,))

    def set_value(self, node: Node, value: float) -> bool:
        from dbus_fast import Variant

        if "value" not in node.can:
            return False
        body = (ATSPI + "Value", "CurrentValue", Variant("d", float(value)))
        try:
            self._bus.call(Call(node.ref, PROPERTIES, "Set", "ssv", body))
        except Refused:
            return False
        return True

    def actions(self, node: Node) -> tuple[str, ...]:
        if "action" not in node.can:
            return ()
        try:
            return tuple(str(a[0]).lower() for a in self._get(node.ref, "Action", "GetActions"))
        except Refused:
            return ()

    def do(self, node: Node, action: str) -> bool:
        names = self.actions(node)
        return action in names and self._try(node, "Action", "DoAction", "i", (names.index(action),))

    def focus(self, node: Node) -> bool:
        return "component" in node.can and self._try(node, "Component", "GrabFocus")

    def labels(self, node: Node) -> tuple[Ref, ...]:
        return self._related(node, LABELLED_BY)

    def row_above(self, node: Node) -> Ref | None:
        return next(iter(self._related(node, NODE_CHILD_OF)), None)

    def _related(self, node: Node, wanted: int) -> tuple[Ref, ...]:
        try:
            relations = self._get(node.ref, "Accessible", "GetRelationSet")
        except Refused:
            return ()
        return tuple(ref_of(r) for kind, refs in relations for r in refs if kind == wanted)

    # ---- tables and lists ----
    def shape(self, node: Node) -> TableShape | None:
        if "table" not in node.can:
            return None
        rows, columns = self._bus.calls(
            (property_of(node.ref, "Table", "NRows"), property_of(node.ref, "Table", "NColumns"))
        )
        raise_lost((rows, columns))
        if isinstance(rows, Refused) or isinstance(columns, Refused):
            return None
        count = int(columns.value)
        return TableShape(int(rows.value), count, self._headings(node, min(count, MOST_CHILDREN)))

    def _headings(self, node: Node, count: int) -> tuple[str, ...]:
        asked = [Call(node.ref, ATSPI + "Table", "GetColumnDescription", "i", (i,)) for i in range(count)]
        said = self._bus.calls(asked)
        raise_lost(said)
        words = tuple("" if isinstance(s, BaseException) else " ".join(str(s).split()) for s in said)
        return words if any(words) else ()

    def cells(self, node: Node, places: Sequence[tuple[int, int]]) -> list[Node | None]:
        said = self._bus.calls(Call(node.ref, ATSPI + "Table", "GetAccessibleAt", "ii", place) for place in places)
        raise_lost(said)
        refs = [None if isinstance(a, BaseException) else ref_of(a) for a in said]
        wanted = {ref for ref in refs if ref is not None and not ref[1].endswith("/null")}
        found = {n.ref: n for n in self._whole(self._look_at([(ref, node.ref, 0) for ref in wanted]))}
        return [None if ref is None else found.get(ref) for ref in refs]

    def _whole(self, cells: list[Node]) -> list[Node]:
        """A cell of several parts (GTK: a picture and a text) is named after them."""
        parts = [c for c in cells if not c.name and 0 < c.children <= MOST_PARTS]
        said = self._bus.calls(Call(c.ref, ATSPI + "Accessible", "GetChildren") for c in parts)
        inner: list[tuple[Ref, Ref | None, int]] = [
            (ref_of(r), c.ref, i)
            for c, answer in zip(parts, said, strict=True)
            if not isinstance(answer, BaseException)
            for i, r in enumerate(answer)
        ]
        names: dict[Ref | None, list[str]] = {}
        for node in self._look_at(inner):
            names.setdefault(node.parent, []).append(node.name)
        return [replace(c, name=" ".join(filter(None, names.get(c.ref, [c.name])))) for c in cells]

    def at(self, window: Node, x: int, y: int) -> Node | None:
        found, inner = None, window.ref
        for _ in range(DEEPEST):
            below = self._below(inner, x, y)
            if below is None or below == inner:
                break
            found, inner = below, below
        nodes = self._look_at([(found, None, 0)]) if found else []
        return nodes[0] if nodes else None

    def _below(self, ref: Ref, x: int, y: int) -> Ref | None:
        """The child at a point: by the program's word, else (GTK's notebooks) by the children's extents."""
        try:
            said = ref_of(self._get(ref, "Component", "GetAccessibleAtPoint", "iiu", (x, y, 0)))
            if not said[1].endswith("/null"):
                return said
        except Refused:
            return None
        return self._holding(ref, x, y)

    def _holding(self, ref: Ref, x: int, y: int) -> Ref | None:
        """The last child whose extents hold the point; a child without a place is looked through."""
        try:
            children = [ref_of(r) for r in self._get(ref, "Accessible", "GetChildren")][:MOST_CHILDREN]
        except Refused:
            return None
        said = self._bus.calls(Call(c, ATSPI + "Component", "GetExtents", "u", (0,)) for c in children)
        boxes = [(c, Box(*e)) for c, e in zip(children, said, strict=True) if isinstance(e, list | tuple)]
        holding = [c for c, box in boxes if box.holds(x, y)]
        if holding:
            return holding[-1]
        through = (self._holding(c, x, y) for c, box in boxes if box.width <= 0)
        return next((found for found in through if found is not None), None)

    def select(self, node: Node, index: int) -> bool:
        return "selection" in node.can and self._try(node, "Selection", "SelectChild", "i", (index,))

    def selected(self, node: Node) -> tuple[Node, ...]:
        if "selection" not in node.can:
            return ()
        try:
            count = int(self._bus.call(property_of(node.ref, "Selection", "NSelectedChildren")).value)
            asked = [Call(node.ref, ATSPI + "Selection", "GetSelectedChild", "i", (i,)) for i in range(min(count, 200))]
        except Refused:
            return ()
        refs = [ref_of(r) for r in self._bus.calls(asked) if not isinstance(r, BaseException)]
        return tuple(self._look_at([(ref, node.ref, 0) for ref in refs]))

    # ---- calls ----
    def _get(self, ref: Ref, interface: str, member: str, signature: str = "", body: tuple[Any, ...] = ()) -> Any:
        return self._bus.call(Call(ref, ATSPI + interface, member, signature, body))

    def _try(self, node: Node, interface: str, member: str, signature: str = "", body: tuple[Any, ...] = ()) -> bool:
        try:
            return bool(self._get(node.ref, interface, member, signature, body))
        except Refused:
            return False
