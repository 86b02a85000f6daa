"""E-invoices: Factur-X, ZUGFeRD and XRechnung (CII and UBL), Korean electronic tax invoices."""

from ocr.einvoice.rung import compare, extraction_of_xml, read_einvoice, standalone_einvoice
from ocr.einvoice.values import EInvoice

__all__ = ["EInvoice", "compare", "extraction_of_xml", "read_einvoice", "standalone_einvoice"]
