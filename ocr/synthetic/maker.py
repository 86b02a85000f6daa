"""`make`: a document of any kind from a seed. The content and the style have random sources of their own, so
that another style shows the same content."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random

from ocr.errors import DocumentError
from ocr.synthetic import korean, labels, receipt, slips, trade, utility
from ocr.synthetic.deal import Deal, deal, region_of
from ocr.synthetic.degrade import KINDS as DAMAGES
from ocr.synthetic.document import SyntheticDocument
from ocr.synthetic.regions import MY
from ocr.synthetic.sheet import Sheet

ALL = ("en", "de", "fr", "nl", "es", "it", "ko")


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of document: the doctype its fields belong to, its languages, and who draws it."""

    doctype: str
    languages: tuple[str, ...]
    compose: Callable[[str, Random, Random], Sheet]


def _items(content: Random) -> int:
    return content.choice((1, 1, 2, 2, 3, 3, 4, 5, 6, 7, 8, 10, 12, 15, 20, 28, 45))


def _trade(language: str, content: Random) -> Deal:
    return deal(region_of(language, content), content, count=_items(content))


def _invoice(language: str, content: Random, style: Random) -> Sheet:
    draft = trade.open_draft(_trade(language, content), style, shows=trade.optional(style))
    trade.compose(draft, "invoice", trade.invoice_entries(draft))
    return draft.sheet


ADDRESSED = frozenset(("To", "Destinataire", "Destinatario", "Spett.le", "받는분", "수신"))
"""Words for whom a letter is addressed to: on an order that is the one who delivers."""
BUYER = {
    "en": "Buyer",
    "de": "Käufer",
    "fr": "Acheteur",
    "nl": "Koper",
    "es": "Comprador",
    "it": "Acquirente",
    "ko": "구매자",
}


def _purchase_order(language: str, content: Random, style: Random) -> Sheet:
    """The letterhead is the buyer's; the one addressed has to deliver."""
    kept = trade.optional(style) - {"iban", "amount_due", "supplier_tax_id", "buyer_tax_id"} | {"supplier_name"}
    draft = trade.open_draft(_trade(language, content), style, shows=kept)
    addressed = {
        "buyer": labels.label("supplier", language, style),
        "supplier": labels.label("buyer", language, style),
    }
    if addressed["supplier"] in ADDRESSED:
        addressed["supplier"] = BUYER[language]
    draft.names.update(addressed, ship_field="yes")
    trade.compose(draft, "purchase_order", trade.order_entries(draft))
    _rename(
        draft.sheet,
        {
            "supplier_name": "buyer_name",
            "buyer_name": "supplier_name",
            "supplier_address": None,
            "buyer_address": None,
        },
    )
    return draft.sheet


def _rename(sheet: Sheet, names: dict[str, str | None]) -> None:
    """Give printed fields other names (None: no field of this doctype)."""
    kept = {names.get(name, name): value for name, value in sheet.fields.items()}
    sheet.fields = {name: value for name, value in kept.items() if name is not None}
    for page in sheet.pages:
        page.runs = [
            replace(r, mark=replace(r.mark, field=names.get(r.mark.field, r.mark.field)))
            if r.mark.field in names
            else r
            for r in page.runs
        ]


def _receipt(language: str, content: Random, style: Random) -> Sheet:
    region = MY if language == "en" and content.random() < 0.45 else region_of(language, content)
    count = content.choice((1, 1, 2, 2, 3, 3, 4, 5, 6, 8, 11, 16))
    return receipt.receipt(deal(region, content, count=count, retail=True), style)


def _tax_invoice(language: str, content: Random, style: Random) -> Sheet:
    count = content.choice((1, 1, 1, 2, 2, 3, 4, 4, 6, 9))
    made = deal(region_of(language, content), content, count=count)
    return korean.tax_invoice(korean.with_form_data(made, content), style)


def _utility(language: str, content: Random, style: Random) -> Sheet:
    return utility.utility(utility.as_charges(_trade(language, content), content), style)


def _bank_slip(language: str, content: Random, style: Random) -> Sheet:
    return slips.bank_slip(deal(region_of(language, content), content, count=2), style)


def _form(language: str, content: Random, style: Random) -> Sheet:
    return slips.form(deal(region_of(language, content), content, count=1), style)


KINDS: dict[str, Kind] = {
    "invoice": Kind("invoice", ALL, _invoice),
    "receipt": Kind("receipt", ALL, _receipt),
    "tax_invoice_kr": Kind("tax_invoice_kr", ("ko",), _tax_invoice),
    "statement_kr": Kind("invoice", ("ko",), _invoice),
    "purchase_order": Kind("purchase_order", ALL, _purchase_order),
    "utility_bill": Kind("invoice", ("en", "de", "fr", "ko"), _utility),
    "bank_slip": Kind("bank_slip", ("en", "de", "fr", "ko"), _bank_slip),
    "form": Kind("form", ("en", "de", "fr", "ko"), _form),
}


def make(
    kind: str,
    *,
    lang: str | None = None,
    seed: int,
    style: int | None = None,
    degrade: str | None = None,
    dpi: float = 150.0,
) -> SyntheticDocument:
    """One document of `kind` (a key of `KINDS`).

    `style` is another seed for the looks alone; `degrade` is one of `degrade.KINDS`, `any`, or None for a
    clean page; `dpi` is the resolution of the pictures. Raises DocumentError `synthetic-unknown`.
    """
    _known(kind, lang, degrade)
    content = Random(f"{kind}/{seed}/content")
    looks = Random(f"{kind}/{seed if style is None else style}/style")
    language = lang or content.choice(KINDS[kind].languages)
    sheet = KINDS[kind].compose(language, content, looks)
    harm = looks.choice(_fitting(kind)) if degrade == "any" else degrade
    name = f"{kind}-{language}-{seed}"
    return SyntheticDocument(name, KINDS[kind].doctype, kind, language, seed, sheet, dpi, harm)


def _fitting(kind: str) -> tuple[str, ...]:
    return (
        ("thermal", "thermal", "phone", "fold", "scan")
        if kind == "receipt"
        else ("scan", "scan", "fax", "phone", "fold")
    )


def _known(kind: str, lang: str | None, degrade: str | None) -> None:
    choices = (
        (kind, tuple(KINDS)),
        (lang, KINDS[kind].languages if kind in KINDS else ()),
        (degrade, (*DAMAGES, "any")),
    )
    for given, allowed in choices:
        if given is not None and given not in allowed:
            raise DocumentError(
                "synthetic-unknown",
                f"The document maker does not know {given!r} here.",
                f"Use one of: {', '.join(allowed)}.",
                kind="flow",
            )
