"""Looks a target up on the current page: in its frames, with a diagnosis when it is not there or not
alone."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from bots.base import Context
from bots.browser.blocks import in_the_way
from bots.browser.errors import failure_of, first_line, obstacle
from bots.browser.launch import ENGINE
from bots.browser.target import Target, Wants, engine_selector
from flows.failures import ApplicationFailure, Failure, FlowFailure

if TYPE_CHECKING:
    from playwright.sync_api import Error, Frame, FrameLocator, Locator, Page

    from bots.browser.bot import Browser

T = TypeVar("T")
POLL_MS = 60
AMBIGUITY_GRACE_S = 1.5
LISTED = 8
HEALED_MS = 2000.0

_WITH_ENGINE = "(arg) => { const rpa = %s; return (%s)(rpa, arg) }"
_CANDIDATES = """(rpa, spec) => {
  const near = (el) => {
    const box = rpa.closest(rpa.parent(el), (e) => rpa.SCOPES.has(rpa.role(e)) && rpa.name(e));
    if (box) return rpa.role(box) + ' "' + rpa.name(box).slice(0, 60) + '"';
    const row = rpa.closest(rpa.parent(el), (e) => e.matches('tr,[role=row]'));
    if (row) return 'row "' + rpa.textOf(row).slice(0, 60) + '"';
    for (let e = el; e && e !== document.body; e = rpa.parent(e)) {
      for (let s = e.previousElementSibling; s; s = s.previousElementSibling) {
        const head = s.matches('h1,h2,h3,h4,h5,h6,legend') ? s : s.querySelector('h1,h2,h3,h4,h5,h6,legend');
        if (head && rpa.shown(head)) return 'under "' + rpa.textOf(head).slice(0, 60) + '"';
      }
    }
    return '';
  };
  return rpa.inOrder(rpa.find(document, spec)).slice(0, 20).map((el, i) => ({
    nth: i + 1, role: rpa.role(el) || el.tagName.toLowerCase(), name: (rpa.name(el) ||
        rpa.textOf(el)).slice(0, 80),
    label: (rpa.labels(el)[0] || '').slice(0, 80), test_id: rpa.testId(el) || '', where: near(el),
  }));
}"""
_SIMILAR = """(rpa, arg) => {
  const css = rpa.FIELD + ',' + rpa.PRESSED + ',h1,h2,h3,h4,[role=heading],legend,th,[role=columnheader]';
  const words = new Set();
  for (const el of rpa.select(document, css)) {
    if (words.size > 400) break;
    if (rpa.shown(el)) for (const word of [...rpa.labels(el), rpa.name(el)]) if (word &&
        word.length < 80) words.add(word);
  }
  return [...words];
}"""


def engine_call(frame: Frame | Page, script: str, arg: Any = None) -> Any:
    """Runs `script` (a function of our engine and `arg`) in a frame."""
    return frame.evaluate(_WITH_ENGINE % (ENGINE, script), arg)


def element_call(locator: Locator, script: str, arg: Any = None, *, timeout: float) -> Any:
    """Runs `script` (a function of our engine, the element and `arg`) on the one element of a locator."""
    return locator.evaluate(
        f"(el, arg) => {{ const rpa = {ENGINE}; return ({script})(rpa, el, arg) }}", arg, timeout=timeout
    )


def milliseconds(ctx: Context) -> float:
    """What Playwright may use of the step's time; a little is kept for saying what went wrong (never 0: no
    limit)."""
    left = ctx.remaining()
    return max(1.0, (left - min(0.5, left * 0.05)) * 1000)


class Finder:
    """Finds and performs on behalf of one browser."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        self._place: Frame | FrameLocator | Page | None = None

    # ---- where ----
    def scopes(self, target: Target) -> list[Frame | FrameLocator | Page]:
        """The documents to look in. Without `frame`: the page, then every frame of it that is there."""
        page = self.browser.page
        if target.frame is not None:
            scope: Page | FrameLocator = page
            for name in target.frames():
                scope = scope.locator(engine_selector({"iframe": name})).content_frame
            return [scope]
        if len(page.frames) == 1:
            return [page]
        return [f for f in page.frames if not f.is_detached()]

    def locator(self, ctx: Context, target: Target, wants: Wants) -> Locator:
        """The locator of `target`. On a page with frames it waits until one of them shows a match.

        Raises what `missing` raises when the time is up, `target-ambiguous` when two frames show it.
        """
        selector = target.selector(wants)
        scopes = self.scopes(target)
        if len(scopes) == 1:
            self._place = scopes[0]
            return scopes[0].locator(selector)
        deadline = time.monotonic() + milliseconds(ctx) / 1000
        while True:
            holding = [s for s in self.scopes(target) if self._count(s, selector)]
            if len(holding) == 1 or (holding and holding[0] is self.browser.page.main_frame):
                self._place = holding[0]
                return holding[0].locator(selector)
            if len(holding) > 1:
                names = [getattr(s, "name", "") or getattr(s, "url", "") for s in holding]
                raise FlowFailure(
                    "target-ambiguous",
                    details={
                        "target": str(target),
                        "count": len(holding),
                        "candidates": "; ".join(f"in frame {n}" for n in names),
                    },
                )
            if time.monotonic() >= deadline:
                raise self.missing(target, wants)
            self.browser.pause(POLL_MS)

    def beside(self, selector: str) -> Locator:
        """What `selector` matches in the document in which the last target was found."""
        return (self._place or self.browser.page).locator(selector)

    def _count(self, scope: Frame | FrameLocator | Page, selector: str) -> int:
        """How many match in one document; a frame that went away meanwhile holds none."""
        try:
            return scope.locator(selector).count()
        except self.browser.playwright_error as error:
            failure = failure_of(error.message, {}, timed_out=False)
            if failure.code in ("target-invalid", "browser-gone", "page-crashed"):
                raise failure from error
            return 0

    def count(self, target: Target, wants: Wants = "any") -> int:
        """How many match right now, in all documents. Does not wait."""
        selector = target.selector(wants)
        return sum(self._count(scope, selector) for scope in self.scopes(target))

    # ---- doing ----
    def perform(self, ctx: Context, target: Target, wants: Wants, verb: Callable[[Locator, float], T]) -> T:
        """Does `verb(locator, timeout in ms)`; an ambiguity may pass while a page changes, so it gets a
        moment."""
        self.browser.use(ctx)
        grace = time.monotonic() + AMBIGUITY_GRACE_S
        while True:
            try:
                locator, limit = self.locator(ctx, target, wants), milliseconds(ctx)
                self.browser.memory.learn(ctx, target, wants, locator, limit)
                return verb(locator, milliseconds(ctx))
            except self.browser.playwright_error as error:
                failure = self.explain(error, target, wants)
                again = failure.code == "target-ambiguous" and time.monotonic() < grace and ctx.remaining() > 1
                if failure.code == "target-missing":
                    return self._healed(ctx, target, wants, verb, failure)
                if not again:
                    raise failure from error
                self.browser.pause(POLL_MS * 3)

    def _healed(
        self,
        ctx: Context,
        target: Target,
        wants: Wants,
        verb: Callable[[Locator, float], T],
        failure: Failure,
    ) -> T:
        """Reads from the element that is recognised as the lost target; for anything else it only
        recommends."""
        # What is there and does not show yet has not moved: that is a matter of time, or of another tab.
        found = None if failure.details.get("hidden") else self.browser.memory.recognise(ctx, target, wants)
        if found is None:
            raise failure
        looks = self.browser.memory.pictures(ctx, found)
        patch = {
            "target": str(target),
            "found": str(found.target),
            "score": round(found.score * 100),
            "patch": json.dumps(found.target.parts(), ensure_ascii=False),
            **({"looks": looks} if looks is not None else {}),
        }
        ctx.note("healing", patch)
        if wants != "read":
            ctx.warn("target-moved", **patch)
            raise failure
        ctx.warn("target-healed", **patch)
        return verb(self.browser.memory.locate(found), HEALED_MS)

    def try_now(self, ctx: Context, target: Target, wants: Wants, script: str, arg: Any) -> Any:
        """Runs `script` on a target that was met before, in one turn instead of the three of a locator.

        None where that does not do: it is not there, not alone, in a frame, or not yet remembered.
        """
        self.browser.use(ctx)
        page = self.browser.page
        if target.frame is not None or len(page.frames) > 1 or not self.browser.memory.knows(target, wants):
            return None
        try:
            self._place = page
            return page.eval_on_selector(target.selector(wants), script, arg, strict=True)
        except self.browser.playwright_error:
            return None  # the long way waits for it, or says why not

    # ---- saying why not ----
    def explain(self, error: Error, target: Target, wants: Wants) -> Failure:
        """The failure a Playwright error on `target` means, with what a person needs to mend it."""
        timed_out = type(error).__name__ == "TimeoutError"
        failure = failure_of(error.message, {"target": str(target)}, timed_out=timed_out)
        if failure.code == "target-ambiguous":
            return self.ambiguous(target, wants)
        if failure.code != "timed-out":
            return failure
        if not self.count(target, wants):
            return self.missing(target, wants)
        why = obstacle(error.message) or first_line(error.message)
        return ApplicationFailure("target-not-ready", details={"target": str(target), "reason": why})

    def ambiguous(self, target: Target, wants: Wants) -> Failure:
        """Lists the candidates with what tells them apart."""
        found = [c for scope in self._frames(target) for c in engine_call(scope, _CANDIDATES, target.spec(wants))]
        return FlowFailure(
            "target-ambiguous",
            details={
                "target": str(target),
                "count": len(found),
                "candidates": "\n".join(map(_candidate, found[:LISTED])),
            },
        )

    def _frames(self, target: Target) -> list[Frame | Page]:
        frames: list[Frame | Page] = [s for s in self.scopes(target) if not _is_locator(s)]  # type: ignore[misc]
        return frames or [self.browser.page]

    def missing(self, target: Target, wants: Wants) -> Failure:
        """Says what the page offers that reads alike, and what else may hide it; or that the site wants a person."""
        blocked = in_the_way(self.browser)
        if blocked is not None:
            return blocked
        hidden = target.model_copy(update={"hidden": True})
        details: dict[str, Any] = {
            "target": str(target),
            "url": self.browser.shown_url(),
            "similar": ", ".join(self._similar(target)) or "-",
            "hidden": bool(self.count(hidden, wants)),
            "tabs": len(self.browser.pages),
        }
        return ApplicationFailure("target-missing", details=details)

    def _similar(self, target: Target) -> list[str]:
        wanted = next((w for w in (target.says, target.name, target.label, target.text, target.placeholder) if w), "")
        if not wanted:
            return []
        from rapidfuzz import process

        words = {w for frame in self._frames(target) for w in engine_call(frame, _SIMILAR)}
        return [f'"{word}"' for word, _, _ in process.extract(wanted, sorted(words), limit=4, score_cutoff=55)]


def _is_locator(scope: object) -> bool:
    """A frame given by `frame:` is only a way to look, nothing that scripts can run in."""
    return not hasattr(scope, "evaluate")


def _candidate(found: Mapping[str, Any]) -> str:
    words = f'{found["nth"]}. {found["role"]} "{found["name"]}"'
    if found["label"] and found["label"] != found["name"]:
        words += f', label "{found["label"]}"'
    if found["test_id"]:
        words += f", test_id {found['test_id']}"
    return words + (f", {found['where']}" if found["where"] else "")
