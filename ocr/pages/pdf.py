"""PDF files through pdfium: text layer, pictures of pages, embedded e-invoice."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pypdfium2 as pdfium
from numpy.typing import NDArray

from ocr.errors import DocumentError
from ocr.pages.attachments import embedded_invoice
from ocr.pages.judge import judge
from ocr.pages.limits import Limits
from ocr.pages.page import Page, Picture
from ocr.pages.textlayer import text_layer

READ_DPI = 200.0
"""Resolution of pages drawn for OCR: small print of 6 points is then 17 pixels high."""

_BROKEN = (pdfium.PdfiumError, ValueError, OverflowError)


class PdfDocument:
    """An open PDF."""

    def __init__(self, pdf: pdfium.PdfDocument, limits: Limits, name: str) -> None:
        self._pdf, self._limits, self._name = pdf, limits, name

    @property
    def embedded_xml(self) -> bytes | None:
        with _explained(self._name):
            return embedded_invoice(self._pdf)

    def pages(self) -> Iterator[Page]:
        for index in range(len(self._pdf)):
            with _explained(self._name, index + 1):
                page = self._pdf[index]
            yield self._page(page, index + 1)
            page.close()

    def _page(self, page: pdfium.PdfPage, number: int) -> Page:
        with _explained(self._name, number):
            layer = text_layer(page, number)
            verdict = judge(page, layer)

        def draw() -> Picture:
            with _explained(self._name, number):
                pixels = render(page, self._scale(page))
            return Picture(number, verdict.without_layer(pixels))

        return Page(number, verdict.rung, None if verdict.rung == "ocr" else layer.text, draw)

    def _scale(self, page: pdfium.PdfPage) -> float:
        width, height = page.get_size()
        scale = READ_DPI / 72.0
        return min(scale, math.sqrt(self._limits.working_pixels / max(1.0, width * height)))


@contextmanager
def open_pdf(path: Path, limits: Limits, password: str | None) -> Iterator[PdfDocument]:
    """The PDF at `path`. Raises DocumentError pdf-encrypted, pdf-broken, document-too-long."""
    pdf = _load(path, password)
    try:
        if len(pdf) == 0:
            raise DocumentError(
                "pdf-broken",
                f"{path.name} has no pages.",
                "Ask the sender for the document again.",
                details={"file": path.name},
            )
        limits.check_pages(len(pdf))
        yield PdfDocument(pdf, limits, path.name)
    finally:
        pdf.close()


def render(page: pdfium.PdfPage, scale: float) -> NDArray[np.uint8]:
    """(h, w, 3) RGB; forms and annotations are drawn too, for they hold values."""
    bitmap = page.render(
        scale=scale, rev_byteorder=True, may_draw_forms=True, fill_color=(255, 255, 255, 255)
    )
    pixels: NDArray[np.uint8] = bitmap.to_numpy()
    channels = pixels.shape[2] if pixels.ndim == 3 else 1
    return (
        np.ascontiguousarray(pixels[:, :, :3])
        if channels >= 3
        else np.repeat(pixels.reshape(*pixels.shape[:2], 1), 3, 2)
    )


def _load(path: Path, password: str | None) -> pdfium.PdfDocument:
    try:
        pdf = pdfium.PdfDocument(str(path), password=password)
        pdf.init_forms()
    except pdfium.PdfiumError as error:
        if "password" in str(error).lower():
            raise DocumentError(
                "pdf-encrypted",
                f"{path.name} is protected by a password.",
                "Give its password (`password:` in a step, --password-file on the command line), or ask for a copy "
                "without one.",
                details={"file": path.name},
            ) from error
        raise DocumentError(
            "pdf-broken",
            f"{path.name} is a damaged PDF.",
            "Ask the sender for the document again.",
            details={"file": path.name},
        ) from error
    return pdf


@contextmanager
def _explained(name: str, number: int | None = None) -> Iterator[None]:
    try:
        yield
    except _BROKEN as error:
        place = f"page {number} of {name}" if number else name
        raise DocumentError(
            "pdf-broken",
            f"{place} is damaged: {error}.",
            "Ask the sender for the document again.",
            details={"file": name},
        ) from error
