"""A small office on loopback: a shop's back office, a bank's portal, product pages."""

from __future__ import annotations

import html
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

USER, PASSWORD = "clerk", "tea & <biscuits>"
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\ntrailer<</Root 1 0 R>>"
ORDER_FIELDS = ("Number", "Customer", "Item", "Quantity")
LOGIN = (
    "<form method=post action='/login?to={to}'><label>User name <input name=user></label>"
    "<label>Password <input name=password type=password></label><button>Sign in</button></form>"
)
ORDER = (
    "<form method=post action='/shop/orders'>"
    + "".join(f"<label>{n} <input name={n.lower()}></label>" for n in ORDER_FIELDS)
    + "<button>Save</button></form>"
)


class Office(ThreadingHTTPServer):
    """What the office knows, and how it misbehaves."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Pages)
        self.orders: list[dict[str, str]] = []
        self.goods = {"Tea", "Coffee"}
        self.statements: dict[str, list[str]] = {}
        self.prices: dict[str, str] = {}
        self.silent_saves: set[str] = set()  # orders that are kept but not confirmed
        self.logins = 0

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Pages(BaseHTTPRequestHandler):
    server: Office

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        self.query = {k: v[0] for k, v in parse_qs(parts.query).items()}
        place = parts.path.strip("/").split("/")
        if place[0] == "price":
            self._page(f"<label for=p>Price</label> <output id=p>{self.server.prices[place[1]]}</output>")
        elif place[0] not in ("shop", "portal"):
            self.send_error(404)
        elif "session=in" not in (self.headers.get("cookie") or ""):
            self._page(LOGIN.format(to=place[0]))
        else:
            getattr(self, f"_{place[0]}")(place[1:])

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0)).decode()
        form = {k: v[0] for k, v in parse_qs(body, keep_blank_values=True).items()}
        if self.path.startswith("/login"):
            self._login(form)
        else:
            self._save(form)

    def _login(self, form: dict[str, str]) -> None:
        to = parse_qs(urlsplit(self.path).query)["to"][0]
        if (form["user"], form["password"]) != (USER, PASSWORD):
            self._page(f"<p role=alert>Wrong user name or password</p>{LOGIN.format(to=to)}")
            return
        self.server.logins += 1
        self.send_response(303)
        self.send_header("set-cookie", "session=in; Path=/")
        self.send_header("location", f"/{to}")
        self.end_headers()

    def _save(self, form: dict[str, str]) -> None:
        if form["item"] not in self.server.goods:
            self._page(f"<p role=alert>Item {html.escape(form['item'])} is not known</p>{ORDER}")
            return
        self.server.orders.append(form)
        if form["number"] in self.server.silent_saves:
            self._page("<p>One moment, please</p>")  # for ever
            return
        self._page("<p role=status>Order saved</p>")

    def _shop(self, place: list[str]) -> None:
        if place[1:] == ["new"]:
            self._page(f"<h1>New order</h1>{ORDER}")
            return
        if not place:
            self._page("<h1>Orders</h1>")
            return
        found = [o for o in self.server.orders if o["number"] == self.query["number"]]
        rows = "".join(f"<tr><td>{o['number']}</td><td>{o['customer']}</td></tr>" for o in found)
        table = f"<table><tr><th>Number</th><th>Customer</th></tr>{rows}</table>"
        self._page(table if found else "<p>No orders found</p>")

    def _portal(self, place: list[str]) -> None:
        if not place:
            self._page("<h1>Statements</h1>")
        elif place == ["pdf"]:
            self._answer(PDF, "application/pdf")
        else:
            self._page(self._statements(self.query["account"]))

    def _statements(self, account: str) -> str:
        months = self.server.statements.get(account, [])
        rows = "".join(
            f"<tr><td>{m}</td><td><a href='/portal/pdf' download>Statement {m}</a></td></tr>" for m in months
        )
        table = f"<table><tr><th>Month</th><th>File</th></tr>{rows}</table>"
        return table if months else "<p>No statement yet</p>"

    def _page(self, body: str) -> None:
        self._answer(f"<!doctype html><title>Office</title>{body}".encode(), "text/html; charset=utf-8")

    def _answer(self, data: bytes, kind: str) -> None:
        self.send_response(200)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: Any) -> None:
        """Silence."""


@contextmanager
def office() -> Iterator[Office]:
    with Office() as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield server
        server.shutdown()
