"""What loses money or breaks at night: retries around writes, commits outside write blocks, waits,
coordinates."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from flows.action import ActionSpec, Catalog
from flows.diagnostics import Diagnostic
from flows.expressions import names
from flows.marks import Mark
from flows.model import Flow, Step, Template
from flows.verbs import COMMIT_WORDS, PASSWORD, PRESSES, navigates

MANY_TRIES = 10  # an item's attempts times a step's retries: fewer are a matter of taste
_FINDING_KEYS = ("css", "xpath", "test_id", "role", "in", "near", "frame", "row", "placeholder")
_CREDENTIALS = re.compile(r"https?://[^/\s:@]+:[^/\s@]+@")


@dataclass(frozen=True)
class _Around:
    """What encloses a step: tries in total, the write block, loop names that change from pass to pass."""

    tries: int = 1
    writing: bool = False
    probing: bool = False
    loop: frozenset[str] = frozenset()
    block: Step | None = None


def lint(flow: Flow, catalog: Catalog) -> Iterator[Diagnostic]:
    """Every finding in a flow; called flows have their own."""
    linter = _Linter(flow, catalog)
    if flow.session:
        yield from linter.session(flow.session.steps)
    yield from linter.steps(flow.steps, _Around())
    for step in flow.walk():
        yield from _passwords(step)
    tries, most = (flow.items.attempts, _most_tries(flow.steps)) if flow.items else (1, 1)
    if flow.items and most > 1 and tries * most >= MANY_TRIES:
        yield _warning("retries-stacked", flow.items.mark, product=tries * most, parts=f"{tries} × {most}")


def _warning(code: str, mark: Mark, **details: Any) -> Diagnostic:
    return Diagnostic(code, mark, "warning", details)


class _Linter:
    def __init__(self, flow: Flow, catalog: Catalog) -> None:
        self.flow, self.catalog = flow, catalog

    def session(self, steps: tuple[Step, ...]) -> Iterator[Diagnostic]:
        for step in (s for top in steps for s in top.walk()):
            if step.writes:
                yield Diagnostic("write-in-session", step.mark, details={"what": step.writes.what})
            spec = self.catalog.get(step.action)
            if spec and spec.acts == "outside" and not (spec.repeatable or step.repeatable):
                yield Diagnostic("outside-without-write", step.mark, details={"action": spec.name})
            yield from self._habits(step, spec)

    def steps(self, steps: Sequence[Step], around: _Around) -> Iterator[Diagnostic]:
        written = fresh_secret = False
        for step in steps:
            spec = self.catalog.get(step.action)
            yield from self._step(step, spec, around)
            if written and spec and spec.acts == "screen":
                if not navigates(step.action):
                    yield _warning("screen-after-write", step.mark, action=step.action)
                written = False
            if fresh_secret and spec and spec.verb == "screenshot":
                yield _warning("screenshot-secret", step.mark)
            fresh_secret = self._shows_secret(step, spec, fresh_secret)
            written = written or step.writes is not None
            yield from self._below(step, around)

    @staticmethod
    def _shows_secret(step: Step, spec: ActionSpec | None, before: bool) -> bool:
        if spec is None or spec.bot is None:
            return before
        if any(n.parts[0] == "secrets" for n in names(dict(step.params))):
            return True
        return before and not (navigates(step.action) or spec.verb in PRESSES)

    def _below(self, step: Step, around: _Around) -> Iterator[Diagnostic]:
        tries = around.tries * (step.retry.tries if step.retry else 1)
        loop = around.loop | (
            {step.as_name, "loop"} if step.kind in ("for_each", "repeat", "while") else set()
        )
        block = step if step.writes else around.block
        inner = replace(
            around, tries=tries, loop=loop, writing=around.writing or step.writes is not None, block=block
        )
        if step.writes:
            yield from self.steps(step.writes.done_if, _Around(writing=True, probing=True, loop=loop))
        lists = (step.do, step.then, step.otherwise, step.finally_, *(c.do for c in step.catches))
        for child in (*lists, *(steps for _, steps in step.branches)):
            yield from self.steps(child, inner)

    def _step(self, step: Step, spec: ActionSpec | None, around: _Around) -> Iterator[Diagnostic]:
        tries = around.tries * (step.retry.tries if step.retry else 1)
        if step.writes:
            yield from self._write(step, tries, around)
        elif step.retry and step.retry.tries > 1 and around.tries > 1:
            parts = f"{around.tries} × {step.retry.tries}"
            yield _warning("retries-stacked", step.mark, product=tries, parts=parts)
        if step.commits and not around.writing and not step.writes:
            yield Diagnostic("commits-outside-write", step.mark)
        if spec is not None:
            yield from self._acting(step, spec, around)
        yield from self._habits(step, spec)

    def _write(self, step: Step, tries: int, around: _Around) -> Iterator[Diagnostic]:
        assert step.writes is not None
        what = step.writes.what
        if around.probing:
            yield Diagnostic("done-if-acts", step.mark, details={"action": f"writes: {what}"})
        elif around.writing:
            yield Diagnostic("write-in-write", step.mark, details={"what": what})
        if tries > 1:
            yield _warning("retry-around-write", step.mark, what=what, tries=tries)
        used = {n.parts[0] for n in names(step.writes.key)}
        if isinstance(step.writes.key, str) and self.flow.items is not None:
            yield _warning("write-key-constant", step.writes.mark, what=what)
        elif around.loop and not used & around.loop and not used & self._made_in_loop(step):
            yield _warning("write-key-in-loop", step.writes.mark, what=what)
        first = next((s for top in step.do for s in top.walk() if self._on_screen(s)), None)
        if first is not None and not navigates(first.action):
            yield _warning("write-without-navigation", first.mark, action=first.action, what=what)

    def _made_in_loop(self, block: Step) -> set[str]:
        """Ids of steps that stand in a loop together with the write block: their values change from pass to
        pass."""
        made: set[str] = set()
        for loop in (s for s in self.flow.walk() if s.kind in ("for_each", "repeat", "while")):
            inside = [s for top in loop.do for s in top.walk()]
            if any(s is block for s in inside):
                made |= {s.id for s in inside if s.id}
        return made

    def _on_screen(self, step: Step) -> bool:
        spec = self.catalog.get(step.action)
        return spec is not None and spec.acts == "screen"

    def _acting(self, step: Step, spec: ActionSpec, around: _Around) -> Iterator[Diagnostic]:
        outside = spec.acts == "outside" and not (step.repeatable or spec.repeatable)
        if outside and around.probing:
            yield Diagnostic("done-if-acts", step.mark, details={"action": spec.name})
        elif outside and not around.writing and not step.writes:
            yield Diagnostic("outside-without-write", step.mark, details={"action": spec.name})
        words = said(step.params)
        if (
            spec.bot
            and spec.verb in PRESSES
            and not around.writing
            and not step.writes
            and COMMIT_WORDS.search(words)
        ):
            yield _warning("commit-outside-write", step.mark, text=words[:60])

    def _habits(self, step: Step, spec: ActionSpec | None) -> Iterator[Diagnostic]:
        if spec and spec.verb in ("wait", "sleep") and {"seconds", "for", "time"} & set(step.params):
            yield _warning("fixed-sleep", step.mark)
        for name in ("point", "x", "y", "coordinates"):
            path = _find_key(step.params, name)
            if path:
                yield _warning("coordinates", step.marks.get(path, step.mark))
                return


def said(tree: Any) -> str:
    """The words that a person would read, out of a parameter tree."""
    if isinstance(tree, Mapping):
        return " ".join(filter(None, (said(v) for k, v in tree.items() if k not in _FINDING_KEYS)))
    if isinstance(tree, list):
        return " ".join(filter(None, map(said, tree)))
    return tree if isinstance(tree, str) else ""


def _find_key(tree: Any, key: str, path: str = "") -> str:
    """The dotted place of `key` in nested mappings, or empty."""
    if not isinstance(tree, Mapping):
        return ""
    if key in tree:
        return path + key
    return next((found for k, v in tree.items() if (found := _find_key(v, key, f"{path}{k}."))), "")


def _passwords(step: Step) -> Iterator[Diagnostic]:
    """Passwords written out: beside a password field, in a parameter called so, in an address."""
    target = step.params.get("target")
    beside = bool(PASSWORD.search(said({"target": target}) + " " + " ".join(_labels(target))))
    for name, value in step.params.items():
        shown = value.source if isinstance(value, Template) else value if isinstance(value, str) else ""
        named = PASSWORD.fullmatch(name) or (beside and name in ("text", "value"))
        if (named and isinstance(value, str) and value) or _CREDENTIALS.search(shown):
            yield _warning("password-in-text", step.marks.get(name, step.mark))


def _labels(target: Any) -> Iterator[str]:
    if isinstance(target, Mapping):
        yield from (
            str(v) for k, v in target.items() if k in ("placeholder", "test_id") and isinstance(v, str)
        )


def _most_tries(steps: Sequence[Step], outer: int = 1) -> int:
    """The most tries that any action inside may get, retries multiplied."""
    most = outer
    for step in steps:
        own = outer * (step.retry.tries if step.retry else 1)
        most = max(most, own, _most_tries(tuple(step.children()), own))
    return most


def attempts_at_most(flow: Flow) -> int:
    """An upper bound of step attempts for one item, loops counted once."""
    tries = flow.items.attempts if flow.items else 1
    return tries * sum(_attempts(step, 1) for step in flow.steps)


def _attempts(step: Step, outer: int) -> int:
    own = outer * (step.retry.tries if step.retry else 1)
    return (own if step.kind == "action" else 0) + sum(_attempts(child, own) for child in step.children())


def wait_total(step: Step) -> timedelta:
    """The longest time that a step's retries may wait."""
    if not step.retry:
        return timedelta()
    return sum((step.retry.wait * step.retry.backoff**n for n in range(step.retry.tries - 1)), timedelta())
