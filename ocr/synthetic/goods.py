"""What is bought: descriptions with units and believable prices, by language."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from random import Random


@dataclass(frozen=True, slots=True)
class Good:
    """A thing with its unit and a price range in units of a dollar or euro."""

    text: str
    unit: str
    low: float
    high: float


def _goods(unit: str, low: float, high: float, *texts: str) -> tuple[Good, ...]:
    return tuple(Good(t, unit, low, high) for t in texts)


TRADE: dict[str, tuple[Good, ...]] = {
    "en": (
        *_goods(
            "pcs",
            2,
            60,
            "A4 copy paper 80 g, 500 sheets",
            "Ballpoint pens blue, box of 50",
            "Stapler heavy duty",
            "USB-C cable 2 m",
            "Wireless mouse",
            "LED panel 60x60",
            "Cordless screwdriver bits",
            "Safety gloves size 9",
            "Cardboard box 400x300x200",
            "Toner cartridge black",
            "Whiteboard marker set",
            "Extension lead 5 m",
            "Hex bolt M8 x 40 zinc",
            "Filter bag",
            "Printed flyers A5, 2-sided",
        ),
        *_goods(
            "pcs",
            80,
            1400,
            "Office chair, mesh back",
            "Monitor 27 inch 4K",
            "Laptop stand with dock",
            "Standing desk 160 cm",
            "Network switch 24 port",
            "Impact drill 18 V",
            "Air compressor 50 l",
            "Document scanner",
        ),
        *_goods(
            "h",
            45,
            180,
            "Consulting services",
            "Software development",
            "On-site installation",
            "Project management",
            "Technical support",
            "Design work for brochure",
            "Maintenance labour",
        ),
        *_goods(
            "month",
            9,
            400,
            "Cloud hosting, plan M",
            "Software licence per seat",
            "Server rental",
            "Managed backup",
            "Telephone line rental",
            "Premium support subscription",
        ),
        *_goods(
            "kg", 2, 30, "Arabica coffee beans", "Cable ties mixed", "Wood screws", "Fresh salmon fillet"
        ),
        *_goods("pcs", 5, 60, "Delivery charge", "Packaging and handling"),
    ),
    "de": (
        *_goods(
            "Stk",
            2,
            80,
            "Kopierpapier A4, 500 Blatt",
            "Ordner breit, blau",
            "Netzwerkkabel Cat6 3 m",
            "LED-Leuchtmittel E27",
            "Schrauben M6 verzinkt",
            "Schutzhandschuhe Gr. 9",
            "Tonerkartusche schwarz",
            "Versandkarton 40x30x20",
            "Trennscheibe 125 mm",
        ),
        *_goods(
            "Stk",
            90,
            1500,
            "Bürodrehstuhl ergonomisch",
            "Monitor 27 Zoll",
            "Akkuschrauber-Set",
            "Aktenschrank 2-türig",
        ),
        *_goods(
            "Std",
            48,
            160,
            "Beratungsleistung",
            "Montagearbeiten",
            "Softwareentwicklung",
            "Wartung der Anlage",
            "Künstlerische Gestaltung",
        ),
        *_goods("Monat", 9, 300, "Webhosting Paket L", "Lizenzgebühr je Arbeitsplatz", "Miete Kopiergerät"),
        *_goods("kg", 2, 30, "Röstkaffee Bohnen", "Dübel gemischt"),
        *_goods("l", 1, 12, "Hydrauliköl HLP 46", "Bodenreiniger Konzentrat"),
    ),
    "fr": (
        *_goods(
            "u",
            2,
            90,
            "Ramette papier A4",
            "Câble réseau 3 m",
            "Cartouche d'encre noire",
            "Gants de protection",
            "Lampe LED",
        ),
        *_goods("u", 90, 1200, "Fauteuil de bureau", "Écran 27 pouces"),
        *_goods("h", 45, 150, "Prestation de conseil", "Développement logiciel", "Main d'œuvre"),
        *_goods("mois", 9, 300, "Hébergement web", "Abonnement maintenance"),
    ),
    "nl": (
        *_goods(
            "st", 2, 90, "Kopieerpapier A4", "Netwerkkabel 3 m", "Toner zwart", "Werkhandschoenen", "Ledlamp"
        ),
        *_goods("st", 90, 1200, "Bureaustoel", "Beeldscherm 27 inch"),
        *_goods("uur", 45, 150, "Adviesuren", "Installatiewerk", "Softwareontwikkeling"),
        *_goods("mnd", 9, 300, "Webhosting", "Onderhoudsabonnement"),
    ),
    "es": (
        *_goods(
            "ud",
            2,
            90,
            "Papel A4 500 hojas",
            "Cable de red 3 m",
            "Tóner negro",
            "Guantes de trabajo",
            "Lámpara LED",
        ),
        *_goods("ud", 90, 1200, "Silla de oficina", "Monitor 27 pulgadas"),
        *_goods("h", 35, 120, "Servicios de consultoría", "Instalación", "Desarrollo de software"),
        *_goods("mes", 9, 300, "Alojamiento web", "Cuota de mantenimiento"),
    ),
    "it": (
        *_goods(
            "pz",
            2,
            90,
            "Carta A4 500 fogli",
            "Cavo di rete 3 m",
            "Toner nero",
            "Guanti da lavoro",
            "Lampada LED",
        ),
        *_goods("pz", 90, 1200, "Sedia da ufficio", "Monitor 27 pollici"),
        *_goods("ore", 35, 120, "Servizi di consulenza", "Installazione impianto", "Sviluppo software"),
        *_goods("mese", 9, 300, "Hosting web", "Canone di manutenzione"),
    ),
    "ko": (
        *_goods(
            "EA",
            2,
            80,
            "복사용지 A4 80g",
            "토너 카트리지 (흑백)",
            "무선 마우스",
            "LED 조명 60W",
            "안전장갑",
            "포장박스 5호",
            "USB 케이블 2m",
            "볼트 M8x40",
            "에어필터",
            "현수막 제작",
            "명함 인쇄 500매",
            "스테인리스 배관",
        ),
        *_goods("대", 150, 1600, "사무용 의자", "27인치 모니터", "노트북 컴퓨터", "복합기", "산업용 선풍기"),
        *_goods(
            "식",
            200,
            3000,
            "시스템 유지보수",
            "소프트웨어 개발 용역",
            "홈페이지 제작",
            "전기공사",
            "디자인 용역비",
            "서버 호스팅 이용료",
            "컨설팅 수수료",
            "광고 대행료",
        ),
        *_goods("kg", 3, 30, "원두커피", "국내산 돼지고기", "절임배추", "고춧가루"),
        *_goods("BOX", 8, 90, "생수 500ml x 20", "종이컵 1000개", "라면 40입", "물티슈"),
    ),
}
RETAIL: dict[str, tuple[Good, ...]] = {
    "en": (
        *_goods(
            "",
            0.8,
            12,
            "MILK 1L",
            "WHITE BREAD",
            "EGGS 12PK",
            "BANANA",
            "ORANGE JUICE",
            "ICED COFFEE",
            "CHICKEN RICE",
            "FISH & CHIPS",
            "CAPPUCCINO",
            "CLUB SANDWICH",
            "TEH TARIK",
            "NASI LEMAK",
            "ROTI CANAI",
            "MINERAL WATER 500ML",
            "KIDS MEAL",
            "CHOC MUFFIN",
            "GARDEN SALAD",
            "PEPPERONI PIZZA",
            "CURRY PUFF",
            "100 PLUS 500ML",
            "FRIED NOODLES",
            "LIME JUICE",
            "TOM YAM SOUP",
        ),
        *_goods(
            "",
            2,
            45,
            "MODELLING CLAY",
            "A4 PAPER",
            "BALL PEN 0.7",
            "SUPER GLUE 3G",
            "AA BATTERY 4S",
            "PVC PIPE 20MM",
            "LED BULB 9W",
            "PAINT BRUSH 2IN",
            "MASKING TAPE",
            "PAPER PLATES",
            "SHAMPOO 400ML",
            "DISH SOAP",
            "T-SHIRT L",
            "PHOTO FRAME 8R",
            "EXERCISE BOOK",
            "DIESEL",
            "UNLEADED 95",
            "PARACETAMOL 500MG",
            "GIFT WRAP",
            "KEY CHAIN",
            "PLIERS 8IN",
        ),
    ),
    "de": _goods(
        "",
        0.7,
        20,
        "Vollmilch 1L",
        "Brötchen",
        "Bio Bananen",
        "Cappuccino",
        "Schnitzel mit Pommes",
        "Mineralwasser 0,5",
        "Apfelschorle",
        "Butter 250g",
        "Käsekuchen",
        "Pils 0,5l",
        "Spülmittel",
        "Kaffee Crema",
        "Tagessuppe",
        "Batterien AA",
    ),
    "fr": _goods(
        "",
        0.7,
        20,
        "Baguette",
        "Café crème",
        "Plat du jour",
        "Eau minérale",
        "Croissant",
        "Beurre doux",
        "Tarte aux pommes",
        "Vin rouge 25cl",
    ),
    "nl": _goods(
        "",
        0.7,
        20,
        "Volle melk",
        "Broodje kaas",
        "Koffie",
        "Appeltaart",
        "Spa blauw",
        "Pindakaas",
        "Bitterballen",
    ),
    "es": _goods(
        "",
        0.7,
        20,
        "Café con leche",
        "Agua mineral",
        "Tortilla",
        "Pan de molde",
        "Menú del día",
        "Leche entera",
        "Cerveza caña",
    ),
    "it": _goods(
        "",
        0.7,
        20,
        "Caffè",
        "Acqua naturale",
        "Pizza margherita",
        "Cornetto",
        "Latte intero",
        "Pane casereccio",
        "Coperto",
    ),
    "ko": _goods(
        "",
        1,
        25,
        "아메리카노",
        "카페라떼",
        "김치찌개",
        "된장찌개",
        "공기밥",
        "삼겹살 200g",
        "생수 500ml",
        "새우깡",
        "삼각김밥 참치",
        "우유 1L",
        "계란 30구",
        "두부",
        "콩나물",
        "바나나",
        "치즈버거 세트",
        "후라이드치킨",
        "볼펜 0.5mm",
        "건전지 AA 4입",
        "물티슈 100매",
        "휘발유",
        "비빔냉면",
        "떡볶이",
        "순대",
        "소주",
        "맥주 500cc",
        "제육볶음",
    ),
}
PACKS = {"en": ("", "", "", "", " XL", " (10 pack)", " 2-pack", ", black", " MK2")}
"""What may follow a description."""


def pick(table: dict[str, tuple[Good, ...]], language: str, count: int, rng: Random) -> list[Good]:
    """`count` goods without repetition as far as the list reaches."""
    pool = table[language]
    if count <= len(pool):
        return rng.sample(pool, count)
    return [rng.choice(pool) for _ in range(count)]


def price(good: Good, currency: str, rng: Random, *, tidy: float = 0.5) -> Decimal:
    """A price for one unit, round with probability `tidy`."""
    value = good.low * (good.high / good.low) ** rng.random()
    if currency == "KRW":
        step = 1000 if value > 20 else 100 if rng.random() < 0.8 else 10
        return Decimal(max(1, round(value * 1300 / step)) * step)
    if rng.random() < tidy:
        ends = rng.choice(("0.00", "0.50", "0.99", "0.90", "0.95"))
        return Decimal(max(0, int(value))) + Decimal(ends) if value >= 1 else Decimal("0.90")
    return Decimal(f"{max(value, 0.05):.2f}")
