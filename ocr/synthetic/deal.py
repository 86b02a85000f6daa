"""What a trade document says: parties, items, taxes and sums that agree to the cent."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, time, timedelta
from decimal import Decimal
from random import Random

from ocr.synthetic import goods, identifiers, names
from ocr.synthetic.formats import PLACES, quantise
from ocr.synthetic.regions import BY_LANGUAGE, Region

ZERO = Decimal(0)
HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class Party:
    """One side of a deal."""

    name: str
    address: tuple[str, ...]
    tax_id: str
    phone: str
    email: str
    web: str
    person: str
    business_type: str = ""
    business_item: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """One line item. `amount` is quantity × unit price less the discount, rounded to the currency."""

    description: str
    code: str
    quantity: Decimal
    unit: str
    unit_price: Decimal
    tax_rate: Decimal
    amount: Decimal
    discount: Decimal = ZERO
    spec: str = ""
    tax_amount: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Deal:
    """Everything a document could print. Sums hold: net = items - discount + shipping, gross = net + tax."""

    region: Region
    currency: str
    supplier: Party
    buyer: Party
    number: str
    issued: date
    at: time
    due: date
    order_reference: str
    items: tuple[Item, ...]
    taxes: tuple[tuple[Decimal, Decimal, Decimal], ...]
    discount: Decimal
    shipping: Decimal
    net: Decimal
    tax: Decimal
    gross: Decimal
    prepaid: Decimal
    iban: str
    bic: str
    bank: str
    extra: dict[str, str] = field(default_factory=dict)

    @property
    def payable(self) -> Decimal:
        return self.gross - self.prepaid

    @property
    def lines_total(self) -> Decimal:
        return sum((item.amount for item in self.items), ZERO)


BANKS = {
    "en": ("First Harbor Bank", "Northgate Bank", "Maybank", "Meridian Trust", "Lloyd & Hart Bank"),
    "de": ("Sparkasse Mitte", "Volksbank Nord eG", "Handelsbank AG", "Stadtsparkasse"),
    "fr": ("Banque du Rhône", "Crédit Lyonnais"),
    "nl": ("ING Bank", "Rabobank", "ABN AMRO"),
    "es": ("Banco del Sur", "Caja Central"),
    "it": ("Banca Centrale", "Banco di Verona"),
    "ko": ("국민은행", "신한은행", "우리은행", "하나은행", "농협은행", "기업은행", "카카오뱅크"),
}


def region_of(language: str, rng: Random) -> Region:
    return rng.choice(BY_LANGUAGE[language])


def party(region: Region, rng: Random, *, shop: bool = False) -> Party:
    """An invented firm."""
    name = names.company(region, rng, shop=shop)
    slug = names.slug(name) if region.language != "ko" else names.slug(names.coined(rng))
    web = f"{slug}.{region.domain}"
    mailbox = rng.choice(("info", "office", "billing", "sales", "accounts", "hello", "tax"))
    return Party(
        name,
        names.address(region, rng),
        identifiers.tax_id(region, rng),
        names.fill(rng.choice(region.phone), rng),
        f"{mailbox}@{web}",
        "www." + web,
        names.person(region, rng),
        rng.choice(names.KO_BUSINESS_TYPES) if region.language == "ko" else "",
        rng.choice(names.KO_BUSINESS_ITEMS) if region.language == "ko" else "",
    )


def _rates(region: Region, rng: Random) -> tuple[Decimal, ...]:
    """The tax rates of one document: mostly one, sometimes two."""
    first = rng.choice(region.tax_rates)
    if region.code in ("US", "MY", "KR", "SG") or rng.random() < 0.75:
        return (first,)
    return (first, rng.choice(region.tax_rates))


def item(good: goods.Good, region: Region, rate: Decimal, rng: Random, *, discounts: bool = False) -> Item:
    """A line of one good."""
    places = PLACES.get(region.currency, 2)
    quantity = _quantity(good, rng)
    price = goods.price(good, region.currency, rng)
    off = rng.choice((Decimal(5), Decimal(10), Decimal(20))) if discounts and rng.random() < 0.4 else ZERO
    amount = quantise(quantity * price * (HUNDRED - off) / HUNDRED, places)
    text = good.text + (rng.choice(goods.PACKS.get(region.language, ("",))) if good.unit == "pcs" else "")
    code = names.fill(rng.choice(("####", "@@-####", "#####", "@###", "########")), rng)
    spec = (
        rng.choice(("", "", "A4", "100x200", "30kg", "1box", "EA", "L", "220V"))
        if region.language == "ko"
        else ""
    )
    tax = quantise(amount * rate / HUNDRED, places)
    return Item(text, code, quantity, good.unit, price, rate, amount, off, spec, tax)


def _quantity(good: goods.Good, rng: Random) -> Decimal:
    if good.unit in ("h", "Std", "uur", "ore", "kg", "l") and rng.random() < 0.5:
        return Decimal(rng.randint(2, 160)) / 4
    if not good.unit:
        return _pieces(good, rng)
    if good.high > 500 or good.unit in ("month", "Monat", "식"):
        return Decimal(rng.choice((1, 1, 1, 2, 3, 12)))
    return Decimal(rng.choice((1, 2, 3, 5, 10, 20, 50, 100, rng.randint(1, 30), rng.randint(1, 400))))


def _pieces(good: goods.Good, rng: Random) -> Decimal:
    """How many a customer carries home; fuel by the litre."""
    if good.text in ("DIESEL", "UNLEADED 95", "휘발유"):
        return Decimal(rng.randint(800, 6000)) / HUNDRED
    return Decimal(rng.choice((1, 1, 1, 1, 1, 1, 2, 2, 3, 4, 6, rng.randint(1, 24))))


def _taxes(
    items: tuple[Item, ...], net: Decimal, places: int
) -> tuple[tuple[Decimal, Decimal, Decimal], ...]:
    """(rate, base, tax) by rate; discount and shipping go to the first rate."""
    bases: dict[Decimal, Decimal] = {}
    for entry in items:
        bases[entry.tax_rate] = bases.get(entry.tax_rate, ZERO) + entry.amount
    first = next(iter(bases))
    bases[first] += net - sum(bases.values(), ZERO)
    return tuple((rate, base, quantise(base * rate / HUNDRED, places)) for rate, base in bases.items())


def deal(
    region: Region, rng: Random, *, count: int, years: tuple[int, int] = (2015, 2027), retail: bool = False
) -> Deal:
    """A whole trade with `count` line items, issued in `years` (the last one excluded)."""
    supplier, buyer = party(region, rng, shop=retail), party(region, rng)
    issued = date(rng.randrange(*years), 1, 1) + timedelta(days=rng.randrange(365))
    rates = _rates(region, rng)
    discounts = rng.random() < 0.15
    table = goods.RETAIL if retail else goods.TRADE
    items = tuple(
        item(good, region, rng.choice(rates), rng, discounts=discounts)
        for good in goods.pick(table, region.language, count, rng)
    )
    prefixes = ("INV", "RE", "F", "R", "IN", "A", "SI", "2", "FA", "VF", "CI", "T")
    base = Deal(
        region,
        region.currency,
        supplier,
        buyer,
        identifiers.document_number(issued, rng, prefixes),
        issued,
        time(rng.randint(8, 21), rng.randrange(60), rng.randrange(60)),
        issued + timedelta(days=rng.choice((7, 10, 14, 21, 30, 30, 45, 60))),
        identifiers.document_number(issued, rng, ("PO", "B", "PO-", "4500")),
        items,
        (),
        ZERO,
        ZERO,
        ZERO,
        ZERO,
        ZERO,
        ZERO,
        identifiers.iban(region, rng, spaced=rng.random() < 0.8) if identifiers.has_iban(region) else "",
        identifiers.bank_code(rng, region),
        rng.choice(BANKS[region.language]),
    )
    return _settle(base, rng)


def _settle(base: Deal, rng: Random) -> Deal:
    """The sums, with a document discount, shipping and a part payment now and then."""
    places = PLACES.get(base.currency, 2)
    total = base.lines_total
    discount = quantise(total * rng.choice((5, 10)) / HUNDRED, places) if rng.random() < 0.1 else ZERO
    shipping = goods.price(goods.Good("", "", 5, 40), base.currency, rng) if rng.random() < 0.12 else ZERO
    net = total - discount + shipping
    taxes = _taxes(base.items, net, places)
    tax = sum((t for _, _, t in taxes), ZERO)
    gross = net + tax
    prepaid = quantise(gross * rng.choice((20, 30, 50)) / HUNDRED, places) if rng.random() < 0.08 else ZERO
    return replace(
        base,
        discount=discount,
        shipping=shipping,
        net=net,
        taxes=taxes,
        tax=tax,
        gross=gross,
        prepaid=prepaid,
    )


def plain(value: Decimal, places: int = 2) -> str:
    """The canonical text of a money amount: a plain decimal string with a dot."""
    return f"{quantise(value, places):f}"
