"""Truth files: `truth.jsonl`, one document a line, in our field names or in those of the sets we know."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from ocr.errors import DocumentError

Accepted: TypeAlias = tuple[str, ...]
"""The spellings of a value that count as right; empty: the document states none."""


@dataclass(frozen=True, slots=True)
class Truth:
    """What is true of one document. A field that is not in `fields` was not annotated.

    `complete` says that a field with no value is certainly not printed, so that filling it is a false fill.
    """

    id: str
    doctype: str
    file: Path
    fields: Mapping[str, Accepted]
    lines: tuple[Mapping[str, str], ...] | None
    group: str
    complete: bool
    record: Mapping[str, Any]


FAULTS: dict[tuple[str, str], str] = {
    ("fx_01c7f2c4b1", "issue_date"): "the truth says 2014, the page prints 2015",
    ("fx_01c7f2c4b1", "due_date"): "the truth says 2014, the page prints 2015",
    ("fx_01c7f2c4b1", "currency"): "empty in the truth",
    ("fx_2834b8356a", "lines"): "gross line amounts where the page is net",
    ("fx_569e602846", "tax_total"): "the page prints no tax sum",
    ("fx_df20975a0c", "tax_total"): "the page prints no tax sum",
    ("AzureInterior", "iban"): "no IBAN",
}
"""Known faults of public truth files; every figure is reported with and without them."""


def read_truth(folder: Path, doctype: str | None = None) -> list[Truth]:
    """The truths of a folder. Raises `DocumentError` (`truth-missing`, `truth-broken`)."""
    file = folder / "truth.jsonl"
    if not file.is_file():
        raise DocumentError(
            "truth-missing", f"There is no {file}.", "Name a folder that holds truth.jsonl.", kind="flow"
        )
    truths = [_truth(json.loads(line), folder) for line in _lines(file)]
    return [t for t in truths if doctype is None or t.doctype == doctype]


def _lines(file: Path) -> Iterator[str]:
    for number, line in enumerate(file.read_text("utf-8").splitlines(), 1):
        if not line.strip():
            continue
        if not line.lstrip().startswith("{"):
            raise DocumentError(
                "truth-broken", f"{file}:{number} is no JSON object.", "One JSON object a line.", kind="flow"
            )
        yield line


def _truth(record: dict[str, Any], folder: Path) -> Truth:
    fields = record.get("fields", {})
    named = (
        _from_facturx(fields)
        if "seller" in fields
        else _from_invoices(fields)
        if "issuer" in fields
        else _plain(fields)
    )
    doctype = str(record.get("doctype", "invoice"))
    return Truth(
        id=str(record.get("id", record.get("file"))),
        doctype=doctype,
        file=folder / str(record.get("file", record.get("pdf", record.get("image", "")))),
        fields=named,
        lines=_truth_lines(record, fields),
        group=str(record.get("layout") or record.get("degradation") or "all"),
        complete=bool(
            record.get("complete", not ("seller" in fields or "issuer" in fields or "segments" in record))
        ),
        record=record,
    )


def _accept(*values: object) -> Accepted:
    return tuple(" ".join(str(v).split()) for v in values if v not in (None, ""))


def _plain(fields: Mapping[str, Any]) -> dict[str, Accepted]:
    named = {}
    for name, value in fields.items():
        if isinstance(value, Mapping):
            value = value.get("value", value.get("text"))
        if not isinstance(value, list):
            named[name] = _accept(value)
    return named


_FACTURX = {
    "invoice_number": "number",
    "issue_date": "issue_date",
    "currency": "currency",
    "order_reference": "order_ref",
    "due_date": "due_date",
    "iban": "iban",
    "net_total": "tax_basis_total",
    "tax_total": "tax_total",
    "gross_total": "grand_total",
    "amount_due": "due_payable",
}


def _from_facturx(fields: Mapping[str, Any]) -> dict[str, Accepted]:
    named = {ours: _accept(fields.get(theirs)) for ours, theirs in _FACTURX.items()}
    for ours, theirs in (("supplier", "seller"), ("buyer", "buyer")):
        party = fields.get(theirs) or {}
        named[f"{ours}_name"] = _accept(party.get("name"))
        named[f"{ours}_tax_id"] = _accept(*((party.get("tax_ids") or {}).get(k) for k in ("VA", "FC")))
        address = party.get("address") or {}
        parts = [address.get(k) for k in ("LineOne", "LineTwo", "PostcodeCode", "CityName")]
        named[f"{ours}_address"] = _accept(" ".join(str(p) for p in parts if p)) if any(parts) else ()
    return named


_INVOICES = {
    "gross_total": ("amount",),
    "net_total": ("amount_untaxed",),
    "tax_total": ("amount_tax",),
    "issue_date": ("date",),
    "due_date": ("date_due",),
    "invoice_number": ("invoice_number",),
    "supplier_name": ("issuer", "partner_name"),
    "supplier_tax_id": ("vat",),
    "currency": ("currency",),
    "iban": ("iban",),
}


def _from_invoices(fields: Mapping[str, Any]) -> dict[str, Accepted]:
    return {
        ours: _accept(*(fields.get(k) for k in keys))
        for ours, keys in _INVOICES.items()
        if any(k in fields for k in keys)
    }


_LINE_NAMES = {
    "net_price": "unit_price",
    "price_unit": "unit_price",
    "price": "unit_price",
    "vat_rate": "tax_rate",
    "line_tax_percent": "tax_rate",
    "price_subtotal": "amount",
    "qty": "quantity",
    "name": "description",
    "desc": "description",
}
_LINE_SKIPPED = ("sectionheader", "line_note")


def _truth_lines(
    record: Mapping[str, Any], fields: Mapping[str, Any]
) -> tuple[Mapping[str, str], ...] | None:
    lines = record.get("lines", fields.get("lines"))
    if not isinstance(lines, list):
        return None
    made = []
    for line in lines:
        if any(key in line for key in _LINE_SKIPPED):
            continue
        plain = {k: v.get("value") if isinstance(v, Mapping) else v for k, v in line.items()}
        named = {
            _LINE_NAMES.get(k, k): " ".join(str(v).split()) for k, v in plain.items() if v not in (None, "")
        }
        made.append(
            {k: v for k, v in named.items() if k != "unit" or "seller" not in fields}
        )  # codes, never printed
    return tuple(made)
