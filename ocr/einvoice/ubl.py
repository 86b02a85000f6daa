"""OASIS UBL 2.1 Invoice and CreditNote (XRechnung UBL, Peppol BIS Billing). Paths after EN 16931-3-2."""

from __future__ import annotations

from ocr.einvoice.values import EInvoice, XmlValue
from ocr.einvoice.xml import Reader, as_date, as_decimal, as_text


def read_ubl(root: Reader) -> EInvoice:
    """The e-invoice in a UBL document."""
    fields: dict[str, XmlValue | None] = {
        "invoice_number": root.value("ID", as_text),
        "issue_date": root.value("IssueDate", as_date),
        "due_date": root.value("DueDate", as_date) or root.value("PaymentMeans/PaymentDueDate", as_date),
        "currency": root.value("DocumentCurrencyCode", as_text),
        "order_reference": root.value("OrderReference/ID", as_text),
        "iban": root.value("PaymentMeans/PayeeFinancialAccount/ID", _compact),
        "tax_total": root.value("TaxTotal/TaxAmount", as_decimal),
    }
    sums = root.first("LegalMonetaryTotal")
    if sums is not None:
        fields["net_total"] = sums.value("TaxExclusiveAmount", as_decimal)
        fields["gross_total"] = sums.value("TaxInclusiveAmount", as_decimal)
        fields["amount_due"] = sums.value("PayableAmount", as_decimal)
    for role, path in (
        ("supplier", "AccountingSupplierParty/Party"),
        ("buyer", "AccountingCustomerParty/Party"),
    ):
        party = root.first(path)
        if party is not None:
            fields |= _party(role, party)
    known = {name: value for name, value in fields.items() if value is not None}
    lines = [*root.all("InvoiceLine"), *root.all("CreditNoteLine")]
    return EInvoice("ubl", "invoice", known, tuple(_line(line) for line in lines))


def _compact(raw: str) -> str | None:
    return "".join(raw.split()) or None


def _party(role: str, party: Reader) -> dict[str, XmlValue | None]:
    steps = ("StreetName", "AdditionalStreetName", "PostalZone", "CityName", "Country/IdentificationCode")
    address = party.first("PostalAddress")
    text = " ".join(part for step in steps if address is not None and (part := address.text(step)))
    return {
        f"{role}_name": party.value("PartyLegalEntity/RegistrationName", as_text)
        or party.value("PartyName/Name", as_text),
        f"{role}_address": XmlValue(text, text, "PostalAddress") if text else None,
        f"{role}_tax_id": _vat_id(party),
    }


def _vat_id(party: Reader) -> XmlValue | None:
    schemes = party.all("PartyTaxScheme")
    for scheme in schemes:
        if scheme.text("TaxScheme/ID") == "VAT":
            return scheme.value("CompanyID", as_text)
    return schemes[0].value("CompanyID", as_text) if schemes else None


def _line(line: Reader) -> dict[str, XmlValue]:
    quantity = "InvoicedQuantity" if line.first("InvoicedQuantity") else "CreditedQuantity"
    cells = {
        "description": line.value("Item/Name", as_text) or line.value("Item/Description", as_text),
        "quantity": line.value(quantity, as_decimal),
        "unit_price": line.value("Price/PriceAmount", as_decimal),
        "tax_rate": line.value("Item/ClassifiedTaxCategory/Percent", as_decimal),
        "amount": line.value("LineExtensionAmount", as_decimal),
    }
    unit = line.attribute(quantity, "unitCode")
    if unit:
        cells["unit"] = XmlValue(unit, unit, f"{quantity}/@unitCode")
    return {name: value for name, value in cells.items() if value is not None}
