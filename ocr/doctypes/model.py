"""What a doctype says, after loading. All frozen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal, TypeAlias, get_args

FieldType: TypeAlias = Literal[
    "text",
    "name",
    "address",
    "identifier",
    "tax_id",
    "iban",
    "date",
    "time",
    "money",
    "currency",
    "percent",
    "quantity",
    "unit",
    "integer",
]
Role: TypeAlias = Literal["supplier", "buyer"]
CheckKind: TypeAlias = Literal["sum", "lines_sum", "line_product", "order", "plausible", "valid", "differ"]

FIELD_TYPES: tuple[str, ...] = get_args(FieldType)
ROLES: tuple[str, ...] = get_args(Role)
CHECK_KINDS: tuple[str, ...] = get_args(CheckKind)


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One field, or one column of the line items.

    `labels` name the field for certain, `weak_labels` only hint at it (a bare «No.»).
    `role` says whose the value is, where a page shows two parties. `pattern` is a regular expression
    that the whole printed value must match. `same_as` names the field whose value stands for this one where
    it has no label of its own, unless one of the words `same_unless` is on the page. In YAML
    `like: invoice.net_total` takes over the labels of a built-in field.
    """

    name: str
    type: FieldType
    labels: tuple[str, ...] = ()
    weak_labels: tuple[str, ...] = ()
    required: bool = False
    role: Role | None = None
    pattern: str | None = None
    same_as: str | None = None
    same_unless: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CheckSpec:
    """One thing that must hold between fields.

    `sum`: the `parts` add up to `equals` (a leading `-` subtracts); `lines_sum`: the column `parts[0]` adds
    up to one of `equals`; `line_product`: the columns `parts` multiply to the column `equals[0]`;
    `order`: the dates `parts` do not run backwards; `plausible`: dates between 1990 and 2100, money below
    10^12; `valid`: check digits; `differ`: the values of `parts` are not the same. A sum may be off by
    `tolerance`: cash amounts are rounded to five cents in many countries.
    """

    name: str
    kind: CheckKind
    parts: tuple[str, ...]
    equals: tuple[str, ...] = ()
    tolerance: Decimal = Decimal("0.02")


@dataclass(frozen=True, slots=True)
class Doctype:
    """A document type. `titles` are words that head such a document, `other_labels` name things on the page
    that are no field of ours, so that their values are not taken for one. `issuer` says whose letterhead it
    is: the supplier's on an invoice, the buyer's on an order."""

    name: str
    fields: Mapping[str, FieldSpec]
    columns: Mapping[str, FieldSpec] = field(default_factory=dict)
    checks: tuple[CheckSpec, ...] = ()
    titles: tuple[str, ...] = ()
    other_labels: tuple[str, ...] = ()
    stop_labels: tuple[str, ...] = ()
    locale: str | None = None
    pairs: bool = False
    issuer: Role = "supplier"

    @property
    def required(self) -> tuple[str, ...]:
        """The names of the fields without which a document cannot pass unseen."""
        return tuple(spec.name for spec in self.fields.values() if spec.required)
