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
    """Confidence from left to right, share right upwards; a dot for each bin of equally many values, on the
    line where both agree."""
    measured = calibration(report.field_scores())
    dots = "".join(
        f"<line x1='{_x(c)}' y1='{_y(c)}' x2='{_x(c)}' y2='{_y(share)}' stroke='#c22'/>"
        f"<circle cx='{_x(c)}' cy='{_y(share)}' r='5' fill='#47a'><title>{count} values: stated {c:.3f}, "
        f"right {share:.3f}</title></circle>"
        for c, share, count in measured.bins
    )
    marks = "".join(
        f"<text x='{_x(v) - 8}' y='338' font-size='11'>{v:g}</text>"
        f"<text x='2' y='{_y(v) + 4}' font-size='11'>{v:g}</text>"
        for v in (0.0, 0.25, 0.5, 0.75, 1.0)
    )
    frame = (
        f"<rect x='{_x(0)}' y='{_y(1)}' width='300' height='300' fill='none' stroke='#999'/>"
        f"<line x1='{_x(0)}' y1='{_y(0)}' x2='{_x(1)}' y2='{_y(1)}' stroke='#999'/>"
    )
    return (
        f"<h2>Stated confidence and share right</h2><p>{measured.values} values, calibration error "
        f"{100 * measured.error:.1f} points</p><svg width='350' height='345'>{frame}{marks}{dots}</svg>"
    )


def _x(value: float) -> int:
    return round(32 + 300 * value)


def _y(value: float) -> int:
    return round(320 - 300 * value)


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
