"""Invoices, delivery statements and purchase orders: heads × parties × meta × tables × totals × feet."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from ocr.synthetic import labels, parties, totals
from ocr.synthetic.deal import Deal, Item, plain
from ocr.synthetic.draft import Draft, look
from ocr.synthetic.flourish import barcode, matrix_code, rubber_stamp, seal, signature
from ocr.synthetic.formats import choose
from ocr.synthetic.heads import HEADS
from ocr.synthetic.meta import Entry
from ocr.synthetic.scene import Mark
from ocr.synthetic.sheet import Align, Sheet
from ocr.synthetic.table import Cell, Column, Table

A4 = (595.0, 842.0)
LETTER = (612.0, 792.0)

OPTIONAL: dict[str, float] = {
    "supplier_name": 0.985,
    "supplier_address": 0.9,
    "supplier_tax_id": 0.75,
    "buyer_name": 0.93,
    "buyer_address": 0.85,
    "buyer_tax_id": 0.3,
    "invoice_number": 0.96,
    "issue_date": 0.96,
    "due_date": 0.6,
    "order_reference": 0.45,
    "net_total": 0.82,
    "tax_total": 0.82,
    "gross_total": 0.97,
    "amount_due": 0.22,
    "iban": 0.75,
    "tax_id_below": 0.4,
}


def optional(rng: Random) -> frozenset[str]:
    """The fields this document prints."""
    return frozenset(name for name, chance in OPTIONAL.items() if rng.random() < chance)


def open_draft(
    deal: Deal, style: Random, *, shows: frozenset[str], size: tuple[float, float] = (7.5, 10.5)
) -> Draft:
    """A fresh sheet with a random look for a trade document."""
    korean = deal.region.language == "ko"
    chosen = look(korean, style, size=size)
    width, height = LETTER if deal.region.code == "US" else A4
    sheet = Sheet(width, height, chosen.family, chosen.size)
    fmt = choose(deal.region.habits, deal.region.language, deal.currency, style)
    return Draft(sheet, deal, fmt, chosen, style, shows)


# ---- entries ---------------------------------------------------------------------------------------------


def invoice_entries(draft: Draft) -> list[Entry]:
    deal, fmt = draft.deal, draft.fmt
    known = {
        "invoice_number": (deal.number, deal.number),
        "issue_date": (fmt.day(deal.issued), deal.issued.isoformat()),
        "due_date": (fmt.day(deal.due), deal.due.isoformat()),
        "order_reference": (deal.order_reference, deal.order_reference),
    }
    entries = [Entry(n, text, n, value) for n, (text, value) in known.items() if n in draft.shows]
    return _shuffled(draft, entries + _others(draft))


def order_entries(draft: Draft) -> list[Entry]:
    deal, fmt = draft.deal, draft.fmt
    entries = [
        Entry("order_number", deal.number, "order_number", deal.number),
        Entry("order_date", fmt.day(deal.issued), "order_date", deal.issued.isoformat()),
    ]
    if "due_date" in draft.shows:
        entries.append(Entry("delivery_date", fmt.day(deal.due), "delivery_date", deal.due.isoformat()))
    return _shuffled(draft, entries + [e for e in _others(draft) if e.label != "service_date"])


def _others(draft: Draft) -> list[Entry]:
    """Entries that are no fields, to be told apart from them."""
    rng, deal = draft.rng, draft.deal
    codes = [
        str(rng.randint(100, 999999)),
        f"K{rng.randint(1000, 99999)}",
        f"{rng.randint(10, 99)}-{rng.randint(100, 9999)}",
    ]
    entries = [
        Entry("customer_number", rng.choice(codes)),
        Entry("delivery_note", rng.choice(codes) + str(rng.randint(0, 99))),
        Entry(
            "service_date",
            draft.fmt.day(replace(deal, issued=deal.due).issued if rng.random() < 0.3 else deal.issued),
        ),
        Entry("contact", deal.supplier.person),
        Entry(
            "terms",
            rng.choice(("30 days net", "14 days", "COD", "Net 30"))
            if draft.language == "en"
            else f"{rng.choice((14, 30, 60))}",
        ),
    ]
    return [e for e in entries if rng.random() < 0.25]


def _shuffled(draft: Draft, entries: list[Entry]) -> list[Entry]:
    head, tail = entries[:2], entries[2:]
    draft.rng.shuffle(tail)
    both = head + tail
    if draft.rng.random() < 0.25:
        draft.rng.shuffle(both)
    if draft.rng.random() < 0.12:
        draft.sheet.fields["currency"] = draft.deal.currency
        both.append(Entry("currency", draft.deal.currency, "currency", draft.deal.currency))
    return both or [Entry("contact", draft.deal.supplier.person)]


# ---- items ---------------------------------------------------------------------------------------------


def item_columns(draft: Draft, *, with_tax: bool) -> list[Column]:
    """The columns of this document's table."""
    rng = draft.rng
    wanted: list[tuple[str, float, Align, float]] = [
        ("position", 0.6, "l", 0.45),
        ("code", 1.1, "l", 0.3),
        ("description", 4.2, "l", 1.0),
        ("quantity", 0.9, "r", 0.95),
        ("unit", 0.8, "c" if rng.random() < 0.4 else "l", 0.45),
        ("unit_price", 1.4, "r", 0.92),
        ("tax_rate", 0.9, "r", 0.4 if with_tax else 0.0),
        ("amount", 1.5, "r", 1.0),
    ]
    chosen = [c for c in wanted if rng.random() < c[3]]
    if any(item.discount for item in draft.deal.items):
        chosen.insert(-1, ("discount", 0.9, "r", 1.0))
    if rng.random() < 0.12:
        quantity = [c for c in chosen if c[0] in ("quantity", "unit")]
        chosen = quantity + [c for c in chosen if c not in quantity]
    fields = {"description", "quantity", "unit", "unit_price", "tax_rate", "amount"}
    return [
        Column(
            labels.column(name, draft.language, rng), weight, align, name if name in fields else None, name
        )
        for name, weight, align, _ in chosen
    ]


def item_rows(draft: Draft, columns: list[Column]) -> list[list[Cell]]:
    rng = draft.rng
    symbol = rng.random() < 0.3
    detail = rng.random() < 0.2
    return [
        [_cell(draft, column.key, i, item, symbol, detail) for column in columns]
        for i, item in enumerate(draft.deal.items)
    ]


def _cell(draft: Draft, key: str, index: int, item: Item, symbol: bool, detail: bool) -> Cell:
    fmt = draft.fmt
    if key == "description":
        note = f"{item.code} / {draft.deal.supplier.person}" if detail and draft.rng.random() < 0.5 else ""
        return Cell(item.description, item.description, note)
    if key in ("unit_price", "amount"):
        amount = item.unit_price if key == "unit_price" else item.amount
        text = fmt.money(amount, bare=not symbol)
        totals.note_currency(draft, text)
        return Cell(text, plain(amount, fmt.places))
    simple = {
        "position": (str(index + 1), None),
        "code": (item.code, None),
        "quantity": (fmt.quantity(item.quantity), f"{item.quantity.normalize():f}"),
        "unit": (item.unit, item.unit),
        "tax_rate": (fmt.rate(item.tax_rate), f"{item.tax_rate.normalize():f}"),
        "discount": (fmt.rate(item.discount) if item.discount else "", None),
    }
    text, value = simple[key]
    return Cell(text, value)


# ---- the whole page ----------------------------------------------------------------------------------------


def _continue(draft: Draft, kind: str) -> float:
    """The head of a further page."""
    y = draft.look.margin
    page = len(draft.sheet.pages)
    numbered = draft.rng.random() < 0.5 and (kind == "purchase_order" or "invoice_number" in draft.shows)
    draft.sheet.say(
        f"{draft.label(kind)} {draft.deal.number if numbered else ''}",
        draft.left,
        y,
        mark=Mark("title"),
        size=draft.look.size,
    )
    draft.sheet.say(
        f"{draft.label('page')} {page}", draft.right, y, align="r", mark=Mark("footer"), size=draft.look.size
    )
    return y + draft.step * 1.6


def _room_for(draft: Draft, y: float, needed: float, kind: str) -> float:
    if y + needed <= draft.bottom:
        return y
    draft.sheet.new_page()
    return _continue(draft, kind)


def compose(draft: Draft, kind: str, entries: list[Entry]) -> None:
    """Print a trade document from head to foot."""
    y = draft.rng.choice(HEADS)(draft, entries, kind) + draft.step * 1.2
    columns = item_columns(draft, with_tax=draft.deal.region.code not in ("US",))
    table = Table(
        draft, columns, draft.left, draft.right, draft.rng.random() < 0.4, draft.rng.uniform(2, 4.5)
    )
    y = table.draw(item_rows(draft, columns), y, lambda: _continue(draft, kind))
    needed = len(totals.sums(draft)) * draft.step * 1.35 + 12
    y = _room_for(draft, y + draft.step * 0.9, needed, kind)
    block = totals.strip if draft.rng.random() < 0.12 else totals.column
    low = block(draft, y)
    if block is totals.column and draft.rng.random() < 0.2 and draft.fmt.symbol:
        low = max(low, totals.tax_table(draft, draft.left, y))
    _foot(draft, _room_for(draft, low + draft.step, 110, kind), kind)


def _foot(draft: Draft, y: float, kind: str) -> None:
    rng, sheet = draft.rng, draft.sheet
    if kind == "invoice" and rng.random() < 0.75:
        y = totals.payment(draft, draft.left, y) + draft.step * 0.5
    if "tax_id_below" in draft.shows and "supplier_tax_id" in draft.shows:
        y = parties.labelled(
            draft,
            draft.name_of("tax_id"),
            draft.deal.supplier.tax_id,
            draft.left,
            y,
            role="footer",
            field_name="supplier_tax_id",
            size=draft.look.size,
            align="l",
        )
    for note in rng.sample(labels.NOTES[draft.language], rng.randint(0, 2)):
        sheet.say(
            note,
            draft.left,
            y,
            size=sheet.fit(note, draft.right - draft.left, draft.look.size),
            mark=Mark("footer"),
        )
        y += draft.step
    _ornaments(draft, y)
    if rng.random() < 0.35:
        _footer_line(draft)


def _ornaments(draft: Draft, y: float) -> None:
    rng, sheet = draft.rng, draft.sheet
    room = draft.sheet.height - draft.look.margin - y
    if draft.language == "ko" and rng.random() < 0.5:
        named = [r for r in sheet.pages[0].runs if r.mark.field == "supplier_name"]
        if named and len(sheet.pages) == 1:
            seal(
                sheet,
                min(named[-1].x + named[-1].width + 14, sheet.width - 26),
                named[-1].y - 4,
                draft.deal.supplier.name,
                30,
                rng,
            )
    elif rng.random() < 0.12 and room > 60:
        signature(sheet, draft.right - 130, y + 24, 90, rng)
        sheet.rule(draft.right - 150, y + 38, draft.right, y + 38, width=0.5)
    if rng.random() < 0.08:
        rubber_stamp(
            sheet,
            rng.uniform(0.3, 0.6) * sheet.width,
            rng.uniform(0.25, 0.7) * sheet.height,
            rng.choice(("PAID", "RECEIVED", "COPY", "DUPLICATE")),
            rng,
        )
    if rng.random() < 0.1 and room > 70:
        barcode(sheet, draft.left, y + 8, 110, 26, rng)
    elif rng.random() < 0.08 and room > 90:
        matrix_code(sheet, draft.left, y + 6, 54, rng)


def _footer_line(draft: Draft) -> None:
    """The supplier's particulars in small print at the foot of the page: what the head shows too, since what a
    document leaves out must stand nowhere on it."""
    sheet, party = draft.sheet, draft.deal.supplier
    has = draft.sheet.fields.__contains__
    y = sheet.height - draft.look.margin - 8
    sheet.rule(draft.left, y - 5, draft.right, y - 5, width=0.4)
    columns = (
        (*((party.name,) if has("supplier_name") else ()), *(party.address if has("supplier_address") else ())),
        (draft.label("phone") + " " + party.phone, party.email, party.web),
        (*((draft.label("tax_id") + " " + party.tax_id,) if has("supplier_tax_id") else ()), draft.deal.bank),
    )
    width = (draft.right - draft.left) / 3
    for i, lines in enumerate(columns):
        for k, text in enumerate(lines[:4]):
            sheet.say(
                text,
                draft.left + i * width,
                y + k * 8,
                size=sheet.fit(text, width - 8, 6.5),
                mark=Mark("footer"),
            )
