"""Reads control steps: if, for_each, repeat, while, try, call, parallel, stop."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from typing import Any

from flows.diagnostics import Said
from flows.document import Node, Pair
from flows.model import Catch, Step
from flows.shape import Reader

KINDS = ("flow", "business", "application", "engine")
MAX_BRANCHES = 8
MAX_PASSES = 100_000


class ControlReader(Reader):
    """The control steps. `control` gives a Step whose segment and own keys are still to be set."""

    @abstractmethod
    def steps(self, node: Node | None, what: Said | str) -> tuple[Step, ...]:
        """A list of steps."""

    def control(self, pair: Pair, node: Node) -> Step:
        makers: dict[str, Callable[[Pair, Node], Step]] = {
            "if": self._if,
            "for_each": self._for_each,
            "repeat": self._repeat,
            "while": self._while,
            "try": self._try,
            "call": self._call,
            "parallel": self._parallel,
            "stop": self._stop,
        }
        return makers[pair.key](pair, node)

    def seen(self, node: Node | None) -> Any:
        """What is to be seen: a bare text is what a person would see, a mapping a target, a template a
        test."""
        if (
            node is not None
            and node.kind == "scalar"
            and isinstance(node.value, str)
            and "${" not in node.value
        ):
            return {"text": node.value}
        return self.tree(node)

    def _if(self, pair: Pair, node: Node) -> Step:
        then, otherwise = self.steps(node.get("then"), "then"), self.steps(node.get("else"), "else")
        return Step("if", "", pair.mark, test=self.condition(pair.node), then=then, otherwise=otherwise)

    # ── loops ──
    def _for_each(self, pair: Pair, node: Node) -> Step:
        entries = self.mapping(pair.node, ("in", "as", "key"), "for_each")
        self._needs(pair, "in" in entries, "in")
        name = self.text(entries.get("as"), "as", "line")
        if "as" in entries:
            name = self.name(name, entries["as"].mark, Said("what-loop"))
        key, each = self.tree(entries.get("key")), self.tree(entries.get("in"))
        body = self._body(pair, node)
        return Step("for_each", "", pair.mark, each=each, as_name=name, key=key, do=body)

    def _needs(self, pair: Pair, given: bool, name: str) -> None:
        if not given:
            self.complain("loop-incomplete", pair.mark, missing=name)

    def _body(self, pair: Pair, node: Node) -> tuple[Step, ...]:
        self._needs(pair, node.get("do") is not None, "do")
        return self.steps(node.get("do"), "do")

    def _repeat(self, pair: Pair, node: Node) -> Step:
        return self._bounded("repeat", "until", pair, node)

    def _while(self, pair: Pair, node: Node) -> Step:
        return self._bounded("while", "test", pair, node)

    def _bounded(self, kind: Any, test: str, pair: Pair, node: Node) -> Step:
        entries = self.mapping(pair.node, ("at_most", test), kind)
        for name in ("at_most", test):
            self._needs(pair, name in entries, name)
        at_most = self.whole(entries.get("at_most"), "at_most", 1, 1, MAX_PASSES)
        condition = self.condition(entries.get(test))
        return Step(kind, "", pair.mark, at_most=at_most, test=condition, do=self._body(pair, node))

    # ── try ──
    def _try(self, pair: Pair, node: Node) -> Step:
        catches = node.get("catch")
        nodes = [catches] if catches is not None and catches.kind == "map" else self.items(catches, "catch")
        if not nodes and node.get("finally") is None:
            self.complain("try-alone", pair.mark)
        return Step(
            "try",
            "",
            pair.mark,
            do=self.steps(pair.node, "try"),
            catches=tuple(self._catch(c) for c in nodes),
            finally_=self.steps(node.get("finally"), "finally"),
        )

    def _catch(self, node: Node) -> Catch:
        entries = self.mapping(node, ("kind", "code", "do"), "catch")
        kinds = self.texts(entries.get("kind"), "kind")
        for kind in kinds:
            self._known_kind(kind, entries["kind"])
        codes = self.texts(entries.get("code"), "code")
        return Catch(kinds, codes, self.steps(entries.get("do"), "do"), node.mark)

    def _known_kind(self, kind: str, node: Node) -> None:
        from flows.shape import nearest

        if kind not in KINDS:
            known, near = ", ".join(KINDS), nearest(kind, KINDS)
            self.complain("choice-unknown", node.mark, near=near, value=kind, what="kind", known=known)

    # ── call, parallel, stop ──
    def _call(self, pair: Pair, node: Node) -> Step:
        given = self.pairs(node.get("with"), "with")
        ref = self.text(pair.node, "call")
        if not ref and pair.node.is_null:
            self.complain("call-missing", pair.mark, flow="")
        params = {p.key: self.tree(p.node) for p in given}
        return Step("call", "", pair.mark, flow_ref=ref, params=params, marks={p.key: p.mark for p in given})

    def _parallel(self, pair: Pair, _: Node) -> Step:
        given = self.pairs(pair.node, "parallel")
        if not 1 < len(given) <= MAX_BRANCHES:
            self.complain("parallel-branches", pair.mark, limit=MAX_BRANCHES)
        branch = Said("what-branch")
        return Step(
            "parallel",
            "",
            pair.mark,
            branches=tuple((self.name(p.key, p.mark, branch), self.steps(p.node, p.key)) for p in given),
        )

    def _stop(self, pair: Pair, _: Node) -> Step:
        if pair.node.kind != "map":
            how: Any = self.choice(pair.node, "stop", ("succeed", "business"), "succeed")
            if pair.node.is_null:
                self.complain("stop-incomplete", pair.mark)
            return Step("stop", "", pair.mark, stop_with=how)
        entries = self.mapping(pair.node, ("with", "code", "message"), "stop")
        how = self.choice(entries.get("with"), "with", ("succeed", "business"), "business")
        code, message = self.text(entries.get("code"), "code"), self.tree(entries.get("message"))
        return Step("stop", "", pair.mark, stop_with=how, code=code, message=message)
