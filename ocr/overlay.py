"""Pictures of the pages with every value marked, coloured by confidence."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from pathlib import Path

import pypdfium2 as pdfium
from PIL import Image, ImageDraw, ImageFont

from ocr.errors import DocumentError
from ocr.fields.confidence import shipped_calibration
from ocr.pages import open_document
from ocr.values import Box, Extraction, Field

LONG_SIDE = 1600
SURE, LIKELY, DOUBTFUL = (22, 130, 70), (214, 140, 0), (200, 40, 40)
_LIKELY_FROM = 0.8


def overlay_pages(extraction: Extraction, first: int = 1, last: int | None = None) -> list[bytes]:
    """One PNG per page, with the boxes of all fields and line items: green passes the gate, red is
    doubtful. `first` and `last` are the pages of the file that the document stands on.
    """
    pictures = page_pictures(Path(extraction.file))[first - 1 : last]
    return [_png(overlay(picture, number, extraction)) for number, picture in enumerate(pictures, 1)]


def crops(extraction: Extraction) -> dict[str, bytes]:
    """For every doubtful value (below the gate, or with a failed check) a PNG of the place where it is printed."""
    pictures = page_pictures(Path(extraction.file))
    gate = shipped_calibration().gate(extraction.doctype)
    doubtful = {
        name: item
        for name, item in extraction.fields.items()
        if isinstance(item, Field) and (item.confidence < gate or any(c.passed is False for c in item.checks))
    }
    turned = {n: _turned(picture, n, extraction) for n, picture in enumerate(pictures, 1)}
    places = {name: item.evidence.boxes for name, item in doubtful.items() if item.evidence.boxes}
    found = {name: boxes for name, boxes in places.items() if boxes[0].page in turned}
    return {name: _png(_crop(turned[boxes[0].page], boxes)) for name, boxes in found.items()}


def _turned(picture: Image.Image, number: int, extraction: Extraction) -> Image.Image:
    """The page as it was read."""
    turned = extraction.reading.turned(number) if extraction.reading else 0
    return picture.convert("RGB").rotate(turned, expand=True)


def _crop(page: Image.Image, boxes: Sequence[Box]) -> Image.Image:
    """The boxes of the first one's page with a line's height of room around them, small print enlarged."""
    box = Box.union([b for b in boxes if b.page == boxes[0].page])
    room = max(8.0, (boxes[0].y1 - boxes[0].y0) * page.height)
    x0, y0 = max(0.0, box.x0 * page.width - 2 * room), max(0.0, box.y0 * page.height - room)
    x1, y1 = min(page.width, box.x1 * page.width + 2 * room), min(page.height, box.y1 * page.height + room)
    part = page.crop((int(x0), int(y0), max(int(x0) + 1, int(x1)), max(int(y0) + 1, int(y1))))
    grow = max(1, round(28 / room))
    return part.resize((part.width * grow, part.height * grow), Image.Resampling.LANCZOS)


def overlay(picture: Image.Image, number: int, extraction: Extraction) -> Image.Image:
    """The picture of page `number` with the values of that page marked on it, turned as it was read."""
    canvas = _turned(picture, number, extraction)
    canvas.thumbnail((LONG_SIDE, LONG_SIDE))
    draw = ImageDraw.Draw(canvas, "RGBA")
    gate = shipped_calibration().gate(extraction.doctype)
    for item, name in _items(extraction):
        for index, box in enumerate(b for b in item.evidence.boxes if b.page == number):
            _mark(draw, canvas.size, box, item, name if index == 0 else "", gate)
    return canvas


def page_pictures(file: Path) -> Sequence[Image.Image]:
    """The pages of a PDF or a picture file, upright as far as the file itself says. Raises `DocumentError`
    (`file-missing`, or what the file lacks)."""
    if not file.is_file():
        raise DocumentError(
            "file-missing", f"There is no file {file} to draw on.", "Give the path of the document."
        )
    if file.read_bytes()[:5] == b"%PDF-":
        document = pdfium.PdfDocument(str(file))
        pages = [document[index] for index in range(len(document))]
        return [p.render(scale=LONG_SIDE / max(p.get_size())).to_pil() for p in pages]
    if file.suffix.lower() == ".xml":
        return []
    with open_document(file) as pictures:
        return [Image.fromarray(page.draw().pixels) for page in pictures.pages()]


def _items(extraction: Extraction) -> Iterator[tuple[Field, str]]:
    for line in extraction.lines:
        yield from ((cell, "") for cell in line.values() if isinstance(cell, Field))
    yield from ((item, name) for name, item in extraction.fields.items() if isinstance(item, Field))


def colour(confidence: float, gate: float) -> tuple[int, int, int]:
    """Green from the gate on, amber when likely, red below."""
    if confidence >= gate:
        return SURE
    return LIKELY if confidence >= _LIKELY_FROM else DOUBTFUL


def _mark(
    draw: ImageDraw.ImageDraw, size: tuple[int, int], box: Box, item: Field, name: str, gate: float
) -> None:
    width, height = size
    shape = (box.x0 * width - 2, box.y0 * height - 2, box.x1 * width + 2, box.y1 * height + 2)
    tint = colour(item.confidence, gate)
    draw.rectangle(shape, fill=(*tint, 45), outline=tint, width=2)
    if name:
        font = ImageFont.load_default(size=12)
        text = f"{name} {item.confidence:.2f}"
        left, top = shape[0], max(0, shape[1] - 14)
        draw.rectangle((left, top, left + draw.textlength(text, font=font) + 4, top + 14), fill=(*tint, 230))
        draw.text((left + 2, top), text, fill=(255, 255, 255), font=font)


def _png(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "PNG", optimize=False)
    return buffer.getvalue()
