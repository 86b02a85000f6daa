"""The verbs of the family `desktop`, one module for each kind of doing."""

MODULES = (
    "bots.desktop.actions.programs",
    "bots.desktop.actions.windows",
    "bots.desktop.actions.pointer",
    "bots.desktop.actions.fields",
    "bots.desktop.actions.reading",
    "bots.desktop.actions.files",
)
