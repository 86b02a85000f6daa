"""What a flow needs of the machine that runs it, and what this machine has: browser, desktop, ocr, gpu, and
names that a manifest makes up (`needs: [erp-vpn]`)."""

from __future__ import annotations

import shutil

from flows.action import Catalog
from flows.model import Flow
from rpa.settings import Settings

KNOWN = ("browser", "desktop", "ocr", "gpu")


def needs(flow: Flow, catalog: Catalog) -> tuple[str, ...]:
    """By the actions of the flow and of those it calls."""
    found = set()
    for step in flow.walk():
        spec = catalog.get(step.action) if step.action else None
        if spec is not None and spec.bot in KNOWN:
            found.add(spec.bot)
        if spec is not None and spec.family == "document":
            found.add("ocr")
    for called in flow.calls.values():
        found |= set(needs(called, catalog))
    return tuple(sorted(found))


def found_here(settings: Settings) -> tuple[str, ...]:
    """What `rpa serve` offers when nobody says `--can`."""
    from bots.browser.launch import find_browser

    has = {
        "browser": find_browser(settings.browser_path) is not None,
        "desktop": settings.headed or all(shutil.which(p) for p in ("Xvfb", "openbox", "dbus-daemon")),
        "ocr": True,
        "gpu": settings.device.startswith("gpu"),
    }
    return tuple(name for name in KNOWN if has[name])
