"""One attempt of one action: evaluate, validate, hand in, call, record. The one broad handler is here."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from pydantic import BaseModel, ValidationError

from bots.base import Context
from flows.action import ActionSpec
from flows.data import Secret, plain
from flows.expressions import evaluate
from flows.failures import ApplicationFailure, BusinessFailure, EngineFailure, Failure, FlowFailure
from flows.model import Step
from ocr.errors import DocumentError
from rpa.engine.context import StepContext
from rpa.engine.evidence import keep_evidence
from rpa.engine.services import utc_now
from rpa.engine.signals import Suspended
from rpa.engine.state import RunState
from rpa.ledger.types import AttemptRecord, FailureRecord, OutcomeKind

from flows.failures import FAILURES  # isort: skip


def failure_record(failure: Failure, path: str, run: RunState) -> FailureRecord:
    return FailureRecord(
        kind=failure.kind, code=failure.code, message=run.masker.text(failure.message),
        details=run.masker.show(failure.details), effect=failure.effect, step_path=path,
        run_id=run.record.id, item_id=run.item_id, at=utc_now(),
    )


def spec_of(run: RunState, step: Step) -> ActionSpec:
    try:
        return run.services.catalog[step.action]
    except KeyError:
        raise FlowFailure("unknown-action", details={"name": step.action}) from None


def parameters(spec: ActionSpec, params: Mapping[str, Any], scope: Mapping[str, Any]) -> dict[str, Any]:
    """The evaluated parameters as plain data. Null for a required one is `value-missing` (business)."""
    values: dict[str, Any] = {}
    for name, tree in params.items():
        value = evaluate(tree, scope)
        if isinstance(value, Secret) and name not in spec.secret_sinks:
            raise FlowFailure("secret-not-allowed", details={"action": spec.name, "parameter": name})
        field = spec.model.model_fields.get(name)
        if value is None and field is not None:
            if field.is_required():
                raise BusinessFailure(
                    "value-missing", details={"action": spec.name, "parameter": name, "source": str(tree)}
                )
            if tree is not None:
                continue  # an optional value that is not there: the parameter's default
        values[name] = value
    return values


def validated(spec: ActionSpec, values: Mapping[str, Any]) -> BaseModel:
    try:
        return spec.model(**values)
    except ValidationError as error:
        first = error.errors()[0]
        raise FlowFailure(
            "parameter-invalid",
            details={
                "action": spec.name,
                "parameter": ".".join(str(p) for p in first["loc"]) or "?",
                "reason": first["msg"],
                "value": str(first.get("input"))[:200],
            },
        ) from None


def hand_in(spec: ActionSpec, run: RunState, ctx: StepContext) -> list[Any]:
    """The bot and the context that stand before the `*`, by annotation."""
    given: list[Any] = []
    for name, hint in spec.injected:
        bot = getattr(hint, "bot_name", None)
        if bot:
            given.append(run.bot(str(bot), ctx))
        elif hint is Context or name == "ctx":
            given.append(ctx)
        else:
            raise EngineFailure("action-invalid", details={"action": spec.name, "parameter": name})
    return given


def foreign(error: Exception, deadline: float) -> Failure:
    """What an action raised that is not ours yet, as a failure that says who must act."""
    if isinstance(error, Failure):
        return error
    if isinstance(error, DocumentError):
        return _of_document(error)
    if isinstance(error, TimeoutError) or time.monotonic() >= deadline:
        return ApplicationFailure("timed-out", str(error), details={"error": type(error).__name__})
    if isinstance(error, MemoryError):
        return EngineFailure("out-of-memory", str(error))
    if isinstance(error, FileNotFoundError):
        return FlowFailure("file-missing", str(error), details={"path": str(error.filename or error)})
    return EngineFailure(
        "unexpected", f"{type(error).__name__}: {error}", details={"error": type(error).__name__, "text": str(error)}
    )


def _of_document(error: DocumentError) -> Failure:
    """With the names and numbers of its message, so that it can be told in another language."""
    details = {name: value if isinstance(value, int) else str(value) for name, value in error.details.items()}
    kind = FAILURES[error.kind]  # type: ignore[index]
    return kind(error.code, error.message, details={**details, "fix": error.fix})


class Attempt:
    """One try of an action step."""

    def __init__(self, run: RunState, step: Step, path: str, step_try: int, phase: str) -> None:
        self.run, self.step, self.path, self.step_try, self.phase = run, step, path, step_try, phase
        self.started: datetime = utc_now()
        self.shown: Any = None
        self.ctx: StepContext | None = None

    def perform(self, scope: Mapping[str, Any], *, reuse: bool) -> Any:
        """The outputs. Raises a Failure (recorded, with evidence) or Suspended."""
        run, step = self.run, self.step
        spec = spec_of(run, step)
        seconds = self._seconds(spec)
        with run.deadline(seconds) as deadline:
            run.services.reporter.tell(
                "step", path=self.path, name=step.name or step.id or step.action, deadline=deadline,
                item=run.item_id,
            )
            self.ctx = StepContext(run, self.path, deadline, self.phase)
            try:
                values = parameters(spec, step.params, scope)
                self.shown = values
                recorded = run.prior.reusable(spec, self.path, values, after_from=not reuse)
                if recorded is not None:
                    return self._reused(recorded)
                model = validated(spec, values)
                outputs = plain(spec.call(hand_in(spec, run, self.ctx), _fields(model)))
                self._settle()
            except Suspended:
                raise
            except Exception as error:
                failure = foreign(error, deadline)
                self._record(OutcomeKind.failed, None, failure)
                raise failure from error
        self._record(OutcomeKind.succeeded, outputs, None)
        return outputs

    def _seconds(self, spec: ActionSpec) -> float | None:
        if self.step.timeout is not None:
            return self.step.timeout / timedelta(seconds=1)
        if spec.timeout:
            from flows.types import duration

            return duration(spec.timeout) / timedelta(seconds=1)
        return None

    def _settle(self) -> None:
        for bot in self.run.open_bots.values():
            bot.settle()

    def _reused(self, recorded: AttemptRecord) -> Any:
        self._record(OutcomeKind.reused, recorded.outputs, None, reason=f"recorded in {recorded.run_id}")
        return recorded.outputs

    def _record(self, outcome: OutcomeKind, outputs: Any, failure: Failure | None, reason: str = "") -> None:
        run, ctx = self.run, self.ctx
        record = failure_record(failure, self.path, run) if failure else None
        attempt = AttemptRecord(
            run_id=run.record.id, item_id=run.item_id, item_try=run.item_try, step_path=self.path,
            step_try=self.step_try, action=self.step.action, params=plain(self.shown), outcome=outcome,
            outputs=outputs, failure=record, started=self.started, ended=utc_now(), reason=reason,
            notes=ctx.notes if ctx else {}, phase=self.phase, name=self.step.name or "",
            artifacts=tuple(ctx.kept) if ctx else (),
        )
        if failure is not None and ctx is not None:
            attempt = replace(attempt, artifacts=(*attempt.artifacts, *keep_evidence(run, self.path)))
        run.services.ledger.record_attempt(run.claim, attempt, run.masker.show)


def _fields(model: BaseModel) -> dict[str, Any]:
    return {name: getattr(model, name) for name in type(model).model_fields}
