"""Stands between the browser and Tryton and misbehaves on demand: a slow, silent, broken or vanished ERP.

The nastiest fault is `drop_answer`: the request reaches Tryton, which does what it was asked, but the answer
never arrives. The caller cannot tell «posted» from «not posted» and must probe.
"""

from __future__ import annotations

import http.client
import re
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar, Literal

Mode = Literal["up", "slow", "hang", "error", "unauthorised", "drop_request", "drop_answer"]
HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "server", "date"}


@dataclass
class Fault:
    """What goes wrong. `matching`: a regular expression over "METHOD PATH BODY" that requests must match to
    be hit; empty hits all. `times`: how many requests are hit before all is well again, None for no end.
    `seconds`: the delay of `slow`, and how long `hang` keeps silent. `hits` counts."""

    mode: Mode = "up"
    matching: str = ""
    seconds: float = 3.0
    times: int | None = None
    hits: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def strikes(self, request: str) -> bool:
        with self._lock:
            spent = self.times is not None and self.hits >= self.times
            if self.mode == "up" or spent or not re.search(self.matching, request, re.DOTALL):
                return False
            self.hits += 1
            return True


class FaultyFront:
    """An HTTP front on 127.0.0.1:`port` for the server on 127.0.0.1:`behind`. Assign `fault` at any time."""

    def __init__(self, port: int, behind: int) -> None:
        self.port, self.behind = port, behind
        self.fault = Fault()
        self._server: ThreadingHTTPServer | None = None

    def start(self) -> None:
        handler = type("Handler", (_Handler,), {"front": self})
        ThreadingHTTPServer.daemon_threads = True
        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), handler)
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def stop(self) -> None:
        """Down: from now on connections are refused."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None


class _Handler(BaseHTTPRequestHandler):
    front: ClassVar[FaultyFront]

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        fault = self.front.fault
        if fault.strikes(f"{self.command} {self.path} {body.decode('utf-8', 'replace')}"):
            if fault.mode in ("slow", "hang"):
                time.sleep(fault.seconds)
            if fault.mode == "error":
                self.send_error(503, "Service Unavailable")
                return
            if fault.mode == "unauthorised":
                self.send_error(401, "Unauthorized")
                return
            if fault.mode == "drop_answer":
                self._ask(body)
            if fault.mode != "slow":
                self.close_connection = True
                return
        self._pass_on(body)

    do_GET = do_POST = do_PUT = do_OPTIONS = do_HEAD = do_DELETE = _serve

    def _ask(self, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        behind = http.client.HTTPConnection("127.0.0.1", self.front.behind, timeout=120)
        try:
            kept = {k: v for k, v in self.headers.items() if k.lower() not in HOP_BY_HOP}
            behind.request(self.command, self.path, body or None, kept)
            answer = behind.getresponse()
            return answer.status, answer.getheaders(), answer.read()
        finally:
            behind.close()

    def _pass_on(self, body: bytes) -> None:
        try:
            status, headers, content = self._ask(body)
        except OSError:
            self.send_error(502, "Bad Gateway")
            return
        self.send_response(status)
        for name, value in headers:
            if name.lower() not in HOP_BY_HOP:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def handle(self) -> None:
        """A browser that closes a connection early is no error of ours."""
        try:
            super().handle()
        except (ConnectionError, TimeoutError):
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        """Tryton keeps the log."""
