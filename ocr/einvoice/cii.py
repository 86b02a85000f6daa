"""UN/CEFACT Cross Industry Invoice: ZUGFeRD 1 (CrossIndustryDocument), ZUGFeRD 2, Factur-X, XRechnung CII.

Paths after EN 16931-3-3. ZUGFeRD 1 differs in the prefix of a few names; both are tried.
"""

from __future__ import annotations

from ocr.einvoice.values import EInvoice, XmlValue
from ocr.einvoice.xml import Reader, as_date, as_decimal, as_text

_V1 = ("HeaderExchangedDocument", "SpecifiedSupplyChainTradeTransaction")
_V2 = ("ExchangedDocument", "SupplyChainTradeTransaction")


def read_cii(root: Reader) -> EInvoice:
    """The e-invoice in a CII document, of any profile."""
    document, transaction = _V2 if root.first(_V2[0]) else _V1
    head = root.first(document)
    deal = root.first(transaction)
    fields: dict[str, XmlValue | None] = {}
    if head is not None:
        fields["invoice_number"] = head.value("ID", as_text)
        fields["issue_date"] = head.value("IssueDateTime/DateTimeString", as_date)
    lines: list[dict[str, XmlValue]] = []
    if deal is not None:
        fields |= _agreement(_part(deal, "HeaderTradeAgreement"))
        fields |= _settlement(_part(deal, "HeaderTradeSettlement"))
        lines = [_line(line) for line in deal.all("IncludedSupplyChainTradeLineItem")]
    known = {name: value for name, value in fields.items() if value is not None}
    return EInvoice("cii", "invoice", known, tuple(line for line in lines if line))


def _part(deal: Reader, name: str) -> Reader | None:
    return deal.first(f"Applicable{name}") or deal.first(f"ApplicableSupplyChain{name.replace('Header', '')}")


def _agreement(part: Reader | None) -> dict[str, XmlValue | None]:
    if part is None:
        return {}
    fields = {
        "order_reference": part.value("BuyerOrderReferencedDocument/IssuerAssignedID", as_text)
        or part.value("BuyerOrderReferencedDocument/ID", as_text)
    }
    for role, name in (("supplier", "SellerTradeParty"), ("buyer", "BuyerTradeParty")):
        party = part.first(name)
        if party is not None:
            fields[f"{role}_name"] = party.value("Name", as_text)
            fields[f"{role}_address"] = _address(party)
            fields[f"{role}_tax_id"] = _tax_id(party)
    return fields


def _address(party: Reader) -> XmlValue | None:
    address = party.first("PostalTradeAddress")
    if address is None:
        return None
    steps = ("LineOne", "LineTwo", "LineThree", "PostcodeCode", "CityName", "CountryID")
    text = " ".join(part for step in steps if (part := address.text(step)))
    return XmlValue(text, text, "PostalTradeAddress") if text else None


def _tax_id(party: Reader) -> XmlValue | None:
    """The VAT id (scheme VA) before the local tax number (FC)."""
    by_scheme = {
        r.attribute("ID", "schemeID"): r.value("ID", as_text) for r in party.all("SpecifiedTaxRegistration")
    }
    return by_scheme.get("VA") or by_scheme.get("FC")


def _settlement(part: Reader | None) -> dict[str, XmlValue | None]:
    if part is None:
        return {}
    sums = part.first("SpecifiedTradeSettlementHeaderMonetarySummation") or part.first(
        "SpecifiedTradeSettlementMonetarySummation"
    )
    fields: dict[str, XmlValue | None] = {
        "currency": part.value("InvoiceCurrencyCode", as_text),
        "due_date": part.value("SpecifiedTradePaymentTerms/DueDateDateTime/DateTimeString", as_date),
        "iban": part.value(
            "SpecifiedTradeSettlementPaymentMeans/PayeePartyCreditorFinancialAccount/IBANID", _compact
        ),
    }
    if sums is not None:
        fields["net_total"] = sums.value("TaxBasisTotalAmount", as_decimal)
        fields["tax_total"] = sums.value("TaxTotalAmount", as_decimal)
        fields["gross_total"] = sums.value("GrandTotalAmount", as_decimal)
        fields["amount_due"] = sums.value("DuePayableAmount", as_decimal)
    return fields


def _compact(raw: str) -> str | None:
    return "".join(raw.split()) or None


def _line(item: Reader) -> dict[str, XmlValue]:
    def either(second: str, first: str, leaf: str) -> XmlValue | None:
        return item.value(f"{second}/{leaf}", as_decimal) or item.value(f"{first}/{leaf}", as_decimal)

    new, old = "SpecifiedLineTrade", "SpecifiedSupplyChainTrade"
    cells = {
        "description": item.value("SpecifiedTradeProduct/Name", as_text),
        "quantity": either(f"{new}Delivery", f"{old}Delivery", "BilledQuantity"),
        "unit_price": either(f"{new}Agreement", f"{old}Agreement", "NetPriceProductTradePrice/ChargeAmount"),
        "tax_rate": either(f"{new}Settlement", f"{old}Settlement", "ApplicableTradeTax/RateApplicablePercent")
        or either(f"{new}Settlement", f"{old}Settlement", "ApplicableTradeTax/ApplicablePercent"),
        "amount": either(
            f"{new}Settlement",
            f"{old}Settlement",
            "SpecifiedTradeSettlementLineMonetarySummation/LineTotalAmount",
        )
        or either(
            f"{new}Settlement",
            f"{old}Settlement",
            "SpecifiedTradeSettlementMonetarySummation/LineTotalAmount",
        ),
    }
    unit = item.attribute(f"{new}Delivery/BilledQuantity", "unitCode") or item.attribute(
        f"{old}Delivery/BilledQuantity", "unitCode"
    )
    if unit:
        cells["unit"] = XmlValue(unit, unit, "BilledQuantity/@unitCode")
    found = {name: value for name, value in cells.items() if value is not None}
    return found if "amount" in found or "quantity" in found else {}
