"""Text: clean-up, parts, regular expressions in linear time (RE2)."""

from __future__ import annotations

import json
import unicodedata
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from flows.data import simple
from flows.values import refuse_secrets, to_text

MAX_RESULT = 1_000_000


def text(value: Any) -> str:
    """The value as text: null is empty, decimals are plain, dates ISO."""
    return to_text(value)


def upper(value: Any) -> str:
    """In capitals."""
    return to_text(value).upper()


def lower(value: Any) -> str:
    """In small letters."""
    return to_text(value).lower()


def trim(value: Any) -> str:
    """Without spaces at both ends."""
    return to_text(value).strip()


def clean(value: Any) -> str:
    """Composed (NFC), single spaces, trimmed, no control characters."""
    kept = "".join(c for c in unicodedata.normalize("NFC", to_text(value)) if c.isprintable() or c.isspace())
    return " ".join(kept.split())


def plain_letters(value: Any) -> str:
    """Without accents, full-width forms made narrow: `Ｃafé` → `Cafe`."""
    spread = unicodedata.normalize("NFKD", to_text(value))
    return unicodedata.normalize("NFC", "".join(c for c in spread if not unicodedata.combining(c)))


def digits(value: Any) -> str:
    """Only the digits 0 to 9."""
    return "".join(c for c in to_text(value) if c in "0123456789")


def replace(value: Any, old: str, new: str = "") -> str:
    """Every `old` replaced by `new`."""
    given = to_text(value)
    if not old:
        return given
    if len(given) + given.count(old) * max(0, len(new) - len(old)) > MAX_RESULT:
        raise ValueError("the result would be larger than 1 MB")
    return given.replace(old, new)


def split(value: Any, by: str = ",") -> list[str]:
    """The parts between separators, trimmed."""
    if not by:
        raise ValueError("split needs a separator")
    return [part.strip() for part in to_text(value).split(by)]


def pad(value: Any, width: int, fill: str = "0") -> str:
    """Filled up from the left to `width`: 42 → 00042."""
    if not 0 <= width <= 1000:
        raise ValueError("width must be 0 to 1000")
    return to_text(value).rjust(width, (fill or " ")[0])


def shorten(value: Any, length: int = 40) -> str:
    """At most `length` letters, cut with …"""
    given = to_text(value)
    return given if len(given) <= length else given[: max(0, length - 1)] + "…"


def contains(value: Any, part: str) -> bool:
    """Whether the text contains `part`."""
    return part in to_text(value)


def starts_with(value: Any, part: str) -> bool:
    """Whether the text begins with `part`."""
    return to_text(value).startswith(part)


def ends_with(value: Any, part: str) -> bool:
    """Whether the text ends with `part`."""
    return to_text(value).endswith(part)


def urlencode(value: Any) -> str:
    """Escaped for an address: `A&B` → `A%26B`."""
    return quote(to_text(value), safe="")


def as_json(value: Any) -> str:
    """The value as JSON text."""
    refuse_secrets(value)
    return json.dumps(simple(value), ensure_ascii=False)


# ── regular expressions ──
@lru_cache(maxsize=256)
def _re2(pattern: str) -> Any:
    import re2  # type: ignore[import-untyped]

    options = re2.Options()
    options.max_mem = 8 << 20
    options.log_errors = False
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        reason = error.args[0].decode() if isinstance(error.args[0], bytes) else str(error)
        raise ValueError(f"the pattern {pattern[:60]!r} is not valid: {reason}") from None


def find(value: Any, pattern: str, group: int | None = None) -> str | None:
    """The first match of a regular expression, its first group if it has one; null without a match."""
    compiled = _re2(pattern)
    found = compiled.search(to_text(value))
    if not found:
        return None
    chosen = group if group is not None else min(1, compiled.groups)
    if not 0 <= chosen <= compiled.groups:
        raise ValueError(f"the pattern {pattern[:60]!r} has no group {chosen}")
    inner = found.group(chosen)
    return str(inner) if inner is not None else None


def find_all(value: Any, pattern: str) -> list[str]:
    """All matches of a regular expression, their first groups if it has one."""
    compiled = _re2(pattern)
    return [str(m.group(min(1, compiled.groups)) or "") for m in compiled.finditer(to_text(value))]


def matches(value: Any, pattern: str) -> bool:
    """Whether the whole text matches a regular expression."""
    return _re2(pattern).fullmatch(to_text(value)) is not None


def regex_replace(value: Any, pattern: str, by: str = "") -> str:
    """Every match of a regular expression replaced by `by` (`\\1` is its first group)."""
    given = to_text(value)
    if len(by) * (len(given) + 1) > 100 * MAX_RESULT:
        raise ValueError("the result could be larger than 1 MB")
    return str(_re2(pattern).sub(by, given))
