"""A session's storage between runs: cookies, local storage and IndexedDB, and session storage apart."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bots.browser.bot import Browser

_READ = "() => ({origin: location.origin, items: {...sessionStorage}})"
_WRITE = """(() => { const kept = %s; const items = kept[location.origin];
  if (items && sessionStorage.length === 0) for (const key in items) sessionStorage.setItem(key,
      items[key]); })()"""


def save(browser: Browser) -> dict[str, Any]:
    """What restores this session elsewhere. It holds credentials: keep it encrypted only."""
    session: dict[str, dict[str, str]] = {}
    for page in browser.pages:
        if page.url.startswith("http"):
            found = page.evaluate(_READ)
            session.setdefault(found["origin"], {}).update(found["items"])
    storage = browser.context.storage_state(indexed_db=True)
    return {"storage": json.dumps(storage), "session_storage": json.dumps(session), "url": browser.page.url}


def restore(browser: Browser, saved: Mapping[str, Any]) -> None:
    """A new context with what `save` gave, opened where it was taken."""
    browser.replace_context(json.loads(saved["storage"]))
    browser.context.add_init_script(_WRITE % saved["session_storage"])
    if str(saved.get("url", "")).startswith("http"):
        browser.page.goto(str(saved["url"]))
