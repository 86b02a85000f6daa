"""The project key and the envelope in which exact values are stored.

An envelope is `1` (version) + key id (4 bytes) + nonce (12) + AES-256-GCM text. The context
(`table.column`) is authenticated with it, so that a value cannot be moved to another place.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from rpa.ledger.errors import LedgerError

KEY_BYTES = 32
_VERSION = b"\x01"
_HEAD = 1 + 4
_NONCE = 12


def key_id(key: bytes) -> bytes:
    """Four bytes that name a key and say nothing about it."""
    return hashlib.sha256(b"rpa key id" + key).digest()[:4]


class Vault:
    """Seals and opens values with one project key. Without a key both raise `key-missing`."""

    def __init__(self, key: bytes | None) -> None:
        if key and len(key) != KEY_BYTES:
            raise LedgerError("key-invalid", reason=f"{len(key)} bytes instead of {KEY_BYTES}")
        self.id = key_id(key) if key else b""
        self._head = _VERSION + self.id
        self._key = key

    @property
    def locked(self) -> bool:
        return not self._key

    @cached_property
    def _box(self) -> Any:
        """The library is imported with the first value that is sealed or opened: looking needs none."""
        if not self._key:
            raise LedgerError("key-missing")
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        return AESGCM(self._key)

    def seal(self, plain: bytes, context: bytes) -> bytes:
        box = self._box
        nonce = os.urandom(_NONCE)
        text: bytes = box.encrypt(nonce, plain, context)
        return self._head + nonce + text

    def open(self, envelope: bytes, context: bytes) -> bytes:
        """Raises LedgerError `key-missing`, `key-wrong` or `value-damaged`."""
        box = self._box
        if envelope[:_HEAD] != self._head:
            raise LedgerError("key-wrong", wanted=envelope[1:_HEAD].hex(), given=self.id.hex())
        from cryptography.exceptions import InvalidTag

        nonce, text = envelope[_HEAD : _HEAD + _NONCE], envelope[_HEAD + _NONCE :]
        try:
            plain: bytes = box.decrypt(nonce, text, context)
        except InvalidTag:
            raise LedgerError("value-damaged", place=context.decode()) from None
        return plain


# ── where the key is ─────────────────────────────────────────────────────────────────────────────────────
def user_key_path(environ: Mapping[str, str] | None = None) -> Path:
    """The key file in the user's configuration folder."""
    env = os.environ if environ is None else environ
    folder = env.get("XDG_CONFIG_HOME") or str(Path(env.get("HOME") or Path.home()) / ".config")
    return Path(folder) / "rpa" / "project.key"


def key_places(
    key_file: str | Path | None = None, environ: Mapping[str, str] | None = None
) -> list[tuple[str, Path]]:
    """(how it is called, path) of the places where a key is looked for, first wins."""
    env = os.environ if environ is None else environ
    places: list[tuple[str, Path]] = []
    named = key_file or env.get("RPA_KEY_FILE", "")
    if named:
        places.append(("RPA_KEY_FILE", Path(named).expanduser()))
    if env.get("CREDENTIALS_DIRECTORY"):
        places.append(("service credential", Path(env["CREDENTIALS_DIRECTORY"]) / "rpa-key"))
    return [*places, ("user's configuration folder", user_key_path(env))]


def find_key(key_file: str | Path | None = None, environ: Mapping[str, str] | None = None) -> bytes | None:
    """The project key, or None. A named file that is absent or broken is an error, never passed over."""
    for how, path in key_places(key_file, environ):
        if path.is_file():
            return read_key(path, private=how.startswith("user"))
        if how == "RPA_KEY_FILE":
            raise LedgerError("key-missing", file=str(path))
    return None


def load_key(key_file: str | Path | None = None, environ: Mapping[str, str] | None = None) -> bytes:
    """Like `find_key`; LedgerError `key-missing` when there is none."""
    key = find_key(key_file, environ)
    if key is None:
        raise LedgerError("key-missing", file=str(key_places(key_file, environ)[-1][1]))
    return key


def read_key(path: Path, *, private: bool = False) -> bytes:
    """The key in `path` (base64 text of 32 bytes). With `private` others must not be able to read the
    file."""
    if private and os.name == "posix" and path.stat().st_mode & 0o077:
        raise LedgerError("key-readable", file=str(path))
    try:
        key = base64.b64decode(path.read_text("ascii").strip(), validate=True)
    except (binascii.Error, UnicodeDecodeError) as error:
        raise LedgerError("key-invalid", file=str(path), reason=str(error)) from None
    if len(key) != KEY_BYTES:
        raise LedgerError("key-invalid", file=str(path), reason=f"{len(key)} bytes instead of {KEY_BYTES}")
    return key


def create_key(path: Path | None = None) -> Path:
    """Writes a new key (0600) to `path`, by default the user's; keeps one that is already there. Returns
    the path."""
    path = path or user_key_path()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        read_key(path)
        return path
    with os.fdopen(handle, "wb") as file:
        file.write(base64.b64encode(os.urandom(KEY_BYTES)) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    return path
