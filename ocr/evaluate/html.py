"""A page with every error beside the picture of its document."""

from __future__ import annotations

import base64
import io
from html import escape
from pathlib import Path

from PIL import Image

from ocr.errors import DocumentError
from ocr.evaluate.report import Report, calibration
from ocr.evaluate.score import DocumentScore, FieldScore
from ocr.evaluate.text import render_text
from ocr.overlay import overlay, page_pictures
from ocr.values import Extraction

_STYLE = (
    "body{font:14px/1.4 system-ui;margin:2em;max-width:1200px}table{border-collapse:collapse;margin:.5em 0}"
    "td,th{border:1px solid #ccc;padding:2px 8px;text-align:left}.wrong{color:#c22}.missing{color:#b70}.extra{color:#639}"  # noqa: E501
    "img{max-width:640px;border:1px solid #ccc}pre{background:#f6f6f6;padding:1em;overflow:auto}"
)


def render_html(report: Report) -> str:
    """The figures, the reliability of the confidence, then each document with errors and its overlay."""
    faulty = [d for d in report.documents if any(_is_error(s) for s in d.fields)]
    parts = [
        f"<!doctype html><meta charset='utf-8'><title>{escape(report.folder)}</title><style>{_STYLE}</style>",
        f"<pre>{escape(render_text(report))}</pre>",
        _reliability(report),
        *(_document(d) for d in faulty),
    ]
    return "\n".join(parts)


def _is_error(score: FieldScore) -> bool:
    return score.verdict in ("wrong", "missing", "extra") and score.fault is None


def _reliability(report: Report) -> str:
    bins = calibration(report.field_scores()).bins
    bars = "".join(
        f"<rect x='{300 * c - 4:.0f}' y='{300 - 300 * share:.0f}' width='8' height='{300 * share:.0f}' fill='#47a'/>"  # noqa: E501
        for c, share, _ in bins
    )
    line = "<line x1='0' y1='300' x2='300' y2='0' stroke='#999'/>"
    return f"<h2>Stated confidence and share right</h2><svg width='320' height='310'>{line}{bars}</svg>"


def _document(document: DocumentScore) -> str:
    rows = "".join(
        f"<tr class='{s.verdict}'><td>{s.name}<td>{s.verdict}<td>{escape(s.truth)}<td>{escape(s.value)}<td>{s.confidence:.3f}"  # noqa: E501
        for s in document.fields
        if _is_error(s)
    )
    head = "<tr><th>field<th>verdict<th>truth<th>ours<th>confidence"
    return f"<h2>{escape(document.id)}</h2><table>{head}{rows}</table>{_pictures(document.extraction)}"


def _pictures(extraction: Extraction) -> str:
    try:
        pictures = page_pictures(Path(extraction.file))
    except DocumentError as error:
        return f"<p>{escape(error.message)}</p>"
    images = [overlay(picture, number, extraction) for number, picture in enumerate(pictures[:3], 1)]
    return "".join(f"<img src='data:image/jpeg;base64,{_encoded(image)}'>" for image in images)


def _encoded(image: Image.Image) -> str:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=70)
    return base64.b64encode(buffer.getvalue()).decode("ascii")
