"""Invented people, companies, streets and web addresses. Nothing here names a real firm on purpose."""

from __future__ import annotations

import re
import unicodedata
from random import Random

from ocr.synthetic.regions import Region

_ONSETS = (
    "b",
    "br",
    "c",
    "ch",
    "d",
    "dr",
    "f",
    "fl",
    "g",
    "gl",
    "h",
    "j",
    "k",
    "kr",
    "l",
    "m",
    "n",
    "p",
    "pr",
    "r",
    "s",
    "sh",
    "st",
    "t",
    "tr",
    "v",
    "w",
    "z",
    "bl",
    "cl",
    "sc",
    "y",
    "qu",
)
_NUCLEI = ("a", "e", "i", "o", "u", "a", "e", "o", "ai", "ea", "io", "ou", "ee", "au")
_CODAS = ("", "", "", "n", "r", "l", "s", "x", "m", "t", "rd", "nt", "ck", "lt", "sk", "th", "ng", "ll")
_TAILS = ("tec", "soft", "ia", "on", "ex", "io", "us", "wood", "field", "ton", "ley", "man", "co")

FIRST = {
    "en": (
        "James",
        "Mary",
        "Oliver",
        "Amelia",
        "Noah",
        "Grace",
        "Henry",
        "Ruth",
        "Samuel",
        "Alice",
        "Daniel",
        "Helen",
        "Marcus",
        "Priya",
        "Wei",
        "Fatima",
        "Carlos",
        "Ingrid",
        "Tan",
        "Lim",
    ),
    "de": ("Anna", "Jürgen", "Sabine", "Klaus", "Lena", "Torsten", "Ute", "Stefan", "Björn", "Greta"),
    "fr": ("Camille", "Luc", "Élodie", "Hugo", "Aline", "Benoît", "Chloé", "Rémi"),
    "nl": ("Daan", "Sanne", "Joost", "Fleur", "Bram", "Lotte"),
    "es": ("Lucía", "Javier", "Carmen", "Álvaro", "Nuria", "Pablo"),
    "it": ("Giulia", "Marco", "Chiara", "Luca", "Paola", "Matteo"),
}
LAST = {
    "en": (
        "Smith",
        "Walker",
        "Hughes",
        "Patel",
        "Cooper",
        "Bennett",
        "Foster",
        "Reed",
        "Chen",
        "Morgan",
        "Bailey",
        "Ahmad",
        "Watkins",
        "Palmer",
        "Ong",
        "Barlow",
        "Hayes",
        "Quinn",
        "Tan Woon",
        "Lee",
    ),
    "de": (
        "Müller",
        "Schäfer",
        "Vogel",
        "Krüger",
        "Hartmann",
        "Lorenz",
        "Böhm",
        "Seidel",
        "Winkler",
        "Brandt",
    ),
    "fr": ("Martin", "Lefèvre", "Moreau", "Garnier", "Faure", "Chevalier", "Perrin"),
    "nl": ("de Vries", "Jansen", "Bakker", "van Dijk", "Smit", "Mulder"),
    "es": ("García", "Navarro", "Ortega", "Molina", "Castro", "Rubio"),
    "it": ("Rossi", "Ferrari", "Colombo", "Ricci", "Moretti", "Greco"),
}
TRADES = {
    "en": (
        "Hardware",
        "Office Supplies",
        "Logistics",
        "Foods",
        "Consulting",
        "Print",
        "Electrical",
        "Trading",
        "Systems",
        "Stationery",
        "Design",
        "Engineering",
        "Bakery",
        "Cleaning Services",
        "Auto Parts",
        "Interiors",
        "Networks",
        "Pharmacy",
        "Books",
        "Machine & Tool",
        "Seafood Restaurant",
        "Mini Market",
        "Cafe",
        "Kitchen",
        "Home Deco",
        "Gift Shop",
        "Signage",
        "Plumbing",
        "Media",
        "Labs",
        "Cloud Services",
        "Packaging",
    ),
    "de": (
        "Bürobedarf",
        "Elektrotechnik",
        "Logistik",
        "Handel",
        "Softwarelösungen",
        "Druckerei",
        "Metallbau",
        "Gartenbau",
        "Getränkehandel",
        "Maschinenbau",
        "Medien",
        "Beratung",
        "Systemhaus",
        "Werkzeuge",
        "Lebensmittel",
    ),
    "fr": (
        "Conseil",
        "Fournitures",
        "Logistique",
        "Imprimerie",
        "Électricité",
        "Bâtiment",
        "Services",
        "Informatique",
        "Distribution",
    ),
    "nl": (
        "Kantoor",
        "Techniek",
        "Logistiek",
        "Advies",
        "Groothandel",
        "Drukwerk",
        "Installaties",
        "Diensten",
    ),
    "es": (
        "Suministros",
        "Logística",
        "Servicios",
        "Consultores",
        "Papelería",
        "Instalaciones",
        "Alimentación",
        "Informática",
    ),
    "it": (
        "Forniture",
        "Logistica",
        "Servizi",
        "Consulenza",
        "Cartoleria",
        "Impianti",
        "Alimentari",
        "Informatica",
    ),
}
_MALAY = (
    "SAGU",
    "DEDAP",
    "MELATI",
    "MAWAR",
    "INDAH",
    "PERMAI",
    "SETIA",
    "BUKIT",
    "RAYA",
    "UTAMA",
    "SENTOSA",
    "KENARI",
    "CEMPAKA",
    "DAMAI",
    "BAHAGIA",
    "SERI",
    "PANDAN",
    "MERBAU",
    "KEMUNING",
    "TEKNOLOGI",
    "INDUSTRI",
    "PERDANA",
    "IMPIAN",
    "KOTA",
    "DESA",
    "AUSTIN",
    "TEBRAU",
    "PELANGI",
    "UNIVERSITI",
    "SERDANG",
    "HARMONI",
    "JAYA",
    "PUTRA",
    "WANGSA",
    "ANGGERIK",
    "TUN RAZAK",
    "SULTAN ISMAIL",
    "KEPONG",
    "CHERAS",
)
_MY_BRANDS = (
    "SYARIKAT PERNIAGAAN",
    "KEDAI",
    "PASARAYA",
    "GERBANG",
    "AEON",
    "SANYU",
    "UNIHAKKA",
    "TEO HENG",
    "SOON HUAT",
    "MR",
    "LIAN HING",
    "POPULAR",
    "ECO",
    "GARDENIA",
    "GUAN SENG",
    "HOCK LEE",
    "BHPETROL",
    "WAN FATT",
    "KIM SENG",
    "SIN LEONG",
    "OJC",
    "YONG TAT",
    "CHUAN HIN",
    "LIM SENG",
    "S&Y",
    "99",
)
_ENDINGS = ("Tech", "Net", "Pro", "Plus", "Line", "Shop", "Works")
_KO_SYLLABLES = (
    "가나다라마바사아자차카타파하고노도로모보소오조초코토포호구누두루무부수우주추쿠투푸후기니디"
    "리미비시이지치키티피히한강산남동서북명성진영현정민선은신원재태해화경광금길덕만문백봉삼상석"
    "송승안양연용유윤인일임장전제종준중창천청춘충평풍학형혜홍황효세대림온빛솔별늘봄새참푸른하늘"
)
_KO_TAILS = (
    "산업",
    "상사",
    "테크",
    "소프트",
    "물산",
    "유통",
    "식품",
    "전자",
    "건설",
    "기업",
    "에너지",
    "시스템",
    "디자인",
    "무역",
    "정보통신",
    "엔지니어링",
    "솔루션",
    "상회",
    "문구",
    "인쇄",
    "로지스",
    "바이오",
    "푸드",
    "컴퍼니",
    "네트웍스",
    "철강",
    "화학",
    "전기",
    "공업사",
    "미디어",
)
_KO_SHOPS = (
    "마트",
    "카페",
    "식당",
    "김밥",
    "약국",
    "서점",
    "편의점",
    "치킨",
    "분식",
    "베이커리",
    "커피",
    "국밥",
    "슈퍼",
    "문구",
    "정육점",
    "꽃집",
    "횟집",
    "주유소",
    "미용실",
    "세탁소",
)
_KO_SURNAMES = "김이박최정강조윤장임한오서신권황안송류홍전고문손양배백허남심노하곽성차주우구"
_KO_GIVEN = (
    "민준서연도윤지우하은시현수아예진건우채원유나동혁상훈미경영숙재호정희성민승현지혜경수태영은"
    "정순옥보람한별규리"
)
KO_BUSINESS_TYPES = (
    "제조업",
    "도소매",
    "도매 및 소매업",
    "서비스",
    "서비스업",
    "건설업",
    "정보통신업",
    "음식점업",
    "운수업",
    "도매업",
    "소매업",
    "전문, 과학 및 기술서비스업",
    "부동산업",
    "제조, 도매",
)
KO_BUSINESS_ITEMS = (
    "전자부품",
    "사무용품",
    "소프트웨어 개발",
    "컴퓨터 및 주변기기",
    "식자재",
    "인쇄",
    "철물",
    "기계설비",
    "포장재",
    "응용소프트웨어",
    "한식",
    "커피",
    "화장품",
    "의류",
    "전기공사",
    "광고대행",
    "화물운송",
    "건축자재",
    "문구류",
    "농산물",
)


def fill(pattern: str, rng: Random) -> str:
    """`#` becomes a digit, `@` a capital letter."""
    return "".join(
        str(rng.randrange(10)) if c == "#" else rng.choice("ABCDEFGHJKLMNPRSTUVWXYZ") if c == "@" else c
        for c in pattern
    )


def coined(rng: Random) -> str:
    """A pronounceable word that no dictionary has."""
    parts = [rng.choice(_ONSETS) + rng.choice(_NUCLEI) for _ in range(rng.choice((1, 2, 2)))]
    tail = rng.choice(_TAILS) if len(parts) == 1 or rng.random() < 0.2 else ""
    return ("".join(parts) + rng.choice(_CODAS) + tail).capitalize()


def person(region: Region, rng: Random) -> str:
    if region.language == "ko":
        return rng.choice(_KO_SURNAMES) + rng.choice(_KO_GIVEN) + rng.choice(_KO_GIVEN)
    return f"{rng.choice(FIRST[region.language])} {rng.choice(LAST[region.language])}"


def company(region: Region, rng: Random, *, shop: bool = False) -> str:
    """A firm's name as printed, with its legal form where it shows one."""
    if region.language == "ko":
        return _korean_company(rng, shop)
    name = _stem(region, rng, shop)
    legal = "" if shop and region.code != "MY" and rng.random() < 0.6 else rng.choice(region.legal)
    full = f"{name} {legal}".strip()
    return full.upper() if rng.random() < region.upper else full


def _stem(region: Region, rng: Random, shop: bool) -> str:
    trade = rng.choice(TRADES[region.language])
    last = rng.choice(LAST[region.language])
    if region.code in ("MY", "SG") and rng.random() < 0.6:
        return _malay_stem(rng, trade)
    form = rng.randrange(9 if not shop else 7)
    return (
        f"{coined(rng)} {trade}",
        f"{coined(rng)}",
        f"{last} {trade}",
        f"{coined(rng)} & {last}" if region.language == "en" else f"{last} {coined(rng)}",
        f"{coined(rng)} {coined(rng)}",
        f"{trade} {last}",
        f"{coined(rng)}{rng.choice(('-', ' ', '.'))}{rng.choice(_ENDINGS)}",
        "".join(rng.choice("ABCDEFGHIKLMNPRSTVWZ") for _ in range(rng.choice((2, 3, 4)))) + f" {trade}",
        f"{coined(rng)} {trade} {coined(rng)}",
    )[form]


def _malay_stem(rng: Random, trade: str) -> str:
    brand = rng.choice(_MY_BRANDS) if rng.random() < 0.35 else coined(rng)
    return rng.choice(
        (
            f"{brand} {rng.choice(_MALAY)}",
            f"{brand} {coined(rng)} {trade}",
            f"{brand} {trade}",
            f"{rng.choice(_MALAY)} {trade}",
            f"{brand} {trade} ({rng.choice(_MALAY)})",
            f"{coined(rng)} {coined(rng)}",
        )
    )


def korean_word(rng: Random, low: int = 2, high: int = 3) -> str:
    return "".join(rng.choice(_KO_SYLLABLES) for _ in range(rng.randint(low, high)))


def _korean_company(rng: Random, shop: bool) -> str:
    core = korean_word(rng) + rng.choice(_KO_SHOPS if shop else _KO_TAILS)
    if shop:
        branch = f" {korean_word(rng, 2, 2)}점" if rng.random() < 0.5 else ""
        return (f"(주){core}" if rng.random() < 0.25 else core) + branch
    form = rng.choice(
        ("{} 주식회사", "주식회사 {}", "(주){}", "㈜{}", "(주) {}", "{}(주)", "{}", "{}", "유한회사 {}")
    )
    return form.format(core)


def address(region: Region, rng: Random, *, country: float = 0.2) -> tuple[str, ...]:
    """The lines of an address, street first."""
    city, state, code = rng.choice(region.cities)
    street = _street(region, rng)
    if region.language == "ko":
        return (f"{city} {street}",)
    town = rng.choice(region.town).format(city=city, state=state, code=fill(code, rng))
    town = re.sub(r"[ ,.]+$", lambda m: "." if "." in m.group() else "", re.sub(r"( ?,)+", ",", town))
    lines = [*_split(street, rng), re.sub(r"\s+", " ", town)]
    if rng.random() < country:
        lines.append(region.country)
    return tuple(line.upper() for line in lines) if rng.random() < region.upper else tuple(lines)


def _split(street: str, rng: Random) -> list[str]:
    parts = street.split(", ")
    if len(parts) < 2 or rng.random() < 0.25:
        return [street]
    comma = rng.choice((",", ""))
    cut = rng.randint(1, len(parts) - 1)
    return [", ".join(parts[:cut]) + comma, ", ".join(parts[cut:])]


def _street(region: Region, rng: Random) -> str:
    word = rng.choice(region.street_words)
    return rng.choice(region.street).format(
        n=rng.choice((rng.randint(1, 99), rng.randint(1, 999), rng.randint(1, 9999))),
        n2=rng.randint(2, 120),
        s=rng.randint(1, 29),
        s2=rng.randint(1, 48),
        l=rng.choice("abc"),
        L=rng.choice("ABCD"),
        name=rng.choice(
            (
                "Main",
                "Oak",
                "Park",
                "Mill",
                "Church",
                "Station",
                "High",
                coined(rng),
                coined(rng),
                rng.choice(LAST["en"]),
            )
        ),
        name2=coined(rng),
        gname=rng.choice(("Haupt", "Linden", "Bahnhof", "Garten", "Schul", "Ring", coined(rng), coined(rng))),
        fname=rng.choice(
            ("Victor", "des Lilas", "San Marco", "Mayor", "Garibaldi", coined(rng), coined(rng))
        ),
        mal=rng.choice(_MALAY),
        mal2=rng.choice(_MALAY),
        kname=korean_word(rng, 1, 2),
        kname2=korean_word(rng, 1, 2),
        word=word,
        Word=word.capitalize(),
    )


def slug(name: str) -> str:
    """The name as it would stand in a web address."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "", plain)[:18] or "company"
