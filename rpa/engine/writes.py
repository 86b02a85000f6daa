"""A write block: the only place where the outside world is changed, at most once per (profile, what, key).

    settle what is open → navigation and filling → intent, flushed → the committing step → expect: an ending

A failure before the intent is like any other. After it the effect is unknown until `done_if` tells; when it
cannot, the item is in doubt and nothing of it runs again until a probe or a person settles the write.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bots.base import Bot
from flows.data import plain
from flows.expressions import evaluate
from flows.failures import ApplicationFailure, BusinessFailure, Failure, FlowFailure
from flows.model import Ending, Step, Template
from rpa.engine.crashpoints import crash_point
from rpa.engine.erased import DONE, missing_outputs
from rpa.engine.signals import REHEARSED, InDoubt, Rehearsed
from rpa.engine.state import RunState
from rpa.engine.stepping import before_step
from rpa.ledger.types import OutcomeKind, Verdict, WriteRecord

if TYPE_CHECKING:
    from rpa.engine.steps import Scope, Steps

POLL_S = 0.1


def condition_holds(run: RunState, condition: Any, scope: Mapping[str, Any]) -> bool:
    """Whether a condition (a whole expression, or a target for the bot in use) holds right now."""
    if isinstance(condition, Template | bool | str):
        return bool(evaluate(condition, scope))
    if not isinstance(condition, Mapping):
        raise FlowFailure("condition-invalid", details={"condition": str(condition)})
    name = next((k for k in condition if k in run.services.bots and len(condition) == 1), None)
    if name and isinstance(condition[name], Mapping):
        return _sees(run, name, evaluate(condition[name], scope))
    return _sees(run, run.last_bot, evaluate(dict(condition), scope))


def _sees(run: RunState, bot_name: str, condition: Mapping[str, Any]) -> bool:
    bot: Bot | None = run.open_bots.get(bot_name)
    if bot is None:
        raise FlowFailure("condition-without-bot", details={"bot": bot_name})
    return bot.sees(condition)


class WriteBlock:
    """One write block of one item (`step.writes` is set)."""

    def __init__(self, steps: Steps, step: Step, scope: Scope, path: str) -> None:
        assert step.writes is not None
        self.steps, self.step, self.scope, self.path = steps, step, scope, path
        self.run, self.writes = steps.run, step.writes
        self.ledger = self.run.services.ledger
        self.record: WriteRecord | None = None

    @property
    def body(self) -> tuple[Step, ...]:
        """The block's steps; a single action with `writes:` is a block of one."""
        return self.step.do or (replace(self.step, writes=None, expect=(), id=None),)

    def perform(self) -> None:
        key = self._key()
        known = self.ledger.find_write(self.run.record.profile, self.writes.what, key)
        if known and known.verdict is Verdict.intended and known.item_id == self.run.item_id:
            known = self._settle_open(known)
        if known and known.verdict in (*DONE, Verdict.intended):
            self._already(known)
            return
        self.steps.in_write = True
        try:
            self._do(key)
        except WriteSettled as settled:
            self._finish(settled.result, OutcomeKind.succeeded, "the probe says that it is done")
        finally:
            self.steps.in_write = False

    def _key(self) -> str:
        key = evaluate(self.writes.key, self.scope)
        if key is None or not str(key).strip() or str(key).strip("/ ") == "":
            raise BusinessFailure(
                "value-missing", details={"action": "writes", "parameter": "key", "source": str(self.writes.key)}
            )
        return str(key)

    def _already(self, known: WriteRecord) -> None:
        """Our own write is skipped whole; another item's makes this one a business failure."""
        elsewhere = known.item_id is None and known.run_id not in self._lineage()
        if known.item_id != self.run.item_id or elsewhere:
            first = self._called(known.item_id) if known.item_id else known.run_id
            raise BusinessFailure(
                "already-written",
                details={"what": known.what, "key": known.key, "first": first, "run": known.run_id},
            )
        if missing := missing_outputs(self.steps.flow, self.step, known):
            raise BusinessFailure(
                "outputs-erased",
                details={"what": known.what, "key": known.key, "run": known.run_id, "names": ", ".join(missing)},
            )
        self._finish(known.result, OutcomeKind.skipped, f"already written in {known.run_id} ({known.settled_by})")

    def _called(self, item_id: int) -> str:
        """The name by which people know an item, else its key."""
        item = self.ledger.item(item_id, masked=True)
        return str(item.data.get("name") or item.key)

    def _lineage(self) -> set[str]:
        return {self.run.record.id, *([self.run.record.replay_of] if self.run.record.replay_of else [])}

    def _finish(self, result: Any, outcome: OutcomeKind, reason: str = "") -> None:
        outputs = result.get("outputs") if isinstance(result, Mapping) else result
        if isinstance(result, Mapping):
            for name, value in (result.get("steps") or {}).items():
                self.scope[name] = value
        if self.step.id:
            self.scope[self.step.id] = outputs
        self.steps.record(self.step, self.path, outcome, reason=reason, outputs=outputs)

    # ── doing it ──
    def _do(self, key: str) -> None:
        outputs: Any = None
        commit = self._commit_index()
        for n, step in enumerate(self.body):
            path = f"{self.path}/{step.segment}" if self.step.do else self.path
            if n == commit:
                outputs = self._commit(step, path, key)
            elif n > commit:
                outputs = self._after(step, path)
            else:
                self.steps.one(step, self.scope, path)
        self._await_ending(outputs)

    def _commit_index(self) -> int:
        body = self.body
        return next((n for n, s in enumerate(body) if any(x.commits for x in s.walk())), len(body) - 1)

    def _commit(self, step: Step, path: str, key: str) -> Any:
        if self.run.options.get("rehearse"):
            self._picture(path)
            raise Rehearsed
        before_step(self.steps, step, self.scope, path, commits=True)
        crash_point("before-intent")
        for bot in self.run.open_bots.values():
            bot.mark()
        self.record = self.ledger.intend(
            self.run.claim,
            profile=self.run.record.profile,
            what=self.writes.what,
            key=key,
            flow_id=self.run.record.flow_id,
            item_id=self.run.item_id,
            step_path=self.path,
        )
        crash_point("after-intent")
        outputs = self._after(step, path)
        crash_point("after-commit")
        return outputs

    def _after(self, step: Step, path: str) -> Any:
        """A step whose failure leaves the outside world unknown."""
        self.run.committing = True
        try:
            self.steps.one(step, self.scope, path)
        except Failure as failure:
            failure.effect = "maybe"
            self._doubt(failure)
            raise
        finally:
            self.run.committing = False
        return self.scope.get(step.id) if step.id else None

    def _picture(self, path: str) -> None:
        from rpa.engine.evidence import keep_evidence

        keep_evidence(self.run, path)
        self.steps.record(self.step, path, OutcomeKind.skipped, reason=REHEARSED)

    # ── endings ──
    def _await_ending(self, outputs: Any) -> None:
        seconds = self.step.timeout / timedelta(seconds=1) if self.step.timeout else None
        with self.run.deadline(seconds) as deadline:
            self.run.services.reporter.tell(
                "step", path=f"{self.path}/expect", name="expect", deadline=deadline, item=self.run.item_id
            )
            ending = self._poll(deadline)
        if ending is None:
            failure = ApplicationFailure(
                "ending-not-seen", details={"what": self.writes.what, "step": self.path}, effect="maybe"
            )
            self._fail(failure)
            self._doubt(failure)
            raise failure
        self._conclude(ending, outputs)

    def _poll(self, deadline: float) -> Ending | None:
        while True:
            for ending in self.step.expect:
                if self._holds(ending):
                    return ending
            if self.run.still or time.monotonic() >= deadline:
                return None
            time.sleep(POLL_S)

    def _holds(self, ending: Ending) -> bool:
        try:
            return condition_holds(self.run, ending.condition, self.scope)
        except Failure as failure:
            if failure.kind in ("flow", "engine"):
                failure.effect = "maybe"
                self._doubt(failure)
                raise
            return False

    def _conclude(self, ending: Ending, outputs: Any) -> None:
        assert self.record is not None
        if ending.outcome == "done":
            result = self._result(outputs)
            crash_point("before-result")
            self.ledger.settle(self.run.claim, self.record.id, Verdict.committed, by="expect", result=result)
            crash_point("after-result")
            self._finish(result, OutcomeKind.succeeded)
            return
        text = str(evaluate(ending.message, self.scope)) if ending.message is not None else ""
        kind = BusinessFailure if ending.outcome == "business" else ApplicationFailure
        self.ledger.settle(self.run.claim, self.record.id, Verdict.refused, by="expect", result=None)
        failure: Failure = kind(
            ending.code or f"ending-{ending.outcome}",
            text,
            details={"what": self.writes.what, "condition": str(ending.condition)},
        )
        self._fail(failure)
        raise failure

    def _fail(self, failure: Failure) -> None:
        from rpa.engine.evidence import keep_evidence

        keep_evidence(self.run, f"{self.path}/expect")
        self.steps.record(self.step, f"{self.path}/expect", OutcomeKind.failed, failure=failure)

    def _result(self, outputs: Any) -> Any:
        if self.step.outputs is not None:
            outputs = plain(evaluate(dict(self.step.outputs), {**self.scope, "it": outputs}))
        inner = {s.id: self.scope.get(s.id) for top in self.step.do for s in top.walk() if s.id}
        return {"outputs": outputs, "steps": inner}

    # ── doubt ──
    def _doubt(self, failure: Failure) -> None:
        """After a failure with effect maybe: probe at once. Done: go on as if seen. Not done: the failure
        stands with effect none. Unknown: in doubt."""
        if self.record is None:
            return
        verdict, result = probe(self.steps, self.step, self.scope, self.path)
        if verdict is None:
            raise InDoubt(self.record.id, failure) from failure
        settled = Verdict.settled_done if verdict else Verdict.settled_not_done
        self.ledger.settle(
            self.run.claim, self.record.id, settled, by="done_if", result={"outputs": result, "steps": {}}
        )
        if verdict:
            raise WriteSettled({"outputs": result, "steps": {}}) from failure
        failure.effect = "none"

    def _settle_open(self, known: WriteRecord) -> WriteRecord | None:
        settle_open(self.steps, self.step, self.scope, self.path, known)
        return self.ledger.find_write(known.profile, known.what, known.key)


class WriteSettled(Exception):
    """The probe after a failure says that the write happened."""

    def __init__(self, result: Any) -> None:
        super().__init__("the write is done")
        self.result = result


def settle_open(steps: Steps, step: Step, scope: Mapping[str, Any], path: str, known: WriteRecord) -> bool:
    """Settles a write that has an intent and no result. Raises InDoubt when the probe cannot tell."""
    verdict, result = probe(steps, step, scope, path)
    if verdict is None:
        raise InDoubt(known.id, None)
    settled = Verdict.settled_done if verdict else Verdict.settled_not_done
    run = steps.run
    run.services.ledger.settle(run.claim, known.id, settled, by="done_if", result={"outputs": result, "steps": {}})
    return verdict


def probe(steps: Steps, step: Step, scope: Mapping[str, Any], path: str) -> tuple[bool | None, Any]:
    """Runs `done_if`. Its last step's verdict: true, false, or None (unknown: any failure or time-out)."""
    assert step.writes is not None
    if not step.writes.done_if:
        return None, None
    inner = dict(scope)
    prober = type(steps)(steps.run, steps.flow, phase="done_if")
    try:
        with steps.run.unhurried():
            prober.all(step.writes.done_if[:-1], inner, f"{path}/done_if/")
            last = step.writes.done_if[-1]
            result = prober.attempt(last, inner, f"{path}/done_if/{last.segment}")
    except Failure:
        return None, None  # recorded by the attempt; unknown never means "not done"
    return _verdict(result), result


def _verdict(result: Any) -> bool | None:
    if isinstance(result, bool):
        return result
    if isinstance(result, Mapping) and isinstance(result.get("found"), bool):
        return bool(result["found"])
    return None
