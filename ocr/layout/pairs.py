"""Questions and answers of any form: what a colon joins, and what the trained link head joins beside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

from ocr.doctypes.model import Doctype
from ocr.fields.pairs import Pair, find_pairs, pair
from ocr.layout.encode import encode
from ocr.layout.links import Link, LinkHead, link
from ocr.layout.page import view_of_text
from ocr.layout.runtime import SHIPPED, LayoutRunner, shipped
from ocr.values import Extraction, Field, PageText, Reading, Word

LEAST = 0.5
"""A link that the head believes in less is left out."""


@lru_cache(maxsize=1)
def shipped_links() -> LinkHead:
    """The weights inside the package. Raises DocumentError `layout-weights-missing`."""
    return LinkHead.of_file(Path(str(files("ocr.layout").joinpath("weights", f"{SHIPPED}-links.npz"))))


def form_pairs(
    reading: Reading, doctype: Doctype, runner: LayoutRunner | None = None, head: LinkHead | None = None
) -> Extraction:
    """The pairs of a form as lines of `question` and `answer`, top down; blank questions have a missing answer."""
    ruled = find_pairs(reading, doctype)
    linked = linked_pairs(reading, runner or shipped(), head or shipped_links())
    return replace(ruled, lines=tuple(_joined(ruled.lines, linked)))


def linked_pairs(reading: Reading, runner: LayoutRunner, head: LinkHead) -> list[Pair]:
    """What the network and the link head find, page by page."""
    found: list[Pair] = []
    for number, page in enumerate(reading.pages):
        view = view_of_text(page)
        encoded = encode(view, "form", first=number == 0, last=number == len(reading.pages) - 1)
        if len(encoded.ids):
            _, hidden = runner.with_hidden(encoded)
            keys = [token.key for token in encoded.tokens]
            links = link(view, encoded, hidden, head)
            found += [_pair(page, keys, item) for item in links if item.score >= LEAST]
    return found


def _pair(page: PageText, keys: Sequence[int], item: Link) -> Pair:
    words = page.words

    def of(places: Sequence[int]) -> tuple[Word, ...]:
        return tuple(words[keys[i]] for i in places)

    return pair(of(item.question), of(item.answer), round(item.score, 4), how="model")


def _joined(ruled: Sequence[Pair], linked: Sequence[Pair]) -> Iterator[Pair]:
    """The head's pairs, and the rules' where no word of theirs is in one of them."""
    used = {id(word) for item in linked for word in _words(item)}
    kept = [item for item in ruled if not any(id(word) in used for word in _words(item))]
    yield from sorted((*linked, *kept), key=_place)


def _words(item: Pair) -> list[Word]:
    return [word for cell in item.values() if isinstance(cell, Field) for word in cell.evidence.words]


def _place(item: Pair) -> tuple[int, float, float]:
    box = _words(item)[0].box
    return box.page, round(box.y0, 2), box.x0
