"""Words as numbers: hashed pieces of their spelling, their shape, where they stand, how amounts relate.

Nothing is learned here and no vocabulary is kept: a word's pieces are hashed into a fixed number of rows.
Digits count as one sign each (`0`), because a model that remembers digits remembers vendors.
"""

from __future__ import annotations

import re
import unicodedata
import zlib
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from ocr.layout.page import PageView, Token

TEXT_ROWS = 12288
FEATURE_ROWS = 1024
ROWS = 1 + TEXT_ROWS + FEATURE_ROWS
"""Row 0 is padding."""
TEXT_SLOTS = 22
FEATURE_SLOTS = 12
SLOTS = TEXT_SLOTS + FEATURE_SLOTS
LIMIT = 512
"""Words of one page that the model looks at; what is beyond is cut into further windows."""
GRID = 1000


@dataclass(frozen=True, slots=True)
class Encoded:
    """`ids` (n, SLOTS) rows of the embedding, `boxes` (n, 4) in 0..1000, `stretch` (n,) of each token."""

    ids: NDArray[np.int64]
    boxes: NDArray[np.int64]
    stretch: NDArray[np.int64]
    tokens: tuple[Token, ...]


def encode(view: PageView, doctype: str, *, first: bool = True, last: bool = True) -> Encoded:
    """A page for the model. `first` and `last` tell its place in the document."""
    tokens = view.tokens
    ids = np.zeros((len(tokens), SLOTS), dtype=np.int64)
    for i, token in enumerate(tokens):
        pieces = text_rows(token.text)
        ids[i, : len(pieces)] = pieces
    stretch = np.array([i for i, s in enumerate(view.stretches) for _ in s], dtype=np.int64)
    ids[:, TEXT_SLOTS:] = _features(view, tokens, doctype, first, last)
    return Encoded(ids, _boxes(tokens, view.height), stretch, tokens)


# ---- spelling --------------------------------------------------------------------------------------------


def _row(kind: str, piece: str) -> int:
    return 1 + zlib.crc32(f"{kind}\0{piece}".encode()) % TEXT_ROWS


@lru_cache(maxsize=100_000)
def text_rows(text: str) -> tuple[int, ...]:
    """At most TEXT_SLOTS rows: the whole word, its shapes, its ends, its inner pieces."""
    plain = re.sub(r"\d", "0", unicodedata.normalize("NFKC", text).casefold())
    bare = plain.strip(".,:;()[]{}*#'\"-")
    rows = [_row("word", bare), _row("shape", shape(text)), _row("short", shape(text, short=True))]
    spread = unicodedata.normalize("NFD", bare) if any("가" <= c <= "힣" for c in bare) else bare
    rows += [_row("head", bare[:n]) for n in (1, 2, 3, 4)]
    rows += [_row("tail", bare[-n:]) for n in (1, 2, 3, 4)]
    if plain != bare:
        rows.append(_row("raw", plain))
    framed = f"<{spread}>"
    inner = [framed[i : i + 3] for i in range(len(framed) - 2)] + [
        bare[i : i + 2] for i in range(len(bare) - 1) if bare is not spread
    ]
    room = TEXT_SLOTS - len(rows)
    if len(inner) > room:
        inner = [inner[i * len(inner) // room] for i in range(room)]
    return tuple(rows + [_row("tri", piece) for piece in inner])


def shape(text: str, *, short: bool = False) -> str:
    """`Inv-2024/7` → `Xxx-0000/0`; short: runs of one sign once."""
    signs: list[str] = []
    for c in text[:24]:
        sign = (
            "0"
            if c.isdigit()
            else "가"
            if "가" <= c <= "힣"
            else "X"
            if c.isupper()
            else "x"
            if c.isalpha()
            else c
        )
        if not short or not signs or signs[-1] != sign:
            signs.append(sign)
    return "".join(signs)


# ---- place and amounts -----------------------------------------------------------------------------------


def _feature(kind: str, value: object) -> int:
    return 1 + TEXT_ROWS + zlib.crc32(f"{kind}={value}".encode()) % FEATURE_ROWS


def _features(
    view: PageView, tokens: tuple[Token, ...], doctype: str, first: bool, last: bool
) -> NDArray[np.int64]:
    found = np.zeros((len(tokens), FEATURE_SLOTS), dtype=np.int64)
    amounts = amount_relations([amount_of(t.text) for t in tokens])
    total_rows = view.rows[-1] + 1 if view.rows else 1
    per_row = np.bincount(np.array(view.rows, dtype=np.int64)) if view.rows else np.array([1])
    page = _feature("page", f"{first}{last}")
    kind = _feature("doctype", doctype)
    i = 0
    for stretch, row in zip(view.stretches, view.rows, strict=True):
        for k, token in enumerate(stretch):
            place = (
                "only"
                if len(stretch) == 1
                else "start"
                if k == 0
                else "end"
                if k == len(stretch) - 1
                else "in"
            )
            values = [
                kind,
                page,
                _feature("place", place),
                _feature("words", min(len(stretch), 8)),
                _feature("height", _step(token.height / view.height)),
                _feature("top", min(row, 12)),
                _feature("bottom", min(total_rows - row, 12)),
                _feature("side", f"{min(int(per_row[row]), 4)}"),
                *amounts[i],
            ]
            found[i, : len(values)] = values[:FEATURE_SLOTS]
            i += 1
    return found


def _step(ratio: float) -> int:
    """A ratio of heights in steps of a fifth of an octave or so."""
    return int(np.clip(round(4 * np.log2(max(ratio, 0.05))), -6, 8))


_AMOUNT = re.compile(r"^[^\d]{0,4}(\d{1,3}(?:[.,' ]\d{3})+(?:[.,]\d{1,2})?|\d+[.,]\d{2})[^\d]{0,4}$")


@lru_cache(maxsize=50_000)
def amount_of(text: str) -> float | None:
    """The number of a word that looks like money, else None."""
    match = _AMOUNT.match(text)
    if match is None:
        return None
    body = re.sub(r"[ ']", "", match[1])
    tail = re.search(r"[.,](\d{1,2})$", body)
    whole = re.sub(r"[.,]", "", body[: tail.start()] if tail else body)
    return float(f"{whole}.{tail[1]}") if tail else float(whole)


def amount_relations(amounts: list[float | None]) -> list[list[int]]:
    """For each word: its rank among the page's amounts, how often it stands there, whether sums fit."""
    values = sorted({round(a, 2) for a in amounts if a}, reverse=True)[:80]
    counts = {v: sum(1 for a in amounts if a is not None and abs(a - v) < 0.005) for v in values}
    known = set(values)
    sums: set[float] = set()
    parts: set[float] = set()
    for i, a in enumerate(values):
        for b in values[i:]:
            if round(a + b, 2) in known and a + b > 0:
                sums.add(round(a + b, 2))
                parts.update((a, b))
    rank = {v: min(k, 7) for k, v in enumerate(values)}
    found: list[list[int]] = []
    for amount in amounts:
        value = None if amount is None else round(amount, 2)
        if value is None:
            found.append([])
        elif value not in rank:
            found.append([_feature("rank", "zero" if value == 0 else "far")])
        else:
            found.append(
                [
                    _feature("rank", rank[value]),
                    _feature("count", min(counts[value], 4)),
                    _feature("sum", value in sums),
                    _feature("part", value in parts),
                ]
            )
    return found


def _boxes(tokens: tuple[Token, ...], height: float) -> NDArray[np.int64]:
    """x in thousandths of the printed width, y in tenths of the text height (less on very long pages)."""
    raw = np.array([(t.x0, t.y0, t.x1, t.y1) for t in tokens], dtype=np.float64).reshape(-1, 4)
    if not len(raw):
        return np.zeros((0, 4), dtype=np.int64)
    left, right = raw[:, 0].min(), raw[:, 2].max()
    top, low = raw[:, 1].min(), raw[:, 3].max()
    across = GRID / max(right - left, 1e-6)
    down = min(10.0 / height, GRID / max(low - top, 1e-6))
    scaled = (raw - [left, top, left, top]) * [across, down, across, down]
    clipped: NDArray[np.int64] = np.clip(np.rint(scaled), 0, GRID).astype(np.int64)
    return clipped
