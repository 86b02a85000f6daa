"""Comparing what an author wrote with what programs and screens say."""

from __future__ import annotations

import re
import unicodedata
from fnmatch import fnmatchcase

_UNSEEN = dict.fromkeys(map(ord, "\u200b\u200e\u200f\u2066\u2067\u2068\u2069\ufeff"))
"""Marks of the writing direction, which some programs put around amounts, and blanks without a width."""
_ELLIPSIS = re.compile(r"\s*(\.\.\.|…)$")
_MNEMONIC = re.compile(r"(?<=[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3])\s?\([A-Z0-9]\)(?=\W*$)")
"""The key of an entry as East Asian programs write it: 저장(S)."""
_ENDING = re.compile(r"\s*[:*：]+$")


def tidy(text: str) -> str:
    """Blanks made one, no unseen marks, composed letters, one form of full width letters and ligatures."""
    return " ".join(unicodedata.normalize("NFKC", text).translate(_UNSEEN).split())


def loose(text: str) -> str:
    """For comparing: any case, without the dots that announce a dialog, the colon that ends a label or the key
    that East Asian programs name."""
    bare = _MNEMONIC.sub("", tidy(text))
    return _ENDING.sub("", _ELLIPSIS.sub("", bare)).casefold() or tidy(text).casefold()


def same(wanted: str, found: str) -> bool:
    """Equal but for case, blanks, final dots, colons and keys. `*` in `wanted` stands for anything."""
    if "*" in wanted and wanted.strip() != "*":
        pattern = tidy(wanted).casefold().replace("[", "[[]")
        return fnmatchcase(tidy(found).casefold(), pattern)
    return loose(wanted) == loose(found)


def exactly(wanted: str, found: str) -> bool:
    """Equal but for blanks."""
    return tidy(wanted) == tidy(found)


def part(wanted: str, found: str) -> bool:
    return tidy(wanted).casefold() in tidy(found).casefold()
