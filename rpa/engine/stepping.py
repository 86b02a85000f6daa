"""`--step`: before each step the author sees what it would do, and lets it go on or stops the run."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from flows.data import plain, simple
from flows.expressions import evaluate
from flows.failures import Failure
from flows.model import Step
from rpa.engine.signals import Cancelled

if TYPE_CHECKING:
    from rpa.engine.steps import Steps

ON, STOP = "on", "stop"
PHASES = ("steps", "session")
SHOWN = 400


def before_step(steps: Steps, step: Step, scope: Mapping[str, Any], path: str, *, commits: bool = False) -> None:
    """Asks. `on` asks no more; `stop` raises Cancelled. Nothing is asked where nobody can answer, in probes, and
    between a write's intent and its ending, where stopping would leave a doubt."""
    run = steps.run
    if not run.stepping or run.services.prompt is None or run.committing or steps.phase not in PHASES:
        return
    with run.paused():
        answer = run.services.prompt(path, description(steps, step, scope, commits=commits))
    if answer == STOP:
        raise Cancelled
    run.stepping = answer != ON


def description(steps: Steps, step: Step, scope: Mapping[str, Any], *, commits: bool = False) -> str:
    """The step's line, its name, its action with the values it would get; secrets masked."""
    name = f" · {step.name}" if step.name else ""
    what = f"{step.action} {_values(steps, step, scope)}" if step.kind == "action" else step.kind
    mark = "\n  the outside world changes here" if commits else ""
    return f"line {step.mark.line}{name}\n  {what}{mark}"


def _values(steps: Steps, step: Step, scope: Mapping[str, Any]) -> str:
    """The evaluated parameters; what cannot be evaluated yet fails when the step runs, not here."""
    try:
        values = {name: plain(evaluate(tree, scope)) for name, tree in step.params.items()}
    except Failure as failure:
        return f"({failure.code})"
    shown = json.dumps(simple(steps.run.masker.show(values)), ensure_ascii=False)
    return shown if len(shown) <= SHOWN else shown[:SHOWN] + "…"
