"""Recognising a target again after its page has changed.

The first time a target is acted on, what it looks like is remembered: role, name, label, attributes, neighbours,
section, and a small picture. When it is gone later, every element of the page is compared with that; one that is alike
enough, and clearly more so than any other, is it. A step that only reads then reads there and says so; a step that
would change something does nothing and recommends.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bots.base import Context
from bots.browser.crops import alike_crops, as_picture, crop
from bots.browser.find import element_call, engine_call
from bots.browser.target import Target, Wants

if TYPE_CHECKING:
    from playwright.sync_api import Locator

    from bots.browser.bot import Browser

STATE = "browser/fingerprints"
KEPT = 500
CROP = "crop"
CROP_MS = 2000
ALIKE = 0.72
MARGIN = 0.08
# Of each trait: how much it says about identity. Traits that were not there are left out of the account.
WEIGHTS = {
    "role": 2,
    "name": 4,
    "label": 4,
    "test_id": 5,
    "id": 3,
    "name_attribute": 3,
    "type": 1,
    "placeholder": 2,
    "title": 2,
    "near": 3,
    "section": 2,
}
_FILE = (Path(__file__).parent / "js" / "traits.js").read_text("utf-8")
_TRAITS = f"(rpa, el) => ({_FILE})(rpa).of(el)"
_ALL = f"(rpa) => {{ const t = ({_FILE})(rpa); return t.all().map(t.of); }}"
_MARKED = f"(rpa, i) => ({_FILE})(rpa).all()[i].setAttribute('data-rpa-healed', '')"


@dataclass(frozen=True, slots=True)
class Recognised:
    """An element that is alike: `target` names it as a flow would, `score` is from 0 to 1, `was` is the crop of what
    was lost."""

    index: int
    score: float
    target: Target
    was: str


class Memory:
    """What targets looked like, kept between runs in the engine's encrypted state."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        self._known: dict[str, dict[str, str]] | None = None
        self._changed = False

    def key(self, target: Target, wants: Wants) -> str:
        """Host and path with numbers left out, and the target: the same step finds its memory again."""
        parts = urlsplit(self.browser.page.url)
        return f"{parts.netloc}{re.sub(r'[0-9]+', '#', parts.path)} {wants} {target}"

    def _load(self, ctx: Context) -> dict[str, dict[str, str]]:
        if self._known is None:
            with ctx.state(STATE) as state:
                self._known = {k: json.loads(v) for k, v in state.items()}
        return self._known

    def learn(self, ctx: Context, target: Target, wants: Wants, locator: Locator, limit: float) -> None:
        """Remembers what a target looks like, the first time it is met. Rows and values change: they are
        left out."""
        if not self.browser.settings.heal or target.row is not None or target.value is not None or target.focused:
            return
        known, key = self._load(ctx), self.key(target, wants)
        if key in known:
            return
        traits = element_call(locator, _TRAITS, timeout=limit)
        seen = {k: v for k, v in traits.items() if v}
        ctx.note("fingerprint", {"target": str(target), **seen})
        known[key] = {**seen, CROP: crop(self.browser, locator, limit)}
        self._changed = True

    def knows(self, target: Target, wants: Wants) -> bool:
        """Whether there is nothing more to learn about a target here."""
        if not self.browser.settings.heal:
            return True
        return self._known is not None and self.key(target, wants) in self._known

    def save(self, ctx: Context) -> None:
        """Writes down what is new; the oldest is forgotten when it becomes too much."""
        if not self._changed or self._known is None:
            return
        with ctx.state(STATE) as state:
            state.clear()
            state.update({k: json.dumps(v, ensure_ascii=False) for k, v in list(self._known.items())[-KEPT:]})
        self._changed = False

    def recognise(self, ctx: Context, target: Target, wants: Wants) -> Recognised | None:
        """The element that was meant, when one is alike enough and clearly ahead of the others."""
        if not self.browser.settings.heal:
            return None
        traits = self._load(ctx).get(self.key(target, wants))
        if not traits:
            return None
        found = engine_call(self.browser.page, _ALL)
        ranked = sorted(((alike(traits, other), i) for i, other in enumerate(found)), reverse=True)
        if not ranked or ranked[0][0] < ALIKE or (len(ranked) > 1 and ranked[0][0] - ranked[1][0] < MARGIN):
            return None
        score, index = ranked[0]
        return Recognised(index, score, named(found[index]), traits.get(CROP, ""))

    def pictures(self, ctx: Context, recognised: Recognised) -> int | None:
        """Keeps what was lost and what was found as two small pictures, for the person who decides. Returns how alike
        they look, in per cent, where both are there."""
        found = crop(self.browser, self.locate(recognised), CROP_MS)
        for name, kept in (("target-was.jpeg", recognised.was), ("target-is.jpeg", found)):
            if kept and self.browser.settings.evidence != "none":
                ctx.save("screenshot", name, as_picture(kept), "image/jpeg")
        return alike_crops(recognised.was, found)

    def locate(self, recognised: Recognised) -> Locator:
        """A locator of the recognised element itself."""
        engine_call(self.browser.page, _MARKED, recognised.index)
        return self.browser.page.locator("[data-rpa-healed]").first


def alike(known: Mapping[str, str], other: Mapping[str, str]) -> float:
    """How alike two elements are, from 0 to 1, over the traits that were known."""
    from rapidfuzz import fuzz

    total = reached = 0.0
    for trait, weight in WEIGHTS.items():
        if known.get(trait):
            total += weight
            reached += weight * fuzz.ratio(known[trait].casefold(), other.get(trait, "").casefold()) / 100
    return reached / total if total else 0.0


def named(traits: Mapping[str, str]) -> Target:
    """The target that a person would write for an element with these traits."""
    for parts in (
        {"label": traits["label"]} if traits.get("label") else {},
        {"role": traits["role"], "name": traits["name"]} if traits.get("name") else {},
        {"placeholder": traits["placeholder"]} if traits.get("placeholder") else {},
        {"test_id": traits["test_id"]} if traits.get("test_id") else {},
        {"says": traits["near"]} if traits.get("near") else {},
    ):
        if parts:
            return Target.model_validate(parts)
    return Target.model_validate({"role": traits["role"]})
