"""OpenTelemetry spans of ended runs, from the ledger: a run, below it its items, below these their steps.

Optional (`daeri[telemetry]` and the setting `telemetry`). Values never leave the ledger: a span tells names,
codes and times only.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from flows.failures import FlowFailure
from rpa.ledger.port import LedgerPort
from rpa.ledger.types import AttemptRecord, ItemRecord, RunRecord, RunStatus

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import SpanProcessor

SERVICE = "daeri"
BAD = (RunStatus.failed, RunStatus.abandoned)


class Spans:
    """Hands the spans of a run to `processor` once the run has ended."""

    def __init__(self, processor: SpanProcessor) -> None:
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider

        self._provider = TracerProvider(resource=Resource({"service.name": SERVICE}))
        self._provider.add_span_processor(processor)
        self._tracer = self._provider.get_tracer(SERVICE)

    @classmethod
    def to(cls, address: str) -> Spans:
        """Over OTLP/HTTP. Raises FlowFailure `telemetry-missing` when the packages are not there."""
        try:
            from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
            from opentelemetry.sdk.trace.export import BatchSpanProcessor
        except ImportError as error:
            raise FlowFailure("telemetry-missing", details={"reason": str(error)}) from error
        return cls(BatchSpanProcessor(OTLPSpanExporter(endpoint=address, timeout=5)))

    def tell(self, ledger: LedgerPort, run: RunRecord) -> None:
        if run.started is None or run.ended is None:
            return
        attempts = ledger.attempts(run.id)
        items = {i.id: i for i in ledger.items(run_id=run.id)}
        top = self._span(f"run {run.flow_id}", run.started, None, _of_run(run))
        for item_id in dict.fromkeys(a.item_id for a in attempts):
            of_item = [a for a in attempts if a.item_id == item_id]
            self._item(items.get(item_id or 0), of_item, top)
        self._end(top, run.ended, run.reason or "failed" if run.status in BAD else "")

    def _item(self, item: ItemRecord | None, attempts: Iterable[AttemptRecord], top: Any) -> None:
        done = list(attempts)
        parent = top
        if item is not None:
            told = {"rpa.item.id": item.id, "rpa.item.status": str(item.status), "rpa.run.id": done[0].run_id}
            parent = self._span("item", done[0].started, top, told)
        for attempt in done:
            told = {
                "rpa.step": attempt.step_path,
                "rpa.attempt": attempt.step_try,
                "rpa.phase": attempt.phase,
            }
            span = self._span(attempt.step_path, attempt.started, parent, told)
            self._end(span, attempt.ended, attempt.failure.code if attempt.failure else "")
        if item is not None:
            self._end(parent, max(a.ended for a in done), item.failure.code if item.failure else "")

    def _span(self, name: str, started: datetime, parent: Any, told: dict[str, Any]) -> Any:
        from opentelemetry.trace import set_span_in_context

        context = set_span_in_context(parent) if parent is not None else None
        return self._tracer.start_span(name, context, start_time=_ns(started), attributes=told)

    def _end(self, span: Any, ended: datetime, code: str) -> None:
        from opentelemetry.trace import Status, StatusCode

        if code:
            span.set_status(Status(StatusCode.ERROR, code))
        span.end(_ns(ended))

    def close(self) -> None:
        """Sends what is still collected."""
        self._provider.shutdown()


def _of_run(run: RunRecord) -> dict[str, Any]:
    told = {
        "rpa.run.id": run.id,
        "rpa.run.status": str(run.status),
        "rpa.run.trigger": run.trigger,
        "rpa.flow": run.flow_id,
        "rpa.profile": run.profile,
        "rpa.schedule": run.schedule or "",
    }
    return {**told, **{f"rpa.items.{status}": number for status, number in run.counts.items()}}


def _ns(moment: datetime) -> int:
    return int(moment.timestamp() * 1e9)
