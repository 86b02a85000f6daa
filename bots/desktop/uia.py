"""The Windows driver: UI Automation through COM. EXPERIMENTAL: this project never ran it on Windows.

It passes the same contract suite as the other drivers, over stand-ins for the COM objects. `rpa doctor` and
the documentation say so. Needs the package `comtypes`, on Windows only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from bots.desktop import uia_words as w
from bots.desktop.driver import Application, DriverFrozen, DriverGone, Node, Ref, TableShape, Tree
from bots.desktop.geometry import Box

STATUS = "experimental: untested here"
MOST_CHILDREN = 600
_INVOKED = {"click": "Invoke", "toggle": "Toggle", "select": "SelectionItem"}
_SPREAD = {"expand": "ExpandCollapse", "collapse": "ExpandCollapse"}


@dataclass(frozen=True, slots=True)
class Com:
    """The COM side: the automation object, how a pattern's interface is got of it, its error, its point."""

    automation: Any
    cast: Callable[[Any, str], Any]
    error: type[Exception]
    point: Callable[[int, int], Any]


def connect(seconds: float) -> Com:
    """The automation object of this machine. Raises DriverGone where there is none."""
    try:
        import comtypes  # type: ignore[import-not-found,unused-ignore]
        import comtypes.client  # type: ignore[import-not-found,unused-ignore]

        comtypes.client.GetModule("UIAutomationCore.dll")
        from comtypes.gen import (  # type: ignore[import-not-found,unused-ignore]
            UIAutomationClient as Client,
        )
    except (ImportError, OSError) as error:
        raise DriverGone(f"UI Automation: {error}") from error
    automation = comtypes.client.CreateObject(Client.CUIAutomation8, interface=Client.IUIAutomation2)
    automation.ConnectionTimeout = automation.TransactionTimeout = round(seconds * 1000)

    def cast(raw: Any, pattern: str) -> Any:
        return raw.QueryInterface(getattr(Client, f"IUIAutomation{pattern}Pattern"))

    return Com(automation, cast, comtypes.COMError, Client.tagPOINT)


class UiaDriver:
    """See `bots.desktop.driver.Driver`."""

    name = "uia"

    def __init__(self, com: Com) -> None:
        self._com = com
        self._elements: dict[Ref, Any] = {}
        with self._told():
            self._request = com.automation.CreateCacheRequest()
            self._request.TreeScope = w.SUBTREE
            for number in w.READ:
                self._request.AddProperty(number)

    def close(self) -> None:
        """Lets go of every element."""
        self._elements.clear()

    @contextmanager
    def _told(self) -> Iterator[None]:
        """COM's errors as the driver's: a time-out is a frozen program, anything else a thing that went."""
        try:
            yield
        except self._com.error as error:
            number = int(getattr(error, "hresult", 0)) & 0xFFFFFFFF
            if number == w.TIMED_OUT:
                raise DriverFrozen(str(error)) from error
            raise DriverGone(str(error)) from error

    # ---- programs and trees ----
    def applications(self) -> tuple[Application, ...]:
        found: dict[int, Application] = {}
        with self._told():
            for window in self._windows():
                pid = int(window.GetCurrentPropertyValue(w.PROCESS))
                kit = str(window.GetCurrentPropertyValue(w.FRAMEWORK) or "Windows")
                found.setdefault(pid, Application(("uia", str(pid)), _process_name(pid), pid, kit))
        return tuple(found.values())

    def _windows(self) -> list[Any]:
        automation = self._com.automation
        children = automation.GetRootElement().FindAll(w.CHILDREN, automation.ControlViewCondition)
        return _items(children)

    def tree(self, application: Application) -> Tree:
        nodes: list[Node] = []
        with self._told():
            windows = [p for p in self._windows() if p.GetCurrentPropertyValue(w.PROCESS) == application.pid]
            for number, window in enumerate(windows):
                self._add(nodes, window.BuildUpdatedCache(self._request), application.ref, number)
        if not nodes:
            raise DriverGone(application.name)
        shown = frozenset({"enabled", "sensitive", "showing", "visible"})
        top = Node(application.ref, "application", application.name, shown, children=len(windows))
        return Tree(application, [top, *nodes])

    def _add(self, nodes: list[Node], element: Any, parent: Ref, index: int) -> None:
        children = _items(element.GetCachedChildren())
        node = self._node(element.GetCachedPropertyValue, element, parent, index, len(children))
        nodes.append(node)
        for number, child in enumerate(children[:MOST_CHILDREN]):
            self._add(nodes, child, node.ref, number)

    def _node(self, get: Callable[[int], Any], element: Any, parent: Ref | None, index: int, children: int) -> Node:
        ref = (str(get(w.PROCESS)), ".".join(map(str, get(w.RUNTIME_ID) or ())))
        self._elements[ref] = element
        role = w.role_word(
            int(get(w.CONTROL_TYPE) or 0),
            password=bool(get(w.PASSWORD)),
            modal=get(w.MODAL) is True,
            toggles=bool(get(w.HAS_TOGGLE)),
            opens=bool(get(w.HAS_EXPAND)),
        )
        name, hint = " ".join(str(get(w.NAME) or "").split()), str(get(w.HELP) or "")
        return Node(ref, role, name, _states(get, role), parent, hint, _can(get), children, index)

    def catch_up(self, application: Application) -> None:
        """UI Automation's answers come from the thread that takes the clicks: two in a row are after them."""
        for _ in range(2):
            self.tree(application)

    def look(self, node: Node) -> Node:
        with self._told():
            element = self._element(node)
            return self._node(element.GetCurrentPropertyValue, element, node.parent, node.index, node.children)

    def _element(self, node: Node) -> Any:
        if node.ref not in self._elements:
            raise DriverGone(str(node))
        return self._elements[node.ref]

    def _pattern(self, node: Node, name: str) -> Any:
        """One of its patterns; None when it has none of that name."""
        raw = self._element(node).GetCurrentPattern(w.PATTERNS[name])
        return self._com.cast(raw, name) if raw else None

    # ---- one thing ----
    def box(self, application: Application, window: Node | None, node: Node) -> Box | None:
        with self._told():
            if node.role == "application":
                return None
            said = self._element(node).GetCurrentPropertyValue(w.BOX)
        x, y, width, height = (round(float(v)) for v in said or (0, 0, 0, 0))
        return Box(x, y, width, height) if width > 0 and height > 0 else None

    def boxes(self, tree: Tree, nodes: Sequence[Node]) -> list[Box | None]:
        return [self.box(tree.application, tree.window(n), n) for n in nodes]

    def text(self, node: Node) -> str:
        with self._told():
            if (pattern := self._pattern(node, "Value")) is not None:
                return str(pattern.CurrentValue or "")
            if (pattern := self._pattern(node, "Text")) is not None:
                return str(pattern.DocumentRange.GetText(-1))
        return node.name

    def texts(self, nodes: Sequence[Node]) -> list[str]:
        return [self.text(n) if "text" in n.can else n.name for n in nodes]

    def value(self, node: Node) -> float | None:
        with self._told():
            pattern = self._pattern(node, "RangeValue")
            return None if pattern is None else float(pattern.CurrentValue)

    def set_text(self, node: Node, text: str) -> bool:
        with self._told():
            pattern = self._pattern(node, "Value")
            if pattern is None or pattern.CurrentIsReadOnly:
                return False
            pattern.SetValue(text)
        return True

    def set_value(self, node: Node, value: float) -> bool:
        with self._told():
            pattern = self._pattern(node, "RangeValue")
            if pattern is None or pattern.CurrentIsReadOnly:
                return False
            pattern.SetValue(value)
        return True

    def actions(self, node: Node) -> tuple[str, ...]:
        with self._told():
            named = {**_INVOKED, **_SPREAD}
            return tuple(a for a, pattern in named.items() if self._pattern(node, pattern) is not None)

    def do(self, node: Node, action: str) -> bool:
        named = {**_INVOKED, **_SPREAD}
        with self._told():
            pattern = self._pattern(node, named[action]) if action in named else None
            if pattern is None:
                return False
            method = {"click": "Invoke", "toggle": "Toggle", "select": "Select"}.get(action)
            getattr(pattern, method or action.capitalize())()
        return True

    def focus(self, node: Node) -> bool:
        with self._told():
            if "focusable" not in node.states:
                return False
            self._element(node).SetFocus()
        return True

    def labels(self, node: Node) -> tuple[Ref, ...]:
        with self._told():
            label = self._element(node).CurrentLabeledBy
            return (self._node(label.GetCurrentPropertyValue, label, None, 0, 0).ref,) if label else ()

    def row_above(self, node: Node) -> Ref | None:
        return node.parent

    # ---- tables and lists ----
    def shape(self, node: Node) -> TableShape | None:
        with self._told():
            grid = self._pattern(node, "Grid")
            if grid is None:
                return None
            table = self._pattern(node, "Table")
            heads = _items(table.GetCurrentColumnHeaders()) if table is not None else []
            names = tuple(str(h.GetCurrentPropertyValue(w.NAME) or "") for h in heads)
            return TableShape(int(grid.CurrentRowCount), int(grid.CurrentColumnCount), names)

    def cells(self, node: Node, places: Sequence[tuple[int, int]]) -> list[Node | None]:
        with self._told():
            grid = self._pattern(node, "Grid")
            if grid is None:
                return [None] * len(places)
            rows, columns = int(grid.CurrentRowCount), int(grid.CurrentColumnCount)
            found = [grid.GetItem(row, column) if row < rows and column < columns else None for row, column in places]
            return [
                self._node(e.GetCurrentPropertyValue, e, node.ref, i, 0) if e else None for i, e in enumerate(found)
            ]

    def at(self, window: Node, x: int, y: int) -> Node | None:
        with self._told():
            found = self._com.automation.ElementFromPoint(self._com.point(x, y))
            if not found:
                return None
            node = self._node(found.GetCurrentPropertyValue, found, None, 0, 0)
        return node if node.ref[0] == window.ref[0] else None

    def select(self, node: Node, index: int) -> bool:
        with self._told():
            condition = self._com.automation.ControlViewCondition
            children = _items(self._element(node).FindAll(w.CHILDREN, condition))
            if not 0 <= index < len(children):
                return False
            raw = children[index].GetCurrentPattern(w.PATTERNS["SelectionItem"])
            if not raw:
                return False
            self._com.cast(raw, "SelectionItem").Select()
        return True

    def selected(self, node: Node) -> tuple[Node, ...]:
        with self._told():
            pattern = self._pattern(node, "Selection")
            found = _items(pattern.GetCurrentSelection()) if pattern is not None else []
            return tuple(self._node(e.GetCurrentPropertyValue, e, node.ref, i, 0) for i, e in enumerate(found))


def _items(array: Any) -> list[Any]:
    """COM's arrays of elements; none is an empty one."""
    return [array.GetElement(i) for i in range(array.Length)] if array else []


def _states(get: Callable[[int], Any], role: str) -> frozenset[str]:
    said = {
        "enabled": get(w.ENABLED),
        "sensitive": get(w.ENABLED),
        "visible": not get(w.OFFSCREEN),
        "showing": not get(w.OFFSCREEN),
        "focusable": get(w.FOCUSABLE),
        "focused": get(w.FOCUSED),
        "modal": get(w.MODAL) is True,
        "selected": get(w.HAS_SELECTION_ITEM) and get(w.SELECTED) is True,
        "checked": get(w.HAS_TOGGLE) and get(w.TOGGLED) == w.TOGGLED_ON,
        "indeterminate": get(w.HAS_TOGGLE) and get(w.TOGGLED) == w.TOGGLED_HALF,
        "expanded": get(w.HAS_EXPAND) and get(w.EXPANDED) == w.OPEN,
        "collapsed": get(w.HAS_EXPAND) and get(w.EXPANDED) == w.COLLAPSED,
        "read-only": get(w.HAS_VALUE) and get(w.READ_ONLY) is True,
        "multi-line": role == "editor",
    }
    radio = {"checked"} if role == "radio" and get(w.SELECTED) is True else set()
    return frozenset(word for word, holds in said.items() if holds) | radio


def _can(get: Callable[[int], Any]) -> frozenset[str]:
    has_value = bool(get(w.HAS_VALUE))
    said = {
        "component": True,
        "action": get(w.HAS_INVOKE) or get(w.HAS_TOGGLE) or get(w.HAS_SELECTION_ITEM) or get(w.HAS_EXPAND),
        "text": has_value or get(w.HAS_TEXT),
        "editable": has_value and get(w.READ_ONLY) is not True,
        "value": get(w.HAS_RANGE),
        "table": get(w.HAS_GRID),
        "selection": get(w.HAS_SELECTION),
    }
    return frozenset(word for word, holds in said.items() if holds)


def _process_name(pid: int) -> str:
    import psutil

    try:
        return psutil.Process(pid).name().removesuffix(".exe")
    except psutil.Error:
        return str(pid)
