"""The first rung of the ladder: values from an e-invoice, compared with what the page shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from ocr.doctypes.model import Doctype
from ocr.einvoice.cii import read_cii
from ocr.einvoice.kr import read_kr
from ocr.einvoice.ubl import read_ubl
from ocr.einvoice.values import EInvoice, XmlValue
from ocr.einvoice.xml import LARGEST, Reader, local_name, parse_xml
from ocr.errors import DocumentError
from ocr.fields.checks import Outcome, run_checks
from ocr.fields.finder import same_value_key
from ocr.fields.names import without_legal_form
from ocr.values import Check, Evidence, Extraction, Field, Finding, Missing, Reading, Value

XML_CONFIDENCE = 0.995
CONTRADICTED = 0.5
_ROOTS = {
    "CrossIndustryInvoice": read_cii,
    "CrossIndustryDocument": read_cii,
    "Invoice": read_ubl,
    "CreditNote": read_ubl,
    "TaxInvoice": read_kr,
}


def read_einvoice(data: bytes) -> EInvoice:
    """The e-invoice in `data`. Raises `DocumentError` (`xml-broken`, `xml-unknown`, …)."""
    root = parse_xml(data)
    reader = _ROOTS.get(local_name(root))
    if reader is None:
        raise DocumentError(
            "xml-unknown",
            f"The XML is no e-invoice that is known: its root is «{local_name(root)}».",
            f"Known roots: {', '.join(_ROOTS)}.",
        )
    return reader(Reader(root))


def standalone_einvoice(path: Path) -> EInvoice | None:
    """The e-invoice, where the file itself is one (an XRechnung is a bare `.xml`); None for any other
    file.
    """
    if path.suffix.lower() != ".xml" or not path.is_file():
        return None
    if path.stat().st_size > LARGEST:
        raise DocumentError(
            "xml-too-large",
            f"{path.name} is larger than {LARGEST} bytes.",
            "Ask the sender for a smaller file.",
        )
    return read_einvoice(path.read_bytes())


def extraction_of_xml(
    einvoice: EInvoice, doctype: Doctype, file: str, *, reading: Reading | None = None
) -> Extraction:
    """The e-invoice's values as an extraction, checked like any other."""
    values = {name: item.value for name, item in einvoice.fields.items() if name in doctype.fields}
    lines = [{name: item.value for name, item in line.items()} for line in einvoice.lines]
    outcomes = run_checks(doctype, values, lines)
    fields = {name: _field(name, einvoice.fields.get(name), outcomes) for name in doctype.fields}
    findings = tuple(
        Finding("check-failed", "error", f"{o.check.name}: {o.check.detail}", o.fields)
        for o in outcomes
        if o.check.passed is False
    )
    missing = any(isinstance(fields[name], Missing) for name in doctype.required)
    return Extraction(
        file=file,
        doctype=doctype.name,
        source="xml",
        fields=fields,
        lines=tuple({n: _field(n, line.get(n), ()) for n in doctype.columns} for line in einvoice.lines),
        findings=findings,
        needs_review=missing or bool(findings),
        reading=reading,
    )


def _field(
    name: str, item: XmlValue | None, outcomes: list[Outcome] | tuple[Outcome, ...]
) -> Field | Missing:
    if item is None:
        return Missing(name, "the e-invoice does not state it")
    checks: tuple[Check, ...] = tuple(o.check for o in outcomes if name in o.fields and o.line is None)
    confidence = 0.6 if any(c.passed is False for c in checks) else XML_CONFIDENCE
    return Field(name, item.value, item.raw, confidence, Evidence((), (), "xml", {}), checks)


def compare(xml: Extraction, page: Extraction) -> Extraction:
    """The XML's values with the page's evidence where both agree; a finding and less belief where
    they do not.

    The page is what people sign, the XML what machines book: neither silently wins. Fields that the XML
    leaves out come from the page.
    """
    fields: dict[str, Field | Missing] = {}
    findings: list[Finding] = []
    for name, item in xml.fields.items():
        fields[name], finding = _compared(name, item, page.fields.get(name, Missing(name, "not on the page")))
        if finding is not None:
            findings.append(finding)
    mixed = any(
        isinstance(f, Field) and f.evidence.how != "xml" and isinstance(xml.fields[n], Missing)
        for n, f in fields.items()
    )
    return replace(
        xml,
        source="mixed" if mixed else "xml",
        fields=fields,
        lines=xml.lines or page.lines,
        findings=(*xml.findings, *findings),
        needs_review=_needs_review(xml, fields, findings),
        load_seconds=page.load_seconds,
        reading=page.reading,
    )


def _needs_review(xml: Extraction, fields: Mapping[str, Field | Missing], findings: list[Finding]) -> bool:
    required_gone = (
        any(isinstance(xml.fields[n], Missing) and isinstance(fields[n], Missing) for n in fields)
        and xml.needs_review
    )
    return required_gone or bool(xml.findings) or any(f.severity == "error" for f in findings)


def _compared(
    name: str, item: Field | Missing, seen: Field | Missing
) -> tuple[Field | Missing, Finding | None]:
    if isinstance(item, Missing):
        return seen, None
    if isinstance(seen, Missing):
        return item, None
    if _same(item.value, seen.value):
        evidence = Evidence(seen.evidence.boxes, seen.evidence.words, "xml", {"page": seen.confidence})
        return replace(item, evidence=evidence), None
    if seen.confidence < CONTRADICTED or name.endswith("_address"):
        return item, None
    message = f"The e-invoice says «{item.raw}», the page «{seen.raw}»."
    finding = Finding("xml-page-mismatch", "error", message, (name,))
    check = Check("xml-equals-page", False, message)
    return replace(item, confidence=CONTRADICTED, checks=(*item.checks, check)), finding


def _same(a: Value, b: Value) -> bool:
    if isinstance(a, Decimal) and isinstance(b, Decimal):
        return a == b
    if isinstance(a, str) and isinstance(b, str):
        left, right = same_value_key(without_legal_form(a)), same_value_key(without_legal_form(b))
        return (
            left == right
            or (len(str(left)) > 3 and str(left) in str(right))
            or (len(str(right)) > 3 and str(right) in str(left))
        )
    return a == b
