"""Steps in order: conditions, loops, groups, try, call, stop. Work steps are attempts; writes have their
own file."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from flows.data import plain
from flows.expressions import evaluate
from flows.failures import ApplicationFailure, BusinessFailure, Failure, FlowFailure
from flows.model import Flow, Retry, Step
from rpa.engine.attempts import Attempt, failure_record
from rpa.engine.services import utc_now
from rpa.engine.signals import ItemStopped, Rehearsed, Suspended
from rpa.engine.state import RunState
from rpa.engine.stepping import before_step
from rpa.ledger.types import AttemptRecord, OutcomeKind

Scope = dict[str, Any]
MAX_PASSES = 100_000


def ids_below(steps: Sequence[Step]) -> list[str]:
    return [s.id for top in steps for s in top.walk() if s.id]


class Steps:
    """Executes step trees of one flow within a run. `phase` names the part of the run for the record."""

    def __init__(self, run: RunState, flow: Flow, *, phase: str = "steps", prefix: str = "") -> None:
        self.run, self.flow, self.phase, self.prefix = run, flow, phase, prefix
        self._from_reached = run.prior.from_step is None
        self.in_write = False  # a write block is skipped whole or done whole: nothing inside is reused

    # ── sequence ──
    def all(self, steps: Sequence[Step], scope: Scope, path: str = "") -> None:
        for step in steps:
            self.one(step, scope, f"{path}{step.segment}")

    def one(self, step: Step, scope: Scope, path: str) -> None:
        """One step with its `if`, retry, timeout and error policy."""
        self.run.check_cancelled()
        self._note_from(step, path)
        if step.when is not None and not evaluate(step.when, scope):
            self._skip(step, scope, path, "its condition was false")
            return
        if step.kind == "action" and not step.writes:
            before_step(self, step, scope, path)
        try:
            self._tries(step, scope, path)
        except Failure as failure:
            if step.on_error != "continue" or failure.kind in ("flow", "engine"):
                raise
            self._rescued(step, scope, path, failure)

    def _note_from(self, step: Step, path: str) -> None:
        start = self.run.prior.from_step
        if not self._from_reached and start is not None and (path == start or step.id == start):
            self._from_reached = True

    def _tries(self, step: Step, scope: Scope, path: str) -> None:
        retry = step.retry or Retry()
        for step_try in range(1, retry.tries + 1):
            try:
                with self.run.enclosing(_seconds(step) if step.kind != "action" else None):
                    self._kind(step, scope, path, step_try)
                return
            except ApplicationFailure as failure:
                if step_try == retry.tries or failure.effect == "maybe":
                    raise
                self._wait(retry, step_try)

    def _wait(self, retry: Retry, step_try: int) -> None:
        if self.run.still:
            return
        seconds = retry.wait / timedelta(seconds=1) * retry.backoff ** (step_try - 1)
        time.sleep(seconds * random.uniform(1.0, 1.1))

    def _kind(self, step: Step, scope: Scope, path: str, step_try: int) -> None:
        doers: Mapping[str, Callable[[Step, Scope, str, int], None]] = {
            "action": self._action,
            "group": self._group,
            "if": self._if,
            "for_each": self._for_each,
            "repeat": self._repeat,
            "while": self._while,
            "try": self._try,
            "call": self._call,
            "parallel": self._parallel,
            "stop": self._stop,
        }
        doers[step.kind](step, scope, path, step_try)

    # ── work ──
    def _action(self, step: Step, scope: Scope, path: str, step_try: int) -> None:
        if step.writes:
            self._write(step, scope, path)
            return
        outputs = self.attempt(step, scope, path, step_try)
        self.bind(step, scope, outputs)

    def attempt(self, step: Step, scope: Scope, path: str, step_try: int = 1) -> Any:
        reuse = self.phase == "steps" and not self.in_write and not (self.run.prior.from_step and self._from_reached)
        return Attempt(self.run, step, path, step_try, self.phase).perform(scope, reuse=reuse)

    def bind(self, step: Step, scope: Scope, outputs: Any) -> None:
        """Makes a step's outputs visible under its id; `outputs:` of the step chooses what."""
        if step.outputs is not None:
            outputs = plain(
                evaluate(dict(step.outputs), {**scope, "it": outputs, **({step.id: outputs} if step.id else {})})
            )
        if step.id:
            scope[step.id] = outputs

    def _group(self, step: Step, scope: Scope, path: str, _: int) -> None:
        if step.writes:
            self._write(step, scope, path)
            return
        self.all(step.do, scope, f"{path}/")
        self.bind(step, scope, None)

    def _write(self, step: Step, scope: Scope, path: str) -> None:
        from rpa.engine.writes import WriteBlock

        WriteBlock(self, step, scope, path).perform()

    # ── control ──
    def _if(self, step: Step, scope: Scope, path: str, _: int) -> None:
        chosen, other = (step.then, step.otherwise) if evaluate(step.test, scope) else (step.otherwise, step.then)
        for name in ids_below(other):
            scope.setdefault(name, None)
        branch = "then" if chosen is step.then else "else"
        self.all(chosen, scope, f"{path}/{branch}/")
        self.bind(step, scope, None)

    def _for_each(self, step: Step, scope: Scope, path: str, _: int) -> None:
        values = evaluate(step.each, scope)
        if values is None:
            values = []
        if not isinstance(values, list):
            raise FlowFailure("not-a-list", details={"step": path, "value": type(values).__name__})
        seen: set[str] = set()
        results = []
        for index, value in enumerate(values, 1):
            inner = {**scope, step.as_name: value, "loop": _loop(index, len(values))}
            key = self._pass_key(step, inner, index, seen)
            results.append(self._pass(step, inner, f"{path}[{key}]"))
        self._results(step, scope, results)

    def _pass_key(self, step: Step, inner: Scope, index: int, seen: set[str]) -> str:
        key = str(index) if step.key is None else str(evaluate(step.key, inner))
        if key in seen:
            raise FlowFailure("loop-key-repeated", details={"step": step.segment, "key": key})
        seen.add(key)
        return key.replace("/", "%2F").replace("]", "%5D")

    def _pass(self, step: Step, inner: Scope, path: str) -> Any:
        """One pass of a loop in a scope of its own: nothing leaks out but its `outputs:`."""
        self.all(step.do, inner, f"{path}/")
        if step.outputs is None:
            return {name: inner.get(name) for name in ids_below(step.do)}
        return plain(evaluate(dict(step.outputs), inner))

    def _results(self, step: Step, scope: Scope, results: list[Any]) -> None:
        if step.id:
            scope[step.id] = {"results": results}

    def _repeat(self, step: Step, scope: Scope, path: str, _: int) -> None:
        results: list[Any] = []
        for index in range(1, step.at_most + 1):
            inner = {**scope, "loop": _loop(index, step.at_most)}
            results.append(self._pass(step, inner, f"{path}[{index}]"))
            if evaluate(step.test, inner):
                self._results(step, scope, results)
                return
        raise ApplicationFailure("repeat-exhausted", details={"step": path, "at_most": step.at_most})

    def _while(self, step: Step, scope: Scope, path: str, _: int) -> None:
        results: list[Any] = []
        last: Any = None
        for index in range(1, step.at_most + 2):
            inner = {
                **scope,
                "last": last if last is not None else dict.fromkeys(_names(step)),
                "loop": _loop(index, step.at_most),
            }
            if not evaluate(step.test, inner):
                self._results(step, scope, results)
                return
            if index > step.at_most:
                break
            last = self._pass(step, inner, f"{path}[{index}]")
            results.append(last)
        raise ApplicationFailure("repeat-exhausted", details={"step": path, "at_most": step.at_most})

    def _try(self, step: Step, scope: Scope, path: str, _: int) -> None:
        for name in ids_below([step])[1 if step.id else 0 :]:
            scope.setdefault(name, None)
        try:
            self._guarded(step, scope, path)
        except (Failure, ItemStopped, Suspended, Rehearsed):  # not InDoubt: nothing more of the item runs
            self._finally(step, scope, path)
            raise
        self._finally(step, scope, path)
        self.bind(step, scope, None)

    def _finally(self, step: Step, scope: Scope, path: str) -> None:
        """What fails here is recorded and changes no outcome, unless it left a doubt outside."""
        try:
            self.all(step.finally_, scope, f"{path}/finally/")
        except Failure as failure:
            if failure.effect == "maybe":
                raise
            self._rescued(step, scope, f"{path}/finally", failure)

    def _guarded(self, step: Step, scope: Scope, path: str) -> None:
        try:
            self.all(step.do, scope, f"{path}/try/")
        except Failure as failure:
            for n, catch in enumerate(step.catches, 1):
                if (not catch.kinds or failure.kind in catch.kinds) and (
                    not catch.codes or failure.code in catch.codes
                ):
                    self._rescued(step, scope, f"{path}/catch{n}", failure)
                    inner = scope
                    inner["failure"] = self.failure_data(failure, path)
                    self.all(catch.do, inner, f"{path}/catch{n}/")
                    return
            raise

    def _call(self, step: Step, scope: Scope, path: str, step_try: int) -> None:
        from rpa.engine.calls import call_flow

        self.bind(step, scope, call_flow(self, step, scope, path))

    def _parallel(self, step: Step, scope: Scope, path: str, _: int) -> None:
        from rpa.engine.parallel import run_branches

        results = run_branches(self, step, scope, path)
        for outputs in results.values():
            scope.update(outputs)
        self.bind(step, scope, results)

    def _stop(self, step: Step, scope: Scope, path: str, _: int) -> None:
        message = str(evaluate(step.message, scope)) if step.message is not None else ""
        if step.stop_with == "business":
            raise BusinessFailure(step.code or "stopped", message, details={"message": message, "step": path})
        raise ItemStopped

    # ── record ──
    def _skip(self, step: Step, scope: Scope, path: str, reason: str) -> None:
        for name in ids_below([step]):
            scope[name] = None
        self.record(step, path, OutcomeKind.skipped, reason=reason)

    def _rescued(self, step: Step, scope: Scope, path: str, failure: Failure) -> None:
        for name in ids_below([step]):
            scope.setdefault(name, None)
        self.record(step, path, OutcomeKind.rescued, failure=failure, reason="the flow went on")

    def record(
        self,
        step: Step,
        path: str,
        outcome: OutcomeKind,
        *,
        reason: str = "",
        failure: Failure | None = None,
        outputs: Any = None,
    ) -> None:
        """Appends an attempt that is no action's: a skip, a rescue, a write that was already done."""
        run, now = self.run, utc_now()
        run.services.ledger.record_attempt(
            run.claim,
            AttemptRecord(
                run_id=run.record.id,
                item_id=run.item_id,
                item_try=run.item_try,
                step_path=path,
                step_try=1,
                action=step.action or step.kind,
                params=None,
                outcome=outcome,
                outputs=outputs,
                failure=failure_record(failure, path, run) if failure else None,
                started=now,
                ended=now,
                reason=reason,
                phase=self.phase,
                name=step.name or "",
            ),
            run.masker.show,
        )

    def failure_data(self, failure: Failure, path: str) -> dict[str, Any]:
        """`${failure}`: kind, code, message, summary, step, item."""
        return {
            "kind": failure.kind,
            "code": failure.code,
            "message": failure.message,
            "step": path,
            "summary": f"{self.flow.title or self.flow.id}: {failure.code} {failure.message}".strip(),
            "item": self.run.item.key if self.run.item else None,
            "run": self.run.record.id,
        }


def _seconds(step: Step) -> float | None:
    return step.timeout / timedelta(seconds=1) if step.timeout is not None else None


def _loop(index: int, length: int) -> dict[str, Any]:
    return {"index": index, "length": length, "first": index == 1, "last": index == length}


def _names(step: Step) -> list[str]:
    return list(step.outputs) if step.outputs is not None else ids_below(step.do)
