"""What the page's other amounts say about one that could be the total: cash − change, sums, rounding.

Signs only: a belief is made of them elsewhere (`ocr.layout.rerank`), and no amount is ever changed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations

from ocr.fields.finder import Candidate
from ocr.fields.sheet import Sheet
from ocr.fields.typed.money import find_money
from ocr.values import Value

CENT_STEP = Decimal("0.05")
"""Cash is rounded to this; two totals closer than it are one total before and after rounding."""
SIGNS = ("final", "partial", "times", "paid", "added", "rounded", "rounds", "five", "above_others", "items")
_FINAL = (
    "payable", "grand", "due", "rounded", "after rounding", "nett", "net total", "to pay", "incl",
    "zu zahlen", "gesamt", "endbetrag", "payer", "ttc", "te betalen", "a pagar", "da pagare",
    "결제금액", "받을금액", "청구금액", "합계",
)  # fmt: skip
_PARTIAL = (
    "sub", "excl", "before", "without", "supplies", "0%", "6%", "discount", "saving", "change", "cash",
    "tender", "qty", "item", "points", "zwischen", "netto", "gegeben", "zurück", "gst", "tax",
    "소계", "과세", "부가세", "받은", "거스름",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Printed:
    """An amount with cents, where it stands."""

    value: Decimal
    page: int
    row: int


class Amounts:
    """The amounts of a sheet, asked about single candidates. `item_sums`: what the line items add up to."""

    def __init__(self, sheet: Sheet, item_sums: Sequence[Decimal] = ()) -> None:
        self.item_sums = tuple(item_sums)
        self.rows: dict[tuple[int, int], str] = {}
        self.places: dict[int, tuple[int, int]] = {}
        self.printed: list[Printed] = []
        for page in sheet.pages:
            for number, row in enumerate(page.rows):
                self.rows[page.number, number] = " ".join(s.folded for s in row)
                for segment in row:
                    self.places.update({id(w): (page.number, number) for w in segment.words})
                    self.printed += _amounts(segment.text, page.number, number)

    def signs(self, candidate: Candidate, rivals: Sequence[Value]) -> dict[str, float]:
        """One number for each of SIGNS; all 0 for what is no amount. `rivals`: values of other candidates."""
        value = candidate.value
        if not isinstance(value, Decimal):
            return dict.fromkeys(SIGNS, 0.0)
        place = self.places.get(id(candidate.words[0]), (candidate.words[0].box.page, -1))
        text = self.rows.get(place, "")
        others = [v for v in rivals if isinstance(v, Decimal) and v != value]
        near = [v for v in others if abs(v - value) < CENT_STEP]
        five = value % CENT_STEP == 0
        return {
            "final": float(any(word in text for word in _FINAL)),
            "partial": float(any(word in text for word in _PARTIAL)),
            "times": min(sum(p.value == value for p in self.printed), 4) / 4,
            "paid": float(self._paid(value, place)),
            "added": float(any(a + b == value for a, b in combinations([v for v in others if v > 0], 2))),
            "rounded": float(five and bool(near)),
            "rounds": float(not five and any(v % CENT_STEP == 0 for v in near)),
            "five": float(five),
            "above_others": float(any(v > value for v in others)),
            "items": float(any(abs(value - s) <= CENT_STEP for s in self.item_sums)),
        }

    def _paid(self, value: Decimal, place: tuple[int, int]) -> bool:
        """Two amounts below it whose difference it is: cash and change."""
        below = [p.value for p in self.printed if (p.page, p.row) > place and p.value >= 0][:8]
        return any(cash - change == value for cash, change in combinations(below, 2))


def _amounts(text: str, page: int, row: int) -> list[Printed]:
    hits = (hit.value for hit in find_money(text))
    return [Printed(v, page, row) for v in hits if v.as_tuple().exponent == -2]


def sums_of(rows: Sequence[Mapping[str, Candidate]], column: str = "amount") -> list[Decimal]:
    """What the items add up to, if every one of them has an amount."""
    amounts = [row[column].value for row in rows if column in row]
    known = [a for a in amounts if isinstance(a, Decimal)]
    return [sum(known, Decimal(0))] if known and len(known) == len(rows) else []
