"""Which words of a page print a known value. Careful labels decide what a model learns."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from rapidfuzz import fuzz

Span = tuple[int, int]
"""First word and the one after the last, in the page's given order."""

TOTAL_WORDS = re.compile(
    r"total|amount|amt|due|payable|nett|net\b|sum\b|balance|to pay|charge|sales|bill", re.I
)
NOT_TOTAL = re.compile(
    r"sub|cash|change|tender|visa|master|card|paid|disc|saving|excl|before|\btax\b|qty|quantity|item|round(?!ed)|"
    r"deposit|point|(?<!incl )(?<!inc )(?<!of )gst(?! incl)|service",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Sequenced:
    """Words in their given order with the line each stands on and where it stands (x0, y0, x1, y1)."""

    texts: Sequence[str]
    lines: Sequence[int]
    boxes: Sequence[tuple[float, float, float, float]]


def bare(text: str) -> str:
    """Letters and digits only, in small letters."""
    return "".join(c for c in text.casefold() if c.isalnum())


def exact_spans(page: Sequenced, value: str, longest: int = 30) -> list[Span]:
    """All stretches of whole words that print `value`, punctuation and spacing aside."""
    wanted, found = bare(value), []
    plain = [bare(t) for t in page.texts]
    for start in range(len(plain)):
        if not plain[start] or not wanted.startswith(plain[start]):
            continue
        text = ""
        for end in range(start, min(start + longest, len(plain))):
            text += plain[end]
            if text == wanted:
                found.append((start, end + 1))
                break
            if not wanted.startswith(text):
                break
    return found


def best_span(page: Sequenced, value: str, least: float, longest: int = 30) -> Span | None:
    """The stretch most like `value` (above `least`, up to 100): whole lines first, then trimmed."""
    wanted = bare(value)
    starts = [i for i in range(len(page.texts)) if i == 0 or page.lines[i] != page.lines[i - 1]]
    ends = [*starts[1:], len(page.texts)]
    best, span = least, None
    for a, start in enumerate(starts):
        for end in ends[a : a + 7]:
            if end - start > longest:
                break
            score = _likeness(page, (start, end), wanted)
            if score > best:
                best, span = score, (start, end)
    return None if span is None else _trimmed(page, span, wanted, best)


def _likeness(page: Sequenced, span: Span, wanted: str) -> float:
    return fuzz.ratio(bare("".join(page.texts[span[0] : span[1]])), wanted)


def _trimmed(page: Sequenced, span: Span, wanted: str, best: float) -> Span:
    """Drop words at either end while that makes the stretch more like the value."""
    improved = True
    while improved and span[1] - span[0] > 1:
        improved = False
        for candidate in ((span[0] + 1, span[1]), (span[0], span[1] - 1)):
            score = _likeness(page, candidate, wanted)
            if score > best:
                best, span, improved = score, candidate, True
    return span


def text_spans(page: Sequenced, value: str, *, least: float = 80.0) -> list[Span]:
    """Where a name or an address is printed: exactly, or else once by likeness."""
    found = exact_spans(page, value)
    if found:
        return found
    near = best_span(page, value, least)
    return [near] if near else []


def date_spans(page: Sequenced, value: str) -> list[Span]:
    """Where a date is printed, also glued to its label or its time."""
    found = exact_spans(page, value, 5)
    if found:
        return found
    wanted = re.sub(r"\s", "", value.casefold())
    hits = [i for i, t in enumerate(page.texts) if wanted in re.sub(r"\s", "", t.casefold())]
    if hits:
        return [(i, i + 1) for i in hits]
    glued = bare(value)
    return [(i, i + 1) for i, t in enumerate(page.texts) if len(glued) >= 6 and glued in bare(t)]


def number_of(text: str) -> Decimal | None:
    """The amount in a word with a dot for cents, whatever stands around it."""
    match = re.search(r"\d[\d,]*(?:\.\d+)?", text.replace(" ", ""))
    if match is None:
        return None
    try:
        return Decimal(match[0].replace(",", ""))
    except InvalidOperation:
        return None


def total_words(page: Sequenced, value: str) -> tuple[list[int], list[int]]:
    """(words that are the total, words that print the same number elsewhere)."""
    wanted = number_of(value)
    same = [i for i, text in enumerate(page.texts) if _prints(text, wanted)]
    ranked = sorted(((_total_rank(page, i), i) for i in same), reverse=True)
    if not ranked:
        return [], []
    top = ranked[0][0]
    chosen = [i for rank, i in ranked if rank == top] if top > 0 else [max(same)]
    return chosen, [i for i in same if i not in chosen]


def _prints(text: str, wanted: Decimal | None) -> bool:
    return wanted is not None and bool(re.search(r"\d[.,]\d", text)) and number_of(text) == wanted


def _total_rank(page: Sequenced, index: int) -> int:
    """2: beside a total's label; 1: beside nothing that speaks against it; 0: cash, subtotal and the like."""
    label = " ".join(page.texts[i] for i in _left_of(page, index))
    if TOTAL_WORDS.search(label) and not NOT_TOTAL.search(label):
        return 2
    return 0 if NOT_TOTAL.search(label) else 1


def _left_of(page: Sequenced, index: int) -> list[int]:
    """Words of the same row, left of the word."""
    x0, y0, _, y1 = page.boxes[index]
    middle, tall = (y0 + y1) / 2, y1 - y0
    return [
        i
        for i, (_, t, r, b) in enumerate(page.boxes)
        if i != index and abs((t + b) / 2 - middle) < 0.6 * tall and r <= x0 + tall
    ]
