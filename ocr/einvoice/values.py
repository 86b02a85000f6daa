"""What an e-invoice says, in our field names, whatever its syntax."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from ocr.values import Value

Syntax: TypeAlias = Literal["cii", "ubl", "kr"]


@dataclass(frozen=True, slots=True)
class XmlValue:
    """A typed value, its text as it stands in the XML, and the path where."""

    value: Value
    raw: str
    path: str


@dataclass(frozen=True, slots=True)
class EInvoice:
    """`fields` and `lines` carry the names of the doctype `invoice`, or of `tax_invoice_kr`."""

    syntax: Syntax
    doctype: str
    fields: Mapping[str, XmlValue]
    lines: tuple[Mapping[str, XmlValue], ...]
