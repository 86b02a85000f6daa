"""What a page shows that a flow can act on or read, each thing with the target that names it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bots.browser.find import engine_call
from bots.browser.record import NAMING, target_text

if TYPE_CHECKING:
    from bots.browser.bot import Browser

LISTED = 300
_LOOK = """(rpa, limit) => {
  const { targets, best } = (%s)(rpa);
  const css = rpa.FIELD + ',' + rpa.PRESSED +
    ',h1,h2,h3,[role=heading],table,[role=grid],dialog,[role=dialog]';
  const out = [];
  for (const el of rpa.inOrder([...new Set(rpa.select(document, css))])) {
    if (out.length >= limit) break;
    if (!rpa.shown(el)) continue;
    const ways = targets(el);
    const target = best(el, ways);
    if (target) out.push({ role: rpa.role(el) || el.tagName.toLowerCase(),
      name: (rpa.name(el) || rpa.textOf(el)).slice(0, 60), target, ways });
  }
  return out;
}"""


def look(browser: Browser) -> list[dict[str, Any]]:
    """Everything nameable on the page and in its frames, in the order of the page: `{role, name, target,
    ways, frame}`; `target` is text to paste, `ways` every target with how many things fit it."""
    found: list[dict[str, Any]] = []
    for frame in browser.page.frames:
        name = "" if frame is browser.page.main_frame else frame.name or frame.url
        for thing in engine_call(frame, _LOOK % NAMING, LISTED):
            target = {**thing["target"], **({"frame": name} if name else {})}
            found.append({**thing, "target": target_text(target), "frame": name})
    return found
