"""Windows UI Automation's numbers, and its control types as words. Source: UIAutomationClient.h of the
Windows SDK (UIA_*PropertyId, UIA_*PatternId, UIA_*ControlTypeId)."""

from __future__ import annotations

RUNTIME_ID, BOX, PROCESS, CONTROL_TYPE, NAME = 30000, 30001, 30002, 30003, 30005
FOCUSED, FOCUSABLE, ENABLED, HELP, LABELED_BY, PASSWORD = 30008, 30009, 30010, 30013, 30018, 30019
OFFSCREEN, FRAMEWORK = 30022, 30024
HAS_EXPAND, HAS_GRID, HAS_INVOKE, HAS_RANGE, HAS_SELECTION_ITEM = 30028, 30030, 30031, 30033, 30036
HAS_SELECTION, HAS_TEXT, HAS_TOGGLE, HAS_VALUE = 30037, 30040, 30041, 30043
READ_ONLY, EXPANDED, MODAL, SELECTED, TOGGLED = 30046, 30070, 30077, 30079, 30086
READ = (
    *(RUNTIME_ID, BOX, PROCESS, CONTROL_TYPE, NAME, FOCUSED, FOCUSABLE, ENABLED, HELP, PASSWORD, OFFSCREEN),
    *(FRAMEWORK, HAS_EXPAND, HAS_GRID, HAS_INVOKE, HAS_RANGE, HAS_SELECTION_ITEM, HAS_SELECTION, HAS_TEXT),
    *(HAS_TOGGLE, HAS_VALUE, READ_ONLY, EXPANDED, MODAL, SELECTED, TOGGLED),
)
"""What is asked of every element of a tree, at once."""

PATTERNS = {
    **{"Invoke": 10000, "Selection": 10001, "Value": 10002, "RangeValue": 10003, "ExpandCollapse": 10005},
    **{"Grid": 10006, "SelectionItem": 10010, "Table": 10012, "Text": 10014, "Toggle": 10015},
}
SUBTREE, CHILDREN = 7, 2
ELEMENT_GONE = 0x80040201
TIMED_OUT = 0x80131505
TOGGLED_ON, TOGGLED_HALF = 1, 2
COLLAPSED, OPEN = 0, 1

_ROLES = (
    *("button", "calendar", "checkbox", "combobox", "textbox", "link", "image", "listitem", "list", "menu"),
    *("menubar", "menuitem", "progressbar", "radio", "scrollbar", "slider", "spinbutton", "status"),
    *("tablist", "tab", "label", "toolbar", "tooltip", "tree", "treeitem", "unknown", "group", "thumb"),
    *("table", "row", "editor", "menubutton", "window", "panel", "header", "columnheader", "table"),
    *("titlebar", "separator"),
)
_FIRST = 50000


def role_word(control_type: int, *, password: bool, modal: bool, toggles: bool, opens: bool) -> str:
    """ARIA's name of a control type."""
    number = control_type - _FIRST
    role = _ROLES[number] if 0 <= number < len(_ROLES) else "unknown"
    if role == "textbox" and password:
        return "password"
    if role == "menuitem" and opens:
        return "menu"
    if role == "window" and modal:
        return "dialog"
    return "togglebutton" if role == "button" and toggles else role
