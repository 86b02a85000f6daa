"""The artifact store: files named by the SHA-256 of their content, written once, on disk before any row
says so."""

from __future__ import annotations

import errno
import hashlib
from pathlib import Path

from rpa.ledger.crypto import Vault
from rpa.ledger.durable import replace_file
from rpa.ledger.errors import LedgerError

_CONTEXT = b"artifact"
_NAME_LENGTH = 64


class BlobStore:
    """Two levels of folders: `ab/abcdef…`. A sealed blob is stored as `ab/abcdef….sealed`."""

    def __init__(self, folder: Path, vault: Vault) -> None:
        self.folder, self._vault = folder, vault

    def path(self, sha256: str, *, sealed: bool = False) -> Path:
        if len(sha256) != _NAME_LENGTH or not sha256.isalnum():
            raise LedgerError("artifact-unknown", sha256=sha256[:80])
        return self.folder / sha256[:2] / (sha256 + ".sealed" if sealed else sha256)

    def find(self, sha256: str) -> Path:
        """Where the content lies: open, else sealed."""
        plain = self.path(sha256)
        sealed = self.path(sha256, sealed=True)
        return sealed if not plain.exists() and sealed.exists() else plain

    def put(self, data: bytes | Path, *, seal: bool) -> tuple[str, int]:
        """Stores the content unless it is there. Returns (SHA-256, size). Durable on return."""
        sha256, size = _digest(data)
        path = self.path(sha256, sealed=seal)
        if not path.exists() or (not seal and path.stat().st_size != size):
            content = self._vault.seal(_bytes(data), _CONTEXT) if seal else data
            self._store(path, content)
        return sha256, size

    def read(self, sha256: str) -> bytes:
        """The content, unsealed. LedgerError `artifact-missing`, `artifact-damaged`, `key-…`."""
        path = self.find(sha256)
        if not path.exists():
            raise LedgerError("artifact-missing", sha256=sha256)
        content = path.read_bytes()
        if path.suffix == ".sealed":
            content = self._vault.open(content, _CONTEXT)
        if hashlib.sha256(content).hexdigest() != sha256:
            raise LedgerError("artifact-damaged", sha256=sha256)
        return content

    def damage(self, sha256: str) -> str | None:
        """What is wrong with a stored file, or None. A sealed one is opened only when the key is at hand."""
        path = self.find(sha256)
        if not path.exists():
            return "artifact-missing"
        if path.suffix == ".sealed" and self._vault.locked:
            return None
        try:
            self.read(sha256)
        except LedgerError as error:
            return error.code
        return None

    def remove(self, sha256: str) -> int:
        """Bytes freed."""
        freed = 0
        for path in (self.path(sha256), self.path(sha256, sealed=True)):
            if path.exists():
                freed += path.stat().st_size
                path.unlink()
        return freed

    def _store(self, path: Path, content: bytes | Path) -> None:
        try:
            replace_file(path, content)
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise LedgerError("disk-full", ledger=str(self.folder), reason=str(error)) from error
            if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
                raise LedgerError("ledger-read-only", ledger=str(self.folder), reason=str(error)) from error
            if error.errno == errno.EIO:
                raise LedgerError("ledger-io", ledger=str(self.folder), reason=str(error)) from error
            raise


def _bytes(data: bytes | Path) -> bytes:
    return data if isinstance(data, bytes) else data.read_bytes()


def _digest(data: bytes | Path) -> tuple[str, int]:
    if isinstance(data, bytes):
        return hashlib.sha256(data).hexdigest(), len(data)
    with data.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest(), data.stat().st_size
