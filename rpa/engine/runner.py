"""One run from its claim to its end: inputs → items → session → steps per item → on_failure → outputs."""

from __future__ import annotations

import random
import time
from collections.abc import Mapping
from typing import Any

from flows.data import plain
from flows.expressions import evaluate
from flows.failures import ApplicationFailure, BusinessFailure, EngineFailure, Failure, FlowFailure
from flows.model import Flow
from rpa.engine.attempts import failure_record
from rpa.engine.calls import typed_inputs
from rpa.engine.crashpoints import crash_point
from rpa.engine.ending import ItemNames, run_status
from rpa.engine.evidence import keep_evidence
from rpa.engine.prior import Prior
from rpa.engine.services import Services, utc_now
from rpa.engine.session import open_session
from rpa.engine.settling import settle_item
from rpa.engine.signals import Cancelled, InDoubt, ItemStopped, Rehearsed, Suspended
from rpa.engine.sources import data_hash, find_items, item_key
from rpa.engine.state import RunState
from rpa.engine.steps import Scope, Steps, ids_below
from rpa.engine.workfiles import work_copy
from rpa.ledger.types import Claim, EventRecord, FailureRecord, ItemRecord, ItemStatus, RunRecord, RunStatus

BACKOFF_S = 2.0
IMPLICIT_KEY = "run"


class StopRun(Exception):
    """The run ends now. `failure` is why; `reason` a code for the run itself."""

    def __init__(self, failure: Failure | None, reason: str) -> None:
        super().__init__(reason)
        self.failure = failure
        self.reason = reason


class RunEngine:
    """Executes one claimed run in this process and thread."""

    def __init__(self, services: Services, flow: Flow, claim: Claim, record: RunRecord) -> None:
        self.run = RunState(services, flow, claim, record)
        self.flow = flow
        self.ledger = services.ledger
        self.known: dict[str, int] = {}
        self.touched: list[int] = []
        self._session_open = False
        self._application_in_a_row = 0

    def execute(self) -> RunStatus:
        """Runs to the end and writes it down. Exceptions that leave here are the supervisor's."""
        status, reason, failure, outputs = RunStatus.failed, None, None, None
        scope: Scope = {}
        try:
            scope = self._scope()
            dict(scope["secrets"])  # a missing one is found before anything is begun
            self._items(scope)
            reason = None
        except StopRun as stop:
            reason = stop.reason
            failure = failure_record(stop.failure, "", self.run) if stop.failure else None
        except Cancelled:
            status, reason = RunStatus.cancelled, "cancelled"
        except Failure as error:
            failure, reason = failure_record(error, "", self.run), error.code
        try:
            if status is not RunStatus.cancelled:
                status = run_status(self.ledger, self.run.record.id, self.touched, stopped=reason is not None)
            outputs, status, failure = self._finish(scope, status, failure)
        finally:
            self.run.close_bots()
        crash_point("before-run-end")
        self.ledger.end_run(self.run.claim, status, outputs=outputs, reason=reason, failure=failure)
        return status

    # ── names ──
    def _scope(self) -> Scope:
        record, flow = self.run.record, self.flow
        return {
            "inputs": typed_inputs(flow, dict(record.inputs)),
            "secrets": self.run.secrets(flow),
            "run": {
                "id": record.id,
                "now": self.run.now,
                "due": record.due or self.run.now,
                "profile": record.profile,
                "replay_of": record.replay_of,
                "trigger": record.trigger,
                "schedule": record.schedule,
            },
            "flow": {"id": flow.id, "title": flow.title, "revision": flow.revision},
            "items": ItemNames(self.ledger, record.id),
            "item": None,
            "failure": None,
            "last": None,
        }

    # ── items ──
    def _items(self, scope: Scope) -> None:
        todo = self._resumed() if self._is_resumption() else self._listed(scope)
        self.run.services.reporter.tell("items", total=len(todo), known=dict(self.known))
        for number, item in enumerate(todo, 1):
            self.run.check_cancelled()
            self._tell(item, number, len(todo), "running")
            status = self._item(item, scope)
            self._tell(item, number, len(todo), str(status))

    def _tell(self, item: ItemRecord, number: int, total: int, status: str) -> None:
        """To whoever watches. An item of a flow without items is called by the flow."""
        name = item.data.get("name") or (self.flow.id if item.key.startswith("run:") else item.key)
        self.run.services.reporter.tell("item", key=item.key, name=name, number=number, total=total, status=status)

    def _is_resumption(self) -> bool:
        return bool(self.run.record.options.get("item_ids")) or bool(
            self.ledger.items(run_id=self.run.record.id, limit=1)
        )

    def _resumed(self) -> list[ItemRecord]:
        """A replay's items, or those of this run that an answer or a lost worker left to do."""
        ids = self.run.record.options.get("item_ids")
        if ids:
            return [self.ledger.item(int(i)) for i in ids]
        status = [ItemStatus.new, ItemStatus.failed_application] if not self.run.record.replay_of else [ItemStatus.new]
        return self.ledger.items(run_id=self.run.record.id, status=status, masked=False)

    def _listed(self, scope: Scope) -> list[ItemRecord]:
        found = self._sources(scope)
        todo: list[ItemRecord] = []
        wanted, limit = self.run.options.get("item"), self.run.options.get("limit")
        for number, (key, data) in enumerate(found, 1):
            if wanted is not None and key != wanted and data.get("name") != wanted:
                continue
            result = self._add(key, data, number)
            first = next((t for t in todo if result is not None and t.id == result.id), None)
            if first is not None:
                self._repeated(key, data, first)
            elif result is not None and (limit is None or len(todo) < int(limit)):
                todo.append(result)
        if wanted is not None and not todo and not self.known:
            raise FlowFailure("item-unknown", details={"key": wanted})
        return todo

    def _repeated(self, key: str, data: Mapping[str, Any], first: ItemRecord) -> None:
        """Two sources with one key, such as the same document under two names: done once, and told."""
        self.known["repeated"] = self.known.get("repeated", 0) + 1
        names = {"name": str(data.get("name") or key), "first": str(first.data.get("name") or key)}
        shown = self.run.masker.show(names)
        run_id = self.run.record.id
        event = EventRecord(run_id, first.id, "items", "warning", "item-repeated", "", shown, utc_now())
        self.ledger.event(self.run.claim, event)

    def _sources(self, scope: Scope) -> list[tuple[str, dict[str, Any]]]:
        items = self.flow.items
        if items is None:
            return [(f"{IMPLICIT_KEY}:{self.run.record.id}", {})]
        result = []
        for source in find_items(self.run, items, scope):
            key = item_key(items, source.data, scope)
            data = dict(source.data)
            if source.file is not None:
                kept = self.run.keep("items", "item", source.file.name, source.file, "application/octet-stream")
                data["path"] = kept.path
            result.append((key, data))
        return result

    def _add(self, key: str, data: Mapping[str, Any], number: int) -> ItemRecord | None:
        items = self.flow.items
        found = self.ledger.add_item(
            self.run.claim,
            flow_id=self.flow.id,
            profile=self.run.record.profile,
            key=key,
            data=data,
            data_hash=data_hash(data),
            n=number,
            on_change=items.on_change if items else "business",
        )
        if found.how == "known":
            reason = found.reason or str(found.item.status)
            self.known[reason] = self.known.get(reason, 0) + 1
            self.run.services.reporter.tell("known", key=key, reason=reason)
            return None
        return found.item

    # ── one item ──
    def _item(self, item: ItemRecord, scope: Scope) -> ItemStatus:
        attempts = self.flow.items.attempts if self.flow.items else 1
        tries = 0
        while True:
            taken = self.ledger.take_item(self.run.claim, item.id, from_status=self._takeable())
            if taken is None:
                self.run.services.reporter.tell("known", key=item.key, reason="held by another run")
                return self.ledger.item(item.id).status
            crash_point("item-taken")
            self.run.item = taken
            self.touched.append(taken.id)
            self.run.prior = self._prior(taken, tries)
            tries += 1
            status, failure = self._try(taken, scope)
            again = status is ItemStatus.failed_application and tries < attempts and not self._doubtful(failure)
            self._end_item(taken, ItemStatus.new if again else status, failure)
            if not again:
                return self._after_item(status, failure, scope)
            self._session_open = False
            time.sleep(BACKOFF_S * 2 ** (tries - 1) * random.uniform(0.5, 1.5) * float(self.run.options.get("pace", 1)))

    def _takeable(self) -> list[ItemStatus]:
        if self.run.record.replay_of:
            return [s for s in ItemStatus if s is not ItemStatus.running]
        return [ItemStatus.new, ItemStatus.failed_application]

    @staticmethod
    def _doubtful(failure: Failure | None) -> bool:
        return failure is not None and failure.effect == "maybe"

    def _try(self, item: ItemRecord, scope: Scope) -> tuple[ItemStatus, Failure | None]:
        """One try of an item: its new status and the failure, if any."""
        inner = {**scope, **dict.fromkeys(ids_below(self.flow.steps)), "item": work_copy(self.run, item)}
        try:
            if item.erased:
                raise BusinessFailure("item-erased", details={"item": item.key})
            self._session(scope)
            settle_item(self.run, self.flow, inner, self.run.prior)
            Steps(self.run, self.flow).all(self.flow.steps, inner)
            if self.run.options.get("evidence") == "full":
                keep_evidence(self.run, "end")
        except (ItemStopped, Suspended, Rehearsed, InDoubt, Failure) as error:
            return self._left(error)
        self.last_scope = inner
        return ItemStatus.succeeded, None

    def _left(self, error: Exception) -> tuple[ItemStatus, Failure | None]:
        if isinstance(error, ItemStopped):
            return ItemStatus.succeeded, None
        if isinstance(error, Suspended):
            return ItemStatus.waiting, None
        if isinstance(error, Rehearsed):
            return ItemStatus.new, None
        if isinstance(error, InDoubt):
            cause = error.cause if isinstance(error.cause, Failure) else None
            doubt = ApplicationFailure(
                "write-in-doubt",
                details={"write": error.write_id, "cause": cause.code if cause else ""},
                effect="maybe",
            )
            return ItemStatus.in_doubt, doubt
        assert isinstance(error, Failure)
        status = {
            BusinessFailure: ItemStatus.failed_business,
            ApplicationFailure: ItemStatus.failed_application,
            FlowFailure: ItemStatus.failed_flow,
        }.get(type(error), ItemStatus.new)
        return status, error

    def _end_item(self, item: ItemRecord, status: ItemStatus, failure: Failure | None) -> None:
        crash_point("before-item-end")
        record: FailureRecord | None = failure_record(failure, "", self.run) if failure else None
        self.ledger.end_item(self.run.claim, item.id, status, failure=record)
        crash_point("after-item-end")

    def _after_item(self, status: ItemStatus, failure: Failure | None, scope: Scope) -> ItemStatus:
        """What an item's end means for the run: flow and engine failures end it, so does `stop_after`."""
        if failure is not None:
            self._on_failure(scope, failure)
        self.run.item = None
        self.run.prior = Prior()
        if isinstance(failure, FlowFailure | EngineFailure):
            raise StopRun(failure, failure.code)
        if failure is not None and failure.code == "login-refused":
            raise StopRun(failure, failure.code)
        in_a_row = status in (ItemStatus.failed_application, ItemStatus.in_doubt)
        self._application_in_a_row = self._application_in_a_row + 1 if in_a_row else 0
        if in_a_row:
            self._session_open = False
        stop_after = self.flow.items.stop_after if self.flow.items else 0
        if stop_after and self._application_in_a_row >= stop_after:
            raise StopRun(failure, "stop-after")
        return status

    def _prior(self, item: ItemRecord, tries: int) -> Prior:
        """What may be reused: of this run (a second try, an answered review), else of the original run."""
        options = self.run.record.options
        if options.get("fresh"):
            return Prior()
        own = self.ledger.attempts(self.run.record.id, item_id=item.id, masked=False)
        original = []
        if self.run.record.replay_of:
            original = self.ledger.attempts(self.run.record.replay_of, item_id=item.id, masked=False)
        from_step = options.get("from_step") if tries == 0 and not own else None
        return Prior.of([*original, *own], same_params=bool(options.get("latest")), from_step=from_step)

    # ── session, endings ──
    def _session(self, scope: Scope) -> None:
        if self._session_open or self.flow.session is None:
            return
        open_session(self.run, self.flow, scope)
        self._session_open = True

    def _on_failure(self, scope: Scope, failure: Failure) -> None:
        """Never changes what happened: its own failures are recorded and left at that."""
        if not self.flow.on_failure:
            return
        runner = Steps(self.run, self.flow, phase="on_failure")
        inner = {
            **scope,
            "failure": runner.failure_data(failure, ""),
            "item": dict(self.run.item.data) if self.run.item else None,
        }
        try:
            runner.all(self.flow.on_failure, inner)
        except (Failure, Suspended, ItemStopped):
            return

    def _finish(
        self, scope: Scope, status: RunStatus, failure: FailureRecord | None
    ) -> tuple[Any, RunStatus, FailureRecord | None]:
        if not scope or not self.flow.outputs or status is RunStatus.cancelled:
            return None, status, failure
        try:
            names = {**dict.fromkeys(ids_below(self.flow.steps)), **getattr(self, "last_scope", {}), **scope}
            if self.flow.items is None:
                names = {**scope, **getattr(self, "last_scope", dict.fromkeys(ids_below(self.flow.steps)))}
            return plain(evaluate(dict(self.flow.outputs), names)), status, failure
        except Failure as error:
            return None, RunStatus.failed, failure or failure_record(error, "outputs", self.run)
