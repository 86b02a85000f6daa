"""What looks like a name, a company, an address line, a contact line."""

from __future__ import annotations

import re

from ocr.fields.sheet import fold
from ocr.fields.typed import find_dates, find_ibans, find_tax_ids

_LEGAL = (
    r"GmbH\s?&\s?Co\.?\s?KGaA|GmbH\s?&\s?Co\.?\s?KG|gGmbH|GmbH|mbH|KGaA|OHG|GbR|UG(?:\s?\(haftungsbeschränkt\))?|e\.\s?K\.|e\.\s?V\.|a\.\s?G\.|"
    r"AG\s?&\s?Co\.?\s?KG|AG|KG|SE|Inc\.?|L\.?L\.?C\.?|Co\.,?\s?Ltd\.?|Pte\.?\s?Ltd\.?|Pty\.?\s?Ltd\.?|Ltd\.?|Limited|LLP|Corp\.?|Corporation|PLC|plc|"
    r"B\.\s?V\.|BV|N\.\s?V\.|VOF|S\.?A\.?S\.?U?|SARL|S\.?à\.?r\.?l\.?|EURL|S\.\s?A\.|SA|S\.\s?L\.(?:\s?U\.)?|SLU?|S\.\s?r\.\s?l\.|Srl|SRL|S\.\s?p\.\s?A\.|SpA|SPA|"
    r"SDN\.?\s?BHD\.?|S/B|Sdn\.?\s?Bhd\.?|BHD|Oy|AB|A/S|ApS|AS|ASA|sp\.\s?z\s?o\.?o\.?|s\.\s?r\.\s?o\."
)
_LEGAL_FORM = re.compile(rf"(?<![A-Za-z.])(?:{_LEGAL})(?![A-Za-z])")
_KOREAN_FORM = re.compile(r"주식회사|유한회사|\(\s?주\s?\)|㈜|\(\s?유\s?\)|농업회사법인|협동조합")
_ZIP = re.compile(
    r"(?<![\d/.,-])(?:[A-Z]{1,3}[- ])?\d{5}(?:-\d{4})?(?![\d/.,-])(?=[ ,]+[^\W\d_]|$)"
    r"|(?<!\d)(?:[A-Z]{1,3}[- ])?\d{4}(?: ?[A-Z]{2})? [A-ZÄÖÜ][^\W\d_]{2,}"
    r"|\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b|\b[A-Z]{2} \d{5}\b|\b(?:Singapore|SINGAPORE) \d{6}\b"
    r"|^(?:[A-Z]{1,2}-)?\d{5}(?=[A-ZÄÖÜ][a-zäöüß]{2})"
)
_STREET = re.compile(
    r"str\.(?=\s*\d)|(?:str(?:asse|aße)|straße|weg|platz|allee|gasse|ufer|ring|damm)\b|\b(?:street|road|avenue|ave|lane|drive|blvd|boulevard|suite|floor|st\.?|rd\.?|"
    r"rue|place|chemin|cours|quai|calle|avda|plaza|paseo|via|viale|piazza|corso|straat|laan|plein|kade|jalan|jln|lorong|taman|lot|bandar|postfach|po box|p\.o\. box|"  # noqa: E501
    r"level|unit|block|blok|seksyen|section|kawasan|kompleks|complex|mall|wisma|menara|bangunan|persiaran|lebuh|kampung|kg\.?|autoroute|zone|estate|building|tower|ground|bukit|jaya)\b",
    re.IGNORECASE,
)
_KOREAN_ADDRESS = re.compile(
    r"(?:서울|부산|대구|인천|광주|대전|울산|세종|경기|강원|충청|충북|충남|전라|전북|전남|경상|경북|경남|제주)[^\d]{0,12}(?:시|도|구|군|읍|면|동|로|길)|[가-힣]+(?:로|길)\s?\d"
)
_CONTACT = re.compile(
    r"https?:|www\.|@|\b(?:tel|fon|phone|fax|telefon|mobile|mobil|tél|e-?mail|whatsapp|hotline)\b|전화|팩스",
    re.IGNORECASE,
)
_PHONE = re.compile(r"\(?\+?\d[\d ()/.-]{7,}\d")
_DOMAIN = re.compile(
    r"(?:www\.|@|https?://(?:www\.)?)(?P<host>[\w-]+(?:\.[\w-]+)+)|\b(?P<bare>[\w-]+\.(?:com|de|fr|nl|es|it|kr|eu|net|org|co\.uk|co\.kr))\b"
)
_FREEMAIL = frozenset(
    [
        "gmail",
        "googlemail",
        "yahoo",
        "hotmail",
        "outlook",
        "gmx",
        "web",
        "icloud",
        "naver",
        "daum",
        "hanmail",
        "localhost",
        "example",
    ]
)
_COUNTRIES = frozenset(
    fold(name)
    for name in [
        "Deutschland",
        "Germany",
        "France",
        "Frankreich",
        "Nederland",
        "Netherlands",
        "España",
        "Spain",
        "Italia",
        "Italy",
        "Austria",
        "Österreich",
        "Schweiz",
        "Switzerland",
        "Belgium",
        "Belgique",
        "België",
        "Luxembourg",
        "Portugal",
        "Polska",
        "Malaysia",
        "Korea",
        "대한민국",
        "한국",
        "Singapore",
        "Australia",
        "Canada",
        "Ireland",
        "New Zealand",
        "India",
        "Japan",
        "China",
        "Denmark",
        "Sweden",
        "Norway",
        "Finland",
        "Poland",
        "Suisse",
        "Svizzera",
        "USA",
        "UK",
        "US",
        "England",
    ]
) | {
    "united states",
    "united kingdom",
    "hong kong",
    "south korea",
    "republic of korea",
    "deutschland / germany",
}


def legal_form_end(text: str) -> int | None:
    """Where a company's legal form ends in `text`, the first one found, or None."""
    match = _LEGAL_FORM.search(text)
    if match is not None and match.start() > 0:
        return match.end()
    return len(text) if _KOREAN_FORM.search(text) else None


def has_legal_form(text: str) -> bool:
    return legal_form_end(text) is not None


_TORN_SYLLABLES = re.compile(r"(?<![가-힣])[가-힣](?:\s[가-힣]){2,}(?![가-힣])")


def together(text: str) -> str:
    """«주 식 회 사 한 빛» as it is meant: three or more lone syllables in a row are one word that was torn."""
    return _TORN_SYLLABLES.sub(lambda match: re.sub(r"\s", "", match[0]), text)


def without_legal_form(text: str) -> str:
    """The name alone: `Bei Spiel GmbH` → `Bei Spiel`, `(주)한빛상사` → `한빛상사`."""
    bare = _KOREAN_FORM.sub(" ", _LEGAL_FORM.sub(" ", text))
    return " ".join(bare.replace(",", " ").split()) or text


def has_zip(text: str) -> bool:
    return _ZIP.search(text) is not None


def has_korean_address(text: str) -> bool:
    """A road or a lot with its number, as Korean addresses end; they carry no postal code on most papers."""
    return _KOREAN_ADDRESS.search(text) is not None and any(ch.isdigit() for ch in text)


_KOREAN_REST = re.compile(r"^(?:\(|지하|B?\d)|\d\s?(?:층|호|번지)|빌딩|아파트|타워|상가|센터")


def continues_korean_address(text: str) -> bool:
    """`417호(빛빛동)`, `(용서동)`, `카키빌딩 29층` under the road and its number."""
    return len(text) <= 40 and _KOREAN_REST.search(text) is not None


_QUANTITY = re.compile(
    r"^\d[\d.,]*\s?(?:[kM]?Wh|m[23³²]|㎥|[kM]?g|[GM]B|l|ltr|pcs|Stk|Std|h|days?|Tage|units?)\.?$", re.IGNORECASE
)
_REGISTER = re.compile(r"^(?:HR[AB]|GLN|GTIN|KvK|RCS|SIRET|SIREN)\b")


def is_address_line(text: str) -> bool:
    """A street, a box, a town with its code, a country."""
    if (
        not any(ch.isalpha() for ch in text)
        or _REGISTER.match(text)
        or _QUANTITY.match(text.strip())
        or re.search(r"\d[.,]\d{2}(?![\d.,])", text)
    ):
        return False
    if fold(text.strip(" .,")) in _COUNTRIES:
        return True
    if any(hit.end - hit.start == len(text.strip()) for hit in find_dates(text.strip())):
        return False  # «07 Jan 2023» has the form of a house and its street
    if has_zip(text) or _KOREAN_ADDRESS.search(text):
        return True
    has_digit = any(ch.isdigit() for ch in text)
    if _STREET.search(text) and (has_digit or len(text.split()) <= 6):
        return True
    return (
        has_digit
        and bool(
            re.match(
                r"^(?:NO\.?\s?\d|\d+[A-Za-z]?[ ,-]+[^\W\d_]{3,})|.*[^\W\d_] \d+[a-z]?$", text, re.IGNORECASE
            )
        )
        and len(text) < 50
    )


def is_contact_line(text: str) -> bool:
    return _CONTACT.search(text) is not None or (_PHONE.fullmatch(text.strip()) is not None)


def is_name_line(text: str) -> bool:
    """Could be somebody's name: letters, short, no date, number, address or contact."""
    letters = sum(ch.isalpha() for ch in text)
    if letters < 2 or len(text) > 70 or letters < 0.5 * len(text.replace(" ", "")):
        return False
    if text.strip().startswith("(") and not _KOREAN_FORM.search(text):
        return False
    if text.rstrip().endswith((".", "!", "?")) and len(text.split()) >= 4 and not has_legal_form(text):
        return False
    if is_contact_line(text) or find_dates(text) or find_tax_ids(text) or find_ibans(text):
        return False
    if _QUANTITY.match(text.strip()):
        return False
    return has_legal_form(text) or not is_address_line(text)


def domains(text: str) -> set[str]:
    """The names in mail and web addresses: `www.qualityhosting.de` → `qualityhosting`."""
    stems = set()
    for match in _DOMAIN.finditer(text):
        parts = (match["host"] or match["bare"]).lower().strip(".").split(".")
        parts = [p for p in parts if p not in ("www", "com", "co", "net", "org")] or parts
        stem = parts[-2] if len(parts) > 1 else parts[0]
        stems.add("".join(ch for ch in stem if ch.isalnum()))
    return {stem for stem in stems if len(stem) >= 3 and stem not in _FREEMAIL}


def matches_domain(name: str, stems: set[str]) -> bool:
    """Whether a mail or web address on the page speaks of this name."""
    bare = "".join(ch for ch in fold(without_legal_form(name)) if ch.isalnum())
    first = "".join(ch for ch in fold(name.split()[0]) if ch.isalnum()) if name.split() else ""
    return any(
        stem in (bare, first) or (len(stem) >= 5 and stem in bare) or (len(bare) >= 5 and bare in stem)
        for stem in stems
    )


def initials_match(name: str, stems: set[str]) -> bool:
    """`Amazon Web Services` and `aws`."""
    letters = "".join(word[0] for word in fold(without_legal_form(name)).split() if word[0].isalpha())
    return len(letters) >= 3 and letters in stems


def clean_name(text: str) -> str:
    """A name without what trails it: registration number, separators, anything behind the legal form."""
    end = _LEGAL_FORM.search(text)
    if (
        end is not None
        and end.start() > 0
        and not re.match(r"(?: &| und| and)? [A-ZÄÖÜ][\w-]+\s*$", text[end.end() :])
    ):
        text = text[: end.end()]
    text = re.split(r"\s+[●•·∙|]\s*|\s*[●•∙|]\s+", text)[0]
    text = re.sub(r"\s*\(\s?(?:Co\.?|Reg)?[^()]*\d[^()]*\)?\s*$", "", text)
    return without_seal(" ".join(text.strip(" ,;:|•●·*-–").split()))


def without_seal(name: str) -> str:
    """A Korean company's seal is stamped beside its name and repeats its letters: `별빛상사 별상` → `별빛상사`."""
    tokens = name.split()
    while len(tokens) > 1 and len(tokens[-1]) <= 3:
        before = "".join(tokens[:-1])
        if not re.search("[가-힣]", before) or not all(ch in before for ch in tokens[-1]):
            break
        tokens.pop()
    return " ".join(tokens)
