"""The explicit list of the project's actions. Add a module here and its actions exist everywhere."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points

from flows.action import ActionSpec, Catalog

MODULES = (
    "bots.browser.actions.navigation",
    "bots.browser.actions.pointer",
    "bots.browser.actions.keyboard",
    "bots.browser.actions.fields",
    "bots.browser.actions.reading",
    "bots.browser.actions.files",
    "bots.browser.actions.session",
    "bots.browser.actions.data",
    "bots.desktop.actions.programs",
    "bots.desktop.actions.windows",
    "bots.desktop.actions.pointer",
    "bots.desktop.actions.fields",
    "bots.desktop.actions.reading",
    "bots.desktop.actions.files",
    "bots.document.actions",
    "bots.review.actions",
    "bots.files.actions",
    "bots.data.actions",
    "bots.tables.actions",
    "bots.http.actions",
    "bots.mail.actions",
    "bots.notify.actions",
)


@cache
def catalog(plugins: tuple[str, ...] = ()) -> Catalog:
    """All built-in actions, and those of the entry points (`rpa.actions`) that `plugins` names.

    Raises LookupError for a plugin that is listed but not installed.
    """
    specs = list(Catalog.of_modules(import_module(name) for name in MODULES).values())
    return Catalog([*specs, *_plugged(plugins)])


def _plugged(names: Iterable[str]) -> list[ActionSpec]:
    wanted = set(names)
    found = {e.name: e for e in entry_points(group="rpa.actions") if e.name in wanted} if wanted else {}
    missing = sorted(wanted - set(found))
    if missing:
        raise LookupError(f"the plugin {missing[0]} is listed in flows.yaml but not installed")
    return [spec for entry in found.values() for spec in Catalog.of_modules([entry.load()]).values()]
