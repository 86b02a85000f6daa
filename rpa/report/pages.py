"""A document's pages with what was read marked on them, as an SVG that stands in an HTML page."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator, Mapping
from html import escape
from pathlib import Path
from typing import Any

from PIL import Image

from ocr.errors import DocumentError
from ocr.overlay import DOUBTFUL, LIKELY, SURE, page_pictures

WIDTH = 900
MAX_PAGES = 5
SURE_FROM, LIKELY_FROM = 0.975, 0.8


def marked_pages(extraction: Mapping[str, Any], file: Path | None) -> list[str]:
    """One `<svg>` per page (at most five) with the boxes of all fields; empty when the document is gone or
    cannot be drawn."""
    if file is None:
        return []
    try:
        pictures = list(page_pictures(file))[:MAX_PAGES]
    except (DocumentError, OSError):
        return []
    return [_page(picture, number, extraction) for number, picture in enumerate(pictures, 1)]


def _page(picture: Image.Image, number: int, extraction: Mapping[str, Any]) -> str:
    shown = picture.convert("RGB").rotate(_turned(extraction, number), expand=True)
    shown.thumbnail((WIDTH, WIDTH * 2))
    width, height = shown.size
    marks = "".join(_marks(extraction, number, width, height))
    return (
        f'<svg viewBox="0 0 {width} {height}" width="{width}" role="img" aria-label="page {number}">'
        f'<image href="{picture_uri(shown)}" width="{width}" height="{height}"/>{marks}</svg>'
    )


def picture_uri(picture: Image.Image) -> str:
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=70)
    return "data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode()


def _marks(extraction: Mapping[str, Any], page: int, width: int, height: int) -> Iterator[str]:
    for name, detail in _details(extraction):
        boxes = [b["box"] for b in detail.get("boxes") or [] if int(b.get("page", 1)) == page]
        confidence = float(detail.get("confidence") or 0)
        for index, box in enumerate(boxes):
            yield _mark([float(v) for v in box], name if index == 0 else "", confidence, width, height)


def _details(extraction: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    """Cells of line items without a name, then the fields with theirs."""
    lines = extraction.get("line_details") or []
    cells = [("", d) for line in lines for d in line.values() if isinstance(d, Mapping)]
    return [*cells, *((name, d) for name, d in extraction["details"].items() if isinstance(d, Mapping))]


def _turned(extraction: Mapping[str, Any], page: int) -> int:
    """Degrees to the left that bring the page upright, as its boxes say."""
    boxes = (b for _, detail in _details(extraction) for b in detail.get("boxes") or [])
    return next((int(b.get("turned", 0)) for b in boxes if int(b.get("page", 1)) == page), 0)


def _colour(confidence: float) -> tuple[int, int, int]:
    """Green, amber, red: for the eye only, what needs a person is the extraction's own word."""
    if confidence >= SURE_FROM:
        return SURE
    return LIKELY if confidence >= LIKELY_FROM else DOUBTFUL


def _mark(box: list[float], name: str, confidence: float, width: int, height: int) -> str:
    tint = "rgb({},{},{})".format(*_colour(confidence))
    x, y, right, bottom = box[0] * width - 2, box[1] * height - 2, box[2] * width + 2, box[3] * height + 2
    label = (
        f'<text x="{x:.0f}" y="{max(10, y - 2):.0f}" fill="{tint}" font-size="11">{escape(name)}</text>'
        if name
        else ""
    )
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{right - x:.1f}" height="{bottom - y:.1f}" fill="{tint}" '
        f'fill-opacity="0.15" stroke="{tint}"><title>{escape(name)} {confidence:.2f}</title></rect>{label}'
    )
