"""Reads steps: exactly one key with a dot is an action, else a control step or a group."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from pydantic import BaseModel

from flows.action import ActionSpec, Catalog
from flows.diagnostics import Said
from flows.document import Node, Pair
from flows.load_control import ControlReader
from flows.marks import Mark
from flows.model import Ending, Retry, Step, Writes
from flows.shape import nearest

OWN = (
    "id", "name", "if", "retry", "timeout", "writes", "do", "commits", "expect", "repeatable", "on_error",
    "outputs",
)  # fmt: skip
CONTROL: Mapping[str, tuple[str, ...]] = {
    "if": ("then", "else"),
    "for_each": (),
    "repeat": (),
    "while": (),
    "try": ("catch", "finally"),
    "call": ("with",),
    "parallel": (),
    "stop": (),
}
_NO_BLOCK = ("writes", "expect", "repeatable")
MISPLACED: Mapping[str, tuple[str, ...]] = {
    "action": ("do",),
    "group": ("repeatable",),
    "if": (*_NO_BLOCK, "do"),
    "for_each": _NO_BLOCK,
    "repeat": _NO_BLOCK,
    "while": _NO_BLOCK,
    "try": (*_NO_BLOCK, "do"),
    "call": (*_NO_BLOCK, "do"),
    "parallel": (*_NO_BLOCK, "do", "commits"),
    "stop": (*_NO_BLOCK, "do", "commits", "retry", "timeout", "outputs", "on_error"),
}
ON_ERROR = ("stop", "next_item", "continue")
STEP = Said("what-step")


class StepReader(ControlReader):
    """Makes Step objects; `segment` is the id, else `n:action`."""

    def __init__(self, catalog: Catalog) -> None:
        super().__init__()
        self.catalog = catalog

    def steps(self, node: Node | None, what: Said | str) -> tuple[Step, ...]:
        return tuple(self._step(one, n) for n, one in enumerate(self.items(node, what), 1))

    def _step(self, node: Node, n: int) -> Step:
        if node.kind != "map" or not node.pairs:
            self._not_a_step(node)
            return Step("group", f"{n}:do", node.mark)
        made = self._made(node, n)
        own = {p.key: p for p in node.pairs if p.key in OWN}
        for key in MISPLACED[made.kind]:
            if key in own:
                self.complain("key-misplaced", own[key].mark, key=key, kind=Said(f"step-{made.kind}"))
        return self._with_own(made, {k: p.node for k, p in own.items()})

    def _made(self, node: Node, n: int) -> Step:
        """The step without its own keys."""
        found = [*self._controls(node), *(p for p in node.pairs if "." in p.key)]
        if len(found) > 1:
            first, second = sorted(found, key=lambda p: (p.mark.line, p.mark.column))[:2]
            self.complain("step-two-actions", second.mark, first=first.key, second=second.key)
        if found and "." not in found[0].key:
            pair = found[0]
            self._strangers(node, {pair.key, *CONTROL[pair.key], *OWN})
            return replace(self.control(pair, node), segment=f"{n}:{pair.key}", mark=pair.mark)
        if found:
            self._strangers(node, {found[0].key, *OWN})
            return self._action(found[0], n)
        body = node.get("do")
        if body is None:
            self._no_action(node)
            return Step("group", f"{n}:do", node.mark)
        self._strangers(node, set(OWN), *CONTROL)
        mark = next(p.mark for p in node.pairs if p.key == "do")
        return Step("group", f"{n}:do", mark, do=self.steps(body, "do"))

    @staticmethod
    def _controls(node: Node) -> list[Pair]:
        """Control keys; `if` beside an action or another control is only a condition."""
        found = [p for p in node.pairs if p.key in CONTROL]
        branches = any(p.key in ("then", "else") for p in node.pairs)
        return [p for p in found if p.key != "if" or branches]

    def _not_a_step(self, node: Node) -> None:
        text = str(node.value) if node.kind == "scalar" and not node.is_null else ""
        first, _, rest = text.partition(" ")
        first = first.rstrip(":")
        near = f"{first}: {rest.strip()[:40]}".rstrip() if first in self.catalog else nearest(first, self.catalog)
        self.complain("step-shape", node.mark, text=text[:60], near=near)

    def _no_action(self, node: Node) -> None:
        strange = next((p for p in node.pairs if p.key not in OWN), None)
        mark = strange.mark if strange else node.pairs[0].mark
        name = strange.key if strange else ""
        near = nearest(name, [*CONTROL, *self.catalog])
        self.complain("step-no-action", mark, near=near, key=name)

    def _strangers(self, node: Node, known: set[str], *meant: str) -> None:
        for pair in node.pairs:
            if pair.key not in known and "." not in pair.key and pair.key not in CONTROL:
                self.stranger(pair, sorted(k for k in {*known, *meant} if "." not in k), STEP)

    # ── a step's own keys ──
    def _with_own(self, step: Step, own: Mapping[str, Node]) -> Step:
        ident = self.name(self.text(own["id"], "id"), own["id"].mark, STEP) if "id" in own else None
        on_error: Any = self.choice(own.get("on_error"), "on_error", ON_ERROR, "stop")
        return replace(
            step,
            id=ident,
            segment=ident or step.segment,
            name=self.text(own.get("name"), "name") or None,
            when=self.condition(own["if"]) if "if" in own and step.kind != "if" else None,
            retry=self._retry(own.get("retry")),
            timeout=self.seconds(own.get("timeout"), "timeout"),
            on_error=on_error,
            repeatable=self.flag(own.get("repeatable"), "repeatable"),
            commits=self.flag(own.get("commits"), "commits"),
            writes=self._writes(own.get("writes")),
            expect=self._endings(own.get("expect")),
            outputs=self.named_trees(own["outputs"], Said("what-output")) if "outputs" in own else None,
        )

    def named_trees(self, node: Node, what: Said) -> dict[str, Any]:
        """`name: value` lines, such as outputs."""
        return {self.name(p.key, p.mark, what): self.tree(p.node) for p in self.pairs(node, "outputs")}

    def _retry(self, node: Node | None) -> Retry | None:
        if node is None:
            return None
        if node.kind == "scalar":
            return Retry(self.whole(node, "retry", 1, 1, 100))
        entries = self.mapping(node, ("tries", "wait", "backoff"), "retry")
        wait = self.seconds(entries.get("wait"), "wait")
        tries = self.whole(entries.get("tries"), "tries", 3, 1, 100)
        return Retry(
            tries, timedelta(seconds=1) if wait is None else wait, self._backoff(entries.get("backoff"))
        )

    def _backoff(self, node: Node | None) -> float:
        if node is None:
            return 1.0
        value = node.value
        if not isinstance(value, int | Decimal) or isinstance(value, bool) or not 1 <= value <= 10:
            self.complain("shape-int", node.mark, what="backoff", low=1, high=10)
            return 1.0
        return float(value)

    # ── write blocks ──
    def _writes(self, node: Node | None) -> Writes | None:
        if node is None:
            return None
        entries = self.mapping(node, ("what", "key", "done_if"), "writes")
        for name in ("what", "key"):
            if name not in entries or entries[name].is_null:
                self.complain("writes-incomplete", node.mark, missing=name)
        what = self.text(entries.get("what"), "what")
        done_if = self.steps(entries.get("done_if"), "done_if")
        return Writes(what, self.tree(entries.get("key")), done_if, node.mark)

    def _endings(self, node: Node | None) -> tuple[Ending, ...]:
        if node is None:
            return ()
        nodes = [node] if node.kind == "map" else self.items(node, "expect")
        return tuple(e for e in map(self._ending, nodes) if e)

    def _ending(self, node: Node) -> Ending | None:
        known = ("done", "business", "application", "code", "message")
        entries = self.mapping(node, known, Said("what-ending"))
        kinds = [k for k in known[:3] if k in entries]
        if len(kinds) != 1:
            self.complain("expect-shape", node.mark)
            return None
        outcome: Any = kinds[0]
        seen = self.seen(entries[outcome])
        code = self.text(entries.get("code"), "code")
        return Ending(outcome, seen, code, self.tree(entries.get("message")), node.mark)

    # ── actions ──
    def _action(self, pair: Pair, n: int) -> Step:
        spec = self.catalog.get(pair.key)
        params, marks = self._parameters(pair, spec)
        return Step("action", f"{n}:{pair.key}", pair.mark, action=pair.key, params=params, marks=marks)

    def _parameters(self, pair: Pair, spec: ActionSpec | None) -> tuple[dict[str, Any], dict[str, Mark]]:
        """A mapping names parameters; anything else is the main one."""
        node = pair.node
        if node.is_null and not node.quoted:
            return {}, {}
        if spec is None and node.kind != "map":
            return {"": self.tree(node)}, {"": node.mark}
        if spec is None or not self._is_main(node, spec):
            entries = self.pairs(node, pair.key)
            return {p.key: self.tree(p.node) for p in entries}, self.marks(node)
        if spec.main is None:
            known = ", ".join(spec.model.model_fields)
            self.complain("main-missing", node.mark, action=pair.key, known=known)
            return {}, {}
        below = {f"{spec.main}.{path}": mark for path, mark in self.marks(node).items()}
        return {spec.main: self.tree(node)}, {spec.main: node.mark, **below}

    def _is_main(self, node: Node, spec: ActionSpec) -> bool:
        """Whether the node is the main parameter itself.

        A mapping is, when none of its keys is a parameter and the main parameter takes such a mapping
        (`browser.click: {role: button, name: Save}`).
        """
        if node.kind != "map":
            return True
        names = spec.model.model_fields
        keys = {p.key for p in node.pairs}
        if spec.main is None or not keys or keys & set(names):
            return False
        return self._takes(names[spec.main].annotation, keys)

    def _takes(self, annotation: Any, keys: set[str]) -> bool:
        if annotation is Any or annotation is dict or getattr(annotation, "__origin__", None) is dict:
            return True
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            fields = annotation.model_fields
            return bool(keys & {f.alias or name for name, f in fields.items()})
        return any(self._takes(one, keys) for one in getattr(annotation, "__args__", ()))
