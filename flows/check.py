"""What a flow means, checked before it runs: actions and parameters, names and types, order, what loses money."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from flows.action import ActionSpec, Catalog
from flows.diagnostics import Diagnostic
from flows.expressions import names
from flows.lint import lint
from flows.model import Flow, Mark, Step, Template
from flows.names import Unknown, element, follow, outputs_type
from flows.shape import nearest

Scope = dict[str, Any]
ITEM_TYPES: Mapping[str, Any] = {
    "files": {"path": str, "source": str, "name": str, "stem": str, "suffix": str, "size": int, "sha256": str, "key": str},
}
RUN = {"id": str, "now": Any, "due": Any, "profile": str, "replay_of": str, "trigger": str, "schedule": str}
FAILURE = {"kind": str, "code": str, "message": str, "summary": str, "step": str, "item": Any, "run": str}
LOOP = {"index": int, "length": int, "first": bool, "last": bool}
ITEMS = dict.fromkeys(
    ("all", "succeeded", "failed", "waiting", "new", "running", "failed_business", "failed_application", "failed_flow",
     "in_doubt", "cancelled"), list[Any])


def check(flow: Flow, catalog: Catalog, project: Path | None = None) -> list[Diagnostic]:
    """Every problem of meaning in `flow` (called flows are checked for their inputs)."""
    checker = _Checker(flow, catalog, project)
    checker.run()
    return [*checker.problems, *lint(flow, catalog)]


class _Checker:
    def __init__(self, flow: Flow, catalog: Catalog, project: Path | None) -> None:
        self.flow, self.catalog, self.project = flow, catalog, project
        self.problems: list[Diagnostic] = []
        self.used_secrets: set[str] = set()
        self.later = {s.id: s.mark for s in flow.walk() if s.id}

    def complain(self, code: str, mark: Mark, *, severity: str = "error", near: str = "", **details: Any) -> None:
        self.problems.append(Diagnostic(code, mark, severity, details, near))  # type: ignore[arg-type]

    def run(self) -> None:
        flow = self.flow
        base: Scope = {
            "inputs": dict.fromkeys(flow.inputs, Any), "secrets": dict.fromkeys(flow.secrets, Any), "run": RUN,
            "flow": {"id": str, "title": str, "revision": str}, "items": ITEMS,
        }
        self._items(base)
        if flow.session:
            inner = dict(base)
            self.steps(flow.session.steps, inner)
            self.names(flow.session.ready, inner, flow.session.mark)
        scope = {**base, "item": self._item_type()} if flow.items else dict(base)
        self.steps(flow.steps, scope)
        self.steps(flow.on_failure, {**base, "failure": FAILURE, "item": Any})
        self.names(dict(flow.outputs), {**(base if flow.items else scope)}, flow.mark)
        for name in flow.secrets:
            if name not in self.used_secrets:
                self.complain("secret-unused", flow.mark, severity="warning", name=name)

    def _items(self, base: Scope) -> None:
        items = self.flow.items
        if items:
            self.names(dict(items.params), base, items.mark)
            self.names(items.key, {**base, "item": self._item_type()}, items.mark)

    def _item_type(self) -> Any:
        return ITEM_TYPES.get(self.flow.items.source, Any) if self.flow.items else Any

    # ── steps ──
    def steps(self, steps: tuple[Step, ...], scope: Scope) -> None:
        stopped = False
        for step in steps:
            if stopped:
                self.complain("step-unreachable", step.mark)
                stopped = False
            self.step(step, scope)
            stopped = step.kind == "stop" and step.when is None

    def step(self, step: Step, scope: Scope) -> None:
        self.names(step.when, scope, step.mark)
        self._writes(step, scope)
        kind = getattr(self, f"_{step.kind}")(step, scope)
        if step.expect and not step.writes:
            self.complain("expect-without-writes", step.mark)
        inner = {**scope, "it": kind, **({step.id: kind} if step.id else {})}
        self.names(dict(step.outputs) if step.outputs else None, inner, step.mark)
        if step.id:
            scope[step.id] = dict.fromkeys(step.outputs, Any) if step.outputs is not None and step.kind not in ("for_each", "repeat", "while") else kind

    def _writes(self, step: Step, scope: Scope) -> None:
        if not step.writes:
            return
        if not step.expect:
            self.complain("writes-without-expect", step.mark)
        self.names(step.writes.key, scope, step.writes.mark)
        inner = dict(scope)
        self.steps(step.writes.done_if, inner)
        self._probe(step)
        if sum(s.commits for child in step.do for s in child.walk()) > 1:
            self.complain("commits-twice", step.mark)
        after = dict(scope)
        for child in (s for c in step.do for s in c.walk()):
            if child.id:
                after[child.id] = Any
        for ending in step.expect:
            self.names(ending.condition, after, ending.mark)
            self.names(ending.message, after, ending.mark)

    def _probe(self, step: Step) -> None:
        assert step.writes is not None
        if not step.writes.done_if:
            return
        last = step.writes.done_if[-1]
        spec = self.catalog.get(last.action)
        if spec is not None and not spec.probes:
            probes = ", ".join(s.name for s in self.catalog.values() if s.probes)
            self.complain("done-if-no-probe", last.mark, action=last.action, known=probes)
        elif spec is not None and spec.name.endswith(".exists") and spec.bot and "absent" not in last.params:
            self.complain("absent-missing", last.mark, action=last.action)

    def _action(self, step: Step, scope: Scope) -> Any:
        spec = self.catalog.get(step.action)
        if spec is None:
            self.complain("unknown-action", step.mark, near=nearest(step.action, self.catalog), name=step.action)
            self.names(dict(step.params), scope, step.mark)
            return Any
        self._parameters(spec, step)
        self.names(dict(step.params), scope, step.mark)
        self._sinks(spec, step)
        return outputs_type(spec, step)

    def _parameters(self, spec: ActionSpec, step: Step) -> None:
        fields = spec.model.model_fields
        for name in step.params:
            if name not in fields:
                self.complain("parameter-unknown", step.marks.get(name, step.mark), near=nearest(name, fields), name=name, action=spec.name, known=", ".join(fields))
        for name, field in fields.items():
            if field.is_required() and name not in step.params:
                self.complain("parameter-missing", step.mark, name=name, action=spec.name)
            elif name in step.params and not _dynamic(step.params[name]):
                self._literal(spec, step, name)

    def _literal(self, spec: ActionSpec, step: Step, name: str) -> None:
        annotation = spec.model.model_fields[name].annotation
        value = step.params[name]
        if value is None:
            return
        try:
            _adapter(annotation).validate_python(value)
        except ValidationError as error:
            first = error.errors()[0]
            self.complain("parameter-invalid", step.marks.get(name, step.mark), action=spec.name, parameter=name, reason=first["msg"], value=str(value)[:60])

    def _sinks(self, spec: ActionSpec, step: Step) -> None:
        for name, value in step.params.items():
            secret = any(u.parts[0] == "secrets" for u in names(value))
            if secret and name not in spec.secret_sinks:
                self.complain("secret-not-allowed", step.marks.get(name, step.mark), action=spec.name, parameter=name)
            elif secret and isinstance(value, Template) and not value.whole:
                self.complain("secret-in-text", step.marks.get(name, step.mark), name=name)

    def _group(self, step: Step, scope: Scope) -> Any:
        self.steps(step.do, scope)
        return Any

    def _if(self, step: Step, scope: Scope) -> Any:
        self.names(step.test, scope, step.mark)
        one, other = dict(scope), dict(scope)
        self.steps(step.then, one)
        self.steps(step.otherwise, other)
        scope.update({**other, **one})
        return Any

    def _for_each(self, step: Step, scope: Scope) -> Any:
        self.names(step.each, scope, step.mark)
        kind: Any = Any
        if isinstance(step.each, Template) and step.each.whole:
            used = list(names(step.each))
            if len(used) == 1 and step.each.source.strip("${} ") == ".".join(used[0].parts):
                found = follow(scope.get(used[0].parts[0], Any), used[0].parts[1:])
                kind = Any if isinstance(found, Unknown) else element(found)
        return self._loop(step, {**scope, step.as_name: kind, "loop": LOOP})

    def _loop(self, step: Step, inner: Scope) -> Any:
        self.names(step.key, inner, step.mark)
        self.steps(step.do, inner)
        if step.outputs:
            self.names(dict(step.outputs), inner, step.mark)
        if step.kind == "repeat":
            self.names(step.test, inner, step.mark)
        return {"results": list[Any]}

    def _repeat(self, step: Step, scope: Scope) -> Any:
        return self._loop(step, {**scope, "loop": LOOP})

    def _while(self, step: Step, scope: Scope) -> Any:
        inner = {**scope, "last": Any, "loop": LOOP}
        self.names(step.test, inner, step.mark)
        return self._loop(step, inner)

    def _try(self, step: Step, scope: Scope) -> Any:
        self.steps(step.do, scope)
        for catch in step.catches:
            inner = {**scope, "failure": FAILURE}
            self.steps(catch.do, inner)
            scope.update({k: v for k, v in inner.items() if k != "failure"})
        self.steps(step.finally_, scope)
        return Any

    def _call(self, step: Step, scope: Scope) -> Any:
        self.names(dict(step.params), scope, step.mark)
        called = self.flow.calls.get(step.flow_ref)
        if called is None:
            return Any
        if called.items is not None:
            self.complain("call-with-items", step.mark, flow=step.flow_ref)
        for name in step.params:
            if name not in called.inputs:
                self.complain("input-unknown", step.marks.get(name, step.mark), near=nearest(name, called.inputs), name=name, flow=called.id, known=", ".join(called.inputs))
        for name, declared in called.inputs.items():
            if declared.required and declared.default is None and name not in step.params:
                self.complain("input-missing", step.mark, name=name, flow=called.id)
        return dict.fromkeys(called.outputs, Any)

    def _parallel(self, step: Step, scope: Scope) -> Any:
        made: Scope = {}
        for _, steps in step.branches:
            inner = dict(scope)
            self.steps(steps, inner)
            made.update({k: v for k, v in inner.items() if k not in scope})
        scope.update(made)
        return {name: Any for name, _ in step.branches}

    def _stop(self, step: Step, scope: Scope) -> Any:
        self.names(step.message, scope, step.mark)
        return Any

    # ── names ──
    def names(self, tree: Any, scope: Scope, mark: Mark) -> None:
        for used in names(tree):
            place = used.mark if used.mark.line else mark
            root = used.parts[0]
            if root == "secrets" and len(used.parts) > 1:
                self.used_secrets.add(used.parts[1])
            if root not in scope:
                self._unknown_root(root, scope, place)
                continue
            found = follow(scope[root], used.parts[1:])
            if isinstance(found, Unknown):
                dotted = ".".join(used.parts)
                code = "secret-undeclared" if root == "secrets" else "input-undeclared" if root == "inputs" else "part-unknown"
                self.complain(code, place, near=nearest(found.part, found.known), name=dotted, part=found.part, known=", ".join(found.known[:30]))

    def _unknown_root(self, root: str, scope: Scope, place: Mark) -> None:
        if root in self.later:
            self.complain("step-not-run-yet", place, name=root, line=self.later[root].line)
        else:
            self.complain("name-unknown", place, near=nearest(root, scope), name=root, known=", ".join(scope))


_ADAPTERS: dict[str, TypeAdapter[Any]] = {}


def _adapter(annotation: Any) -> TypeAdapter[Any]:
    key = repr(annotation)
    if key not in _ADAPTERS:
        from pydantic import ConfigDict

        try:
            _ADAPTERS[key] = TypeAdapter(annotation, config=ConfigDict(arbitrary_types_allowed=True))
        except Exception:  # noqa: BLE001 - a Pydantic model refuses a config of its own: take it as it is
            _ADAPTERS[key] = TypeAdapter(annotation)
    return _ADAPTERS[key]


def _dynamic(value: Any) -> bool:
    """Whether a value is only known when the flow runs."""
    if isinstance(value, Template):
        return True
    if isinstance(value, Mapping):
        return any(_dynamic(v) for v in value.values())
    return isinstance(value, list) and any(_dynamic(v) for v in value)


def secret_names(flow: Flow) -> Iterator[str]:
    """All secrets that a flow and the flows it calls declare."""
    yield from flow.secrets
    for called in flow.calls.values():
        yield from secret_names(called)


