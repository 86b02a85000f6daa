"""The stable JSON of an extraction (`"schema": 1`). The only place that knows it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, time
from decimal import Decimal
from typing import Any

from ocr.values import Alternative, Box, Check, Extraction, Field, Finding, Missing, Value

SCHEMA = 1


def extraction_to_json(extraction: Extraction) -> dict[str, Any]:
    """Plain data, ready for `json.dumps`: dates as `YYYY-MM-DD`, numbers as plain decimal strings."""
    return {
        "schema": SCHEMA,
        "file": extraction.file,
        "doctype": extraction.doctype,
        "source": extraction.source,
        "seconds": round(extraction.seconds, 3),
        "load_seconds": round(extraction.load_seconds, 3),
        "fields": {name: field_to_json(item) for name, item in extraction.fields.items()},
        "lines": [{name: field_to_json(cell) for name, cell in line.items()} for line in extraction.lines],
        "findings": [_finding(finding) for finding in extraction.findings],
        "needs_review": extraction.needs_review,
    }


def field_to_json(item: Field | Missing) -> dict[str, Any]:
    """One field, or the reason why it is missing."""
    if isinstance(item, Missing):
        return {"value": None, "reason": item.reason}
    boxes = item.evidence.boxes
    page = boxes[0].page if boxes else None
    return {
        "value": value_to_json(item.value),
        "raw": item.raw,
        "confidence": item.confidence,
        "page": page,
        "box": _union(boxes, page),
        "boxes": [{"page": box.page, "box": box.as_list()} for box in boxes],
        "how": item.evidence.how,
        "checks": [_check(check) for check in item.checks],
        "alternatives": [_alternative(other) for other in item.alternatives],
    }


def value_to_json(value: Value) -> str | int | None:
    """A typed value as JSON has it."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, str):
        return " ".join(value.split())
    return value


def _union(boxes: Sequence[Box], page: int | None) -> list[float] | None:
    return Box.union([box for box in boxes if box.page == page]).as_list() if boxes else None


def _check(check: Check) -> dict[str, Any]:
    return {"name": check.name, "passed": check.passed, "detail": check.detail}


def _alternative(other: Alternative) -> dict[str, Any]:
    return {
        "value": value_to_json(other.value),
        "raw": other.raw,
        "confidence": other.confidence,
        "page": other.box.page if other.box else None,
        "box": other.box.as_list() if other.box else None,
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.code,
        "severity": finding.severity,
        "message": finding.message,
        "fields": list(finding.fields),
    }
