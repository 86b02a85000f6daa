"""A scene as a PDF with a text layer. Needs reportlab (the extra `synthetic`)."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable
from typing import Any

from PIL import Image

from ocr.errors import DocumentError
from ocr.synthetic.scene import PageScene, Run, Scene, Shape


def _reportlab() -> tuple[Any, Any, Any]:
    try:
        from reportlab.pdfbase import pdfmetrics  # type: ignore[import-untyped]
        from reportlab.pdfbase.ttfonts import TTFont  # type: ignore[import-untyped]
        from reportlab.pdfgen import canvas  # type: ignore[import-untyped]
    except ImportError as error:
        raise DocumentError(
            "reportlab-missing",
            "Writing PDF pages needs the package reportlab.",
            "pip install 'daeri[synthetic]'",
            kind="engine",
        ) from error
    return canvas, pdfmetrics, TTFont


def write_pdf(scene: Scene, title: str, stamp: str) -> bytes:
    """The scene as PDF bytes. `stamp` goes into the document's metadata and makes equal pages differ."""
    canvas_module, metrics, ttfont = _reportlab()
    buffer = io.BytesIO()
    canvas = canvas_module.Canvas(buffer, invariant=1, pageCompression=1)
    canvas.setTitle(title)
    canvas.setKeywords(stamp)
    _register(scene, metrics, ttfont)
    for page in scene.pages:
        canvas.setPageSize((page.width, page.height))
        _page(canvas, page)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def _register(scene: Scene, metrics: Any, ttfont: Any) -> None:
    """Fresh font objects for each document: reportlab numbers subsets in the order of use."""
    for page in scene.pages:
        for run in (*page.runs, *page.over_runs):
            if run.face.name not in metrics._fonts:
                metrics.registerFont(ttfont(run.face.name, run.face.path))


def _page(canvas: Any, page: PageScene) -> None:
    for shapes, runs in ((page.shapes, page.runs), (page.over, page.over_runs)):
        for shape in shapes:
            _shape(canvas, shape, page.height)
        for line in _lines(runs):
            _text(canvas, line, page.height)


def _lines(runs: list[Run]) -> Iterable[list[Run]]:
    line: list[Run] = []
    for run in runs:
        if line and run.line != line[-1].line:
            yield line
            line = []
        line.append(run)
    if line:
        yield line


def _text(canvas: Any, line: list[Run], height: float) -> None:
    for index, run in enumerate(line):
        canvas.setFont(run.face.name, run.size)
        canvas.setFillColorRGB(*(c / 255 for c in run.colour))
        # A blank ends every word but the last, so that readers of the text layer see the gap.
        text = run.text if index == len(line) - 1 else run.text + " "
        canvas.drawString(run.x, height - run.y, text)


def _shape(canvas: Any, shape: Shape, height: float) -> None:
    points = [(x, height - y) for x, y in shape.points]
    canvas.setLineWidth(shape.width)
    canvas.setDash([2, 2] if shape.dash else [])
    if shape.stroke:
        canvas.setStrokeColorRGB(*(c / 255 for c in shape.stroke))
    if shape.fill:
        canvas.setFillColorRGB(*(c / 255 for c in shape.fill))
    stroke, fill = int(shape.stroke is not None), int(shape.fill is not None)
    if shape.kind in ("rect", "ellipse"):
        _closed(canvas, shape.kind, points, stroke, fill)
    else:
        _open(canvas, points)


def _closed(canvas: Any, kind: str, points: list[tuple[float, float]], stroke: int, fill: int) -> None:
    (x0, y0), (x1, y1) = points
    if kind == "rect":
        canvas.rect(min(x0, x1), min(y0, y1), abs(x1 - x0), abs(y1 - y0), stroke=stroke, fill=fill)
    else:
        canvas.ellipse(x0, y0, x1, y1, stroke=stroke, fill=fill)


def _open(canvas: Any, points: list[tuple[float, float]]) -> None:
    path = canvas.beginPath()
    path.moveTo(*points[0])
    for point in points[1:]:
        path.lineTo(*point)
    canvas.drawPath(path, stroke=1, fill=0)


def picture_pdf(images: list[Image.Image], dpi: float, quality: int) -> bytes:
    """Scanned pages as a PDF without a text layer. The same pictures always give the same bytes."""
    buffer = io.BytesIO()
    first, *rest = [image.convert("RGB") for image in images]
    first.save(buffer, "PDF", resolution=dpi, save_all=True, append_images=rest, quality=quality)
    return re.sub(rb"/(CreationDate|ModDate) ?\(D:[^)]*\)", _same_length, buffer.getvalue())


def _same_length(match: re.Match[bytes]) -> bytes:
    head = match.group(0).split(b"(")[0]
    return (head + b"(D:20260101000000Z").ljust(len(match.group(0)) - 1) + b")"
