"""A small ERP for the soak: takes an order as often as it is sent, keeps it on disk, answers slowly at times.

python soak_erp.py PORT DATABASE
"""

from __future__ import annotations

import random
import sqlite3
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

FIELD = '<label>Number <input name="number"></label>'
FORM = f'<form method="post" action="/save">{FIELD}<button>Save</button></form>'


class Erp(BaseHTTPRequestHandler):
    database = ""

    def do_GET(self) -> None:
        time.sleep(random.choice([0, 0, 0, 0.3]))
        asked = urlsplit(self.path)
        number = parse_qs(asked.query).get("number", [""])[0]
        if asked.path != "/find":
            self.answer(FORM)
            return
        with sqlite3.connect(self.database, timeout=10) as data:
            found = data.execute("SELECT 1 FROM orders WHERE number = ?", [number]).fetchone()
        self.answer(f"<p>Order {number}</p>" if found else "<p>Nothing found</p>")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        number = parse_qs(body)["number"][0]
        with sqlite3.connect(self.database, timeout=10) as data:
            data.execute("INSERT INTO orders VALUES (?)", [number])
        time.sleep(random.choice([0, 0, 0, 0.5]))  # saved, but the answer takes its time
        self.answer(f"<p>Order saved</p><p>{number}</p>")

    def answer(self, body: str) -> None:
        page = f"<!doctype html><title>ERP</title><h1>ERP</h1>{body}".encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, format: str, *args: Any) -> None: ...


def main() -> None:
    Erp.database = sys.argv[2]
    with sqlite3.connect(Erp.database) as data:
        data.execute("CREATE TABLE IF NOT EXISTS orders (number TEXT)")
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Erp).serve_forever()


if __name__ == "__main__":
    main()
