"""The service's own door: /health, /ready, /metrics, and signed calls to /hooks/…; on loopback by default.

A call is signed so: `X-Rpa-Timestamp` holds seconds since 1970, `X-Rpa-Signature` is `sha256=` and the
hex HMAC-SHA256 (RFC 2104) of timestamp, a full stop and the body, under the schedule's secret. A call is
taken for five minutes, and once.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from flows.failures import EngineFailure, Failure
from rpa.app.secrets import secret_source
from rpa.schedule.decide import Planner

WINDOW_S = 300
MOST_BYTES = 1_000_000
HOOKS = "/hooks"
Answer = tuple[int, Any]


@dataclass(frozen=True)
class Door:
    """What the handler may ask: a dead service is not healthy, a broken one is not ready."""

    healthy: Callable[[], bool]
    ready: Callable[[], Mapping[str, Any]]
    metrics: Callable[[], str]
    called: Callable[[str, Mapping[str, str], bytes], Answer]


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """`sha256=…` as the caller must send it."""
    return "sha256=" + hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def take_call(planner: Planner, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
    """(HTTP status, answer) of a call; fires its schedule. The body may hold `{"inputs": {…}}`."""
    found = [(n, s.trigger.hook) for n, s in planner.project.manifest.schedules.items() if s.trigger.hook]
    name, hook = next(((n, h) for n, h in found if h and HOOKS + h.path == path), ("", None))
    if hook is None:
        return 404, {"error": "unknown"}
    stamp, given = headers.get("X-Rpa-Timestamp", ""), headers.get("X-Rpa-Signature", "")
    wanted = signature(secret_source(planner.project.settings)(hook.secret).reveal(), stamp, body)
    if not hmac.compare_digest(wanted.encode(), given.encode()) or not _fresh(stamp):
        return 401, {"error": "signature"}
    try:
        inputs = _inputs(body)
    except ValueError:
        return 400, {"error": "body"}
    made = planner.fire(name, f"webhook-{given[7:39]}", due=None, reason="webhook", given=inputs)
    if made is None:
        return 409, {"error": "repeated"}
    return (202, {"run": made.run_id}) if made.run_id else (503, {"error": made.reason})


def _fresh(stamp: str) -> bool:
    return (
        stamp.isascii()
        and stamp.isdecimal()
        and len(stamp) < 12
        and abs(time.time() - int(stamp)) <= WINDOW_S
    )


def _inputs(body: bytes) -> dict[str, Any]:
    read = json.loads(body) if body.strip() else {}
    inputs = read.get("inputs", {}) if isinstance(read, dict) else None
    if not isinstance(inputs, dict):
        raise ValueError("an object with inputs is expected")
    return inputs


def open_door(door: Door, host: str, port: int) -> ThreadingHTTPServer:
    """Listens; the caller runs `serve_forever`. Raises EngineFailure `serve-port-taken`."""

    class Handler(_Handler):
        asked = door

    try:
        return ThreadingHTTPServer((host, port), Handler)
    except OSError as error:
        raise EngineFailure("serve-port-taken", str(error), details={"port": port}) from error


class _Handler(BaseHTTPRequestHandler):
    asked: Door
    timeout = 10  # of a silent caller, in seconds

    def do_GET(self) -> None:
        if self.path == "/health":
            alive = self.asked.healthy()
            self._answer(200 if alive else 503, {"alive": alive})
        elif self.path == "/ready":
            told = self.asked.ready()
            self._answer(200 if told["ready"] else 503, told)
        elif self.path == "/metrics":
            self._send(200, self.asked.metrics().encode(), "text/plain; version=0.0.4")
        else:
            self._answer(404, {"error": "unknown"})

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal() or int(length) > MOST_BYTES:
            self._answer(413, {"error": "size"})
            return
        body = self.rfile.read(int(length))
        try:
            status, answer = self.asked.called(self.path, self.headers, body)  # type: ignore[arg-type]
        except Failure as failure:
            status, answer = 503, {"error": failure.code}
        self._answer(status, answer)

    def _answer(self, status: int, value: Any) -> None:
        self._send(status, json.dumps({"schema": 1, **value}).encode(), "application/json")

    def _send(self, status: int, body: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """The service's own log tells what matters."""
