"""The masked form of what is stored for show, and the gate that evidence passes before it reaches the
disk."""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote, quote_plus

from flows.data import Secret, plain, simple

MASK = "•••"
# 주민등록번호: birth date, then a digit 1 to 8 (sex and century, foreigners included) and six more.
_RESIDENT = re.compile(r"(?<!\d)(\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]))[-–\s]?([1-8])\d{6}(?!\d)")

_SHORTEST_RESIDENT = 13
_UNMASKED = frozenset((int, bool, type(None)))


def mask_personal(text: str) -> str:
    """Hides all but birth date and first digit of Korean resident registration numbers."""
    if len(text) < _SHORTEST_RESIDENT:
        return text
    return _RESIDENT.sub(r"\1-\2******", text)


def spellings(value: str) -> set[str]:
    """The forms in which a secret may turn up in pages, URLs and traces."""
    raw = value.encode()
    return {
        value,
        quote(value),
        quote(value, safe=""),
        quote_plus(value),
        html.escape(value),
        html.escape(value, quote=False),
        base64.b64encode(raw).decode(),
        base64.urlsafe_b64encode(raw).decode().rstrip("="),
        value.encode("unicode_escape").decode(),
    }


class Masker:
    """Knows what must not be shown in one run, and hides it in data and text."""

    def __init__(self) -> None:
        self._values: set[str] = set()
        self._pattern: re.Pattern[str] | None = None

    def add(self, value: str) -> None:
        """From now on hides `value`. Values under three characters would blank innocent text: refused."""
        if len(value) >= 3:
            self._values |= {s for s in spellings(value) if len(s) >= 3}
            self._pattern = re.compile("|".join(re.escape(v) for v in sorted(self._values, key=len, reverse=True)))

    @property
    def values(self) -> Iterable[str]:
        return frozenset(self._values)

    def text(self, text: str) -> str:
        if self._pattern:
            text = self._pattern.sub(MASK, text)
        return mask_personal(text)

    def __call__(self, value: Any) -> Any:
        """`value` as plain data with everything hidden that must be."""
        return self._walk(plain(value))

    def _walk(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Secret):
            return str(value)
        if isinstance(value, Mapping):
            return {k: self._walk(v) for k, v in value.items()}
        if isinstance(value, list):
            return [self._walk(v) for v in value]
        return value

    def show(self, value: Any) -> Any:
        """The masked form with decimals and dates as text: `simple(self(value))` in one walk for what most data
        consists of, because this runs for every recorded step."""
        kind = type(value)
        if kind is str:
            return self.text(value)
        if kind is dict:
            return {k if type(k) is str else str(k): self.show(v) for k, v in value.items()}
        if kind is list:
            return [self.show(v) for v in value]
        if kind in _UNMASKED:
            return value
        return simple(self(value))
