"""Warnings about what loses money or breaks at night."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from flows.action import Catalog
from flows.diagnostics import Diagnostic
from flows.model import Flow, Step, Template

COMMIT_WORDS = re.compile(
    r"\b(save|post|send|pay|delete|submit|confirm|approve|speichern|buchen|senden|löschen)\b|저장|등록|전송|승인|삭제|결제|확정", re.IGNORECASE)
PASSWORD = re.compile(r"pass(word|wort|code)?|비밀번호|pwd", re.IGNORECASE)
NAVIGATES = ("open", "goto", "start", "back", "reload", "tab", "attach")


def lint(flow: Flow, catalog: Catalog) -> Iterator[Diagnostic]:
    yield from _steps(flow.steps, catalog, 1, in_write=False)
    if flow.session:
        yield from _passwords(flow.session.steps)
    yield from _passwords(flow.steps)
    if flow.items and flow.items.attempts > 1 and _product(flow.steps) > 1:
        worst = flow.items.attempts * _product(flow.steps)
        yield Diagnostic("retries-stacked", flow.items.mark, "warning", {"product": worst})


def _steps(steps: tuple[Step, ...], catalog: Catalog, tries: int, *, in_write: bool) -> Iterator[Diagnostic]:
    after_write = False
    for step in steps:
        own = tries * (step.retry.tries if step.retry else 1)
        yield from _step(step, catalog, own, tries, in_write=in_write or step.writes is not None)
        spec = catalog.get(step.action)
        if after_write and step.kind == "action" and spec and spec.acts == "screen":
            if not spec.verb.startswith(NAVIGATES):
                yield Diagnostic("screen-after-write", step.mark, "warning", {"action": step.action})
            after_write = False
        if step.writes:
            after_write = True
        yield from _steps(step.writes.done_if if step.writes else (), catalog, 1, in_write=True)
        for child in (step.do, step.then, step.otherwise, step.finally_, *(c.do for c in step.catches), *(b for _, b in step.branches)):
            yield from _steps(child, catalog, own, in_write=in_write or step.writes is not None)


def _step(step: Step, catalog: Catalog, own: int, outer: int, *, in_write: bool) -> Iterator[Diagnostic]:
    spec = catalog.get(step.action)
    if step.writes and own > 1:
        yield Diagnostic("retry-around-write", step.mark, "warning", {"what": step.writes.what})
    elif step.retry and outer > 1 and own > outer:
        yield Diagnostic("retries-stacked", step.mark, "warning", {"product": own})
    if spec is None:
        return
    if spec.acts == "outside" and not in_write and not (step.repeatable or spec.repeatable):
        yield Diagnostic("outside-without-write", step.mark, "error", {"action": spec.name})
    if spec.bot and spec.verb in ("click", "press", "menu") and not in_write and COMMIT_WORDS.search(_words(step.params)):
        yield Diagnostic("commit-outside-write", step.mark, "warning", {"text": _words(step.params)[:60]})
    if spec.verb in ("wait", "sleep") and any(k in step.params for k in ("seconds", "for", "time")):
        yield Diagnostic("fixed-sleep", step.mark, "warning")
    if _has_key(step.params, "point"):
        yield Diagnostic("coordinates", step.mark, "warning")
    if spec.verb == "screenshot" and "secrets." in str(step.params):
        yield Diagnostic("screenshot-secret", step.mark, "warning")


def _words(tree: Any) -> str:
    if isinstance(tree, Template):
        return ""
    if isinstance(tree, dict):
        return " ".join(_words(v) for k, v in tree.items() if k not in ("css", "xpath", "test_id", "role", "in", "near"))
    if isinstance(tree, list):
        return " ".join(_words(v) for v in tree)
    return tree if isinstance(tree, str) else ""


def _has_key(tree: Any, key: str) -> bool:
    if isinstance(tree, dict):
        return key in tree or any(_has_key(v, key) for v in tree.values())
    return isinstance(tree, list) and any(_has_key(v, key) for v in tree)


def _passwords(steps: tuple[Step, ...]) -> Iterator[Diagnostic]:
    for step in (s for top in steps for s in top.walk()):
        target = _words({"target": step.params.get("target")})
        for name in ("text", "value", "password"):
            value = step.params.get(name)
            if isinstance(value, str) and value and (name == "password" or PASSWORD.search(target)):
                yield Diagnostic("password-in-text", step.marks.get(name, step.mark), "warning")


def _product(steps: tuple[Step, ...]) -> int:
    return max((s.retry.tries for top in steps for s in top.walk() if s.retry), default=1)


def attempts_at_most(flow: Flow) -> int:
    """An upper bound of step attempts for one item, loops counted once."""
    tries = flow.items.attempts if flow.items else 1
    return tries * sum(s.retry.tries if s.retry else 1 for s in flow.walk() if s.kind == "action")


def wait_total(step: Step) -> timedelta:
    """The longest time that a step's retries may wait."""
    if not step.retry:
        return timedelta()
    return sum((step.retry.wait * step.retry.backoff**n for n in range(step.retry.tries - 1)), timedelta())
