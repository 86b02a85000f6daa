"""The encrypted secrets file: names in clear text, values sealed with the project key. Values never print."""

from __future__ import annotations

import base64
import json
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rpa.ledger.crypto import Vault
from rpa.ledger.durable import replace_file
from rpa.ledger.errors import LedgerError

DEFAULT_NAME = "secrets.json"
_NAME = re.compile(r"[^\W\d]\w{0,99}")


class SecretsFile:
    """`rpa secrets`: set, get, remove and list names. One writer at a time; each change is atomic and
    durable."""

    def __init__(self, path: Path, key: bytes | None) -> None:
        self.path = path
        self._vault = Vault(key)

    def get(self, name: str) -> str | None:
        """The value, or None. Raises `key-missing`, `key-wrong`, `value-damaged`."""
        sealed = self._load().get(name)
        if sealed is None:
            return None
        return self._vault.open(base64.b64decode(sealed), _context(name)).decode()

    def set(self, name: str, value: str) -> None:
        """Stores or replaces `name`. Raises `secret-name` for a name that `${secrets.NAME}` could not say."""
        if not _NAME.fullmatch(name):
            raise LedgerError("secret-name", name=name)
        sealed = base64.b64encode(self._vault.seal(value.encode(), _context(name))).decode()
        with self._locked() as values:
            values[name] = sealed

    def remove(self, name: str) -> bool:
        """False when there was none of that name."""
        with self._locked() as values:
            return values.pop(name, None) is not None

    def list(self) -> Sequence[str]:
        """The names, sorted."""
        return sorted(self._load())

    def _load(self) -> dict[str, str]:
        if not self.path.exists():
            return {}
        try:
            data: Any = json.loads(self.path.read_text("utf-8"))
            return dict(data["secrets"])
        except (ValueError, KeyError, TypeError) as error:
            raise LedgerError("secrets-damaged", file=str(self.path), reason=str(error)) from None

    @contextmanager
    def _locked(self) -> Iterator[dict[str, str]]:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        lock = os.open(self.path.with_name(self.path.name + ".lock"), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            _lock(lock)
            values = self._load()
            before = dict(values)
            yield values
            if values != before:
                text = json.dumps(
                    {"schema": 1, "secrets": values}, indent=1, sort_keys=True, ensure_ascii=False
                )
                replace_file(self.path, text.encode() + b"\n", mode=0o600)
        finally:
            os.close(lock)


def _context(name: str) -> bytes:
    return f"secret.{name}".encode()


def _lock(handle: int) -> None:
    try:
        import fcntl
    except ImportError:  # Windows: the atomic replacement alone protects the file
        return
    fcntl.flock(handle, fcntl.LOCK_EX)
