"""Tax ids, bank accounts and document numbers whose check digits hold."""

from __future__ import annotations

from datetime import date
from random import Random

from stdnum import luhn
from stdnum.es import cif
from stdnum.fr import siren
from stdnum.iso7064 import mod_11_10, mod_97_10

from ocr.synthetic.names import fill
from ocr.synthetic.regions import Region


def _digits(rng: Random, count: int) -> str:
    return "".join(str(rng.randrange(10)) for _ in range(count))


def korean_business_number(rng: Random) -> str:
    """Ten digits with the check digit of the Korean tax office, printed 3-2-5."""
    body = str(rng.randint(101, 899)) + f"{rng.randint(1, 99):02d}" + _digits(rng, 4)
    weights = (1, 3, 7, 1, 3, 7, 1, 3, 5)
    total = sum(int(d) * w for d, w in zip(body, weights, strict=True)) + int(body[8]) * 5 // 10
    digits = body + str((10 - total % 10) % 10)
    return f"{digits[:3]}-{digits[3:5]}-{digits[5:]}"


def _german_vat(rng: Random) -> str:
    body = str(rng.randint(1, 9)) + _digits(rng, 7)
    return "DE" + body + mod_11_10.calc_check_digit(body)


def _british_vat(rng: Random) -> str:
    body = str(rng.randint(1, 9)) + _digits(rng, 6)
    total = sum(int(d) * w for d, w in zip(body, range(8, 1, -1), strict=True))
    check = (97 - total % 97) % 97
    digits = f"{body}{check:02d}"
    return rng.choice((f"GB {digits[:3]} {digits[3:7]} {digits[7:]}", f"GB{digits}"))


def _french_vat(rng: Random) -> str:
    body = str(rng.randint(3, 8)) + _digits(rng, 7)
    number = body + luhn.calc_check_digit(body)
    key = (12 + 3 * (int(siren.validate(number)) % 97)) % 97
    return rng.choice((f"FR{key:02d}{number}", f"FR {key:02d} {number[:3]} {number[3:6]} {number[6:]}"))


def _dutch_vat(rng: Random) -> str:
    while True:
        body = str(rng.randint(1, 8)) + _digits(rng, 7)
        check = sum(int(d) * w for d, w in zip(body, range(9, 1, -1), strict=True)) % 11
        if check < 10:
            return f"NL{body}{check}B0{rng.randint(1, 9)}"


def _spanish_vat(rng: Random) -> str:
    body = "B" + str(rng.randint(1, 9)) + _digits(rng, 6)
    number = body + cif.calc_check_digits(body)[0]
    return rng.choice((number, "ES" + number))


def _italian_vat(rng: Random) -> str:
    body = _digits(rng, 7) + f"{rng.randint(1, 95):03d}"
    return rng.choice(("IT", "", "IT ")) + body + luhn.calc_check_digit(body)


def tax_id(region: Region, rng: Random) -> str:
    """The region's VAT, GST or business number as printed."""
    makers = {
        "DE": _german_vat,
        "GB": _british_vat,
        "FR": _french_vat,
        "NL": _dutch_vat,
        "ES": _spanish_vat,
        "IT": _italian_vat,
        "KR": korean_business_number,
    }
    patterns = {
        "US": ("##-#######",),
        "MY": ("000########", "00######0###", "001########", "000### ### ###"),
        "SG": ("M2-#######-#", "20#######@", "M9-0######-#"),
        "AU": ("## ### ### ###",),
    }
    if region.code in makers:
        return makers[region.code](rng)
    return fill(rng.choice(patterns[region.code]), rng)


_BANK_PATTERNS = {
    "DE": "##################",
    "FR": "#######################",
    "NL": "ABNA##########",
    "ES": "####################",
    "IT": "X######################",
    "GB": "NWBK##############",
}


def iban(region: Region, rng: Random, *, spaced: bool) -> str:
    """A bank account with correct check digits, in groups of four if `spaced`."""
    bban = fill(_BANK_PATTERNS[region.code], rng)
    if region.code == "NL":
        bban = rng.choice(("ABNA", "RABO", "INGB")) + bban[4:]
    code = region.code + mod_97_10.calc_check_digits(bban + region.code) + bban
    return " ".join(code[i : i + 4] for i in range(0, len(code), 4)) if spaced else code


def has_iban(region: Region) -> bool:
    return region.code in _BANK_PATTERNS


def document_number(day: date, rng: Random, prefixes: tuple[str, ...]) -> str:
    """An invoice, order or slip number in one of the shapes that real ones have."""
    prefix = rng.choice(prefixes)
    serial = rng.randint(1, 99999)
    return rng.choice(
        (
            f"{prefix}{day:%Y}-{serial:04d}",
            f"{prefix}-{serial:05d}",
            f"{day:%Y}{serial:05d}",
            f"{prefix}{serial:06d}",
            f"{day:%y}/{serial:04d}",
            f"{prefix}/{day:%Y}/{serial:04d}",
            f"{serial + 10000}",
            f"{prefix}{day:%y%m%d}-{serial % 1000:03d}",
            f"{prefix}-{day:%Y%m%d}/{serial % 1000}",
            f"{rng.randint(10**7, 10**9)}",
            fill("@@-####-@#", rng),
            f"{day:%Y}-{serial % 1000:03d}",
        )
    )


def bank_code(rng: Random, region: Region) -> str:
    """A BIC for the region."""
    return fill("@@@@", rng) + region.code + fill("@#", rng) + rng.choice(("", "XXX"))
