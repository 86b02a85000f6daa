"""The one catalogue of messages for people: `flows/messages/*.yaml`, English and Korean, by code.

Each code has a `text`, a `fix` (what to do) and an `explain` (a paragraph for `rpa explain`). Files are read
when the first message is needed.
"""

from __future__ import annotations

import string
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "messages"
LANGUAGES = ("en", "ko")


@cache
def _messages() -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    """All files as one; of a code that is told twice the first stands (a test finds those)."""
    found: dict[str, Any] = {}
    for _, messages in _files():
        for code, entry in messages.items():
            found.setdefault(code, entry)
    return found


def _files() -> Iterator[tuple[str, Mapping[str, Any]]]:
    from flows.document import plain_yaml

    for path in sorted(FOLDER.glob("*.yaml")):
        yield path.name, plain_yaml(path.read_text("utf-8")) or {}


def told_twice() -> list[str]:
    """Codes that two files tell differently: `file: code`."""
    everything = _messages()
    return [f"{name}: {c}" for name, messages in _files() for c, e in messages.items() if everything[c] != e]


class _Details(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return f"{{{key}}}"


class _Formatter(string.Formatter):
    """Fills `{name}`; never looks into attributes or indexes of what it is given."""

    def get_field(self, field_name: str, args: Any, kwargs: Any) -> Any:  # noqa: ARG002
        return kwargs[field_name], field_name


def _fill(template: str, details: Mapping[str, Any]) -> str:
    return _Formatter().vformat(template, (), _Details(details)).strip()


def known(code: str) -> bool:
    return code in _messages()


def codes() -> frozenset[str]:
    return frozenset(_messages())


def _entry(code: str, lang: str, part: str) -> str:
    entry = _messages()[code]
    return str(entry.get(lang, entry["en"]).get(part) or entry["en"].get(part) or "")


def text(code: str, lang: str = "en", /, **details: Any) -> str:
    """What happened, with `details` filled in. Raises KeyError for an unknown code."""
    return _fill(_entry(code, lang, "text"), details)


def fix(code: str, lang: str = "en", /, **details: Any) -> str:
    """What to do about it."""
    return _fill(_entry(code, lang, "fix"), details)


def explain(code: str, lang: str = "en") -> str:
    """The paragraph behind the code."""
    return _entry(code, lang, "explain") or _entry(code, lang, "text")
