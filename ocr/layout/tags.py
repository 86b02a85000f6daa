"""What the model can say about a word. Fields of several doctypes that mean the same share one tag, so that
every doctype learns from all others."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ocr.doctypes.model import Doctype

HEADER_TAGS: tuple[str, ...] = (
    "supplier_name",
    "supplier_address",
    "supplier_tax_id",
    "supplier_person",
    "supplier_type",
    "supplier_item",
    "supplier_account",
    "buyer_name",
    "buyer_address",
    "buyer_tax_id",
    "buyer_person",
    "buyer_type",
    "buyer_item",
    "buyer_account",
    "number",
    "approval",
    "date",
    "time",
    "due_date",
    "order",
    "currency",
    "net",
    "tax",
    "gross",
    "due",
    "iban",
    "bank",
    "fee",
    "remark",
)
ROW_TAGS: tuple[str, ...] = (
    "row_description",
    "row_spec",
    "row_quantity",
    "row_unit",
    "row_price",
    "row_rate",
    "row_amount",
    "row_tax",
    "row_month",
    "row_day",
    "row_remark",
)
TAGS: tuple[str, ...] = ("O", *HEADER_TAGS, *ROW_TAGS)
INDEX: Mapping[str, int] = MappingProxyType({tag: i for i, tag in enumerate(TAGS)})
ROLES: tuple[str, ...] = (
    "other",
    "title",
    "supplier",
    "buyer",
    "meta",
    "item_header",
    "item",
    "totals",
    "payment",
    "footer",
)
PARTS: tuple[str, ...] = ("none", "label", "value")
OUTPUT_COUNT = len(TAGS) + len(ROLES) + len(PARTS) + 2
"""Numbers for each word: tags, roles, parts, begins, starts a line item."""

_FIELD_TAGS: Mapping[str, str] = MappingProxyType(
    {
        **{f"{side}_{end}": f"{side}_{tag}" for side in ("supplier", "buyer") for end, tag in (
            ("name", "name"),
            ("address", "address"),
            ("tax_id", "tax_id"),
            ("business_number", "tax_id"),
            ("representative", "person"),
            ("business_type", "type"),
            ("business_item", "item"),
        )},
        "company": "supplier_name",
        "address": "supplier_address",
        "tax_id": "supplier_tax_id",
        "payee_name": "supplier_name",
        "payee_account": "supplier_account",
        "payer_name": "buyer_name",
        "payer_account": "buyer_account",
        "delivery_address": "buyer_address",
        "invoice_number": "number",
        "receipt_number": "number",
        "order_number": "number",
        "reference": "number",
        "approval_number": "approval",
        "issue_date": "date",
        "order_date": "date",
        "date": "date",
        "time": "time",
        "due_date": "due_date",
        "delivery_date": "due_date",
        "order_reference": "order",
        "currency": "currency",
        "net_total": "net",
        "supply_amount": "net",
        "tax_total": "tax",
        "tax_amount": "tax",
        "gross_total": "gross",
        "total": "gross",
        "total_amount": "gross",
        "amount": "gross",
        "amount_due": "due",
        "iban": "iban",
        "bank": "bank",
        "fee": "fee",
        "remark": "remark",
        "remittance_text": "remark",
    }
)  # fmt: skip
_COLUMN_TAGS: Mapping[str, str] = MappingProxyType(
    {
        "description": "row_description",
        "item": "row_description",
        "spec": "row_spec",
        "quantity": "row_quantity",
        "unit": "row_unit",
        "unit_price": "row_price",
        "tax_rate": "row_rate",
        "amount": "row_amount",
        "supply_amount": "row_amount",
        "tax_amount": "row_tax",
        "month": "row_month",
        "day": "row_day",
        "remark": "row_remark",
    }
)
LONG_TAGS: frozenset[str] = frozenset(
    {f"{side}_{end}" for side in ("supplier", "buyer") for end in ("address", "name", "type", "item")}
    | {"remark"}
)
"""Values that may go on over several lines."""
DIGIT_TAGS: frozenset[str] = frozenset(
    {
        "date",
        "due_date",
        "time",
        "net",
        "tax",
        "gross",
        "due",
        "fee",
        "iban",
        "supplier_tax_id",
        "buyer_tax_id",
    }
)
"""Values that hold at least one digit."""


def field_tag(name: str, *, row: bool = False) -> str | None:
    """The tag of a field (or, with `row`, of a line item's column), None where the model has none."""
    return (_COLUMN_TAGS if row else _FIELD_TAGS).get(name)


def doctype_fields(doctype: Doctype) -> dict[str, str]:
    """Tag → field name for a doctype's header fields, as far as the model knows them."""
    return {tag: name for name in doctype.fields if (tag := field_tag(name)) is not None}


def doctype_columns(doctype: Doctype) -> dict[str, str]:
    """Tag → column name for a doctype's line items."""
    return {tag: name for name in doctype.columns if (tag := field_tag(name, row=True)) is not None}
