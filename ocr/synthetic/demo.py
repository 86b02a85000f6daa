"""The demo's inbox: nine supplier bills as they reach an office, two of which must not be posted."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

from ocr.synthetic import identifiers, korean, labels, trade
from ocr.synthetic.corpus import truth_row, write_document
from ocr.synthetic.deal import HUNDRED, ZERO, Deal, Item, Party, deal, party, plain
from ocr.synthetic.document import SyntheticDocument
from ocr.synthetic.formats import PLACES, quantise
from ocr.synthetic.regions import DE, GB, KR, US, Region
from ocr.synthetic.sheet import Sheet

Head = Callable[..., float]


@dataclass(frozen=True, slots=True)
class Bill:
    """One file of the inbox. `expect` says what should become of it: `posted`, `duplicate` or `review`."""

    name: str
    region: Region
    currency: str
    rate: Decimal
    lines: int
    issued: date
    harm: str | None = None
    expect: str = "posted"
    form: bool = False


BILLS: tuple[Bill, ...] = (
    Bill("01-stationery", GB, "EUR", Decimal(20), 3, date(2026, 2, 3)),
    Bill("02-werkzeug", DE, "EUR", Decimal(19), 4, date(2026, 2, 10)),
    Bill("03-hosting", US, "USD", Decimal(0), 2, date(2026, 3, 2)),
    Bill("04-scan-druckerei", DE, "EUR", Decimal(7), 2, date(2026, 3, 11), harm="scan"),
    Bill("05-scan-cleaning", GB, "USD", Decimal(10), 3, date(2026, 3, 18), harm="fold"),
    Bill("06-전자세금계산서", KR, "KRW", Decimal(10), 2, date(2026, 4, 6), form=True),
    Bill("07-세금계산서-스캔", KR, "KRW", Decimal(10), 3, date(2026, 4, 20), harm="scan", form=True),
)
DUPLICATE_OF, DUPLICATE = 1, "08-werkzeug-kopie"
BROKEN = Bill("09-interiors", GB, "EUR", Decimal(20), 3, date(2026, 5, 5), expect="review")
ALWAYS = frozenset(
    {
        "supplier_name",
        "supplier_address",
        "supplier_tax_id",
        "buyer_name",
        "buyer_address",
        "invoice_number",
        "issue_date",
        "due_date",
        "net_total",
        "tax_total",
        "gross_total",
        "iban",
    }
)


def write_demo_inbox(folder: Path, seed: int = 1) -> list[Path]:
    """Write the bills and `truth.jsonl` (each row carries `expect`); returns the files in order.

    Suppliers are all different but for the duplicate: a bill sent once more a week later, with its old number
    and a new date, as suppliers do when they wait for their money.
    """
    folder.mkdir(parents=True, exist_ok=True)
    ours = party(DE, Random(f"{seed}/customer"))
    customers = dict.fromkeys(("GB", "DE", "US"), ours) | {"KR": party(KR, Random(f"{seed}/customer/KR"))}
    made = [_bill(bill, seed, customers) for bill in BILLS]
    first = BILLS[DUPLICATE_OF]
    again = replace(first, expect="duplicate", issued=first.issued + timedelta(days=7))
    made.append(_bill(again, seed, customers, name=DUPLICATE))
    made.append(_bill(BROKEN, seed, customers))
    files, rows = [], []
    for document, expect in made:
        file = write_document(document, folder, pdf=True)
        files.append(folder / file)
        rows.append(truth_row(document, file) | {"expect": expect, "bill": document.extra})
    (folder / "truth.jsonl").write_text(
        "".join(json.dumps(r, ensure_ascii=False) + "\n" for r in rows), "utf-8"
    )
    return files


def _bill(
    bill: Bill, seed: int, customers: dict[str, Party], name: str | None = None
) -> tuple[SyntheticDocument, str]:
    made = _deal(bill, Random(f"{seed}/{bill.name}/content"), customers[bill.region.code])
    style = Random(f"{seed}/{bill.name}/style")
    sheet = _form(made, style) if bill.form else _page(made, style, broken=bill.expect == "review")
    if name:
        _mark_copy(sheet, style)
    doctype = "tax_invoice_kr" if bill.form else "invoice"
    document = SyntheticDocument(
        name or bill.name,
        doctype,
        doctype,
        bill.region.language,
        seed,
        sheet,
        170.0,
        bill.harm,
        bill.expect != "review",
        _entry(bill, made, sheet),
    )
    return document, bill.expect


def _entry(bill: Bill, made: Deal, sheet: Sheet) -> dict[str, str]:
    """What a ledger should hold of the bill, by the same names for every form."""
    places, fields = PLACES.get(bill.currency, 2), sheet.fields
    return {
        "supplier": made.supplier.name,
        "number": fields["approval_number"] if bill.form else made.number,
        "date": made.issued.isoformat(),
        "currency": bill.currency,
        "rate": str(bill.rate),
        "net": fields["supply_amount"] if bill.form else plain(made.net, places),
        "tax": fields["tax_amount"] if bill.form else plain(made.tax, places),
        "total": fields["total_amount"] if bill.form else plain(made.gross, places),
    }


def _deal(bill: Bill, rng: Random, customer: Party) -> Deal:
    """A deal without discount, freight or part payment, all lines at one rate."""
    base = deal(bill.region, rng, count=bill.lines, years=(2026, 2027))
    places = PLACES.get(bill.currency, 2)
    items = tuple(_modest(item, bill.rate, places, rng) for item in base.items)
    net = sum((item.amount for item in items), ZERO)
    tax = quantise(net * bill.rate / HUNDRED, places)
    return replace(
        base,
        currency=bill.currency,
        items=items,
        buyer=customer,
        number=_number(bill, rng),
        issued=bill.issued,
        at=time(9, 30),
        due=bill.issued + timedelta(days=30),
        taxes=((bill.rate, net, tax),),
        discount=ZERO,
        shipping=ZERO,
        prepaid=ZERO,
        net=net,
        tax=tax,
        gross=net + tax,
        iban=identifiers.iban(bill.region, rng, spaced=True) if identifiers.has_iban(bill.region) else "",
    )


def _modest(item: Item, rate: Decimal, places: int, rng: Random) -> Item:
    """Quantities as an office buys them."""
    quantity = Decimal(rng.choice((1, 2, 3, 4, 5, 10, 12)))
    amount = quantise(quantity * item.unit_price, places)
    return replace(
        item,
        quantity=quantity,
        tax_rate=rate,
        amount=amount,
        discount=ZERO,
        tax_amount=quantise(amount * rate / HUNDRED, places),
    )


def _number(bill: Bill, rng: Random) -> str:
    prefix = rng.choice(("RE", "RG", "R")) if bill.region is DE else rng.choice(("INV", "SI", "IN"))
    return f"{prefix}-{bill.issued:%Y}-{rng.randint(100, 9999):04d}"


def _form(made: Deal, style: Random) -> Sheet:
    ready = korean.with_form_data(made, style)
    return korean.tax_invoice(replace(ready, extra=ready.extra | {"demo": "yes"}), style)


def _page(made: Deal, style: Random, *, broken: bool) -> Sheet:
    """An invoice with every field a ledger needs. A broken one prints a net sum that is too high."""
    shown = replace(made, net=made.net + Decimal("36.00")) if broken else made
    draft = trade.open_draft(shown, style, shows=ALWAYS, size=(8.8, 10.2))
    names = {"invoice_number": 0, "issue_date": 0, "due_date": 0, "net_total": 0, "gross_total": 0}
    if draft.fmt.position == "none":
        draft.fmt = replace(draft.fmt, position="before-space")
    draft.names["bare_sums"] = ""
    draft.names.update({n: labels.LABELS[n][draft.language][i] for n, i in names.items()})
    trade.compose(draft, "invoice", trade.invoice_entries(draft))
    return draft.sheet


def _mark_copy(sheet: Sheet, style: Random) -> None:
    """What makes the second file differ: a note on the first page."""
    sheet.say(style.choice(("Zweitschrift", "Kopie")), sheet.width / 2, 14, size=8, align="c")


def demo_truth(folder: Path) -> list[dict[str, Any]]:
    """The rows of the inbox's truth."""
    return [json.loads(line) for line in (folder / "truth.jsonl").read_text("utf-8").splitlines()]
