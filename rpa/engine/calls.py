"""`call`: another flow's steps as one step, with typed inputs and outputs; failures keep their kind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flows.data import plain
from flows.expressions import evaluate
from flows.failures import FlowFailure
from flows.model import Flow, Step
from flows.types import parse_input

if TYPE_CHECKING:
    from rpa.engine.steps import Scope, Steps

MAX_DEPTH = 20


def called_flow(flow: Flow, ref: str) -> Flow:
    try:
        return flow.calls[ref]
    except KeyError:
        raise FlowFailure("flow-missing", details={"flow": ref}) from None


def typed_inputs(flow: Flow, given: dict[str, Any]) -> dict[str, Any]:
    """`given` parsed by the flow's declarations, defaults filled in. Raises FlowFailure."""
    unknown = sorted(set(given) - set(flow.inputs))
    if unknown:
        raise FlowFailure(
            "input-unknown", details={"flow": flow.id, "name": unknown[0], "known": ", ".join(flow.inputs)}
        )
    values: dict[str, Any] = {}
    for name, declared in flow.inputs.items():
        value = given.get(name, declared.default)
        if value is None:
            if declared.required and declared.default is None:
                raise FlowFailure("input-missing", details={"flow": flow.id, "name": name})
            values[name] = None
        else:
            values[name] = parse_input(declared, value)
    return values


def call_flow(steps: Steps, step: Step, scope: Scope, path: str) -> Any:
    """Runs the called flow's session steps and steps in a scope of its own; returns its outputs."""
    from rpa.engine.steps import Steps as StepRunner
    from rpa.engine.steps import ids_below

    flow = called_flow(steps.flow, step.flow_ref)
    if path.count(":call") + path.count("/call") > MAX_DEPTH:
        raise FlowFailure("call-too-deep", details={"flow": flow.id, "depth": MAX_DEPTH})
    inner: Scope = {
        **dict.fromkeys(ids_below(flow.steps)),
        "inputs": typed_inputs(flow, plain(evaluate(dict(step.params), scope))),
        "secrets": steps.run.secrets(flow),
        "run": scope.get("run"),
        "item": scope.get("item"),
        "flow": {"id": flow.id, "title": flow.title},
    }
    runner = StepRunner(steps.run, flow, phase=steps.phase)
    if flow.session:
        runner.all(flow.session.steps, inner, f"{path}/session/")
    runner.all(flow.steps, inner, f"{path}/")
    return plain(evaluate(dict(flow.outputs), inner))
