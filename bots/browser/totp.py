"""One-time codes: RFC 6238 (TOTP) over RFC 4226 (HOTP), with HMAC-SHA-1 as authenticator apps use it."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import time
from collections.abc import Callable

from flows.failures import FlowFailure

TOO_LATE_S = 3


def code_at(secret: str, moment: float, digits: int = 6, period: int = 30) -> str:
    """The code of a base32 `secret` at `moment` (seconds since 1970). Raises `totp-secret-invalid`."""
    text = "".join(secret.split()).replace("-", "").upper()
    try:
        key = base64.b32decode(text + "=" * (-len(text) % 8))
    except binascii.Error as error:
        raise FlowFailure("totp-secret-invalid", details={"reason": str(error)}) from None
    digest = hmac.new(key, int(moment // period).to_bytes(8, "big"), hashlib.sha1).digest()
    offset = digest[-1] & 15
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
    return str(number % 10**digits).zfill(digits)


def fresh_code(secret: str, digits: int, period: int, wait: Callable[[float], None]) -> str:
    """A code that is good for a few seconds yet: near the end of a period the next one is waited for."""
    left = period - time.time() % period
    if left < TOO_LATE_S:
        wait(left + 0.2)
    return code_at(secret, time.time(), digits, period)
