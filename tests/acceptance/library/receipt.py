"""A shop's receipt as a PDF with text in it."""

from __future__ import annotations

from io import BytesIO

from reportlab.pdfgen.canvas import Canvas


def receipt(shop: str, number: str, day: str, goods: dict[str, str], total: str) -> bytes:
    """One page of 80 × 160 mm."""
    data = BytesIO()
    page = Canvas(data, pagesize=(226, 453))
    page.setFont("Helvetica-Bold", 13)
    page.drawCentredString(113, 425, shop)
    page.setFont("Helvetica", 9)
    page.drawCentredString(113, 408, "12 Harbour Road, Singapore 048616")
    head = [(f"Receipt No: {number}", ""), (f"Date: {day}", "")]
    foot = [("TOTAL", total), ("CASH", total), ("CHANGE", "0.00")]
    for row, (left, right) in enumerate([*head, ("", ""), *goods.items(), ("", ""), *foot]):
        page.drawString(16, 380 - 15 * row, left)
        page.drawRightString(210, 380 - 15 * row, right)
    page.drawCentredString(113, 150, "Thank you, please come again")
    page.save()
    return data.getvalue()
