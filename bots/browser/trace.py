"""Cleans a Playwright trace: secrets out of its text, pictures out of it where they could show one."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable
from pathlib import Path

from bots.browser.redact import HIDDEN, redact

_PICTURES = (".jpeg", ".jpg", ".png", ".webp", ".gif", ".ico", ".avif")


def clean_trace(path: Path, secrets: Iterable[str], *, pictures: bool) -> bytes:
    """The trace at `path` without `secrets`; without its pictures unless `pictures`.

    What is neither text nor picture is kept only when it holds no secret as bytes.
    """
    secrets = [s for s in secrets if s]
    out = io.BytesIO()
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            data = source.read(name)
            if name.endswith(_PICTURES):
                if pictures:
                    target.writestr(name, data)
            else:
                target.writestr(name, _clean(data, secrets))
    return out.getvalue()


def _clean(data: bytes, secrets: list[str]) -> bytes:
    if not secrets:
        return data
    try:
        return redact(data.decode("utf-8"), secrets).encode()
    except UnicodeDecodeError:
        held = any(s.encode() in data or s.encode("utf-16-le") in data for s in secrets)
        return HIDDEN.encode() if held else data
