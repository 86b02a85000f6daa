"""Spans tell of runs, items and steps, and never of values."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from rpa.schedule.service import Service
from rpa.settings import Settings
from tests.rpa.schedule.conftest import Planning
from tests.rpa.schedule.test_service import Log

FLOW = """\
flow: note
items:
  from: {rows: people.csv}
  key: "${item.name}"
steps:
  - id: told
    files.append: {path: notes.txt, line: "${item.name}"}
    repeatable: true
  - data.assert: {that: "${item.name != 'kim'}", code: not-kim, message: no}
"""


@pytest.fixture
def collector() -> Iterator[tuple[str, list[tuple[str, bytes]]]]:
    """(address, [(path, body)]) of an OTLP collector."""
    taken: list[tuple[str, bytes]] = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            taken.append((self.path, self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Collector)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/v1/traces", taken
    server.shutdown()
    server.server_close()


def test_spans_of_a_run_reach_a_collector_without_values(
    folder: Path, planning: Planning, collector: tuple[str, list[tuple[str, bytes]]]
) -> None:
    pytest.importorskip("opentelemetry.exporter.otlp.proto.http", reason="the extra daeri[telemetry]")
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

    address, taken = collector
    (folder / "flows" / "note.yaml").write_text(FLOW)
    (folder / "people.csv").write_text("name\nlee-secret-name\nkim\n")
    planning("  s: {flow: note, trigger: {every: 1h}}\n").run_now("s", actor="kim")
    service = Service(Settings(project=folder, key_file=str(folder / "key"), telemetry=address), log=Log())
    service.once()
    service.ledger.close()
    assert [path for path, _ in taken] == ["/v1/traces"]
    told = ExportTraceServiceRequest.FromString(taken[0][1])
    spans = [s for r in told.resource_spans for scope in r.scope_spans for s in scope.spans]
    names = {s.span_id: s.name for s in spans}
    assert sorted(s.name for s in spans).count("item") == 2
    assert {names.get(s.parent_span_id, "") for s in spans if s.name == "item"} == {"run note"}
    assert {names[s.parent_span_id] for s in spans if "told" in s.name} == {"item"}
    assert "not-kim" in {s.status.message for s in spans}
    assert b"lee-secret-name" not in taken[0][1]
