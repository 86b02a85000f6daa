"""Reads steps: exactly one key with a dot is an action, else a control step or a group."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from flows.action import Catalog
from flows.document import Node, Pair
from flows.model import Catch, Ending, Mark, Retry, Step, Writes
from flows.shape import Reader, nearest

OWN = ("id", "name", "if", "retry", "timeout", "writes", "do", "commits", "expect", "repeatable", "on_error", "outputs")
CONTROL: Mapping[str, tuple[str, ...]] = {
    "if": ("then", "else"), "for_each": (), "repeat": (), "while": (), "try": ("catch", "finally"), "call": ("with",),
    "parallel": (), "stop": (),
}
KINDS = ("flow", "business", "application", "engine")


class StepReader(Reader):
    """Makes Step objects; `segment` is the id, else `n:action`."""

    def __init__(self, catalog: Catalog) -> None:
        super().__init__()
        self.catalog = catalog

    def steps(self, node: Node | None, what: str) -> tuple[Step, ...]:
        made = [self._step(one, n) for n, one in enumerate(self.items(node, what), 1)]
        seen: dict[str, Mark] = {}
        for step in made:
            if step.id and step.id in seen:
                self.complain("step-id-repeated", step.mark, id=step.id, first=seen[step.id].line)
            if step.id:
                seen[step.id] = step.mark
        return tuple(made)

    def _step(self, node: Node, n: int) -> Step:
        if node.kind != "map":
            self._not_a_step(node)
            return Step("group", f"{n}:do", node.mark)
        actions = [p for p in node.pairs if "." in p.key]
        control = self._control(node)
        own = {p.key: p.node for p in node.pairs if p.key in OWN}
        if len(actions) > 1:
            self.complain("step-two-actions", actions[1].mark, first=actions[0].key, second=actions[1].key)
        if actions:
            self._strangers(node, {actions[0].key, *OWN})
            return self._with_own(self._action(actions[0], n), own, n)
        if control:
            return self._with_own(self._control_step(control, node, n), own, n)
        if "do" in own:
            self._strangers(node, set(OWN))
            step = Step("group", f"{n}:do", node.mark, do=self.steps(own["do"], "do"))
            return self._with_own(step, own, n)
        self._no_action(node)
        return Step("group", f"{n}:do", node.mark)

    def _not_a_step(self, node: Node) -> None:
        text = str(node.value) if node.kind == "scalar" else ""
        self.complain("step-shape", node.mark, text=text[:60], near=nearest(text.split(" ")[0], self.catalog) if text else "")

    def _no_action(self, node: Node) -> None:
        known = [*OWN, *CONTROL]
        strange = next((p for p in node.pairs if p.key not in known), None)
        mark = strange.mark if strange else node.mark
        name = strange.key if strange else ""
        self.complain("step-no-action", mark, near=nearest(name, [*CONTROL, *self.catalog]) if name else "", key=name)

    def _strangers(self, node: Node, known: set[str]) -> None:
        for pair in node.pairs:
            if pair.key not in known and "." not in pair.key:
                self.complain("key-unknown", pair.mark, near=nearest(pair.key, sorted(known)), key=pair.key, what="a step", known=", ".join(sorted(known & set(OWN))))

    # ── a step's own keys ──
    def _with_own(self, step: Step, own: Mapping[str, Node], n: int) -> Step:
        ident = self.name(self.text(own["id"], "id"), own["id"].mark, "a step") if "id" in own else None
        when = self.condition(own["if"]) if "if" in own and step.kind != "if" else None
        outputs = {p.key: self.tree(p.node) for p in self.pairs(own["outputs"], "outputs")} if "outputs" in own else None
        return replace(
            step, id=ident, segment=ident or step.segment, name=self.text(own.get("name"), "name") or None, when=when,
            retry=self._retry(own.get("retry")), timeout=self.seconds(own.get("timeout"), "timeout"),
            on_error=self.choice(own.get("on_error"), "on_error", ("stop", "next_item", "continue"), "stop"),  # type: ignore[arg-type]
            repeatable=self.flag(own.get("repeatable"), "repeatable"), commits=self.flag(own.get("commits"), "commits"),
            writes=self._writes(own.get("writes")), expect=self._endings(own.get("expect")), outputs=outputs,
        )

    def _retry(self, node: Node | None) -> Retry | None:
        if node is None:
            return None
        if node.kind == "scalar" and isinstance(node.value, int) and not isinstance(node.value, bool):
            return Retry(self.whole(node, "retry", 1, 1, 100))
        entries = self.mapping(node, ("tries", "wait", "backoff"), "retry")
        wait = self.seconds(entries.get("wait"), "wait")
        backoff = entries["backoff"].value if "backoff" in entries else 1
        try:
            factor = float(backoff)
        except (TypeError, ValueError):
            factor = 0.0
        if not 1 <= factor <= 10:
            self.complain("shape-int", entries["backoff"].mark, what="backoff", low=1, high=10)
            factor = 1.0
        return Retry(self.whole(entries.get("tries"), "tries", 3, 1, 100), wait if wait is not None else timedelta(seconds=1), factor)

    def _writes(self, node: Node | None) -> Writes | None:
        if node is None:
            return None
        entries = self.mapping(node, ("what", "key", "done_if"), "writes")
        for name in ("what", "key"):
            if name not in entries:
                self.complain("writes-incomplete", node.mark, missing=name)
        if "done_if" not in entries:
            self.complain("writes-without-done-if", node.mark, severity="warning")
        return Writes(self.text(entries.get("what"), "what"), self.tree(entries.get("key")), self.steps(entries.get("done_if"), "done_if"), node.mark)

    def _endings(self, node: Node | None) -> tuple[Ending, ...]:
        if node is None:
            return ()
        if node.kind == "map":
            node = Node("list", [node], node.mark)
        return tuple(e for e in (self._ending(n) for n in self.items(node, "expect")) if e)

    def _ending(self, node: Node) -> Ending | None:
        entries = self.mapping(node, ("done", "business", "application", "code", "message"), "an ending of expect")
        kinds = [k for k in ("done", "business", "application") if k in entries]
        if len(kinds) != 1:
            self.complain("expect-shape", node.mark)
            return None
        outcome: Any = kinds[0]
        condition = entries[outcome]
        tree = {"text": condition.value} if condition.kind == "scalar" and isinstance(condition.value, str) and "${" not in condition.value else self.tree(condition)
        return Ending(outcome, tree, self.text(entries.get("code"), "code"), self.tree(entries.get("message")), node.mark)

    # ── actions ──
    def _action(self, pair: Pair, n: int) -> Step:
        params, marks = self._parameters(pair)
        return Step("action", f"{n}:{pair.key}", pair.mark, action=pair.key, params=params, marks=marks)

    def _parameters(self, pair: Pair) -> tuple[dict[str, Any], dict[str, Mark]]:
        """A mapping names parameters; anything else is the main one. A mapping whose keys are no parameters is
        the main one too (`browser.click: {role: button, name: Save}`)."""
        spec = self.catalog.get(pair.key)
        node = pair.node
        if node.kind == "scalar" and node.value is None and not node.quoted:
            return {}, {}
        main = spec.main if spec else None
        names = set(spec.model.model_fields) if spec else set()
        bare = node.kind != "map" or (main is not None and node.pairs and not any(p.key in names for p in node.pairs) and self._target_like(node, spec))
        if bare:
            if main is None:
                if spec is not None:
                    self.complain("main-missing", node.mark, action=pair.key, known=", ".join(sorted(names)))
                return {}, {}
            return {main: self.tree(node)}, {main: node.mark}
        return {p.key: self.tree(p.node) for p in node.pairs}, {p.key: p.mark for p in node.pairs}

    @staticmethod
    def _target_like(node: Node, spec: Any) -> bool:
        field = spec.model.model_fields[spec.main]
        keys = {p.key for p in node.pairs}
        wanted = getattr(field.annotation, "model_fields", None) or {}
        aliases = {f.alias or n for n, f in wanted.items()} | set(wanted)
        return bool(keys & aliases) if wanted else False

    # ── control ──
    @staticmethod
    def _control(node: Node) -> Pair | None:
        for pair in node.pairs:
            if pair.key in CONTROL and (pair.key != "if" or any(p.key in ("then", "else") for p in node.pairs)):
                return pair
        return None

    def _control_step(self, pair: Pair, node: Node, n: int) -> Step:
        self._strangers(node, {pair.key, *CONTROL[pair.key], *OWN})
        maker = getattr(self, f"_{pair.key}")
        step: Step = maker(pair, node)
        return replace(step, segment=f"{n}:{pair.key}", mark=pair.mark)

    def _if(self, pair: Pair, node: Node) -> Step:
        return Step("if", "", pair.mark, test=self.condition(pair.node), then=self.steps(node.get("then"), "then"), otherwise=self.steps(node.get("else"), "else"))

    def _for_each(self, pair: Pair, node: Node) -> Step:
        entries = self.mapping(pair.node, ("in", "as", "key"), "for_each")
        if "in" not in entries:
            self.complain("loop-incomplete", pair.mark, missing="in")
        name = self.name(self.text(entries.get("as"), "as", "line"), entries["as"].mark, "a loop") if "as" in entries else "line"
        return Step("for_each", "", pair.mark, each=self.tree(entries.get("in")), as_name=name, key=self.tree(entries.get("key")), do=self._body(node, pair))

    def _body(self, node: Node, pair: Pair) -> tuple[Step, ...]:
        if node.get("do") is None:
            self.complain("loop-incomplete", pair.mark, missing="do")
        return self.steps(node.get("do"), "do")

    def _repeat(self, pair: Pair, node: Node) -> Step:
        return self._bounded("repeat", "until", pair, node)

    def _while(self, pair: Pair, node: Node) -> Step:
        return self._bounded("while", "test", pair, node)

    def _bounded(self, kind: Any, test: str, pair: Pair, node: Node) -> Step:
        entries = self.mapping(pair.node, ("at_most", test), kind)
        for name in ("at_most", test):
            if name not in entries:
                self.complain("loop-incomplete", pair.mark, missing=name)
        return Step(kind, "", pair.mark, at_most=self.whole(entries.get("at_most"), "at_most", 1, 1, 100_000), test=self.condition(entries.get(test)), do=self._body(node, pair))

    def _try(self, pair: Pair, node: Node) -> Step:
        catches = node.get("catch")
        nodes = self.items(catches, "catch") if catches is not None and catches.kind == "list" else [catches] if catches else []
        if not nodes and node.get("finally") is None:
            self.complain("try-alone", pair.mark)
        return Step("try", "", pair.mark, do=self.steps(pair.node, "try"), catches=tuple(self._catch(c) for c in nodes), finally_=self.steps(node.get("finally"), "finally"))

    def _catch(self, node: Node) -> Catch:
        entries = self.mapping(node, ("kind", "code", "do"), "catch")
        kinds = self.texts(entries.get("kind"), "kind")
        for kind in kinds:
            if kind not in KINDS:
                self.complain("choice-unknown", entries["kind"].mark, near=nearest(kind, KINDS), value=kind, what="kind", known=", ".join(KINDS))
        return Catch(kinds, self.texts(entries.get("code"), "code"), self.steps(entries.get("do"), "do"), node.mark)

    def _call(self, pair: Pair, node: Node) -> Step:
        given = node.get("with")
        params = {p.key: self.tree(p.node) for p in self.pairs(given, "with")}
        marks = {p.key: p.mark for p in self.pairs(given, "with")}
        return Step("call", "", pair.mark, flow_ref=self.text(pair.node, "call"), params=params, marks=marks)

    def _parallel(self, pair: Pair, node: Node) -> Step:
        branches = tuple((p.key, self.steps(p.node, p.key)) for p in self.pairs(pair.node, "parallel"))
        if not 1 < len(branches) <= 8:
            self.complain("parallel-branches", pair.mark)
        return Step("parallel", "", pair.mark, branches=branches)

    def _stop(self, pair: Pair, node: Node) -> Step:
        if pair.node.kind == "scalar":
            return Step("stop", "", pair.mark, stop_with=self.choice(pair.node, "stop", ("succeed", "business"), "succeed"))  # type: ignore[arg-type]
        entries = self.mapping(pair.node, ("with", "code", "message"), "stop")
        how = self.choice(entries.get("with"), "with", ("succeed", "business"), "business")
        return Step("stop", "", pair.mark, stop_with=how, code=self.text(entries.get("code"), "code"), message=self.tree(entries.get("message")))  # type: ignore[arg-type]
