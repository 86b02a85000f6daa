"""The e-invoice a PDF carries inside: Factur-X, ZUGFeRD, Order-X, XRechnung."""

from __future__ import annotations

import pypdfium2 as pdfium

_NAMES = ("factur-x.xml", "zugferd-invoice.xml", "xrechnung.xml", "order-x.xml")
_ROOTS = (b"CrossIndustryInvoice", b"CrossIndustryDocument", b"<Invoice", b":Invoice", b"CreditNote")


def embedded_invoice(pdf: pdfium.PdfDocument) -> bytes | None:
    """The bytes of the first attached e-invoice: one with a standard name, else any XML whose root is an
    invoice."""
    found = [pdf.get_attachment(index) for index in range(pdf.count_attachments())]
    named = [item for item in found if item.get_name().lower() in _NAMES]
    others = [item for item in found if item not in named and item.get_name().lower().endswith(".xml")]
    for item in named + others:
        data = bytes(item.get_data())
        if any(root in data[:4096] for root in _ROOTS):
            return data
    return None
