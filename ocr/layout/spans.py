"""From beliefs about words to values: stretches of words under one tag, and line items."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ocr.layout.encode import Encoded
from ocr.layout.page import PageView
from ocr.layout.runtime import Beliefs
from ocr.layout.tags import DIGIT_TAGS, HEADER_TAGS, INDEX, LONG_TAGS, ROW_TAGS

ACTIVE = 0.3
SEED = 0.08
BEGINS = 0.5
LIMIT = 5


@dataclass(frozen=True, slots=True)
class Found:
    """A value: places of its words in the encoded page, in reading order. `score` is their mean belief;
    an address of few words counts for less, because a part of one is none."""

    tag: str
    words: tuple[int, ...]
    score: float
    weakest: float
    begin: float


def header_values(view: PageView, page: Encoded, beliefs: Beliefs) -> dict[str, list[Found]]:
    """For each tag of the page's head and foot what it could be, best first, at most LIMIT."""
    found = {}
    for tag in HEADER_TAGS:
        values = list(_values(tag, view, page, beliefs))
        if values:
            found[tag] = sorted(values, key=lambda v: -v.score)[:LIMIT]
    return found


def _values(tag: str, view: PageView, page: Encoded, beliefs: Beliefs) -> Iterator[Found]:
    belief = beliefs.tags[:, INDEX[tag]]
    pieces = [piece for piece in _pieces(tag, page, belief, beliefs) if piece]
    groups = _chained(pieces, view, page, beliefs) if tag in LONG_TAGS else pieces
    for words in groups:
        if tag in DIGIT_TAGS and not any(c.isdigit() for i in words for c in page.tokens[i].text):
            continue
        chosen = belief[words]
        score = float(chosen.mean()) * (1 - 0.6 ** len(words) if tag.endswith("address") else 1.0)
        yield Found(tag, tuple(words), score, float(chosen.min()), float(beliefs.begins[words[0]]))


def _pieces(tag: str, page: Encoded, belief: NDArray[np.float32], beliefs: Beliefs) -> Iterator[list[int]]:
    """Neighbouring words of one stretch that believe in the tag."""
    if not len(belief) or belief.max() < SEED:
        return
    least = min(ACTIVE, 0.5 * float(belief.max()))
    for stretch in np.unique(page.stretch[belief >= least]):
        places = np.nonzero(page.stretch == stretch)[0]
        if tag in LONG_TAGS:
            yield _filled(places, belief, least)
        else:
            yield from _runs(places, belief, least, beliefs)


def _filled(places: NDArray[np.int64], belief: NDArray[np.float32], least: float) -> list[int]:
    """From the first to the last believing word, where at least half of those between believe."""
    active = places[belief[places] >= least]
    span = [int(i) for i in places if active[0] <= i <= active[-1]]
    return span if len(active) >= 0.5 * len(span) else [int(i) for i in active]


def _runs(
    places: NDArray[np.int64], belief: NDArray[np.float32], least: float, beliefs: Beliefs
) -> Iterator[list[int]]:
    run: list[int] = []
    for i in places:
        if belief[i] >= least and not (run and beliefs.begins[i] > BEGINS):
            run.append(int(i))
            continue
        if run:
            yield run
        run = [int(i)] if belief[i] >= least else []
    if run:
        yield run


def _chained(pieces: list[list[int]], view: PageView, page: Encoded, beliefs: Beliefs) -> list[list[int]]:
    """Pieces on lines below each other are one value unless the lower one begins anew."""
    chains: list[list[int]] = []
    for piece in pieces:
        head = page.tokens[piece[0]]
        above = next((c for c in reversed(chains) if _continues(c, piece, view, page)), None)
        if above is not None and beliefs.begins[piece[0]] <= BEGINS and head.text:
            above.extend(piece)
        else:
            chains.append(list(piece))
    return chains


def _continues(above: list[int], below: list[int], view: PageView, page: Encoded) -> bool:
    last, first, end = page.tokens[above[-1]], page.tokens[below[0]], page.tokens[below[-1]]
    if abs(first.middle - last.middle) < 0.5 * view.height:
        return 0 <= first.x0 - last.x1 < 4 * view.height
    left = min(page.tokens[i].x0 for i in above)
    right = max(page.tokens[i].x1 for i in above)
    near = 0 < first.middle - last.middle < 2.6 * view.height
    return near and first.x0 < right + view.height and end.x1 > left - view.height


# ---- line items ------------------------------------------------------------------------------------------


def item_rows(view: PageView, page: Encoded, beliefs: Beliefs) -> list[Mapping[str, Found]]:
    """The line items from the top: for each column tag the words of its cell."""
    columns = np.array([INDEX[tag] for tag in ROW_TAGS])
    if not len(page.ids):
        return []
    best = beliefs.tags.argmax(axis=1)
    in_item = np.isin(best, columns)
    items: list[dict[str, list[int]]] = []
    for row in range(view.rows[-1] + 1):
        places = [i for i in np.nonzero(in_item)[0] if view.rows[page.stretch[i]] == row]
        if not places:
            continue
        if not items or max(beliefs.rows[i] for i in _row_words(view, page, row)) > BEGINS:
            items.append({})
        for i in places:
            items[-1].setdefault(ROW_TAGS[int(np.nonzero(columns == best[i])[0][0])], []).append(int(i))
    return [{tag: _cell(tag, words, beliefs) for tag, words in item.items()} for item in items]


def _row_words(view: PageView, page: Encoded, row: int) -> list[int]:
    return [i for i in range(len(page.tokens)) if view.rows[page.stretch[i]] == row]


def _cell(tag: str, words: list[int], beliefs: Beliefs) -> Found:
    belief = beliefs.tags[words, INDEX[tag]]
    return Found(
        tag, tuple(words), float(belief.mean()), float(belief.min()), float(beliefs.begins[words[0]])
    )
