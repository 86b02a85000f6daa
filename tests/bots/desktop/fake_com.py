"""Stand-ins for Windows' COM objects over a recorded tree: what the UIA driver can be tried on elsewhere."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from bots.desktop import uia_words as w
from bots.desktop.uia import Com

TYPES = {
    **{"window": 50032, "dialog": 50032, "menubar": 50010, "menu": 50011, "menuitem": 50011},
    **{"textbox": 50004, "button": 50000, "checkbox": 50002, "table": 50036, "cell": 50029, "list": 50008},
    **{"option": 50007, "slider": 50015, "label": 50020},
}


class FakeComError(Exception):
    def __init__(self, hresult: int) -> None:
        super().__init__(hex(hresult))
        self.hresult = hresult


class Items:
    def __init__(self, items: Sequence[Any]) -> None:
        self._items = list(items)
        self.Length = len(self._items)

    def GetElement(self, index: int) -> Any:
        return self._items[index]


class Element:
    """IUIAutomationElement over one recorded item."""

    def __init__(self, desk: FakeDesk, item: Mapping[str, Any]) -> None:
        self.desk, self.item = desk, dict(item)
        self.states = set(item.get("states", ("enabled", "sensitive", "showing", "visible")))
        self.can = set(item.get("can", ("component",)))

    def BuildUpdatedCache(self, request: Request) -> Element:
        assert request.TreeScope == w.SUBTREE
        self.desk.requested |= set(request.properties)
        return self

    def GetCachedChildren(self) -> Items | None:
        found = self.desk.under(self)
        return Items(found) if found else None

    def FindAll(self, scope: int, condition: object) -> Items:
        assert scope == w.CHILDREN
        return Items(self.desk.under(self))

    def GetCachedPropertyValue(self, number: int) -> Any:
        assert number in self.desk.requested, number
        return self.GetCurrentPropertyValue(number)

    def GetCurrentPropertyValue(self, number: int) -> Any:
        self.desk.check()
        item, states = self.item, self.states
        return {
            w.RUNTIME_ID: (42, item["id"]),
            w.PROCESS: os.getpid(),
            w.FRAMEWORK: "Win32",
            w.CONTROL_TYPE: TYPES[item["role"]],
            w.NAME: item.get("name", ""),
            w.BOX: tuple(map(float, item["box"])) if "box" in item else (0.0, 0.0, 0.0, 0.0),
            w.OFFSCREEN: "showing" not in states,
            w.ENABLED: "enabled" in states,
            w.FOCUSABLE: "focusable" in states,
            w.FOCUSED: "focused" in states,
            w.HAS_EXPAND: item["role"] == "menu",
            w.EXPANDED: 0,
            w.HAS_INVOKE: "action" in self.can,
            w.HAS_VALUE: "editable" in self.can,
            w.HAS_GRID: "table" in self.can,
            w.HAS_RANGE: "value" in self.can,
            w.READ_ONLY: False,
        }.get(number)

    def GetCurrentPattern(self, number: int) -> Any:
        self.desk.check()
        kinds = {10000: "action", 10002: "editable", 10006: "table", 10003: "value"}
        return self if kinds.get(number) in self.can else None

    def SetFocus(self) -> None:
        for other in self.desk.elements:
            other.states.discard("focused")
        self.states.add("focused")

    # ---- patterns ----
    CurrentIsReadOnly = False

    @property
    def CurrentValue(self) -> Any:
        return self.item.get("text", "")

    def SetValue(self, value: Any) -> None:
        self.item["text"] = value

    def Invoke(self) -> None:
        self.desk.invoked.append(self.item["name"])

    @property
    def CurrentRowCount(self) -> int:
        return len(self.item["rows"])

    @property
    def CurrentColumnCount(self) -> int:
        return len(self.item["rows"][0])

    def GetItem(self, row: int, column: int) -> Element:
        text, number = self.item["rows"][row][column], f"{self.item['id']}{row:02}{column:02}"
        return Element(self.desk, {"id": int(number), "role": "cell", "name": text})

    @property
    def CurrentLabeledBy(self) -> Element | None:
        return next((e for e in self.desk.elements if e.item["id"] == self.item.get("labelled_by")), None)


class Request:
    TreeScope = 0

    def __init__(self) -> None:
        self.properties: list[int] = []

    def AddProperty(self, number: int) -> None:
        self.properties.append(number)


class FakeDesk:
    """IUIAutomation. `fails` makes every question fail with that HRESULT."""

    ControlViewCondition = object()

    def __init__(self, recorded: Sequence[Mapping[str, Any]]) -> None:
        self.elements = [Element(self, item) for item in recorded if item["role"] != "application"]
        self.requested: set[int] = set()
        self.invoked: list[str] = []
        self.fails = 0

    def check(self) -> None:
        if self.fails:
            raise FakeComError(self.fails)

    def under(self, parent: Element) -> list[Element]:
        return [e for e in self.elements if e.item.get("parent") == parent.item["id"]]

    def GetRootElement(self) -> FakeDesk:
        return self

    def FindAll(self, scope: int, condition: object) -> Items:
        assert scope == w.CHILDREN and condition is self.ControlViewCondition
        return Items([e for e in self.elements if e.item.get("parent") in (None, 0)])

    def CreateCacheRequest(self) -> Request:
        return Request()

    def ElementFromPoint(self, point: tuple[int, int]) -> Element | None:
        x, y = point
        holding = [e for e in self.elements if "box" in e.item and _holds(e.item["box"], x, y)]
        return min(holding, key=lambda e: e.item["box"][2] * e.item["box"][3], default=None)

    def com(self) -> Com:
        return Com(self, lambda raw, name: raw, FakeComError, lambda x, y: (x, y))  # noqa: ARG005


def _holds(box: Sequence[int], x: int, y: int) -> bool:
    return bool(box[0] <= x < box[0] + box[2] and box[1] <= y < box[1] + box[3])
