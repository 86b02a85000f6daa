"""The Korean electronic tax invoice (KEC standard, `TaxInvoice` of the National Tax Service, version 3.0)."""

from __future__ import annotations

import re

from ocr.einvoice.values import EInvoice, XmlValue
from ocr.einvoice.xml import Reader, as_date, as_decimal, as_text
from ocr.values import Value


def read_kr(root: Reader) -> EInvoice:
    """The tax invoice in a `TaxInvoice` document, in the field names of the doctype `tax_invoice_kr`."""
    fields: dict[str, XmlValue | None] = {
        "approval_number": root.value("TaxInvoiceDocument/IssueID", as_text),
        "issue_date": root.value("TaxInvoiceDocument/IssueDateTime", as_date),
        "remark": root.value("TaxInvoiceDocument/DescriptionText", as_text),
    }
    settlement = root.first("TaxInvoiceTradeSettlement")
    if settlement is not None:
        for role, name in (("supplier", "InvoicerParty"), ("buyer", "InvoiceeParty")):
            party = settlement.first(name)
            if party is not None:
                fields |= _party(role, party)
        sums = "SpecifiedMonetarySummation"
        fields["supply_amount"] = settlement.value(f"{sums}/ChargeTotalAmount", as_decimal)
        fields["tax_amount"] = settlement.value(f"{sums}/TaxTotalAmount", as_decimal)
        fields["total_amount"] = settlement.value(f"{sums}/GrandTotalAmount", as_decimal)
    known = {name: value for name, value in fields.items() if value is not None}
    lines = tuple(_line(line) for line in root.all("TaxInvoiceTradeLineItem"))
    return EInvoice("kr", "tax_invoice_kr", known, lines)


def _party(role: str, party: Reader) -> dict[str, XmlValue | None]:
    return {
        f"{role}_business_number": party.value("ID", _business_number),
        f"{role}_name": party.value("NameText", as_text),
        f"{role}_representative": party.value("SpecifiedPerson/NameText", as_text),
        f"{role}_address": party.value("SpecifiedAddress/LineOneText", as_text),
        f"{role}_business_type": party.value("TypeCode", as_text),
        f"{role}_business_item": party.value("ClassificationCode", as_text),
    }


def _business_number(raw: str) -> Value:
    digits = re.sub(r"\D", "", raw)
    return f"{digits[:3]}-{digits[3:5]}-{digits[5:]}" if len(digits) == 10 else (raw.strip() or None)


def _line(line: Reader) -> dict[str, XmlValue]:
    cells = {
        "item": line.value("NameText", as_text),
        "spec": line.value("InformationText", as_text),
        "quantity": line.value("ChargeableUnitQuantity", as_decimal),
        "unit_price": line.value("UnitPrice/UnitAmount", as_decimal),
        "supply_amount": line.value("InvoiceAmount", as_decimal),
        "tax_amount": line.value("TotalTax/CalculatedAmount", as_decimal),
        "remark": line.value("DescriptionText", as_text),
    }
    bought = line.value("PurchaseExpiryDateTime", as_date)
    if bought is not None:
        cells["month"] = XmlValue(int(bought.raw[4:6]), bought.raw, bought.path)
        cells["day"] = XmlValue(int(bought.raw[6:8]), bought.raw, bought.path)
    return {name: value for name, value in cells.items() if value is not None}
