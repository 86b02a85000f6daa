"""From a file to a frozen Flow, with every problem of shape found at once.

Meaning (names, types, order, what loses money) is `flows.check`'s; `load` does both.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from flows.action import Catalog
from flows.diagnostics import Diagnostic, with_lines
from flows.document import Node, compose
from flows.load_steps import StepReader
from flows.model import Flow, Input, Items, Mark, Session
from flows.types import PARSERS

TOP = ("flow", "title", "description", "inputs", "secrets", "items", "session", "steps", "on_failure", "outputs", "hosts")
ITEM_KEYS = ("from", "key", "attempts", "stop_after", "on_change", "order")
SOURCES = ("files", "rows", "mails", "query", "list", "flow")
MAX_CALLS = 30


@dataclass(frozen=True)
class Loaded:
    """What became of a file. `flow` is None when nothing usable could be made of it."""

    flow: Flow | None
    diagnostics: list[Diagnostic]


@dataclass
class _Session:
    """What one `load` needs on its way through called flows."""

    catalog: Catalog
    find: Callable[[str, Path | None], tuple[str, str] | None]
    sources: dict[str, str]
    chain: tuple[str, ...] = ()


def load(path_or_text: Path | str, *, catalog: Catalog, library: Path | None = None, project: Path | None = None,
         resolve_call: Callable[[str], str | None] | None = None, file: str | None = None) -> Loaded:
    """Loads and checks a flow file (a Path) or a text. Called flows come from `resolve_call`, the project's
    `flows/` or the library."""
    if isinstance(path_or_text, Path):
        path: Path | None = path_or_text
        text, problem = _read(path_or_text)
        if problem:
            return Loaded(None, [problem])
        name = file or _shown(path_or_text, project)
    else:
        path, text, name = None, path_or_text, file or "flow.yaml"
    session = _Session(catalog, _finder(library, project, resolve_call), {name: text})
    flow, problems = _flow(text, name, path, session)
    if flow is not None:
        from flows.check import check

        problems = [*problems, *check(flow, catalog, project)]
    return Loaded(flow, with_lines(problems, session.sources))


def load_bundle(texts: Mapping[str, str], *, catalog: Catalog) -> Flow:
    """A flow from the ledger's revision: {reference: text}, the flow itself first. It was checked when it was
    queued; a text that no longer loads (an action was removed) is a flow failure."""
    from flows.failures import FlowFailure

    first, text = next(iter(texts.items()))
    session = _Session(catalog, lambda ref, _: (ref, texts[ref]) if ref in texts else None, {})
    flow, problems = _flow(text, f"{first}.yaml", None, session)
    errors = [p for p in problems if p.severity == "error"]
    if flow is None or errors:
        raise FlowFailure("revision-invalid", details={"flow": first, "reason": errors[0].code if errors else "empty"})
    return flow


def _shown(path: Path, project: Path | None) -> str:
    if project and path.is_absolute() and path.is_relative_to(project):
        return str(path.relative_to(project))
    return str(path)


def _read(path: Path) -> tuple[str, Diagnostic | None]:
    mark = Mark(str(path), 1, 1)
    try:
        if path.stat().st_size > 1024 * 1024:
            return "", Diagnostic("yaml-too-large", mark, details={"limit": "1 MiB"})
        return path.read_text("utf-8-sig"), None
    except UnicodeDecodeError as error:
        return "", Diagnostic("yaml-encoding", mark, details={"reason": str(error)})
    except OSError as error:
        return "", Diagnostic("flow-unreadable", mark, details={"reason": error.strerror or str(error)})


def _finder(library: Path | None, project: Path | None, resolve: Callable[[str], str | None] | None) -> Callable[[str, Path | None], tuple[str, str] | None]:
    def find(ref: str, beside: Path | None) -> tuple[str, str] | None:
        if resolve is not None:
            text = resolve(ref)
            return (ref, text) if text is not None else None
        for candidate in _candidates(ref, beside, library, project):
            if candidate.is_file():
                text, problem = _read(candidate)
                return None if problem else (_shown(candidate, project), text)
        return None

    return find


def _candidates(ref: str, beside: Path | None, library: Path | None, project: Path | None) -> list[Path]:
    if "/" in ref or ref.endswith((".yaml", ".yml")):
        roots = [p for p in (project, beside.parent if beside else None) if p]
        return [root / ref for root in roots]
    folders = [beside.parent if beside else None, project / "flows" if project else None, library]
    return [folder / f"{ref}.yaml" for folder in folders if folder]


def _flow(text: str, name: str, path: Path | None, session: _Session) -> tuple[Flow | None, list[Diagnostic]]:
    node, problems = compose(text, name)
    session.sources[name] = text
    if node is None or any(p.severity == "error" and p.code.startswith("yaml-syntax") for p in problems):
        return None, problems or [Diagnostic("flow-empty", Mark(name, 1, 1))]
    reader = _FlowReader(session.catalog)
    flow = reader.flow(node, text, path)
    problems = [*problems, *reader.problems]
    if flow is None:
        return None, problems
    calls, more = _calls(flow, name, path, session)
    flow = replace(flow, calls=calls)
    return replace(flow, revision=_revision(flow)), [*problems, *more]


def _calls(flow: Flow, name: str, path: Path | None, session: _Session) -> tuple[dict[str, Flow], list[Diagnostic]]:
    calls: dict[str, Flow] = {}
    problems: list[Diagnostic] = []
    for step in flow.walk():
        ref = step.flow_ref
        if step.kind != "call" or not ref or ref in calls:
            continue
        found = session.find(ref, path)
        if found is None:
            problems.append(Diagnostic("call-missing", step.mark, details={"flow": ref}))
        elif found[0] in (*session.chain, name) or ref == flow.id or len(session.chain) > MAX_CALLS:
            problems.append(Diagnostic("call-cycle", step.mark, details={"flow": ref, "chain": " → ".join((*session.chain, name, ref))}))
        else:
            inner = replace(session, chain=(*session.chain, name))
            called, more = _flow(found[1], found[0], path.parent / f"{ref}.yaml" if path else None, inner)
            problems += more
            if called is not None:
                calls[ref] = called
    return calls, problems


def _revision(flow: Flow) -> str:
    digest = hashlib.sha256(flow.text.encode())
    for ref, called in sorted(flow.calls.items()):
        digest.update(f"\0{ref}\0{called.revision}".encode())
    return digest.hexdigest()


class _FlowReader(StepReader):
    """Reads the top level; steps are StepReader's."""

    def flow(self, node: Node, text: str, path: Path | None) -> Flow | None:
        top = self.mapping(node, TOP, "a flow")
        if not top:
            return None
        if "flow" not in top:
            self.complain("flow-id-missing", node.mark)
        if "steps" not in top:
            self.complain("steps-missing", node.mark)
        ident = self.text(top.get("flow"), "flow")
        if "flow" in top:
            self.name(ident, top["flow"].mark, "flow")
        return Flow(
            id=ident, title=self.text(top.get("title"), "title"), description=self.text(top.get("description"), "description"),
            inputs={p.key: self._input(p.key, p.mark, p.node) for p in self.pairs(top.get("inputs"), "inputs")},
            secrets=self._secrets(top.get("secrets")), items=self._items(top.get("items")),
            session=self._session(top.get("session")), steps=self.steps(top.get("steps"), "steps"),
            on_failure=self.steps(top.get("on_failure"), "on_failure"),
            outputs={p.key: self.tree(p.node) for p in self.pairs(top.get("outputs"), "outputs")},
            hosts=self.texts(top.get("hosts"), "hosts"), path=path, text=text, mark=node.mark,
        )

    def _input(self, name: str, mark: Mark, node: Node) -> Input:
        self.name(name, mark, "an input")
        if node.kind == "scalar" and isinstance(node.value, str) and node.value in PARSERS:
            return Input(name, node.value, mark=mark)
        entries = self.mapping(node, ("type", "title", "description", "default", "required", "choices", "of", "columns"), f"the input {name}")
        kind = self.choice(entries.get("type"), "type", tuple(PARSERS), "text")
        default = self.tree(entries.get("default"))
        required = self.flag(entries["required"], "required") if "required" in entries else default is None
        columns = {p.key: self.text(p.node, p.key) for p in self.pairs(entries.get("columns"), "columns")}
        return self._checked_default(Input(
            name, kind, self.text(entries.get("title"), "title"), self.text(entries.get("description"), "description"), default,
            required, tuple(self.tree(n) for n in self.items(entries.get("choices"), "choices")),
            self.text(entries.get("of"), "of") or None, columns, mark,
        ), entries.get("default"))

    def _checked_default(self, declared: Input, node: Node | None) -> Input:
        from flows.failures import FlowFailure
        from flows.types import parse_input

        if declared.type == "choice" and not declared.choices:
            self.complain("choices-missing", declared.mark, name=declared.name)
        if node is not None and isinstance(declared.default, str | int | bool | list):
            try:
                parse_input(declared, declared.default)
            except FlowFailure as failure:
                self.complain("default-invalid", node.mark, name=declared.name, reason=failure.message)
        return declared

    def _secrets(self, node: Node | None) -> tuple[str, ...]:
        names = []
        for one in self.items(node, "secrets"):
            names.append(self.name(self.text(one, "a secret"), one.mark, "a secret"))
        return tuple(names)

    def _items(self, node: Node | None) -> Items | None:
        if node is None:
            return None
        entries = self.mapping(node, ITEM_KEYS, "items")
        source = entries.get("from")
        if source is None or source.kind != "map":
            self.complain("items-source", node.mark, known=", ".join(SOURCES))
            return None
        kinds = [p.key for p in source.pairs if p.key in SOURCES]
        if len(kinds) != 1:
            self.complain("items-source", source.mark, known=", ".join(SOURCES))
            return None
        kind: Any = kinds[0]
        return Items(
            kind, self.tree(source), self.tree(entries.get("key")),
            self.whole(entries.get("attempts"), "attempts", 1, 1, 20), self.whole(entries.get("stop_after"), "stop_after", 0, 1, 10_000),
            self.choice(entries.get("on_change"), "on_change", ("ignore", "business", "again"), "business"),  # type: ignore[arg-type]
            self.text(entries.get("order"), "order", "found"), node.mark,
        )

    def _session(self, node: Node | None) -> Session | None:
        if node is None:
            return None
        entries = self.mapping(node, ("ready", "steps", "reuse"), "session")
        if "ready" not in entries:
            self.complain("session-ready", node.mark, severity="warning")
        ready = entries.get("ready")
        return Session(self.steps(entries.get("steps"), "session"), self._ready(ready), self.flag(entries.get("reuse"), "reuse"), node.mark)

    def _ready(self, node: Node | None) -> Any:
        """A bare text is what a person would see; a template is an expression."""
        if node is not None and node.kind == "scalar" and isinstance(node.value, str) and "${" not in node.value:
            return {"text": node.value}
        return self.tree(node)
