"""What `document.extract` gives, as a type that depends on the literal `doctype`: `${bill.fields.totl}` is
caught."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any, TypedDict

_TYPES: Mapping[str, Any] = {
    "money": Decimal, "decimal": Decimal, "percent": Decimal, "quantity": Decimal, "date": date, "integer": int,
}


@cache
def _typed(doctype: str) -> Any:
    from ocr.doctypes import load_doctype

    known = load_doctype(doctype)
    fields = TypedDict("fields", {name: _TYPES.get(f.type, str) for name, f in known.fields.items()})  # type: ignore[misc]
    line = TypedDict("line", {name: _TYPES.get(c.type, str) for name, c in known.columns.items()})  # type: ignore[misc]
    details = TypedDict("details", dict.fromkeys(known.fields, Any))  # type: ignore[misc]
    return TypedDict(  # type: ignore[operator]
        "extraction",
        {
            "file": str, "doctype": str, "source": str, "fields": fields, "details": details,
            "lines": list[line], "line_details": list[Any], "findings": list[Any], "needs_review": bool,
            "seconds": Decimal,
        },
    )


def extraction_outputs(parameters: Mapping[str, Any]) -> Any:
    """The outputs' type for a literal built-in doctype, else Any."""
    doctype = parameters.get("doctype", "invoice")
    if not isinstance(doctype, str) or not doctype.isidentifier() or doctype == "auto":
        return Any
    return _typed(doctype)
