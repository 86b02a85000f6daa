"""Blocks with the sums and how to pay them."""

from __future__ import annotations

from decimal import Decimal

from ocr.synthetic import labels
from ocr.synthetic.deal import plain
from ocr.synthetic.draft import Draft
from ocr.synthetic.meta import Entry
from ocr.synthetic.scene import Mark

Sum = tuple[str, Decimal, str | None, bool]


def _places(draft: Draft) -> int:
    return draft.fmt.places


def sums(draft: Draft) -> list[Sum]:
    """(label, amount, field, heavy) of every line of the totals block."""
    deal = draft.deal
    rows: list[Sum] = []
    if deal.discount or deal.shipping:
        rows.append((draft.label("lines_total"), deal.lines_total, None, False))
    if deal.discount:
        rows.append((draft.label("discount"), -deal.discount, None, False))
    if deal.shipping:
        rows.append((draft.label("shipping"), deal.shipping, None, False))
    if "net_total" in draft.shows:
        rows.append((draft.label("net_total"), deal.net, "net_total", False))
    rows.extend(_taxes(draft))
    if "gross_total" in draft.shows:
        rows.append((draft.label("gross_total"), deal.gross, "gross_total", True))
    if deal.prepaid:
        rows.append((draft.label("prepaid"), -deal.prepaid, None, False))
    if deal.prepaid or "amount_due" in draft.shows:
        rows.append((draft.label("amount_due"), deal.payable, "amount_due", True))
    return rows


def _taxes(draft: Draft) -> list[Sum]:
    deal = draft.deal
    if "tax_total" not in draft.shows:
        return []
    name = draft.names.setdefault("tax_name", labels.tax_label(deal.region.code, draft.language, draft.rng))
    if len(deal.taxes) == 1:
        rate = f" {draft.fmt.rate(deal.taxes[0][0])}" if draft.rng.random() < 0.6 else ""
        return [(name + rate, deal.tax, "tax_total", False)]
    summed = draft.rng.random() < 0.6
    # where only one of the taxes is not nought, its row says the whole tax
    whole = [rate for rate, _, tax in deal.taxes if tax and tax == deal.tax]
    rows: list[Sum] = [
        (f"{name} {draft.fmt.rate(rate)}", tax, "tax_total" if rate in whole and not summed else None, False)
        for rate, _, tax in deal.taxes
    ]
    if summed:
        rows.append(
            (
                draft.label("tax_total") if draft.label("tax_total") != name else f"{name} total",
                deal.tax,
                "tax_total",
                False,
            )
        )
    return rows


def column(draft: Draft, y: float) -> float:
    """Sums under the table's right edge."""
    look, sheet = draft.look, draft.sheet
    width = draft.rng.uniform(190, 260)
    x0 = draft.right - width
    boxed, ruled = draft.rng.random() < 0.25, draft.rng.random() < 0.4
    top = y
    for name, amount, field_name, heavy in sums(draft):
        size = look.size * (1.12 if heavy else 1.0)
        if heavy and ruled:
            sheet.rule(x0, y - 1, draft.right, y - 1, width=0.9, colour=look.accent)
        if heavy and look.rules == "zebra":
            sheet.box(x0, y - 2, draft.right, y + size * 1.25, stroke=None, fill=look.tint)
        y = _line(draft, name, amount, field_name, heavy, x0 + 4, y, size)
        y += size * 0.25
    if boxed:
        sheet.box(x0, top - 4, draft.right, y, width=0.7, stroke=look.accent)
    return y


def _line(
    draft: Draft,
    name: str,
    amount: Decimal,
    field_name: str | None,
    heavy: bool,
    x: float,
    y: float,
    size: float,
) -> float:
    bare = draft.names.setdefault("bare_sums", draft.rng.choice(("", "", "yes"))) == "yes" and not heavy
    text = draft.fmt.money(amount, bare=bare)
    note_currency(draft, text)
    value = plain(amount, _places(draft)) if field_name else None
    colon = draft.look.colon
    return draft.pair(
        name + colon,
        text,
        x,
        y,
        role="totals",
        field_name=field_name,
        value=value,
        value_x=draft.right - 4,
        align="r",
        bold=heavy,
        size=size,
    )


def note_currency(draft: Draft, text: str) -> None:
    """The page shows its currency as soon as one amount carries it."""
    if draft.fmt.symbol and draft.fmt.symbol in text:
        draft.sheet.fields.setdefault("currency", draft.deal.currency)


def strip(draft: Draft, y: float) -> float:
    """Sums side by side in a ruled row."""
    look, sheet = draft.look, draft.sheet
    rows = sums(draft)
    if len(rows) > 5:
        return column(draft, y)
    cell = (draft.right - draft.left) / len(rows)
    sheet.box(draft.left, y, draft.right, y + look.size * 1.7, stroke=None, fill=look.tint)
    for i, (name, amount, field_name, heavy) in enumerate(rows):
        x1, link = draft.left + (i + 1) * cell - 4, sheet.new_link()
        text = draft.fmt.money(amount)
        note_currency(draft, text)
        sheet.say(
            name,
            x1,
            y + 3,
            size=sheet.fit(name, cell - 8, look.size * 0.9),
            align="r",
            mark=Mark("totals", None, None, "label", link),
        )
        value = plain(amount, _places(draft)) if field_name else None
        sheet.say(
            text,
            x1,
            y + look.size * 2,
            size=sheet.fit(text, cell - 8, look.size * 1.05, heavy),
            bold=heavy,
            align="r",
            mark=draft.mark("totals", field_name, link=link),
            value=value,
        )
    sheet.box(draft.left, y, draft.right, y + look.size * 3.5, width=0.6, stroke=look.accent)
    return y + look.size * 4


def tax_table(draft: Draft, x: float, y: float) -> float:
    """Rate, base and tax, one row a rate."""
    look, sheet, fmt = draft.look, draft.sheet, draft.fmt
    heads = ("%", draft.label("net_total"), draft.label("tax_total"))
    edges = (x + 34, x + 116, x + 190)
    for head, edge in zip(heads, edges, strict=True):
        sheet.say(
            head,
            edge,
            y,
            size=sheet.fit(head, 66, look.size * 0.85),
            align="r",
            bold=True,
            mark=Mark("totals"),
        )
    y += look.size * 1.3
    sheet.rule(x, y - 1, edges[-1], y - 1, width=0.5)
    taxes = draft.deal.taxes
    for rate, base, tax in taxes:
        told = _only_here(draft) if len(taxes) == 1 else frozenset()
        cells = ((fmt.rate(rate), "", None), (fmt.number(base), "net_total", base), (fmt.number(tax), "tax_total", tax))
        for (text, name, amount), edge in zip(cells, edges, strict=True):
            mark = Mark("totals", name) if name in told else Mark("totals")
            value = plain(amount, fmt.places) if name in told and amount is not None else None
            sheet.say(text, edge, y, size=look.size * 0.85, align="r", mark=mark, value=value)
        y += look.size * 1.2
    return y


def _only_here(draft: Draft) -> frozenset[str]:
    """Totals that the table of a single rate says and nothing above it did."""
    return frozenset({"net_total", "tax_total"} - set(draft.sheet.fields))


def payment(draft: Draft, x: float, y: float) -> float:
    """Where to pay."""
    deal = draft.deal
    entries = [Entry("bank", deal.bank)]
    if deal.iban and "iban" in draft.shows:
        entries.append(Entry("iban", deal.iban, "iban", deal.iban.replace(" ", "")))
        if draft.rng.random() < 0.6:
            entries.append(Entry("bic", deal.bic))
    elif not deal.iban:
        account = "".join(str(draft.rng.randrange(10)) for _ in range(10))
        entries.append(
            Entry(
                "account",
                account if draft.language != "ko" else f"{account[:3]}-{account[3:6]}-{account[6:]}",
            )
        )
    draft.names.setdefault("bic", draft.rng.choice(("BIC", "SWIFT", "BIC/SWIFT")))
    for entry in entries:
        y = draft.pair(
            draft.name_of(entry.label),
            entry.text,
            x,
            y,
            role="payment",
            field_name=entry.field,
            value=entry.value,
        )
    return y
