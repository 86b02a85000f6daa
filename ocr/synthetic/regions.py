"""The regions documents come from: language, currency, taxes, how addresses and numbers are written."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from ocr.synthetic.formats import Habits


@dataclass(frozen=True, slots=True)
class Region:
    """`cities` are (city, state, postcode pattern); in patterns `#` is a digit and `@` a capital letter.

    `street` patterns know {n} (house number), {name} (an invented or common name), {word} (a street word);
    `town` patterns know {code}, {city}, {state}.
    """

    code: str
    language: str
    currency: str
    country: str
    habits: Habits
    tax_rates: tuple[Decimal, ...]
    legal: tuple[str, ...]
    cities: tuple[tuple[str, str, str], ...]
    street: tuple[str, ...]
    street_words: tuple[str, ...]
    town: tuple[str, ...]
    phone: tuple[str, ...]
    domain: str
    upper: float = 0.0


def _rates(*values: str) -> tuple[Decimal, ...]:
    return tuple(Decimal(v) for v in values)


_EN_NUMBERS = ((",", "."), (",", "."), ("", "."))
_DE_NUMBERS = ((".", ","), (".", ","), ("", ","))
_FR_NUMBERS = ((" ", ","), (" ", ","), ("", ","), (".", ","))

US = Region(
    "US",
    "en",
    "USD",
    "United States",
    Habits(
        _EN_NUMBERS,
        ("before", "before", "none", "before-space"),
        ("%m/%d/%Y", "{B} {d}, %Y", "{b} {d}, %Y", "%Y-%m-%d", "%m/%d/%y", "{m}/{d}/%Y"),
    ),
    _rates("0", "6", "7", "7.25", "8.25", "8.875", "10"),
    ("Inc.", "LLC", "Corp.", "Co.", "Inc", "L.L.C.", "Corporation", "& Sons", "Group", ""),
    (
        ("Springfield", "IL", "62###"),
        ("Portland", "OR", "97###"),
        ("Austin", "TX", "78###"),
        ("Denver", "CO", "80###"),
        ("Columbus", "OH", "43###"),
        ("Fresno", "CA", "93###"),
        ("Boise", "ID", "83###"),
        ("Tampa", "FL", "33###"),
        ("Albany", "NY", "12###"),
        ("Madison", "WI", "53###"),
        ("New York", "NY", "100##"),
        ("Seattle", "WA", "981##"),
        ("Boston", "MA", "021##"),
        ("Atlanta", "GA", "303##"),
    ),
    (
        "{n} {name} {word}",
        "{n} {name} {word}, Suite {s}",
        "{n} N {name} {word}",
        "P.O. Box {n}",
        "{n} {name} {word} #{s}",
    ),
    ("St", "Street", "Ave", "Avenue", "Blvd", "Road", "Rd.", "Drive", "Lane", "Pkwy", "Way", "Court"),
    ("{city}, {state} {code}", "{city} {state} {code}"),
    ("(###) ###-####", "###-###-####", "+1 ### ### ####", "1-800-###-####"),
    "com",
    0.15,
)
GB = Region(
    "GB",
    "en",
    "GBP",
    "United Kingdom",
    Habits(
        _EN_NUMBERS,
        ("before", "before", "none"),
        ("%d/%m/%Y", "{d} {B} %Y", "%d %B %Y", "%d-%b-%Y", "%d/%m/%y", "%d.%m.%Y", "{d} {b} %Y"),
    ),
    _rates("0", "5", "20", "20", "20"),
    ("Ltd", "Limited", "PLC", "LLP", "Ltd.", "& Co", "& Sons Ltd", ""),
    (
        ("Leeds", "West Yorkshire", "LS# #@@"),
        ("Bristol", "", "BS# #@@"),
        ("Norwich", "Norfolk", "NR# #@@"),
        ("Manchester", "", "M# #@@"),
        ("London", "", "EC# #@@"),
        ("Reading", "Berkshire", "RG# #@@"),
        ("Cardiff", "Wales", "CF## #@@"),
        ("Glasgow", "Scotland", "G# #@@"),
        ("York", "", "YO## #@@"),
        ("Exeter", "Devon", "EX# #@@"),
    ),
    (
        "{n} {name} {word}",
        "Unit {s}, {name} Business Park",
        "{name} House, {n} {name2} {word}",
        "{n}-{n2} {name} {word}",
    ),
    ("Street", "Road", "Lane", "Close", "Way", "Court", "Gardens", "Terrace", "Rd", "Square", "Mews"),
    ("{city} {code}", "{city}, {code}", "{city}, {state}, {code}"),
    ("0#### ######", "+44 #### ######", "020 #### ####", "01## ### ####"),
    "co.uk",
)
MY = Region(
    "MY",
    "en",
    "MYR",
    "Malaysia",
    Habits(
        _EN_NUMBERS,
        ("before-space", "before", "none", "none", "before-space"),
        (
            "%d/%m/%Y",
            "%d/%m/%Y",
            "%d-%m-%Y",
            "%d/%m/%y",
            "%d-%m-%y",
            "%d %b %Y",
            "{dd} {UB} %Y",
            "{dd}-{UB}-%Y",
            "%Y-%m-%d",
            "%d/%b/%Y",
            "%d.%m.%Y",
            "{d}/{m}/%Y",
            "%d-%b-%Y",
            "%d %b %y",
            "%Y/%m/%d",
            "{UB} {d}, %Y",
            "%d%m%y",
            "{d} {B} %Y",
            "%d/%m/%Y %a",
        ),
    ),
    _rates("0", "6", "6", "6"),
    (
        "SDN BHD",
        "SDN. BHD.",
        "SDN BHD",
        "SDN. BHD",
        "ENTERPRISE",
        "TRADING",
        "(M) SDN BHD",
        "(M) SDN. BHD.",
        "Sdn Bhd",
        "RESTAURANT",
        "RESTORAN",
        "BERHAD",
        "",
        "HARDWARE",
        "STATIONERY",
        "MARKETING SDN BHD",
    ),
    (
        ("JOHOR BAHRU", "JOHOR", "81###"),
        ("KUALA LUMPUR", "", "5####"),
        ("KUALA LUMPUR", "WILAYAH PERSEKUTUAN", "50###"),
        ("SHAH ALAM", "SELANGOR", "40###"),
        ("PETALING JAYA", "SELANGOR", "47###"),
        ("KLANG", "SELANGOR", "41###"),
        ("SUBANG JAYA", "SELANGOR DARUL EHSAN", "47###"),
        ("IPOH", "PERAK", "31###"),
        ("GEORGE TOWN", "PULAU PINANG", "10###"),
        ("MELAKA", "MELAKA", "75###"),
        ("SEREMBAN", "NEGERI SEMBILAN", "70###"),
        ("KAJANG", "SELANGOR", "43###"),
        ("SKUDAI", "JOHOR", "81300"),
        ("PUCHONG", "SELANGOR", "47100"),
        ("AMPANG", "SELANGOR", "68000"),
        ("KUANTAN", "PAHANG", "25###"),
        ("ALOR SETAR", "KEDAH", "05###"),
        ("KOTA KINABALU", "SABAH", "88###"),
    ),
    (
        "NO. {n}, JALAN {mal} {s}, TAMAN {mal2}",
        "NO {n}, JALAN {mal}",
        "{n}, JALAN {mal} {s}/{s2}",
        "LOT {n}, JALAN {mal}, {mal2} INDUSTRIAL PARK",
        "NO.{n} & {n2}, JALAN {mal} {s}, BANDAR {mal2}",
        "{n}-G, JALAN {mal} {s}, TAMAN {mal2}",
        "LOT {n}, LEVEL {s}, {mal} SHOPPING CENTRE, JALAN {mal2}",
        "NO {n} GROUND FLOOR, JALAN SS {s}/{s2}",
        "PT {n}, JALAN {mal}, SEKSYEN {s}",
        "{n}, PERSIARAN {mal}, {mal2}",
        "LOT.NO {n}, LORONG {mal} {s}, KAMPUNG {mal2}",
        "B-{s}-{s2}, PUSAT PERDAGANGAN {mal}, JALAN {mal2}",
    ),
    ("JALAN",),
    (
        "{code} {city}, {state}",
        "{code} {city}",
        "{code}, {city}, {state}.",
        "{code} {city} {state}",
        "{code} {city}, {state}.",
    ),
    ("03-#### ####", "07-### ####", "03-########", "+603-#### ####", "012-### ####", "06-### ####"),
    "com.my",
    0.75,
)
SG = Region(
    "SG",
    "en",
    "SGD",
    "Singapore",
    Habits(
        _EN_NUMBERS,
        ("before", "none", "before-space"),
        ("%d/%m/%Y", "%d %b %Y", "%d-%m-%Y", "%d/%m/%y", "{d} {B} %Y"),
    ),
    _rates("0", "7", "8", "9"),
    ("PTE LTD", "Pte Ltd", "PTE. LTD.", "LLP", ""),
    (("SINGAPORE", "", "######"),),
    (
        "{n} {mal} Road #0{s}-{s2}",
        "BLK {n} {name} Avenue {s} #0{s2}-{n2}",
        "{n} {name} Road",
        "{n} Jalan {mal}",
    ),
    ("Road", "Street", "Avenue"),
    ("{city} {code}", "Singapore {code}"),
    ("6### ####", "+65 6### ####", "(65) 6### ####"),
    "com.sg",
    0.4,
)
AU = Region(
    "AU",
    "en",
    "AUD",
    "Australia",
    Habits(_EN_NUMBERS, ("before", "none"), ("%d/%m/%Y", "{d} {B} %Y", "%d-%b-%y", "{d} {b} %Y")),
    _rates("10", "10", "0"),
    ("Pty Ltd", "Pty. Ltd.", "P/L", ""),
    (
        ("Geelong", "VIC", "32##"),
        ("Newcastle", "NSW", "23##"),
        ("Cairns", "QLD", "48##"),
        ("Perth", "WA", "60##"),
        ("Hobart", "TAS", "70##"),
        ("Sydney", "NSW", "20##"),
    ),
    ("{n} {name} {word}", "Unit {s}, {n} {name} {word}", "Level {s}, {n} {name} {word}"),
    ("Street", "Road", "Parade", "St", "Highway", "Drive"),
    ("{city} {state} {code}",),
    ("(0#) #### ####", "1300 ### ###", "+61 # #### ####"),
    "com.au",
)
DE = Region(
    "DE",
    "de",
    "EUR",
    "Deutschland",
    Habits(
        _DE_NUMBERS,
        ("after-space", "after-space", "none", "after"),
        ("%d.%m.%Y", "%d.%m.%Y", "{d}. {B} %Y", "%d.%m.%y", "%Y-%m-%d", "{d}.{m}.%Y"),
        True,
    ),
    _rates("19", "19", "7", "0"),
    ("GmbH", "AG", "GmbH & Co. KG", "e.K.", "UG (haftungsbeschränkt)", "KG", "OHG", "GbR", "eG", ""),
    (
        ("Bremen", "", "28###"),
        ("Kassel", "", "34###"),
        ("Ulm", "", "89###"),
        ("Dresden", "", "01###"),
        ("Münster", "", "48###"),
        ("Rostock", "", "18###"),
        ("Freiburg", "", "79###"),
        ("Hamburg", "", "20###"),
        ("Köln", "", "50###"),
        ("Nürnberg", "", "90###"),
        ("Bad Homburg", "", "61###"),
    ),
    (
        "{gname}{word} {n}",
        "{gname}{word} {n}{l}",
        "Am {gname}berg {n}",
        "Postfach {n} {n2}",
        "{gname} {Word} {n}",
    ),
    ("straße", "str.", "weg", "gasse", "allee", "platz", "ring", "damm"),
    ("{code} {city}", "D-{code} {city}"),
    ("0#### / ######", "+49 ### #######", "0### ########", "(0###) ## ## ##"),
    "de",
)
FR = Region(
    "FR",
    "fr",
    "EUR",
    "France",
    Habits(
        _FR_NUMBERS,
        ("after-space", "after-space", "after", "none"),
        ("%d/%m/%Y", "{d} {B} %Y", "%d-%m-%Y", "%d/%m/%y"),
        True,
    ),
    _rates("20", "20", "10", "5.5"),
    ("SARL", "SAS", "SA", "EURL", "SASU", ""),
    (
        ("Lyon", "", "6900#"),
        ("Nantes", "", "44###"),
        ("Rennes", "", "35###"),
        ("Paris", "", "750##"),
        ("Lille", "", "59###"),
        ("Dijon", "", "21###"),
        ("Toulouse", "", "31###"),
    ),
    ("{n} {word} {fname}", "{n} bis, {word} {fname}", "{n}, {word} {fname}"),
    ("rue", "avenue", "boulevard", "impasse", "place", "allée", "chemin"),
    ("{code} {city}", "{code} {city} Cedex"),
    ("0# ## ## ## ##", "+33 # ## ## ## ##"),
    "fr",
)
NL = Region(
    "NL",
    "nl",
    "EUR",
    "Nederland",
    Habits(
        _DE_NUMBERS,
        ("before-space", "before", "before-space", "none"),
        ("%d-%m-%Y", "{d} {B} %Y", "%d/%m/%Y", "%d-%m-%y"),
        False,
    ),
    _rates("21", "21", "9", "0"),
    ("B.V.", "BV", "N.V.", "V.O.F.", "VOF", ""),
    (
        ("Utrecht", "", "35## @@"),
        ("Breda", "", "48## @@"),
        ("Zwolle", "", "80## @@"),
        ("Arnhem", "", "68## @@"),
        ("Amsterdam", "", "10## @@"),
        ("Rotterdam", "", "30## @@"),
    ),
    ("{gname}{word} {n}", "{gname}{word} {n}{l}"),
    ("straat", "weg", "laan", "plein", "kade", "singel", "gracht"),
    ("{code} {city}", "{code}  {city}"),
    ("0##-#######", "+31 ## ### ####", "0## ### ## ##"),
    "nl",
)
ES = Region(
    "ES",
    "es",
    "EUR",
    "España",
    Habits(
        _DE_NUMBERS,
        ("after-space", "after", "none"),
        ("%d/%m/%Y", "{d} de {B} de %Y", "%d-%m-%Y", "%d.%m.%Y"),
        False,
    ),
    _rates("21", "21", "10", "0"),
    ("S.L.", "SL", "S.A.", "S.L.U.", ""),
    (
        ("Valencia", "", "46###"),
        ("Zaragoza", "", "50###"),
        ("Bilbao", "", "48###"),
        ("Madrid", "", "28###"),
        ("Sevilla", "", "41###"),
        ("Málaga", "", "29###"),
    ),
    ("{word} {fname}, {n}", "{word} {fname} {n}, {s}º {L}"),
    ("Calle", "C/", "Avda.", "Plaza", "Paseo", "Camino"),
    ("{code} {city}", "{code} {city} (España)"),
    ("9## ### ###", "+34 9## ### ###", "9## ## ## ##"),
    "es",
)
IT = Region(
    "IT",
    "it",
    "EUR",
    "Italia",
    Habits(
        _DE_NUMBERS,
        ("before-space", "after-space", "none", "before"),
        ("%d/%m/%Y", "{d} {B} %Y", "%d-%m-%Y", "%d.%m.%Y"),
        False,
    ),
    _rates("22", "22", "10", "4"),
    ("S.r.l.", "SRL", "S.p.A.", "S.n.c.", "S.a.s.", ""),
    (
        ("Bologna", "BO", "40###"),
        ("Torino", "TO", "10###"),
        ("Verona", "VR", "37###"),
        ("Milano", "MI", "20###"),
        ("Roma", "RM", "00###"),
        ("Padova", "PD", "35###"),
    ),
    ("{word} {fname}, {n}", "{word} {fname} {n}", "{word} {fname}, {n}/{L}"),
    ("Via", "Viale", "Piazza", "Corso", "Largo"),
    ("{code} {city} ({state})", "{code} {city} {state}"),
    ("0## #######", "+39 0## ######", "0##/######"),
    "it",
)
KR = Region(
    "KR",
    "ko",
    "KRW",
    "대한민국",
    Habits(
        ((",", "."),),
        ("before", "none", "none", "after"),
        (
            "%Y-%m-%d",
            "%Y.%m.%d",
            "%Y년 {m}월 {d}일",
            "%Y/%m/%d",
            "%Y. {m}. {d}.",
            "%y-%m-%d",
            "%Y년 %m월 %d일",
            "%Y-%m-%d",
        ),
    ),
    _rates("10"),
    ("주식회사", "(주)", "㈜", "유한회사", "", "상사", "산업", "푸드", "테크"),
    (
        ("서울특별시 강남구", "", "06###"),
        ("서울특별시 마포구", "", "04###"),
        ("서울시 구로구", "", "08###"),
        ("부산광역시 해운대구", "", "48###"),
        ("대구광역시 달서구", "", "42###"),
        ("인천광역시 남동구", "", "21###"),
        ("대전광역시 유성구", "", "34###"),
        ("경기도 성남시 분당구", "", "13###"),
        ("경기도 화성시", "", "18###"),
        ("경기 안산시 단원구", "", "15###"),
        ("충청북도 청주시 흥덕구", "", "28###"),
        ("경상남도 창원시 의창구", "", "51###"),
        ("전라북도 전주시 덕진구", "", "54###"),
        ("강원특별자치도 춘천시", "", "24###"),
        ("제주특별자치도 제주시", "", "63###"),
        ("광주광역시 북구", "", "61###"),
        ("울산광역시 남구", "", "44###"),
    ),
    (
        "{kname}{word} {n}",
        "{kname}{word} {n}, {s}층",
        "{kname}{word} {n}, {s2}{s}호({kname2}동)",
        "{kname}{word}{n}번길 {s} ({kname2}동)",
        "{kname2}동 {n}-{s}",
        "{kname}{word} {n}, {kname2}빌딩 {s}층",
    ),
    ("로", "길", "대로"),
    ("{city}",),
    ("02-###-####", "031-###-####", "070-####-####", "02-####-####", "1588-####", "010-####-####"),
    "co.kr",
)

REGIONS: dict[str, Region] = {r.code: r for r in (US, GB, MY, SG, AU, DE, FR, NL, ES, IT, KR)}
BY_LANGUAGE: dict[str, tuple[Region, ...]] = {
    "en": (US, GB, US, GB, AU, SG, MY),
    "de": (DE,),
    "fr": (FR,),
    "nl": (NL,),
    "es": (ES,),
    "it": (IT,),
    "ko": (KR,),
}
