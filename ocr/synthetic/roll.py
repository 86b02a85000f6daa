"""The paper roll of a till, and the sums on a receipt."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from random import Random

from ocr.synthetic.deal import HUNDRED, ZERO, Deal
from ocr.synthetic.draft import Draft
from ocr.synthetic.formats import quantise
from ocr.synthetic.receipt_words import WORDS
from ocr.synthetic.scene import Mark, Role
from ocr.synthetic.sheet import Align


@dataclass(frozen=True, slots=True)
class Bill:
    """The sums of a receipt. `total` is to pay, after rounding; prices hold the tax if `inclusive`."""

    net: Decimal
    tax: Decimal
    rate: Decimal
    inclusive: bool
    before: Decimal
    rounding: Decimal
    discount: Decimal
    total: Decimal
    paid: Decimal


def bill(deal: Deal, rng: Random) -> Bill:
    """Tax, discount and rounding for the deal's items."""
    places = 0 if deal.currency == "KRW" else 2
    rate = deal.items[0].tax_rate
    inclusive = deal.region.code != "US" and rng.random() < (
        0.97 if deal.region.code not in ("MY", "SG") else 0.6
    )
    discount = (
        quantise(deal.lines_total * rng.choice((5, 10)) / HUNDRED, places) if rng.random() < 0.1 else ZERO
    )
    base = deal.lines_total - discount
    if inclusive:
        net = quantise(base * HUNDRED / (HUNDRED + rate), places)
        tax, before = base - net, base
    else:
        net, tax = base, quantise(base * rate / HUNDRED, places)
        before = net + tax
    total = (
        quantise(before * 20, 0) / 20
        if deal.currency in ("MYR", "SGD", "AUD") and rng.random() < 0.7
        else before
    )
    step = Decimal(10000) if places == 0 else Decimal(10)
    paid = total if rng.random() < 0.4 else ((total // step) + 1) * step
    return Bill(net, tax, rate, inclusive, before, total - before, discount, total, paid)


class Roll:
    """Prints line after line down the paper."""

    def __init__(self, draft: Draft, marks: Bill) -> None:
        self.draft, self.bill, self.rng = draft, marks, draft.rng
        self.sheet, self.fmt, self.size = draft.sheet, draft.fmt, draft.look.size
        self.y = draft.look.margin
        self.words = WORDS[draft.language]
        self.x0, self.x1 = draft.look.margin, draft.sheet.width - draft.look.margin

    def word(self, key: str) -> str:
        if key not in self.draft.names:
            self.draft.names[key] = self.rng.choice(self.words[key])
        return self.draft.names[key]

    def gap(self, lines: float = 0.5) -> None:
        self.y += self.draft.step * lines

    def line(
        self,
        text: str,
        *,
        align: Align = "l",
        role: Role = "other",
        field: str | None = None,
        value: str | None = None,
        scale: float = 1.0,
        bold: bool = False,
    ) -> None:
        """One line, wrapped where it is too long."""
        size = self.size * scale
        at = {"l": self.x0, "c": (self.x0 + self.x1) / 2, "r": self.x1}[align]
        for part in self.sheet.wrap(text, self.x1 - self.x0, size=size, bold=bold):
            fitted = self.sheet.fit(part, self.x1 - self.x0, size, bold)
            self.sheet.say(
                part, at, self.y, size=fitted, align=align, bold=bold, mark=Mark(role, field), value=value
            )
            self.y += size * self.draft.look.leading

    def pair(
        self,
        label: str,
        text: str,
        *,
        role: Role,
        field: str | None = None,
        value: str | None = None,
        bold: bool = False,
        style: str = "right",
        scale: float = 1.0,
    ) -> None:
        """Label and value: value flush `right`, at a `column`, or `run`ning on."""
        size = self.size * scale
        room = self.x1 - self.x0
        needed = self.sheet.measure(label, size, True) + self.sheet.measure(text, size, bold) + size
        size = size if needed <= room else max(size * 0.62, size * room / needed)
        at = {"right": self.x1, "column": self.x0 + room * 0.36, "run": None}[style]
        right = style == "right"
        self.draft.pair(
            label,
            text,
            self.x0,
            self.y,
            role=role,
            field_name=field,
            value=value,
            value_x=at,
            align="r" if right else "l",
            bold=bold,
            size=size,
        )
        self.y += size * self.draft.look.leading

    def rule(self) -> None:
        kind = self.draft.names.setdefault(
            "rule", self.rng.choice(("dash", "line", "chars", "none", "equals"))
        )
        if kind in ("dash", "line"):
            self.sheet.rule(self.x0, self.y + 2, self.x1, self.y + 2, dash=kind == "dash")
            self.gap(0.6)
        elif kind != "none":
            letter = "-" if kind == "chars" else "="
            count = int((self.x1 - self.x0) / self.sheet.measure(letter, self.size))
            self.sheet.say(letter * count, self.x0, self.y, size=self.size)
            self.gap(1.0)
