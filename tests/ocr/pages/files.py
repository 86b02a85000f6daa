"""Files of every kind, made on the fly."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image
from reportlab.lib.pagesizes import A4
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen import canvas

LINES = [
    "Northwind Trading Ltd",
    "Invoice number NW-2026-00417",
    "Invoice date 17 March 2026",
    "Forty reams of white paper 130.00",
    "Six black toner cartridges 431.40",
    "Amount due 561.40 EUR",
]


def text_pdf(
    path: Path,
    *,
    pages: int = 1,
    password: str | None = None,
    rotation: int = 0,
    invisible: bool = False,
    picture: Path | None = None,
    lines: list[str] | None = None,
) -> Path:
    """A PDF with LINES on each page; `invisible` writes them in render mode 3 over the `picture`."""
    pen = canvas.Canvas(str(path), A4, encrypt=StandardEncryption(password) if password else None)
    for _ in range(pages):
        if picture:
            pen.drawImage(str(picture), 0, 0, A4[0], A4[1])
        text = pen.beginText(72, 760)
        text.setFont("Helvetica", 12)
        text.setTextRenderMode(3 if invisible else 0)
        for line in LINES if lines is None else lines:
            text.textLine(line)
        pen.drawText(text)
        pen.showPage()
    pen.save()
    return _rotated(path, rotation) if rotation else path


def _rotated(path: Path, rotation: int) -> Path:
    import pypdfium2 as pdfium

    pdf = pdfium.PdfDocument(str(path))
    for page in pdf:
        page.set_rotation(rotation)
    target = path.with_stem(f"{path.stem}-{rotation}")
    pdf.save(str(target))
    pdf.close()
    return target


def with_attachment(path: Path, name: str, data: bytes) -> Path:
    import pypdfium2 as pdfium

    pdf = pdfium.PdfDocument(str(path))
    pdf.new_attachment(name).set_data(data)
    target = path.with_stem(path.stem + "-attached")
    pdf.save(str(target))
    pdf.close()
    return target


def gradient(width: int = 120, height: int = 80) -> Image.Image:
    """Dark at the left, light at the right, with a red corner at the top left."""
    values = np.repeat(np.linspace(0, 255, width, dtype=np.uint8)[None, :, None], height, 0).repeat(3, 2)
    values[:20, :20] = (255, 0, 0)
    return Image.fromarray(values)
