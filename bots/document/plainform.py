"""An extraction as plain data for flows: typed values under `fields`, everything known under `details`."""

from __future__ import annotations

from typing import Any

from flows.data import plain
from ocr.values import Box, Extraction, Field, Missing, Reading


def extraction_data(extraction: Extraction) -> dict[str, Any]:
    """What `${reading}` holds: doctype, source, fields {name: value}, details {name: object}, lines
    [{column: value}], line_details, findings, needs_review, file."""
    return {
        "file": extraction.file,
        "doctype": extraction.doctype,
        "source": extraction.source,
        "fields": {name: _value(f) for name, f in extraction.fields.items()},
        "details": {name: _details(f, extraction.reading) for name, f in extraction.fields.items()},
        "lines": [{name: _value(f) for name, f in line.items()} for line in extraction.lines],
        "line_details": [
            {name: _details(f, extraction.reading) for name, f in line.items()} for line in extraction.lines
        ],
        "findings": [
            {"code": f.code, "severity": f.severity, "message": f.message, "fields": list(f.fields)}
            for f in extraction.findings
        ],
        "needs_review": extraction.needs_review,
        "seconds": plain(extraction.seconds),
    }


def _value(field: Field | Missing) -> Any:
    return None if isinstance(field, Missing) else plain(field.value)


def _details(field: Field | Missing, reading: Reading | None) -> dict[str, Any]:
    if isinstance(field, Missing):
        return {"value": None, "reason": field.reason}
    return {
        "value": plain(field.value),
        "raw": field.raw,
        "confidence": plain(round(field.confidence, 4)),
        "how": field.evidence.how,
        "boxes": [_box(b, reading) for b in field.evidence.boxes],
        "checks": [{"name": c.name, "passed": c.passed, "detail": c.detail} for c in field.checks],
        "alternatives": [
            {"value": plain(a.value), "raw": a.raw, "confidence": plain(round(a.confidence, 4))}
            for a in field.alternatives
        ],
    }


def _box(box: Box, reading: Reading | None) -> dict[str, Any]:
    """`turned`, where the page lay wrong: degrees to the left that bring it upright, as the place takes it."""
    turned = reading.turned(box.page) if reading else 0
    return {"page": box.page, "box": plain(box.as_list())} | ({"turned": turned} if turned else {})
