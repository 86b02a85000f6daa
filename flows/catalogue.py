"""The one catalogue of messages for people: `flows/messages/*.yaml`, English and Korean, by code.

Each code has a `text`, a `fix` (what to do) and an `explain` (a paragraph for `rpa explain`). Files are read
when the first message is needed.
"""

from __future__ import annotations

import json
import re
import string
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "messages"
LANGUAGES = ("en", "ko")


@cache
def _chunks() -> Mapping[str, tuple[str, str]]:
    """Code → (file, its piece of the file): a piece is parsed when its message is needed, so that starting is
    quick. Of a code that is told twice the first stands (a test finds those)."""
    found: dict[str, tuple[str, str]] = {}
    for name, code, piece in _pieces():
        found.setdefault(code, (name, piece))
    return found


def _pieces() -> Iterator[tuple[str, str, str]]:
    for path in sorted(FOLDER.glob("*.yaml")):
        for piece in re.split(r"^(?=[A-Za-z])", path.read_text("utf-8"), flags=re.MULTILINE):
            code, colon, _ = piece.partition(":")
            if colon and not code.startswith("#"):
                yield path.name, code, piece


@cache
def _message(code: str) -> Mapping[str, Mapping[str, str]]:
    from flows.document import plain_yaml

    message: Mapping[str, Mapping[str, str]] = plain_yaml(_chunks()[code][1])[code]
    return message


def told_twice() -> list[str]:
    """Codes that stand in two files, or twice in one: `file: code`."""
    seen: set[str] = set()
    twice = []
    for name, code, _ in _pieces():
        if code in seen:
            twice.append(f"{name}: {code}")
        seen.add(code)
    return twice


class _Details(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return f"{{{key}}}"


class _Formatter(string.Formatter):
    """Fills `{name}`; never looks into attributes or indexes of what it is given."""

    def get_field(self, field_name: str, args: Any, kwargs: Any) -> Any:
        return kwargs[field_name], field_name


def _fill(template: str, details: Mapping[str, Any]) -> str:
    return _Formatter().vformat(template, (), _Details(details)).strip()


@cache
def _words(lang: str) -> Mapping[str, str]:
    path = FOLDER / f"words.{lang}.json"
    words: Mapping[str, str] = json.loads(path.read_text("utf-8")) if path.exists() else {}
    return words


def phrase(english: str, lang: str = "en", /, **details: Any) -> str:
    """A short text of the command line (a heading, a state, a line of help) in `lang`, with `{name}` filled in.
    These are keyed by their English, as in gettext; a text without a translation stays English."""
    return _fill(_words(lang).get(english, english), details)


def known(code: str) -> bool:
    return code in _chunks()


def codes() -> frozenset[str]:
    return frozenset(_chunks())


def _entry(code: str, lang: str, part: str) -> str:
    entry = _message(code)
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
