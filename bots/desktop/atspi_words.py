# ruff: noqa: E501
"""AT-SPI's numbers as words. Source: the AT-SPI D-Bus interface definitions (AtspiRole, AtspiStateType)."""

from __future__ import annotations

from functools import lru_cache

_ROLES = (
    """invalid accelerator-label alert animation arrow calendar canvas checkbox menuitemcheckbox
color-chooser columnheader combobox date-editor desktop-icon desktop-frame dial dialog directory-pane drawing filechooser
filler focus-traversable font-chooser window glass-pane html-container icon image internal-frame label layered-pane
list listitem menu menubar menuitem option-pane tab tablist panel password popupmenu progressbar button radio
menuitemradio root-pane rowheader scrollbar scrollpane separator slider spinbutton splitpane status table cell
columnheader rowheader tearoff terminal textbox togglebutton toolbar tooltip tree tree unknown viewport popup extended header
footer paragraph ruler application autocomplete editbar embedded textbox chart caption document heading page section
redundant form link input-method row treeitem spreadsheet presentation document document document comment listbox group image-map
notification infobar levelbar titlebar blockquote audio video definition article landmark log marquee math
rating timer static math-fraction math-root subscript superscript description-list description-term description-value
footnote deletion insertion mark suggestion menubutton switch"""
).split()
_STATES = (
    """invalid active armed busy checked collapsed defunct editable enabled expandable expanded
focusable focused has-tooltip horizontal iconified modal multi-line multiselectable opaque pressed resizable selectable
selected sensitive showing single-line stale transient vertical visible manages-descendants indeterminate required truncated
animated invalid-entry supports-autocompletion selectable-text is-default visited checkable has-popup
read-only"""
).split()
_INTERFACES = {
    "Action": "action",
    "Component": "component",
    "Text": "text",
    "EditableText": "editable",
    "Value": "value",
    "Table": "table",
    "Selection": "selection",
}


def role_word(number: int) -> str:
    """ARIA's name of an AtspiRole, or AT-SPI's own where ARIA has none."""
    return _ROLES[number] if 0 <= number < len(_ROLES) else "unknown"


@lru_cache(maxsize=2048)
def state_words(low: int, high: int = 0) -> frozenset[str]:
    """The names of the bits of an AT-SPI state set."""
    bits = low | high << 32
    return frozenset(word for i, word in enumerate(_STATES) if bits >> i & 1)


@lru_cache(maxsize=512)
def interface_words(names: tuple[str, ...]) -> frozenset[str]:
    """`org.a11y.atspi.EditableText` → `editable`; what no driver needs is left out."""
    return frozenset(_INTERFACES[n] for full in names if (n := full.rpartition(".")[2]) in _INTERFACES)
