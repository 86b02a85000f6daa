"""The awkward site: everything that makes web applications hard, on loopback."""

from __future__ import annotations

import base64
import json
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar
from urllib.parse import parse_qs, urlsplit

from bots.browser.totp import code_at

PAGES = Path(__file__).parent / "pages"
USER, PASSWORD, TOTP = "kim@example.com", "correct-horse", "JBSWY3DPEHPK3PXP"
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\ntrailer<</Root 1 0 R>>"


class Handler(BaseHTTPRequestHandler):
    """Pages from files; what must answer in a special way from methods `at_…`."""

    protocol_version = "HTTP/1.1"
    log: ClassVar[list[tuple[str, str]]] = []

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        self.query = {k: v[0] for k, v in parse_qs(parts.query).items()}
        self.log.append(("GET", parts.path))
        special = getattr(self, "at_" + parts.path.strip("/").split("/")[0].replace(".", "_").replace("-", "_"), None)
        if special is not None:
            special()
            return
        page = PAGES / (parts.path.strip("/") or "index.html")
        if page.is_file():
            self.answer(page.read_bytes())
        else:
            self.answer(b"<h1>Not found</h1>", 404)

    def do_POST(self) -> None:
        self.log.append(("POST", urlsplit(self.path).path))
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        self.form = {k: v[0] for k, v in parse_qs(body.decode("utf-8", "replace")).items()}
        self.body = body
        self.query = {}
        getattr(self, "post_" + urlsplit(self.path).path.strip("/").replace("-", "_"))()

    def answer(
        self, data: bytes | str, status: int = 200, kind: str = "text/html; charset=utf-8", **headers: str
    ) -> None:
        data = data.encode() if isinstance(data, str) else data
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(data)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *args: object) -> None:
        """Silence."""

    # ---- special answers ----
    def at_status(self) -> None:
        self.answer("<h1>Trouble</h1>", int(self.path.rsplit("/", 1)[1]))

    def at_blocked(self) -> None:
        self.answer(
            "<title>Just a moment...</title><form id=challenge-form style='width:200px;height:90px'>"
            "Are you human?</form>",
            403,
        )

    def at_slow(self) -> None:
        time.sleep(float(self.query.get("s", "1")))
        self.answer("<h1>At last</h1>")

    def at_invoice_pdf(self) -> None:
        self.answer(PDF, kind="application/pdf", Content_Disposition='attachment; filename="invoice 4711.pdf"')

    def at_fake_pdf(self) -> None:
        self.answer(
            "<html><body>Please log in</body></html>",
            kind="application/pdf",
            Content_Disposition='attachment; filename="invoice.pdf"',
        )

    def at_cut_pdf(self) -> None:
        self.send_response(200)
        self.send_header("content-type", "application/pdf")
        self.send_header("content-disposition", 'attachment; filename="cut.pdf"')
        self.send_header("content-length", "100000")
        self.end_headers()
        self.wfile.write(PDF)
        self.wfile.flush()
        self.close_connection = True

    def at_away(self) -> None:
        self.answer("", 302, Location=self.query["to"])

    def at_home(self) -> None:
        user = "kim" if "session=ok" in (self.headers.get("cookie") or "") else ""
        self.answer(
            (PAGES / "home.html").read_text().replace("{user}", user)
            if user
            else (PAGES / "login.html").read_text().replace("{message}", "Your session has expired")
        )

    def at_api(self) -> None:
        self.answer(
            json.dumps(
                {
                    "cookie": self.headers.get("cookie") or "",
                    "path": self.path,
                    "authorization": self.headers.get("authorization") or "",
                }
            ),
            kind="application/json",
        )

    def at_guarded(self) -> None:
        """Behind the browser's own password window."""
        wanted = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        if self.headers.get("authorization") == wanted:
            self.answer("<h1>Intranet</h1>")
        else:
            self.answer("<h1>No</h1>", 401, WWW_Authenticate='Basic realm="intranet"')

    def at_login(self) -> None:
        self.answer((PAGES / "login.html").read_text().replace("{message}", ""))

    def post_login(self) -> None:
        if (self.form.get("user"), self.form.get("password")) != (USER, PASSWORD):
            self.answer((PAGES / "login.html").read_text().replace("{message}", "Wrong user or password"))
        elif self.form.get("two"):
            self.answer(
                "<form method=post action=/code><label>Code <input name=code autocomplete=one-time-code></label></form>"
            )
        else:
            self.answer("", 303, Location="/home", Set_Cookie="session=ok; Path=/")

    def post_code(self) -> None:
        good = {code_at(TOTP, time.time() + d) for d in (0, -30)}
        if self.form.get("code") in good:
            self.answer("", 303, Location="/home", Set_Cookie="session=ok; Path=/")
        else:
            self.answer("<p role=alert>Wrong code</p>")

    def post_save(self) -> None:
        time.sleep(0.2)
        self.answer(json.dumps({"got": self.body.decode("utf-8", "replace")}), 201, "application/json")

    def post_refuse(self) -> None:
        self.answer("{}", 422, "application/json")


class Proxy(Handler):
    """A proxy that lets nobody through without its password, and answers for every host by itself."""

    def do_GET(self) -> None:
        wanted = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        if self.headers.get("proxy-authorization") == wanted:
            super().do_GET()
        else:
            self.answer("", 407, Proxy_Authenticate='Basic realm="proxy"')


@contextmanager
def serving(tls: ssl.SSLContext | None = None, handler: type[Handler] = Handler) -> Iterator[str]:
    """The site's address while it runs, on a free port of 8200 to 8299; with `tls` over https."""
    server = _bound(handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http{'s' if tls else ''}://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def _bound(handler: type[Handler]) -> ThreadingHTTPServer:
    for port in range(8200, 8300):
        try:
            return ThreadingHTTPServer(("127.0.0.1", port), handler)
        except OSError:
            continue
    raise OSError("no free port from 8200 to 8299")
