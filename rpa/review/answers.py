"""Turns what a person typed into a typed answer, and hands it to the ledger."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from flows.failures import FlowFailure
from rpa.ledger.port import LedgerPort
from rpa.ledger.types import ReviewRecord

MONEY = {"money", "decimal", "percent", "quantity"}
LINE = re.compile(r"lines\[([1-9]\d{0,3})\](?:\.([a-z_][a-z0-9_]*))?")
"""`lines[2].amount`, or `lines[2]` for the whole line."""


def approve(ledger: LedgerPort, review_id: int, *, by: str) -> ReviewRecord:
    """What was read is right as it stands."""
    return ledger.answer(review_id, {"fields": {}, "approved": True}, by=by)


def reject(ledger: LedgerPort, review_id: int, reason: str, *, by: str) -> ReviewRecord:
    """The item ends as a business failure with this reason."""
    return ledger.answer(review_id, {"rejected": True, "reason": reason}, by=by, rejected=True)


def correct(ledger: LedgerPort, review_id: int, corrections: Mapping[str, str], *, by: str) -> ReviewRecord:
    """`corrections` maps names to new values as typed; an empty text says that it is not there.

    A name is a field (`supplier_name`), a cell of a line (`lines[2].amount`; the number after the last one adds
    a line) or a line (`lines[3]`, with an empty text: the document has no such line).
    Raises FlowFailure `review-field-unknown`, `review-line-unknown` or `review-value-invalid`; nothing is stored
    then.
    """
    extraction = ledger.review(review_id).question.get("extraction") or {}
    in_lines = {name: text for name, text in corrections.items() if LINE.fullmatch(name)}
    answer: dict[str, Any] = {
        "fields": {n: _field(extraction, n, text) for n, text in corrections.items() if n not in in_lines}
    }
    if in_lines:
        answer["lines"] = _lines(extraction, in_lines)
    return ledger.answer(review_id, answer, by=by)


def _field(extraction: Mapping[str, Any], name: str, text: str) -> Any:
    fields = extraction.get("fields") or {}
    if name not in fields:
        raise FlowFailure("review-field-unknown", details={"name": name, "known": ", ".join(fields)})
    return _typed(name, text, _kind(extraction, "fields", name, fields[name]))


def _lines(extraction: Mapping[str, Any], corrections: Mapping[str, str]) -> list[dict[str, Any]]:
    """All lines with the corrections in them."""
    lines = [dict(line) for line in extraction.get("lines") or []]
    gone = set()
    for name, text in corrections.items():
        found = LINE.fullmatch(name)
        assert found is not None
        number, column = int(found[1]), found[2]
        if column is None:
            gone.add(_gone(name, number, text, lines))
        else:
            _set_cell(extraction, lines, name, number, column, text)
    return [line for number, line in enumerate(lines, 1) if number not in gone]


def _gone(name: str, number: int, text: str, lines: Sequence[Any]) -> int:
    if number > len(lines):
        raise FlowFailure("review-line-unknown", details={"name": name, "count": len(lines)})
    if text.strip():
        raise FlowFailure("review-value-invalid", details={"name": name, "value": text})
    return number


def _set_cell(extraction: Mapping[str, Any], lines: list[dict[str, Any]], name: str, number: int, column: str,
              text: str) -> None:
    columns = _columns(extraction, lines)
    if column not in columns:
        raise FlowFailure("review-field-unknown", details={"name": name, "known": ", ".join(columns)})
    if number > len(lines) + 1:
        raise FlowFailure("review-line-unknown", details={"name": name, "count": len(lines)})
    if number == len(lines) + 1:
        lines.append(dict.fromkeys(columns))
    line = lines[number - 1]
    line[column] = _typed(name, text, _kind(extraction, "columns", column, line.get(column)))


def _columns(extraction: Mapping[str, Any], lines: Sequence[Mapping[str, Any]]) -> list[str]:
    """Columns of the document's type and those that were read, in order."""
    spec = _doctype(extraction)
    return list(dict.fromkeys([*(spec.columns if spec else ()), *(c for line in lines for c in line)]))


def _typed(name: str, text: str, kind: str) -> Any:
    text = text.strip()
    if not text:
        return None
    try:
        return _parse(kind, text)
    except (ValueError, InvalidOperation):
        raise FlowFailure("review-value-invalid", details={"name": name, "value": text}) from None


def _kind(extraction: Mapping[str, Any], part: str, name: str, present: Any) -> str:
    spec = _doctype(extraction)
    if spec is not None and name in getattr(spec, part):
        return str(getattr(spec, part)[name].type)
    return {Decimal: "money", date: "date"}.get(type(present), "text")


def _doctype(extraction: Mapping[str, Any]) -> Any:
    """None for a question that a flow has put together itself."""
    from ocr.doctypes import doctype_names, load_doctype

    name = str(extraction.get("doctype"))
    return load_doctype(name) if name in doctype_names() else None


def _parse(kind: str, text: str) -> Any:
    if kind == "date":
        return date.fromisoformat(text)
    if kind in MONEY:
        return Decimal(text.replace(",", "") if "." in text or text.count(",") > 1 else text.replace(",", "."))
    return text
