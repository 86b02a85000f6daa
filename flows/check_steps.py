"""Steps in order, each seeing what ran before it: actions, control, write blocks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from flows.action import ActionSpec, Catalog
from flows.catalogue import known as known_code
from flows.check_params import check_parameters, check_types
from flows.diagnostics import Diagnostic, Said, Severity
from flows.marks import Mark
from flows.model import Catch, Flow, Step, Template
from flows.shape import RESERVED, nearest
from flows.static import Inference, element, family, parts_of
from flows.verbs import opens

Scope = dict[str, Any]
LOOP = {"index": int, "length": int, "first": bool, "last": bool}
LOOPS = ("for_each", "repeat", "while")
_MARKS = "__marks__"


class StepChecker:
    """Walks over steps with a scope of name → type. A scope also keeps where each step id was given."""

    failure_type: ClassVar[Mapping[str, Any]] = {
        "kind": str, "code": str, "message": str, "summary": str, "step": str, "item": str, "run": str,
    }  # fmt: skip

    def __init__(self, flow: Flow, catalog: Catalog) -> None:
        self.flow, self.catalog = flow, catalog
        self.problems: list[Diagnostic] = []
        self.used_secrets: set[str] = set()
        self.used_inputs: set[str] = set()
        self.later: dict[str, Mark] = {s.id: s.mark for s in flow.walk() if s.id}
        self._codes = {code for spec in catalog.values() for code in spec.fails}

    def complain(
        self, code: str, mark: Mark, *, severity: Severity = "error", near: str = "", **details: Any
    ) -> None:
        self.problems.append(Diagnostic(code, mark, severity, details, near))

    # ── scopes ──
    def inner(self, scope: Mapping[str, Any], **more: Any) -> Scope:
        """A copy that can grow without being seen outside."""
        return {**scope, **more, _MARKS: dict(scope.get(_MARKS, {}))}

    def _bind(self, step: Step, scope: Scope, kind: Any) -> None:
        if not step.id:
            return
        marks = scope.setdefault(_MARKS, {})
        if step.id in marks:
            self.complain("step-id-repeated", step.mark, id=step.id, first=marks[step.id].line)
        elif step.id in scope and step.id not in RESERVED:
            self.complain("name-shadowed", step.mark, name=step.id)
        marks[step.id] = step.mark
        scope[step.id] = kind

    def type_of(self, tree: Any, scope: Mapping[str, Any], mark: Mark) -> Any:
        """The type of a parameter tree, its names resolved."""

        def complain(code: str, place: Mark, **details: Any) -> None:
            self.complain(code, place if place.line else mark, **details)

        inference = Inference(scope, complain, self.later)
        kind = inference.tree(tree)
        self.used_secrets |= inference.secrets
        self.used_inputs |= inference.inputs
        return kind

    def condition(self, tree: Any, scope: Mapping[str, Any], mark: Mark) -> None:
        """A target tree, one wrapped with its bot's name, or one whole expression."""
        good = isinstance(tree, Mapping | bool) or (isinstance(tree, Template) and tree.whole)
        if not good or tree == {}:
            self.complain("condition-shape", mark)
        self.type_of(tree, scope, mark)

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
        if step.when is not None:
            self.type_of(step.when, scope, step.mark)
        if step.writes:
            self._writes_before(step, scope)
        elif step.expect:
            self.complain("expect-without-writes", step.mark)
        kind = getattr(self, f"_{step.kind}")(step, scope)
        if step.writes:
            self._writes_after(step, scope)
        self._bind(step, scope, self._outputs(step, scope, kind))

    def _outputs(self, step: Step, scope: Scope, kind: Any) -> Any:
        """The type under the step's id: its `outputs:` if it has them. A loop's are seen by `_loop`."""
        if step.outputs is None or step.kind in LOOPS:
            return kind
        seen = self.inner(scope, it=kind, **({step.id: kind} if step.id else {}))
        return {name: self.type_of(tree, seen, step.mark) for name, tree in step.outputs.items()}

    def _action(self, step: Step, scope: Scope) -> Any:
        spec = self.catalog.get(step.action)
        kinds = {
            name: self.type_of(tree, scope, step.marks.get(name, step.mark))
            for name, tree in step.params.items()
        }
        if spec is None:
            near = nearest(step.action, self.catalog)
            self.complain("unknown-action", step.mark, near=near, name=step.action)
            return Any
        self.problems += check_parameters(spec, step)
        self.problems += check_types(spec, step, kinds)
        return outputs_type(spec, step, kinds)

    def _group(self, step: Step, scope: Scope) -> Any:
        self.steps(step.do, scope)
        return Any

    # ── control ──
    def _if(self, step: Step, scope: Scope) -> Any:
        self.type_of(step.test, scope, step.mark)
        one, other = self.inner(scope), self.inner(scope)
        self.steps(step.then, one)
        self.steps(step.otherwise, other)
        self._merge(scope, one, other)
        return Any

    def _merge(self, scope: Scope, *branches: Scope) -> None:
        """After branches of which one ran: names of either are known, and null if their branch did not
        run."""
        marks = scope.setdefault(_MARKS, {})
        for branch in branches:
            for name, kind in branch.items():
                if name != _MARKS and name not in scope:
                    alike = all(b[name] == kind for b in branches if name in b)
                    scope[name] = kind if alike else Any
            marks.update(branch.get(_MARKS, {}))

    def _for_each(self, step: Step, scope: Scope) -> Any:
        kind = self.type_of(step.each, scope, step.mark)
        found = family(kind)
        if found not in ("", "what-list"):
            self.complain("loop-not-a-list", step.mark, given=Said(found))
        self._shadow(step.as_name, scope, step.mark)
        return self._loop(step, self.inner(scope, **{step.as_name: element(kind), "loop": LOOP}))

    def _shadow(self, name: str, scope: Scope, mark: Mark) -> None:
        if name in scope:
            self.complain("name-shadowed", mark, name=name)

    def _loop(self, step: Step, inner: Scope) -> Any:
        if step.key is not None:
            self.type_of(step.key, inner, step.mark)
        before = set(inner)
        self.steps(step.do, inner)
        if step.kind == "repeat":
            self.type_of(step.test, inner, step.mark)
        if step.outputs is not None:
            passed = {name: self.type_of(tree, inner, step.mark) for name, tree in step.outputs.items()}
        else:
            passed = {name: kind for name, kind in inner.items() if name not in before}
        return {"results": list[_row(passed)]}  # type: ignore[misc]

    def _repeat(self, step: Step, scope: Scope) -> Any:
        return self._loop(step, self.inner(scope, loop=LOOP))

    def _while(self, step: Step, scope: Scope) -> Any:
        known = (
            step.outputs
            if step.outputs is not None
            else [s.id for top in step.do for s in top.walk() if s.id]
        )
        inner = self.inner(scope, last=dict.fromkeys(known, Any), loop=LOOP)
        self.type_of(step.test, inner, step.mark)
        return self._loop(step, inner)

    def _try(self, step: Step, scope: Scope) -> Any:
        tried = self.inner(scope)
        self.steps(step.do, tried)
        branches = [tried]
        seen: list[Catch] = []
        for catch in step.catches:
            self._catch(catch, seen)
            branch = self.inner(scope, failure=self.failure_type)
            self.steps(catch.do, branch)
            branches.append({k: v for k, v in branch.items() if k != "failure"})
            seen.append(catch)
        self._merge(scope, *branches)
        self.steps(step.finally_, scope)
        for stop in (s for top in step.finally_ for s in top.walk() if s.kind == "stop"):
            self.complain("stop-in-finally", stop.mark)
        return Any

    def _catch(self, catch: Catch, earlier: list[Catch]) -> None:
        for code in catch.codes:
            if code not in self._codes and not known_code(code) and not self._own_code(code):
                near = nearest(code, self._codes)
                details = {"code": code}
                self.problems.append(Diagnostic("catch-code-unknown", catch.mark, "warning", details, near))
        for one in earlier:
            if not one.codes and (not one.kinds or (catch.kinds and set(catch.kinds) <= set(one.kinds))):
                self.complain("catch-unreachable", catch.mark, first=one.mark.line)
                return

    def _own_code(self, code: str) -> bool:
        """Codes that the flow itself gives: in `expect`, `stop` and literal `code:` parameters."""
        for step in self.flow.walk():
            given = [step.code, step.params.get("code"), *(e.code for e in step.expect)]
            if code in given:
                return True
        return False

    def _call(self, step: Step, scope: Scope) -> Any:
        for name, tree in step.params.items():
            self.type_of(tree, scope, step.marks.get(name, step.mark))
        called = self.flow.calls.get(step.flow_ref)
        if called is None:
            return Any
        if called.items is not None:
            self.complain("call-with-items", step.mark, flow=step.flow_ref)
        for name in step.params:
            if name not in called.inputs:
                mark, near = step.marks.get(name, step.mark), nearest(name, called.inputs)
                known = ", ".join(called.inputs) or "-"
                self.complain("input-unknown", mark, near=near, name=name, flow=called.id, known=known)
        for name, declared in called.inputs.items():
            if declared.required and declared.default is None and step.params.get(name) is None:
                self.complain("input-missing", step.mark, name=name, flow=called.id)
            else:
                self._call_value(step, declared)
        return dict.fromkeys(called.outputs, Any)

    def _call_value(self, step: Step, declared: Any) -> None:
        """A literal value for an input must be of its type."""
        from flows.expressions import expressions
        from flows.failures import FlowFailure
        from flows.types import parse_input

        value = step.params.get(declared.name)
        if value is None or any(True for _ in expressions(value)):
            return
        try:
            parse_input(declared, value)
        except FlowFailure as failure:
            mark = step.marks.get(declared.name, step.mark)
            name, value, reason = (failure.details[k] for k in ("name", "value", "reason"))
            self.complain("input-invalid", mark, name=name, value=value, reason=reason)

    def _parallel(self, step: Step, scope: Scope) -> Any:
        branches: dict[str, Scope] = {}
        owners: dict[str, str] = {}
        for name, steps in step.branches:
            branches[name] = self.inner(scope)
            self.steps(steps, branches[name])
            self._branch(name, steps, owners)
        self._merge(scope, *branches.values())
        return {name: _grown(inner) for name, inner in branches.items()}

    def _branch(self, name: str, steps: tuple[Step, ...], owners: dict[str, str]) -> None:
        """Each branch has bots of its own, so it must open them; a screen cannot be had twice."""
        opened: set[str] = set()
        for step in (s for top in steps for s in top.walk()):
            if step.kind == "stop" and step.stop_with == "succeed":
                self.complain("stop-in-parallel", step.mark)
            bot = self._bot(step)
            if bot is None or bot in opened:
                continue
            opened.add(bot)
            if bot == "desktop" and owners.setdefault(bot, name) != name:
                self.complain("parallel-shared-bot", step.mark, bot=bot, branch=owners[bot])
            elif not opens(step.action):
                self.complain("parallel-bot-not-open", step.mark, bot=bot, branch=name, action=step.action)

    def _bot(self, step: Step) -> str | None:
        spec = self.catalog.get(step.action)
        return spec.bot if spec else None

    def _stop(self, step: Step, scope: Scope) -> Any:
        if step.message is not None:
            self.type_of(step.message, scope, step.mark)
        return Any

    # ── write blocks ──
    def _writes_before(self, step: Step, scope: Scope) -> None:
        assert step.writes is not None
        if not step.expect:
            self.complain("writes-without-expect", step.mark)
        elif all(e.outcome != "done" for e in step.expect):
            self.complain("expect-without-done", step.expect[0].mark)
        if not step.writes.done_if:
            self.complain(
                "writes-without-done-if", step.writes.mark, severity="warning", what=step.writes.what
            )
        if step.writes.key is not None:
            self.type_of(step.writes.key, scope, step.writes.mark)
        self.steps(step.writes.done_if, self.inner(scope))
        self._probe(step)
        committing = [s for top in step.do for s in top.walk() if s.commits]
        for extra in committing[1:]:
            self.complain("commits-twice", extra.mark, first=committing[0].mark.line)

    def _writes_after(self, step: Step, scope: Scope) -> None:
        for ending in step.expect:
            self.condition(ending.condition, scope, ending.mark)
            if ending.message is not None:
                self.type_of(ending.message, scope, ending.mark)

    def _probe(self, step: Step) -> None:
        assert step.writes is not None
        if not step.writes.done_if:
            return
        last = step.writes.done_if[-1]
        spec = self.catalog.get(last.action)
        if spec is None and last.kind == "action":
            return
        if spec is None or not spec.probes:
            probes = ", ".join(s.name for s in self.catalog.values() if s.probes) or "-"
            self.complain("done-if-no-probe", last.mark, action=last.action or last.kind, known=probes)
        elif "absent" in spec.model.model_fields and last.params.get("absent") is None:
            self.complain("absent-missing", last.mark, action=last.action)


def _row(parts: Mapping[str, Any]) -> Any:
    """A TypedDict of these parts, so that it can be the element of a list."""
    from typing import TypedDict

    kinds = {name: kind if isinstance(kind, type) else Any for name, kind in parts.items() if name != _MARKS}
    return TypedDict("outputs", kinds)  # type: ignore[operator]


def _grown(inner: Scope) -> dict[str, Any]:
    own = inner.get(_MARKS, {})
    return {name: kind for name, kind in inner.items() if name in own and name != _MARKS}


def outputs_type(spec: ActionSpec, step: Step, kinds: Mapping[str, Any]) -> Any:
    """The type of an action's outputs, by its literal parameters where they decide."""
    if spec.passes is not None:
        passed = parts_of(kinds.get(spec.passes, Any))
        own = parts_of(spec.returns) or {}
        if own and passed is not None:
            return {**passed, **own}
        return Any if own else kinds.get(spec.passes, Any)
    if spec.outputs_of is not None:
        return spec.outputs_of(step.params)
    return Any if spec.returns is None or spec.returns is type(None) else spec.returns
