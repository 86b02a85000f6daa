"""Utility bills: meter readings, charges, a large amount due, and a slip to tear off."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from random import Random

from ocr.synthetic import labels, meta, names, parties, totals
from ocr.synthetic.deal import HUNDRED, ZERO, Deal, Item, plain
from ocr.synthetic.draft import Draft
from ocr.synthetic.formats import PLACES, quantise
from ocr.synthetic.meta import Entry
from ocr.synthetic.scene import Mark
from ocr.synthetic.sheet import Sheet
from ocr.synthetic.table import Cell, Column, Table
from ocr.synthetic.trade import open_draft, optional

WORDS: dict[str, dict[str, tuple[str, ...]]] = {
    "en": {
        "title": ("Electricity Bill", "Gas Bill", "Water Bill", "Your bill", "Internet & Phone Bill"),
        "charges": (
            "Standing charge",
            "Energy used",
            "Network fee",
            "Meter service",
            "Renewables levy",
            "Line rental",
            "Data package",
        ),
        "usage": ("Usage", "Consumption"),
        "meter": ("Meter No.", "Meter number"),
        "period": ("Billing period", "Period"),
        "previous": ("Previous reading", "Last reading"),
        "present": ("Present reading", "This reading"),
        "slip": ("Payment slip", "Please detach and return with payment"),
        "unit": ("kWh", "m3", "GB"),
    },
    "de": {
        "title": ("Stromrechnung", "Gasrechnung", "Ihre Rechnung"),
        "charges": ("Grundpreis", "Arbeitspreis", "Netzentgelt", "Messstellenbetrieb", "Stromsteuer"),
        "usage": ("Verbrauch",),
        "meter": ("Zählernummer",),
        "period": ("Abrechnungszeitraum",),
        "previous": ("Zählerstand alt",),
        "present": ("Zählerstand neu",),
        "slip": ("Zahlschein",),
        "unit": ("kWh", "m³"),
    },
    "fr": {
        "title": ("Facture d'électricité", "Votre facture"),
        "charges": ("Abonnement", "Consommation", "Acheminement", "Taxes locales"),
        "usage": ("Consommation",),
        "meter": ("N° compteur",),
        "period": ("Période",),
        "previous": ("Ancien index",),
        "present": ("Nouvel index",),
        "slip": ("Talon de paiement",),
        "unit": ("kWh", "m³"),
    },
    "ko": {
        "title": (
            "전기요금 청구서",
            "도시가스 요금 청구서",
            "상하수도 요금 고지서",
            "통신요금 청구서",
            "관리비 고지서",
        ),
        "charges": (
            "기본요금",
            "전력량요금",
            "기후환경요금",
            "연료비조정액",
            "전력산업기반기금",
            "TV수신료",
            "사용요금",
            "부가서비스 이용료",
        ),
        "usage": ("사용량", "당월사용량"),
        "meter": ("계량기번호", "고객번호"),
        "period": ("사용기간", "청구기간"),
        "previous": ("전월지침",),
        "present": ("당월지침",),
        "slip": ("납부영수증", "지로영수증", "납입통지서"),
        "unit": ("kWh", "㎥", "GB"),
    },
}


def as_charges(deal: Deal, rng: Random) -> Deal:
    """The deal with the charges of a utility instead of goods."""
    words, places = WORDS[deal.region.language], PLACES.get(deal.currency, 2)
    rate = deal.items[0].tax_rate
    factor = Decimal(1000) if deal.currency == "KRW" else Decimal(1)
    items = []
    for text in rng.sample(words["charges"], rng.randint(2, min(5, len(words["charges"])))):
        amount = quantise(Decimal(rng.randint(150, 9000)) / HUNDRED * factor, places)
        items.append(
            Item(
                text,
                "",
                Decimal(1),
                "",
                amount,
                rate,
                amount,
                tax_amount=quantise(amount * rate / HUNDRED, places),
            )
        )
    net = sum((item.amount for item in items), ZERO)
    tax = quantise(net * rate / HUNDRED, places)
    return replace(
        deal,
        items=tuple(items),
        discount=ZERO,
        shipping=ZERO,
        net=net,
        tax=tax,
        gross=net + tax,
        prepaid=ZERO,
        taxes=((rate, net, tax),),
    )


def utility(deal: Deal, style: Random) -> Sheet:
    """The whole bill."""
    shows = (optional(style) | {"gross_total", "supplier_name", "issue_date"}) - {
        "order_reference",
        "buyer_tax_id",
    }
    if style.random() < 0.7:
        shows |= {"amount_due", "due_date"}
    draft = open_draft(deal, style, shows=shows)
    draft.names["title"] = style.choice(WORDS[draft.language]["title"])
    y = _head(draft)
    y = _readings(draft, y + draft.step)
    columns = [
        Column(labels.column("description", draft.language, style), 4, "l", "description"),
        Column(labels.column("amount", draft.language, style), 1.4, "r", "amount"),
    ]
    rows = [
        [
            Cell(i.description, i.description),
            Cell(draft.fmt.money(i.amount, bare=True), plain(i.amount, draft.fmt.places)),
        ]
        for i in deal.items
    ]
    y = Table(
        draft,
        columns,
        draft.left,
        draft.right if style.random() < 0.5 else draft.left + 330,
        style.random() < 0.3,
    ).draw(rows, y + draft.step, lambda: draft.look.margin)
    y = totals.column(draft, y + draft.step)
    _slip(draft, max(y + draft.step * 2, draft.sheet.height * style.uniform(0.62, 0.74)))
    return draft.sheet


def _head(draft: Draft) -> float:
    rng, look = draft.rng, draft.look
    y = look.margin
    low = parties.supplier_block(draft, draft.left, y, align="l", big=True, width=300)
    draft.sheet.say(
        draft.names["title"],
        draft.right,
        y,
        size=look.size * 1.8,
        bold=True,
        align="r",
        mark=Mark("title"),
        colour=look.accent,
    )
    y = max(low, y + look.size * 4) + draft.step
    x = draft.left + (draft.right - draft.left) * 0.56
    low = parties.buyer_block(draft, draft.left, y, label=rng.random() < 0.4, width=x - draft.left - 14)
    return max(low, rng.choice(meta.COLUMN_BLOCKS)(draft, _entries(draft), x, y, draft.right - x))


def _entries(draft: Draft) -> list[Entry]:
    deal, fmt, rng, words = draft.deal, draft.fmt, draft.rng, WORDS[draft.language]
    start = deal.issued - timedelta(days=rng.randint(32, 64))
    draft.names["meter"], draft.names["period"] = rng.choice(words["meter"]), rng.choice(words["period"])
    entries = [
        Entry("customer_number", names.fill("##########", rng)),
        Entry("invoice_number", deal.number, "invoice_number", deal.number),
        Entry("issue_date", fmt.day(deal.issued), "issue_date", deal.issued.isoformat()),
        Entry(
            "period", f"{fmt.day(start)} {rng.choice(('-', '~', 'to'))} {fmt.day(start + timedelta(days=30))}"
        ),
        Entry("due_date", fmt.day(deal.due), "due_date", deal.due.isoformat()),
    ]
    kept = [e for e in entries if e.field is None or e.field in draft.shows]
    rng.shuffle(kept)
    return kept


def _readings(draft: Draft, y: float) -> float:
    """The meter's two readings and what was used."""
    rng, words = draft.rng, WORDS[draft.language]
    before, used = rng.randint(1000, 60000), rng.randint(20, 900)
    unit = rng.choice(words["unit"])
    entries = [
        ("meter", names.fill("########", rng)),
        ("previous", f"{before:,}"),
        ("present", f"{before + used:,}"),
        ("usage", f"{used:,} {unit}"),
    ]
    for key, _ in entries:
        draft.names.setdefault(key, rng.choice(words[key]))
    return meta.strip(
        draft, [Entry(key, text) for key, text in entries], draft.left, y, draft.right - draft.left
    )


def _slip(draft: Draft, y: float) -> None:
    """The part to tear off repeats who, what and how much."""
    deal, fmt, sheet, look = draft.deal, draft.fmt, draft.sheet, draft.look
    if y + 90 > sheet.height:
        return
    sheet.rule(0, y, sheet.width, y, dash=True)
    y += 8
    sheet.say(draft.rng.choice(WORDS[draft.language]["slip"]), draft.left, y, bold=True, mark=Mark("payment"))
    y += draft.step * 1.3
    entries = [
        (draft.label("amount_due"), fmt.money(deal.payable), "amount_due", plain(deal.payable, fmt.places))
    ]
    if "due_date" in draft.shows:
        entries.append((draft.label("due_date"), fmt.day(deal.due), "due_date", deal.due.isoformat()))
    for title, text, name, value in entries:
        y = draft.pair(
            title + look.colon,
            text,
            draft.left,
            y,
            role="payment",
            field_name=name,
            value=value,
            bold=name == "amount_due",
        )
    totals.note_currency(draft, entries[0][1])
    totals.payment(draft, draft.left + 260, y - draft.step * 2)
