"""Readings made of rows of text at given places, for tests without a file."""

from __future__ import annotations

from collections.abc import Sequence

from ocr.values import Box, Line, PageText, Reading, Rung, Word

WIDTH, HEIGHT = 600.0, 840.0
LETTER, LINE = 5.0, 10.0

Row = Sequence[tuple[float, str]]


def reading_of(*pages: Sequence[Row], rung: Rung = "text", gap: float = 14.0) -> Reading:
    """Each row is a list of (x, text) in points; rows stand `gap` points apart. An empty row leaves room."""
    return Reading(
        "made.pdf", tuple(_page(rows, i, rung, gap) for i, rows in enumerate(pages, 1)), "made", rung
    )


def _page(rows: Sequence[Row], number: int, rung: Rung, gap: float) -> PageText:
    lines = []
    for index, row in enumerate(rows):
        lines += [_line(text, x, 40 + index * gap, number) for x, text in row]
    return PageText(number, WIDTH, HEIGHT, tuple(lines), rung)


def _line(text: str, x: float, y: float, page: int) -> Line:
    words = []
    for token in text.split():
        wide = LETTER * sum(2 if "가" <= ch <= "힣" else 1 for ch in token)
        words.append(Word(token, Box(page, x / WIDTH, y / HEIGHT, (x + wide) / WIDTH, (y + LINE) / HEIGHT)))
        x += wide + LETTER * 0.6
    return Line(tuple(words), Box.union(w.box for w in words), text)


INVOICE: list[Row] = [
    [(50, "Muster Handel GmbH"), (400, "RECHNUNG")],
    [(50, "Hauptstraße 5")],
    [(50, "10115 Berlin")],
    [(50, "www.muster-handel.de")],
    [(50, "USt-IdNr.: DE136695976")],
    [],
    [(50, "Rechnung an:"), (350, "Rechnungsnummer:"), (480, "R-2024-0815")],
    [(50, "Kunde und Partner AG"), (350, "Rechnungsdatum:"), (480, "05.03.2024")],
    [(50, "Nebenweg 7"), (350, "Kundennummer:"), (480, "4711")],
    [(50, "80331 München"), (350, "Lieferdatum:"), (480, "01.03.2024")],
    [(350, "Fällig am:"), (480, "04.04.2024")],
    [],
    [(50, "Pos"), (90, "Beschreibung"), (300, "Menge"), (360, "Einzelpreis"), (480, "Gesamtpreis")],
    [(50, "1"), (90, "Schraube M8"), (300, "10"), (370, "1,50"), (490, "15,00 €")],
    [(90, "verzinkt, DIN 933")],
    [(50, "2"), (90, "Beratung vor Ort"), (300, "2"), (370, "90,00"), (485, "180,00 €")],
    [],
    [(360, "Nettobetrag"), (485, "195,00 €")],
    [(360, "zzgl. USt. 19 %"), (490, "37,05 €")],
    [(360, "Rechnungsbetrag"), (485, "232,05 €")],
    [],
    [(50, "IBAN: DE88 2008 0000 0970 3757 00"), (350, "BIC: COBADEFFXXX")],
]
