"""The document's currency: what stands beside its amounts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from ocr.fields.binding import Marked
from ocr.fields.finder import Candidate
from ocr.fields.sheet import Segment
from ocr.fields.typed.money import AMBIGUOUS_SYMBOLS, MoneyHit, find_money


def find_currency(marked: Marked) -> Iterator[Candidate]:
    """One candidate for each currency that stands beside amounts, scored by its share of them."""
    specs = [s for s in marked.doctype.fields.values() if s.type == "currency"]
    seen = [(s, hit) for s in marked.sheet.segments for hit in find_money(s.text) if hit.currency]
    counts = Counter(hit.currency for _, hit in seen)
    for spec in specs:
        for code, count in counts.most_common(3):
            segment, hit = next((s, h) for s, h in reversed(seen) if h.currency == code)
            share = count / len(seen)
            score = share * (0.97 if count > 1 else 0.9) * (0.97 if _ambiguous(segment, hit) else 1.0)
            yield Candidate(
                name=spec.name,
                value=_place(marked, code, segment, hit),
                raw=segment.text[hit.start : hit.end],
                words=segment.words_in(hit.start, hit.end),
                how="symbol",
                score=score,
                support=min(count, 3),
                features={"ambiguous": float(_ambiguous(segment, hit))},
            )


def _ambiguous(segment: Segment, hit: MoneyHit) -> bool:
    text = segment.text[hit.start : hit.end]
    return any(sign in text for sign in AMBIGUOUS_SYMBOLS)


def _place(marked: Marked, code: str | None, segment: Segment, hit: MoneyHit) -> str | None:
    """A bare `$` is the US dollar unless the page says `CAD` and the like, or `CNY` for a bare `¥`."""
    if not _ambiguous(segment, hit) or "US$" in segment.text:
        return code
    text = marked.sheet.text
    for other in ("CAD", "AUD", "NZD", "SGD", "HKD", "MXN") if code == "USD" else ("CNY", "RMB"):
        if f" {other}" in text and " USD" not in text and "US Dollar" not in text:
            return "CNY" if other == "RMB" else other
    return code
