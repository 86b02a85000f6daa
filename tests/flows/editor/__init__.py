"""A minimal client of a language server over its standard input and output."""

from __future__ import annotations

import json
import shutil
import subprocess
import threading
import time
from pathlib import Path
from queue import Empty, Queue
from typing import Any

HOME = Path(__file__).parent
SERVER = HOME / "node_modules" / ".bin" / "yaml-language-server"
WAIT_S = 60.0


def missing() -> str:
    """Why no language server can be talked to; empty when one can."""
    if shutil.which("node") is None:
        return "node is not installed"
    return "" if SERVER.exists() else f"run `npm ci --prefix {HOME.relative_to(Path.cwd())}` first"


class Editor:
    """Opens texts as an editor would. Use as a context manager."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._sent = 0
        self._replies: dict[int, Any] = {}
        self._told: Queue[dict[str, Any]] = Queue()

    def __enter__(self) -> Editor:
        self._process = subprocess.Popen(
            [str(SERVER), "--stdio"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=self.root
        )
        threading.Thread(target=self._listen, daemon=True).start()
        folders = [{"uri": self.root.as_uri(), "name": "project"}]
        self.ask(
            "initialize",
            {
                "processId": None,
                "rootUri": self.root.as_uri(),
                "capabilities": {},
                "workspaceFolders": folders,
            },
        )
        self._notify("initialized", {})
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()

    def open(self, name: str, text: str) -> list[dict[str, Any]]:
        """Opens a file with this text; the diagnostics that the server then publishes."""
        uri = (self.root / name).as_uri()
        document = {"uri": uri, "languageId": "yaml", "version": 1, "text": text}
        self._notify("textDocument/didOpen", {"textDocument": document})
        deadline = time.monotonic() + WAIT_S
        while time.monotonic() < deadline:
            try:
                told = self._told.get(timeout=1)
            except Empty:
                continue
            if told["uri"] == uri:
                return list(told["diagnostics"])
        raise TimeoutError("the language server published no diagnostics")

    def complete(self, name: str, line: int, column: int) -> list[str]:
        """What would be offered at a place, counted from 0."""
        where = {
            "textDocument": {"uri": (self.root / name).as_uri()},
            "position": {"line": line, "character": column},
        }
        found = self.ask("textDocument/completion", where)
        return [item["label"] for item in (found or {}).get("items", [])]

    def ask(self, method: str, params: Any) -> Any:
        self._sent += 1
        number = self._sent
        self._send({"jsonrpc": "2.0", "id": number, "method": method, "params": params})
        deadline = time.monotonic() + WAIT_S
        while number not in self._replies:
            if time.monotonic() > deadline:
                raise TimeoutError(method)
            time.sleep(0.01)
        return self._replies.pop(number)

    def _notify(self, method: str, params: Any) -> None:
        self._send({"jsonrpc": "2.0", "method": method, "params": params})

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps(message).encode()
        assert self._process.stdin is not None
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self._process.stdin.flush()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        while header := self._process.stdout.readline():
            if not header.lower().startswith(b"content-length"):
                continue
            length = int(header.split(b":")[1])
            self._process.stdout.readline()
            self._heard(json.loads(self._process.stdout.read(length)))

    def _heard(self, message: dict[str, Any]) -> None:
        if message.get("method") == "textDocument/publishDiagnostics":
            self._told.put(message["params"])
        elif "method" in message and "id" in message:
            answer: Any = [{}] if message["method"] == "workspace/configuration" else None
            self._send({"jsonrpc": "2.0", "id": message["id"], "result": answer})
        elif "id" in message:
            self._replies[message["id"]] = message.get("result")
