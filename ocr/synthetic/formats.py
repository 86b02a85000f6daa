"""How numbers, money and dates are printed: one `Format` a document, drawn from what its region uses."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from random import Random

MONTHS: dict[str, tuple[str, ...]] = {
    "en": (
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ),
    "de": (
        "Januar",
        "Februar",
        "März",
        "April",
        "Mai",
        "Juni",
        "Juli",
        "August",
        "September",
        "Oktober",
        "November",
        "Dezember",
    ),
    "fr": (
        "janvier",
        "février",
        "mars",
        "avril",
        "mai",
        "juin",
        "juillet",
        "août",
        "septembre",
        "octobre",
        "novembre",
        "décembre",
    ),
    "nl": (
        "januari",
        "februari",
        "maart",
        "april",
        "mei",
        "juni",
        "juli",
        "augustus",
        "september",
        "oktober",
        "november",
        "december",
    ),
    "es": (
        "enero",
        "febrero",
        "marzo",
        "abril",
        "mayo",
        "junio",
        "julio",
        "agosto",
        "septiembre",
        "octubre",
        "noviembre",
        "diciembre",
    ),
    "it": (
        "gennaio",
        "febbraio",
        "marzo",
        "aprile",
        "maggio",
        "giugno",
        "luglio",
        "agosto",
        "settembre",
        "ottobre",
        "novembre",
        "dicembre",
    ),
}
SYMBOLS: dict[str, tuple[str, ...]] = {
    "EUR": ("€", "EUR", "€"),
    "USD": ("$", "US$", "USD", "$"),
    "GBP": ("£", "GBP", "£"),
    "KRW": ("₩", "원", "KRW", ""),
    "MYR": ("RM", "RM", "MYR", "RM"),
    "SGD": ("S$", "SGD"),
    "AUD": ("A$", "AUD"),
    "CHF": ("CHF", "Fr."),
}
PLACES = {"KRW": 0}


@dataclass(frozen=True, slots=True)
class Format:
    """`position`: where the currency stands (`before`, `before-space`, `after-space`, `after`, `none`)."""

    language: str
    currency: str
    thousands: str
    point: str
    symbol: str
    position: str
    date: str
    clock: str = "%H:%M"
    rate_space: bool = False

    @property
    def places(self) -> int:
        return PLACES.get(self.currency, 2)

    def number(self, value: Decimal, places: int | None = None) -> str:
        """`value` with the document's separators."""
        places = self.places if places is None else places
        plain = f"{quantise(value, places):,.{places}f}"
        return plain.replace(",", "\0").replace(".", self.point).replace("\0", self.thousands)

    def quantity(self, value: Decimal) -> str:
        """A quantity without needless zeros."""
        exponent = value.normalize().as_tuple().exponent
        return self.number(value, max(0, -int(exponent)))

    def money(self, value: Decimal, *, bare: bool = False) -> str:
        """`value` with the currency where this document puts it; `bare` leaves the currency away."""
        text = self.number(abs(value))
        sign = "-" if value < 0 else ""
        if bare or not self.symbol or self.position == "none":
            return sign + text
        gap = " " if self.position.endswith("space") else ""
        if self.position.startswith("before"):
            return f"{sign}{self.symbol}{gap}{text}"
        return f"{sign}{text}{gap}{self.symbol}"

    def day(self, value: dt.date) -> str:
        """A date as this document prints it; `{B}` is the month's name, `{b}` its first three letters."""
        months = MONTHS.get(self.language, MONTHS["en"])
        name = months[value.month - 1]
        pattern = self.date.replace("{B}", name).replace("{b}", name[:3]).replace("{d}", str(value.day))
        pattern = pattern.replace("{m}", str(value.month)).replace("{UB}", name[:3].upper())
        pattern = pattern.replace("{dd}", f"{value.day:02d}")
        return value.strftime(pattern)

    def moment(self, value: dt.time) -> str:
        return value.strftime(self.clock)

    def rate(self, value: Decimal) -> str:
        """A tax rate with its percent sign."""
        text = f"{value.normalize():f}".replace(".", self.point)
        return text + (" %" if self.rate_space else "%")


def quantise(value: Decimal, places: int = 2) -> Decimal:
    """Commercial rounding to `places` decimals."""
    return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class Habits:
    """What a region's documents choose from."""

    separators: tuple[tuple[str, str], ...]
    positions: tuple[str, ...]
    dates: tuple[str, ...]
    rate_space: bool = False


def choose(habits: Habits, language: str, currency: str, rng: Random) -> Format:
    """One document's format."""
    thousands, point = rng.choice(habits.separators)
    symbol = rng.choice(SYMBOLS[currency])
    position = rng.choice(habits.positions)
    if symbol.isalpha() and symbol.isascii() and not position.endswith("space") and position != "none":
        position = position + "-space" if rng.random() < 0.6 else position
    if symbol == "원":
        position = "after"
    return Format(
        language,
        currency,
        thousands,
        point,
        symbol,
        position,
        rng.choice(habits.dates),
        rng.choice(
            ("%H:%M", "%H:%M:%S", "%I:%M %p", "%I:%M:%S %p") if language == "en" else ("%H:%M", "%H:%M:%S")
        ),
        habits.rate_space and rng.random() < 0.7,
    )
