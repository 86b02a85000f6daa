"""The project key, found once per process."""

from __future__ import annotations

from pathlib import Path

from rpa.ledger.crypto import load_key
from rpa.settings import Settings


def project_key(settings: Settings) -> bytes:
    """The key that encrypts what is stored exactly. Raises EngineFailure `key-missing` with the fix."""
    return load_key(Path(settings.key_file) if settings.key_file else None)
