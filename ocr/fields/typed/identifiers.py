"""Identifiers with a form of their own: VAT ids, IBANs, Korean business and resident numbers (by
python-stdnum).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from stdnum import iban as iban_number
from stdnum.eu import vat as eu_vat
from stdnum.exceptions import ValidationError
from stdnum.kr import brn, rrn

_EU = "AT|BE|BG|CY|CZ|DE|DK|EE|EL|ES|FI|FR|GB|GR|HR|HU|IE|IT|LT|LU|LV|MT|NL|PL|PT|RO|SE|SI|SK|XI|CHE|NO"
_VAT = re.compile(
    rf"(?<![A-Za-z\d])(?:{_EU})[ .-]?(?:[A-Z]{{0,2}}\d|\d)[\dA-Z]?(?:[ .-]?[\dA-Z]){{5,12}}(?![A-Za-z\d])"
)
_IBAN = re.compile(r"(?<![A-Za-z\d])[A-Z]{2}\d{2}(?: ?[A-Z\d]){11,30}(?![A-Za-z\d])")
_BRN = re.compile(r"(?<![\d-])\d{3}\s?-\s?\d{2}\s?-\s?\d{5}(?![\d-])")
_IBAN_START = re.compile(r"(?<![A-Za-z\d])[A-Z]{2}\d{2}")
_SHORTEST_IBAN = 15  # Norway
_RRN = re.compile(r"(?<![\d-])\d{6}\s?-\s?[1-8]\d{6}(?![\d-])")


@dataclass(frozen=True, slots=True)
class TaxIdHit:
    """A tax number in a text. `valid`: the check digits hold (None where none are known)."""

    value: str
    valid: bool | None
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class IbanHit:
    value: str
    valid: bool
    start: int
    end: int


def find_tax_ids(text: str) -> list[TaxIdHit]:
    """VAT ids with a country prefix and Korean business numbers, left to right."""
    hits = [TaxIdHit(_tidy_brn(m.group()), brn.is_valid(m.group()), *m.span()) for m in _BRN.finditer(text)]
    ibans = [hit for hit in find_ibans(text) if hit.valid]
    for match in _VAT.finditer(text):
        if any(iban.start <= match.start() < iban.end for iban in ibans):
            continue
        end = _vat_end(text, match.start(), match.end())
        value = compact(text[match.start() : end])
        if sum(ch.isdigit() for ch in value) >= 7:
            hits.append(TaxIdHit(value, is_valid_tax_id(value), match.start(), end))
    return sorted(hits, key=lambda hit: hit.start)


def _vat_end(text: str, start: int, end: int) -> int:
    """Where the id ends: the longest valid reading, else the match without what follows a space as
    letters.
    """
    for stop in range(end, start + 7, -1):
        if (stop == len(text) or not text[stop].isalnum()) and is_valid_tax_id(compact(text[start:stop])):
            return stop
    letters = re.search(r" [A-Z]+[A-Z ]*$| [A-Z]{2}\d{2}(?: ?[A-Z\d])*$", text[start:end])
    return start + letters.start() if letters and letters.start() > 4 else end


def _tidy_brn(text: str) -> str:
    digits = re.sub(r"\D", "", text)
    return f"{digits[:3]}-{digits[3:5]}-{digits[5:]}"


def find_ibans(text: str) -> list[IbanHit]:
    """IBANs, left to right; those whose check digits fail are kept and marked."""
    found = []
    for begin in _IBAN_START.finditer(text):
        match = _IBAN.match(text, begin.start())
        if match is not None:
            end, valid = _iban_end(text, match.start(), match.end())
            found.append(IbanHit(compact(text[match.start() : end]), valid, match.start(), end))
    sure = [hit for hit in found if hit.valid]
    doubtful = [
        hit
        for hit in found
        if not hit.valid
        and len(hit.value) >= _SHORTEST_IBAN
        and not is_valid_tax_id(hit.value)
        and all(hit.end <= other.start or hit.start >= other.end for other in sure)
    ]
    return sorted([*sure, *doubtful], key=lambda hit: hit.start)


def _iban_end(text: str, start: int, end: int) -> tuple[int, bool]:
    for stop in range(end, start + 14, -1):
        if (stop == len(text) or not text[stop].isalnum()) and is_valid_iban(text[start:stop]):
            return stop, True
    words = re.search(r"(?: [A-Z]+)+$", text[start:end])
    return (start + words.start() if words else end), False


def find_resident_numbers(text: str) -> list[tuple[int, int]]:
    """Spans of Korean resident registration numbers (주민등록번호): personal data to be masked."""
    return [match.span() for match in _RRN.finditer(text) if _is_resident_number(match.group())]


def _is_resident_number(text: str) -> bool:
    """A plausible birth date is enough: numbers given out since October 2020 carry no check digit."""
    digits = re.sub(r"\D", "", text)
    try:
        rrn.get_birth_date(digits)
    except ValidationError:
        return False
    return True


def is_valid_iban(text: str) -> bool:
    """ISO 7064 mod 97-10 and the country's form; national check digits inside are not asked for."""
    return bool(iban_number.is_valid(text, check_country=False))


def is_valid_tax_id(text: str) -> bool | None:
    """EU VAT ids and Korean business numbers by their check digits; None for what we know no rule for."""
    compacted = compact(text)
    if re.fullmatch(r"\d{10}", compacted):
        return bool(brn.is_valid(compacted))
    if re.match(rf"(?:{_EU})", compacted) and compacted[:2] not in ("GB", "NO", "CH"):
        return bool(eu_vat.is_valid(compacted))
    return None


def compact(text: str) -> str:
    """Letters and digits alone, in capitals."""
    return "".join(ch for ch in text.upper() if ch.isalnum())
