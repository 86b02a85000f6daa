"""Hardened XML: no entities, no DTD, no network, a limit on size and depth."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal, InvalidOperation

from lxml import etree

from ocr.einvoice.values import XmlValue
from ocr.errors import DocumentError
from ocr.values import Value

LARGEST = 20 * 1024 * 1024


def parse_xml(data: bytes) -> etree._Element:
    """The root element. Raises `DocumentError` (`xml-too-large`, `xml-broken`, `xml-forbidden`)."""
    if len(data) > LARGEST:
        raise DocumentError(
            "xml-too-large",
            f"The e-invoice has {len(data)} bytes, more than {LARGEST}.",
            "Ask the sender for a smaller file.",
        )
    if b"<!DOCTYPE" in data[:4096].upper() or b"<!ENTITY" in data[:65536].upper():
        raise DocumentError(
            "xml-forbidden",
            "The e-invoice declares a document type or entities.",
            "E-invoices need neither; do not trust this file.",
        )
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        recover=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        return etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise DocumentError(
            "xml-broken",
            f"The e-invoice is not well-formed XML: {error}.",
            "Ask the sender for a sound file.",
        ) from error


class Reader:
    """Values by path, namespaces ignored by local name: `a/b/c` from one element."""

    def __init__(self, element: etree._Element) -> None:
        self.element = element

    def all(self, path: str) -> list[Reader]:
        """All descendants along `path`, each step a child's local name."""
        elements = [self.element]
        for step in path.split("/"):
            elements = [child for element in elements for child in element if _local(child) == step]
        return [Reader(element) for element in elements]

    def first(self, path: str) -> Reader | None:
        found = self.all(path)
        return found[0] if found else None

    def text(self, path: str) -> str | None:
        """The text of the first element on `path` that has any."""
        for reader in self.all(path):
            text = " ".join("".join(reader.element.itertext()).split())
            if text:
                return text
        return None

    def attribute(self, path: str, name: str) -> str | None:
        found = self.first(path)
        return found.element.get(name) if found is not None else None

    def value(self, path: str, make: Callable[[str], Value]) -> XmlValue | None:
        """The typed value at `path`, or None where there is none or it is not of that type."""
        raw = self.text(path)
        value = make(raw) if raw is not None else None
        return XmlValue(value, raw, path) if raw is not None and value is not None else None


def _local(element: etree._Element) -> str:
    tag = element.tag
    return tag.rsplit("}", 1)[-1] if isinstance(tag, str) else ""


def local_name(element: etree._Element) -> str:
    """The element's name without its namespace."""
    return _local(element)


def as_text(raw: str) -> Value:
    return raw.strip() or None


def as_decimal(raw: str) -> Value:
    try:
        number = Decimal(raw.strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def as_date(raw: str) -> Value:
    """`2024-11-15`, `20241115` (CII format 102), or a date with a time behind it."""
    digits = raw.strip()[:10].replace("-", "")[:8]
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
    except ValueError:
        return None
