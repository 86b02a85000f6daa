"""`parallel`: each branch in a child process with bots of its own; outputs come back, the first failure
wins."""

from __future__ import annotations

import concurrent.futures
import multiprocessing
from typing import TYPE_CHECKING, Any

from flows.data import decode, encode
from flows.failures import FAILURES, EngineFailure, Failure
from flows.model import Step
from rpa.engine.signals import Suspended

if TYPE_CHECKING:
    from rpa.engine.steps import Scope, Steps

MAX_BRANCHES = 8


def run_branches(steps: Steps, step: Step, scope: Scope, path: str) -> dict[str, dict[str, Any]]:
    """{branch name: {step id: outputs}} of all branches. A failure is raised after all branches ended."""
    if steps.run.options.get("inline_branches"):
        return _one_after_another(steps, step, scope, path)
    spawn = steps.run.options.get("_branch")
    if spawn is None:
        raise EngineFailure("parallel-unavailable", details={"step": path})
    plain_scope = {k: v for k, v in scope.items() if k not in ("secrets", "items")}
    context = multiprocessing.get_context("spawn")
    work = {
        name: {
            "path": f"{path}/{name}/",
            "branch": name,
            "line": step.mark.line,
            "item_id": steps.run.item_id,
            "scope": encode(plain_scope),
            **spawn,
        }
        for name, _ in step.branches
    }
    with concurrent.futures.ProcessPoolExecutor(min(len(work), MAX_BRANCHES), mp_context=context) as pool:
        futures = {name: pool.submit(_branch, item) for name, item in work.items()}
        results = {name: future.result() for name, future in futures.items()}
    return {name: _outputs(result) for name, result in results.items()}


def _one_after_another(steps: Steps, step: Step, scope: Scope, path: str) -> dict[str, dict[str, Any]]:
    """In a test case bots are fakes: the branches need no processes. Isolated all the same."""
    from rpa.engine.steps import ids_below

    results: dict[str, dict[str, Any]] = {}
    failures: list[Failure] = []
    for name, branch in step.branches:
        inner = dict(scope)
        try:
            steps.all(branch, inner, f"{path}/{name}/")
        except Failure as failure:
            failures.append(failure)
        results[name] = {one: inner.get(one) for one in ids_below(branch)}
    if failures:
        raise failures[0]
    return results


def _outputs(result: dict[str, Any]) -> dict[str, Any]:
    failure = result.get("failure")
    if failure is None:
        return dict(decode(result["outputs"]))
    if failure["kind"] == "suspended":
        raise Suspended(failure["review"])
    kind: type[Failure] = FAILURES[failure["kind"]]
    raise kind(failure["code"], failure["message"], details=failure["details"], effect=failure["effect"])


def _branch(work: dict[str, Any]) -> dict[str, Any]:
    """In the child process: rebuilds the run's surroundings and executes one branch."""
    from rpa.worker.branch import execute_branch

    return execute_branch(work)
