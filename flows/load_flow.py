"""Reads the top level of a flow: inputs, secrets, items, session, outputs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flows.diagnostics import Said
from flows.document import Node, Pair
from flows.failures import FlowFailure
from flows.load_steps import StepReader
from flows.model import Flow, Input, Items, Session
from flows.shape import nearest
from flows.types import TYPES, parse_input

TOP = (
    "flow", "title", "description", "inputs", "secrets", "items", "session", "steps", "on_failure", "outputs",
    "hosts",
)  # fmt: skip
INPUT_KEYS = ("type", "title", "description", "default", "required", "choices", "of", "columns")
ITEM_KEYS = ("from", "key", "attempts", "stop_after", "on_change")
SOURCES = ("files", "rows", "mails", "query", "list", "flow")
ROW_KEYS = ("rows", "sheet", "header", "delimiter", "encoding")
ON_CHANGE = ("ignore", "business", "again")


class FlowReader(StepReader):
    """One flow file; steps are StepReader's."""

    def flow(self, node: Node, text: str, path: Path | None) -> Flow | None:
        top = self.mapping(node, TOP, Said("what-flow"))
        if not top:
            return None
        if "steps" not in top or top["steps"].is_null:
            self.complain("steps-missing", node.pairs[0].mark)
        ident = self._id(node, top.get("flow"), path)
        outputs = top.get("outputs")
        return Flow(
            id=ident,
            title=self.text(top.get("title"), "title"),
            description=self.text(top.get("description"), "description"),
            inputs={p.key: self._input(p) for p in self.pairs(top.get("inputs"), "inputs")},
            secrets=self._secrets(top.get("secrets")),
            items=self._items(top.get("items")),
            session=self._session(top.get("session")),
            steps=self.steps(top.get("steps"), "steps"),
            on_failure=self.steps(top.get("on_failure"), "on_failure"),
            outputs=self.named_trees(outputs, Said("what-output")) if outputs else {},
            hosts=self.texts(top.get("hosts"), "hosts"),
            path=path,
            text=text,
            mark=node.pairs[0].mark,
            marks=self.marks(node, depth=2),
        )

    def _id(self, node: Node, given: Node | None, path: Path | None) -> str:
        if given is None or given.is_null:
            self.complain("flow-id-missing", node.pairs[0].mark)
            return ""
        ident = self.name(self.text(given, "flow"), given.mark, Said("what-flow"))
        if path is not None and path.stem != ident:
            self.complain("flow-id-file", given.mark, severity="warning", id=ident, file=path.name)
        return ident

    # ── inputs and secrets ──
    def _input(self, pair: Pair) -> Input:
        name = self.name(pair.key, pair.mark, Said("what-input"))
        if pair.node.kind == "scalar" and not pair.node.is_null:
            kind = self.choice(pair.node, "type", tuple(TYPES), "text")
            return Input(name, kind, mark=pair.mark)
        entries = self.mapping(pair.node, INPUT_KEYS, Said("what-input"))
        default = self._literal(entries.get("default"), "default")
        required = self.flag(entries["required"], "required") if "required" in entries else default is None
        made = Input(
            name,
            self.choice(entries.get("type"), "type", tuple(TYPES), "text"),
            self.text(entries.get("title"), "title"),
            self.text(entries.get("description"), "description"),
            default,
            required,
            tuple(self._literal(n, "choices") for n in self.items(entries.get("choices"), "choices")),
            self.choice(entries["of"], "of", tuple(TYPES), "text") if "of" in entries else None,
            {p.key: self.choice(p.node, p.key, tuple(TYPES), "text") for p in self._columns(entries)},
            pair.mark,
        )
        self._sound(made, entries.get("default"))
        return made

    def _columns(self, entries: Any) -> list[Pair]:
        return self.pairs(entries.get("columns"), "columns")

    def _literal(self, node: Node | None, what: str) -> Any:
        """A value without expressions: it is needed before the run begins."""
        if node is not None and node.source and "${" in node.source.text[node.start : node.end]:
            self.complain("shape-no-expression", node.mark, what=what)
            return None
        return node.plain() if node else None

    def _sound(self, declared: Input, default: Node | None) -> None:
        if declared.type == "choice" and not declared.choices:
            self.complain("choices-missing", declared.mark, name=declared.name)
        if default is None or declared.default is None:
            return
        if declared.type == "secret":
            self.complain("secret-default", default.mark, name=declared.name)
            return
        try:
            parse_input(declared, declared.default)
        except FlowFailure as failure:
            self.complain("default-invalid", default.mark, name=declared.name, reason=failure.message)

    def _secrets(self, node: Node | None) -> tuple[str, ...]:
        found: list[str] = []
        for one in self.items(node, "secrets"):
            name = self.name(self.text(one, Said("what-secret")), one.mark, Said("what-secret"))
            if name in found:
                self.complain("secret-repeated", one.mark, severity="warning", name=name)
            found.append(name)
        return tuple(dict.fromkeys(found))

    # ── items and session ──
    def _items(self, node: Node | None) -> Items | None:
        if node is None or node.is_null:
            return None
        entries = self.mapping(node, ITEM_KEYS, "items")
        source = entries.get("from")
        kind = self._source(source, node) if node.kind == "map" else None
        if source is None or kind is None:
            return None
        if kind != "files" and "key" not in entries:
            self.complain("items-key-missing", source.mark, severity="warning", source=kind)
        on_change: Any = self.choice(entries.get("on_change"), "on_change", ON_CHANGE, "business")
        return Items(
            kind,
            self.tree(source),
            self.tree(entries.get("key")),
            self.whole(entries.get("attempts"), "attempts", 1, 1, 20),
            self.whole(entries.get("stop_after"), "stop_after", 0, 1, 10_000),
            on_change,
            mark=node.mark,
        )

    def _source(self, source: Node | None, items: Node) -> Any:
        """Which of the sources `from` names; None when it is not exactly one."""
        pairs = source.pairs if source is not None else []
        kinds = [p.key for p in pairs if p.key in SOURCES]
        if len(kinds) != 1 or source is None:
            near = nearest(pairs[0].key, SOURCES) if pairs and not kinds else ""
            mark = pairs[0].mark if pairs else (source.mark if source is not None else items.mark)
            self.complain("items-source", mark, near=near, known=", ".join(SOURCES))
            return None
        known = list(ROW_KEYS) if kinds[0] == "rows" else kinds
        for pair in pairs:
            if pair.key not in known:
                self.stranger(pair, known, "from")
            elif pair.node.is_null:
                self.complain("items-source", pair.mark, known=", ".join(SOURCES))
        return kinds[0]

    def _session(self, node: Node | None) -> Session | None:
        if node is None or node.is_null:
            return None
        entries = self.mapping(node, ("ready", "steps", "reuse"), "session")
        if "ready" not in entries:
            self.complain("session-ready", node.mark, severity="warning")
        steps = self.steps(entries.get("steps"), "session")
        reuse = self.flag(entries.get("reuse"), "reuse")
        return Session(steps, self.seen(entries.get("ready")), reuse, node.mark)
