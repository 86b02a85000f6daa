"""Takes secret values out of text in every form in which a page or a log may carry them."""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Iterable
from urllib.parse import quote, quote_plus

HIDDEN = "[secret]"
MIN_ENCODED = 4


def forms(secret: str) -> list[str]:
    """`secret` as it stands, URL-, HTML-, JSON- and base64-encoded (all three alignments), longest first."""
    found = {secret, html.escape(secret), html.escape(secret, quote=False), secret.replace("&", "&amp;")}
    found |= {quote(secret, safe=""), quote(secret), quote_plus(secret), json.dumps(secret)[1:-1]}
    found.add(json.dumps(secret, ensure_ascii=False)[1:-1])
    if len(secret) >= MIN_ENCODED:
        found |= set(_base64_forms(secret.encode()))
    return sorted((f for f in found if f), key=len, reverse=True)


def _base64_forms(data: bytes) -> Iterable[str]:
    """The characters that `data` alone decides, wherever it begins in a longer base64 text."""
    for shift in range(3):
        padded = base64.b64encode(b"\0" * shift + data).decode()
        start = (shift * 8 + 5) // 6
        stop = (shift + len(data)) * 8 // 6
        core = padded[start:stop]
        if len(core) >= MIN_ENCODED:
            yield core
            yield core.replace("+", "-").replace("/", "_")


def redact(text: str, secrets: Iterable[str]) -> str:
    """`text` with every form of every secret replaced."""
    for secret in sorted({s for s in secrets if s}, key=len, reverse=True):
        for form in forms(secret):
            text = text.replace(form, HIDDEN)
    return text
