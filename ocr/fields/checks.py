"""What must hold. A check lowers confidence and is shown; it never changes a digit."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ocr.doctypes.model import CheckSpec, Doctype
from ocr.fields.finder import same_value_key
from ocr.fields.typed.identifiers import is_valid_iban, is_valid_tax_id
from ocr.values import Check, Value

Values = Mapping[str, Value]
ROUNDING = Decimal("0.02")
"""Sums may be off by rounding: one cent each for two parts."""
_FIRST, _LAST = date(1990, 1, 1), date(2100, 1, 1)


@dataclass(frozen=True, slots=True)
class Outcome:
    """A check's result and the fields it speaks about; `line` is the index of a line item, or None."""

    check: Check
    fields: tuple[str, ...]
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Given:
    """What checks look at. `rate_taxes` are the taxes per rate where no sum of them is printed."""

    doctype: Doctype
    values: Values
    lines: Sequence[Values]
    rate_taxes: Sequence[Decimal] = ()


def run_checks(
    doctype: Doctype, values: Values, lines: Sequence[Values], rate_taxes: Sequence[Decimal] = ()
) -> list[Outcome]:
    """All checks of a doctype, in its order."""
    given = Given(doctype, values, lines, rate_taxes)
    return [outcome for spec in doctype.checks for outcome in _RUNNERS[spec.kind](spec, given)]


def decimal_of(value: Value) -> Decimal | None:
    return value if isinstance(value, Decimal) else None


def _sum(spec: CheckSpec, given: Given) -> list[Outcome]:
    total = decimal_of(given.values.get(spec.equals[0]))
    parts = [(p.lstrip("-"), -1 if p.startswith("-") else 1) for p in spec.parts]
    numbers = [decimal_of(given.values.get(name)) for name, _ in parts]
    names = (*(name for name, _ in parts), spec.equals[0])
    missing = [name for (name, _), number in zip(parts, numbers, strict=True) if number is None]
    if total is None or len(missing) > (1 if given.rate_taxes else 0):
        return [Outcome(Check(spec.name, None, "not all of it is printed"), names)]
    if missing:
        known = [(n, number) for (n, _), number in zip(parts, numbers, strict=True) if number is not None]
        summed = sum((number for _, number in known), Decimal(0)) + sum(given.rate_taxes, Decimal(0))
        shown = " + ".join([*(str(number) for _, number in known), *map(str, given.rate_taxes)])
        names = tuple(n for n in names if n not in missing)
    else:
        summed = sum(
            (sign * number for (_, sign), number in zip(parts, numbers, strict=True) if number is not None),
            Decimal(0),
        )
        shown = " + ".join(str(number) for number in numbers)
    passed = abs(summed - total) <= spec.tolerance
    return [Outcome(Check(spec.name, passed, f"{shown} = {summed}, printed {total}"), names)]


def _lines_sum(spec: CheckSpec, given: Given) -> list[Outcome]:
    amounts = [decimal_of(line.get(spec.parts[0])) for line in given.lines]
    known = [amount for amount in amounts if amount is not None]
    totals = [
        (name, number) for name in spec.equals if (number := decimal_of(given.values.get(name))) is not None
    ]
    if not known or len(known) != len(amounts) or not totals:
        return [Outcome(Check(spec.name, None, "no complete column to add up"), tuple(spec.equals))]
    summed = sum(known, Decimal(0))
    slack = ROUNDING + Decimal("0.005") * len(known)
    agreeing = [name for name, number in totals if abs(number - summed) <= slack]
    printed = ", ".join(f"{name} {number}" for name, number in totals)
    detail = f"{len(known)} lines add up to {summed}, printed {printed}"
    # Charges and discounts between the lines and the total are common: a difference is no proof of a fault.
    return [
        Outcome(
            Check(spec.name, True if agreeing else None, detail),
            tuple(agreeing) or tuple(n for n, _ in totals),
        )
    ]


def _line_product(spec: CheckSpec, given: Given) -> list[Outcome]:
    outcomes = []
    for index, line in enumerate(given.lines):
        factors = [decimal_of(line.get(name)) for name in spec.parts]
        amount = decimal_of(line.get(spec.equals[0]))
        if amount is None or any(f is None for f in factors):
            continue
        product = Decimal(1)
        for factor in factors:
            product *= factor if factor is not None else 1
        slack = max(ROUNDING, abs(amount) * Decimal("0.002"))
        holds = abs(product - amount) <= slack
        shown = " × ".join(str(f) for f in factors)
        # A discount column or a price per hundred breaks the product without any fault: shown, not failed.
        check = Check(
            spec.name, True if holds else None, f"{shown} = {product.normalize():f}, printed {amount}"
        )
        outcomes.append(Outcome(check, (*spec.parts, spec.equals[0]), index))
    return outcomes


def _order(spec: CheckSpec, given: Given) -> list[Outcome]:
    dates = [given.values.get(name) for name in spec.parts]
    known = [d for d in dates if isinstance(d, date)]
    if len(known) < len(dates):
        return [Outcome(Check(spec.name, None, "one of the dates is not printed"), spec.parts)]
    passed = all(a <= b for a, b in itertools.pairwise(known))
    return [Outcome(Check(spec.name, passed, " ≤ ".join(d.isoformat() for d in known)), spec.parts)]


def _plausible(spec: CheckSpec, given: Given) -> list[Outcome]:
    outcomes = []
    for name in spec.parts:
        value = given.values.get(name)
        if isinstance(value, date):
            outcomes.append(Outcome(Check(spec.name, _FIRST <= value <= _LAST, value.isoformat()), (name,)))
        if isinstance(value, Decimal):
            outcomes.append(Outcome(Check(spec.name, abs(value) < 10**12, str(value)), (name,)))
    return outcomes


def _valid(spec: CheckSpec, given: Given) -> list[Outcome]:
    outcomes = []
    for name in spec.parts:
        value = given.values.get(name)
        if not isinstance(value, str):
            continue
        passed = is_valid_iban(value) if given.doctype.fields[name].type == "iban" else is_valid_tax_id(value)
        detail = f"{value}: check digits " + {True: "hold", False: "do not hold", None: "unknown"}[passed]
        outcomes.append(Outcome(Check(spec.name, passed, detail), (name,)))
    return outcomes


def _differ(spec: CheckSpec, given: Given) -> list[Outcome]:
    known = [given.values[name] for name in spec.parts if given.values.get(name) is not None]
    if len(known) < len(spec.parts):
        return []
    passed = len({same_value_key(value) for value in known}) == len(known)
    return [Outcome(Check(spec.name, passed, " ≠ ".join(map(str, known))), spec.parts)]


_RUNNERS = {
    "sum": _sum,
    "lines_sum": _lines_sum,
    "line_product": _line_product,
    "order": _order,
    "plausible": _plausible,
    "valid": _valid,
    "differ": _differ,
}
