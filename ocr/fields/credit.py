"""A credit note is laid out like an invoice and means the opposite: it must not be paid. A person looks at it."""

from __future__ import annotations

from ocr.values import Finding, Line, Reading

TITLES = (
    "credit note", "credit memo", "credit invoice", "gutschrift", "rechnungskorrektur", "stornorechnung",
    "korrekturrechnung", "avoir", "facture d'avoir", "note de crédit", "creditnota", "creditfactuur",
    "nota de crédito", "factura rectificativa", "nota di credito", "수정세금계산서", "수정전자세금계산서",
)  # fmt: skip
UPPER = 0.5
"""A title stands in the upper half of the first page."""
MOST_WORDS = 5
"""`Credit note no. CN-17` is a title, a sentence about credit notes is none."""


def credit_note(reading: Reading) -> Finding | None:
    """The finding, when the first page is headed as a credit note."""
    pages = reading.pages[:1]
    for line in (line for page in pages for line in page.lines):
        if _is_title(line):
            message = f"It is headed «{line.text.strip()}»: a credit note, not an invoice to pay."
            return Finding("credit-note", "error", message, details={"title": line.text.strip()})
    return None


def _is_title(line: Line) -> bool:
    said = " ".join(line.text.casefold().split())
    short = len(said.split()) <= MOST_WORDS and line.box.y0 < UPPER
    return short and any(said == title or said.startswith((f"{title} ", f"{title}:")) for title in TITLES)
