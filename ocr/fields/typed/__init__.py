"""Typed values from printed text: money, dates, identifiers, quantities. Pure functions, no guessing."""

from ocr.fields.typed.dates import DateHit, find_dates
from ocr.fields.typed.identifiers import IbanHit, TaxIdHit, find_ibans, find_resident_numbers, find_tax_ids
from ocr.fields.typed.locale import Convention, convention_of
from ocr.fields.typed.money import MoneyHit, find_money, parse_number
from ocr.fields.typed.parse import parse

__all__ = [
    "Convention",
    "DateHit",
    "IbanHit",
    "MoneyHit",
    "TaxIdHit",
    "convention_of",
    "find_dates",
    "find_ibans",
    "find_money",
    "find_resident_numbers",
    "find_tax_ids",
    "parse",
    "parse_number",
]
