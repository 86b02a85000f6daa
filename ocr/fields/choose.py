"""Joint re-ranking: which candidates go together.

Amounts that add up support each other; a word serves one field of its type only. Nothing here invents or
changes a value: it only moves one candidate before another.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import combinations, product

from ocr.doctypes.model import CheckSpec, Doctype
from ocr.fields.checks import ROUNDING, decimal_of
from ocr.fields.finder import Candidate, Row

ADDS_UP = 3.5
ADDS_UP_TRIVIALLY = 0.8
LINES_AGREE = 1.5
LINES_ARE_GROSS = 0.5
DOES_NOT_ADD_UP = -1.0
LEFT_OUT = -0.6
_MAX_RATES = 4
_CASH_ROUNDING = Decimal("0.05")


@dataclass(frozen=True, slots=True)
class Choice:
    """For each field its candidates, the chosen one first. `rate_taxes`: taxes per rate that the sum
    needs.
    """

    ranked: Mapping[str, tuple[Candidate, ...]]
    rate_taxes: tuple[Decimal, ...] = ()


def choose(found: Mapping[str, Sequence[Candidate]], rows: Sequence[Row], doctype: Doctype) -> Choice:
    """Order every field's candidates so that the first ones agree with each other."""
    ranked = {name: tuple(sorted(items, key=lambda c: -c.score)) for name, items in found.items() if items}
    ranked = _one_use(ranked, doctype)
    taxes: tuple[Decimal, ...] = ()
    for check in doctype.checks:
        if check.kind == "sum":
            ranked, taxes = _add_up(ranked, rows, check, doctype)
    return Choice(ranked, taxes)


def logit(score: float) -> float:
    score = min(max(score, 0.01), 0.99)
    return math.log(score / (1 - score))


def _one_use(ranked: dict[str, tuple[Candidate, ...]], doctype: Doctype) -> dict[str, tuple[Candidate, ...]]:
    """Words go to the field that has the stronger claim, among fields of one type (money is left to
    the sums).
    """
    taken: dict[str, set[int]] = {}
    result: dict[str, tuple[Candidate, ...]] = {}
    for name in sorted(ranked, key=lambda n: -ranked[n][0].score):
        kind = doctype.fields[name].type
        used = taken.setdefault(kind, set())
        exclusive = kind in ("identifier", "tax_id", "name", "date")
        free = [c for c in ranked[name] if not exclusive or not {id(w) for w in c.words} & used]
        if free:
            result[name] = tuple(free)
            used |= {id(w) for w in free[0].words}
    return result


def _add_up(
    ranked: dict[str, tuple[Candidate, ...]], rows: Sequence[Row], check: CheckSpec, doctype: Doctype
) -> tuple[dict[str, tuple[Candidate, ...]], tuple[Decimal, ...]]:
    names = [part.lstrip("-") for part in check.parts] + [check.equals[0]]
    if any(part.startswith("-") for part in check.parts) or check.equals[0] not in ranked:
        return ranked, ()
    options: list[list[Candidate | None]] = [[*ranked.get(name, ()), None] for name in names]
    rates = _rate_taxes(ranked.get(names[1], ())) if len(names) == 3 else []
    sums = _line_sums(rows, doctype, check)
    best = max(product(*options), key=lambda combo: _worth(combo, rates, sums, check.tolerance))
    taxes = _needed_rates(best, rates) or ()
    best = (*best[:-1], _rounded(best[-1], ranked[names[-1]], check.tolerance))
    for name, chosen in zip(names, best, strict=True):
        if chosen is None:
            ranked.pop(name, None)
        else:
            others = [c for c in ranked[name] if c is not chosen]
            ranked[name] = (chosen, *others)
    return ranked, taxes


def _rounded(chosen: Candidate | None, items: Sequence[Candidate], tolerance: Decimal) -> Candidate | None:
    """Of two totals a few cents apart the one further down is what is paid: the first was rounded to it."""
    if chosen is None or tolerance < _CASH_ROUNDING:
        return chosen
    total = decimal_of(chosen.value)
    for item in items:
        value = decimal_of(item.value)
        if value is None or total is None or item.score < 0.4 or not _below(item, chosen):
            continue
        if 0 < abs(value - total) < _CASH_ROUNDING and value % _CASH_ROUNDING == 0:
            return item
    return chosen


def _below(item: Candidate, other: Candidate) -> bool:
    a, b = item.words[0].box, other.words[0].box
    return (a.page, a.y0) > (b.page, b.y0)


def _worth(
    combo: Sequence[Candidate | None], rates: Sequence[Decimal], sums: Sequence[Decimal], tolerance: Decimal
) -> float:
    worth = sum(logit(c.score) + 1.0 if c is not None else LEFT_OUT for c in combo)
    if combo[-1] is None:
        worth -= 5.0
    worth += LINES_AGREE * _agrees(combo[0], sums) + LINES_ARE_GROSS * _agrees(combo[-1], sums)
    worth -= 2.0 * _shared_words(combo)
    return worth + _agreement(combo, rates, tolerance)


def _shared_words(combo: Sequence[Candidate | None]) -> int:
    known = [c for c in combo if c is not None]
    return sum(1 for a, b in combinations(known, 2) if {id(w) for w in a.words} & {id(w) for w in b.words})


def _agreement(combo: Sequence[Candidate | None], rates: Sequence[Decimal], tolerance: Decimal) -> float:
    numbers = [decimal_of(c.value) if c is not None else None for c in combo]
    total, parts = numbers[-1], numbers[:-1]
    known = [p for p in parts if p is not None]
    if total is None:
        return 0.0
    if len(known) == len(parts):
        if abs(sum(known, Decimal(0)) - total) > tolerance:
            return DOES_NOT_ADD_UP
        return ADDS_UP if all(known) else ADDS_UP_TRIVIALLY
    if parts[0] is not None and parts[1:] == [None] and _needed_rates(combo, rates):
        return ADDS_UP - 0.5
    return 0.0


def _rate_taxes(candidates: Sequence[Candidate]) -> list[Decimal]:
    return [v for c in candidates[:5] if (v := decimal_of(c.value)) is not None and v > 0]


def _needed_rates(combo: Sequence[Candidate | None], rates: Sequence[Decimal]) -> tuple[Decimal, ...] | None:
    """The taxes per rate that make net into gross, where their sum itself is not printed."""
    if len(combo) != 3 or combo[0] is None or combo[1] is not None or combo[2] is None:
        return None
    net, gross = decimal_of(combo[0].value), decimal_of(combo[2].value)
    if net is None or gross is None:
        return None
    for size in range(2, min(_MAX_RATES, len(rates)) + 1):
        for group in combinations(rates, size):
            if abs(net + sum(group, Decimal(0)) - gross) <= ROUNDING:
                return group
    return None


def _line_sums(rows: Sequence[Row], doctype: Doctype, check: CheckSpec) -> list[Decimal]:
    columns = {
        c.parts[0]
        for c in doctype.checks
        if c.kind == "lines_sum" and set(c.equals) & {*check.equals, *check.parts}
    }
    sums = []
    for column in columns:
        amounts = [decimal_of(row[column].value) for row in rows if column in row]
        known = [a for a in amounts if a is not None]
        if known and len(known) == len(rows):
            sums.append(sum(known, Decimal(0)))
    return sums


def _agrees(candidate: Candidate | None, sums: Sequence[Decimal]) -> bool:
    value = decimal_of(candidate.value) if candidate is not None else None
    return value is not None and any(abs(value - s) <= ROUNDING for s in sums)


def promote(candidate: Candidate, name: str, how: str, factor: float) -> Candidate:
    """The same words as a candidate of another field."""
    return replace(candidate, name=name, how=how, score=candidate.score * factor)
