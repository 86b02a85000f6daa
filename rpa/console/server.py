"""The console's door: loopback only, reads only, and only for a browser that asked for this machine by name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qsl, urlsplit

from flows.failures import EngineFailure
from rpa.console.look import Served
from rpa.console.site import Answer, Site

HOST = "127.0.0.1"
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}


@contextmanager
def console(served: Served, port: int) -> Iterator[str]:
    """Serves the pages of `served` meanwhile; its address. Raises EngineFailure `serve-port-taken`."""
    site = Site(served)

    class Handler(_Handler):
        answered = staticmethod(site.answer)
        names = frozenset(f"{host}:{port}" for host in (HOST, "localhost"))

    try:
        server = ThreadingHTTPServer((HOST, port), Handler)
    except OSError as error:
        raise EngineFailure("serve-port-taken", str(error), details={"port": port}) from error
    thread = Thread(target=server.serve_forever, name="console", daemon=True)
    thread.start()
    try:
        yield f"http://{HOST}:{port}/"
    finally:
        server.shutdown()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    answered: Callable[..., Answer]
    names: frozenset[str]
    timeout = 10  # of a silent browser, in seconds
    server_version, sys_version = "daeri", ""

    def do_GET(self) -> None:
        """A name that resolves to this machine is not enough: a page elsewhere may have made it up (DNS
        rebinding), so the Host must be ours."""
        if self.headers.get("Host", "") not in self.names:
            self._send(Answer(421, "ask for 127.0.0.1 or localhost\n", "text/plain"))
            return
        asked = urlsplit(self.path)
        self._send(self.answered(asked.path, dict(parse_qsl(asked.query))))

    do_HEAD = do_GET

    def _refused(self) -> None:
        self._send(Answer(405, "this console only shows; use the commands\n", "text/plain"))

    do_POST = do_PUT = do_DELETE = do_PATCH = do_OPTIONS = _refused

    def _send(self, answer: Answer) -> None:
        body = answer.body.encode()
        self.send_response(answer.status)
        for name, value in HEADERS.items():
            self.send_header(name, value)
        self.send_header("Content-Security-Policy", answer.policy)
        self.send_header("Content-Type", answer.kind)
        self.send_header("Content-Length", str(len(body)))
        if answer.status == 405:
            self.send_header("Allow", "GET, HEAD")
            self.close_connection = True
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """The service's own log tells what matters; addresses may hold names."""
