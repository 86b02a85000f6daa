"""From a file to checked fields. The one door of the document stage.

The ladder: an e-invoice inside the file (or the file itself being one), the PDF's text layer, OCR. The rung
used is recorded as `source`.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from pathlib import Path

from ocr.doctypes import Doctype, load_doctype
from ocr.einvoice import compare, extraction_of_xml, read_einvoice, standalone_einvoice
from ocr.errors import DocumentError
from ocr.extraction_json import extraction_to_json
from ocr.fields.classify import classify
from ocr.fields.confidence import Calibration
from ocr.fields.credit import credit_note
from ocr.fields.decode import Decoded, decode
from ocr.fields.finder import FieldFinder
from ocr.fields.split import split
from ocr.layout.best import best_finder
from ocr.pages.limits import Limits
from ocr.values import Extraction, Finding, Reading

PAYABLE = ("invoice", "tax_invoice_kr")

__all__ = ["Part", "decoded_fields", "extract", "extract_reading", "extract_stack", "extraction_to_json"]


def extract(
    path: str | Path,
    doctype: str | Path | Doctype = "invoice",
    *,
    embedded_xml: bool = True,
    engine: str = "auto",
    device: str = "cpu",
    models: str | Path | None = None,
    korean: str = "auto",
    password: str | None = None,
    limits: Limits | None = None,
    finder: FieldFinder | None = None,
    reading: Reading | None = None,
) -> Extraction:
    """The checked fields of one document.

    `doctype` is a built-in name, the path of a doctype's YAML, a loaded one, or `auto`: the page decides.
    `embedded_xml=False` reads the page even where the file carries an e-invoice. `engine`, `device` (cpu, gpu:0),
    `models` (a folder of weights), `korean`, `password` and `limits` are those of `ocr.reading.read_one`; `reading`
    skips reading; `finder` replaces the label rules and the model beside them. Raises `DocumentError` for what cannot
    be read.
    """
    if embedded_xml and reading is None:
        einvoice = standalone_einvoice(Path(path))
        if einvoice is not None:
            return extraction_of_xml(einvoice, _loaded(doctype, None), str(path))
    reading = reading or _read(path, engine, device, models, korean, password, limits)
    began = time.perf_counter()
    wanted = _loaded(doctype, reading)
    extraction = _doubted(extract_reading(reading, wanted, finder=finder), doctype, reading)
    if embedded_xml and reading.embedded_xml:
        extraction = _with_xml(reading.embedded_xml, extraction, wanted)
    return replace(extraction, seconds=reading.seconds + time.perf_counter() - began)


@dataclass(frozen=True, slots=True)
class Part:
    """One document of a stack: its pages in the file, from 1, and its fields (whose pages count from 1)."""

    first: int
    last: int
    extraction: Extraction


def extract_stack(
    path: str | Path,
    doctype: str | Path | Doctype = "auto",
    *,
    engine: str = "auto",
    device: str = "cpu",
    models: str | Path | None = None,
    korean: str = "auto",
    password: str | None = None,
    limits: Limits | None = None,
) -> list[Part]:
    """The documents of a scanned stack, each with its fields; by default each page decides what it is.

    Raises `DocumentError` for what cannot be read.
    """
    parts, first = [], 1
    for reading in split(_read(path, engine, device, models, korean, password, limits)):
        extraction = extract(path, doctype, reading=reading, embedded_xml=False)
        parts.append(Part(first, first + len(reading.pages) - 1, extraction))
        first += len(reading.pages)
    return parts


def extract_reading(
    reading: Reading,
    doctype: Doctype,
    *,
    finder: FieldFinder | None = None,
    calibration: Calibration | None = None,
) -> Extraction:
    """The checked fields of a document that has been read. Never looks at embedded XML."""
    began = time.perf_counter()
    if doctype.pairs:
        from ocr.layout.pairs import form_pairs  # numpy and the weights load when first used

        return form_pairs(reading, doctype)
    decoded = decoded_fields(reading, doctype, finder=finder, calibration=calibration)
    credit = credit_note(reading) if doctype.name in PAYABLE else None
    return Extraction(
        file=reading.file,
        doctype=doctype.name,
        source=reading.rung,
        fields=decoded.fields,
        lines=decoded.lines,
        findings=(*decoded.findings, credit) if credit else decoded.findings,
        needs_review=decoded.needs_review or credit is not None,
        seconds=reading.seconds + time.perf_counter() - began,
        load_seconds=reading.load_seconds,
        reading=reading,
    )


def decoded_fields(
    reading: Reading,
    doctype: Doctype,
    *,
    finder: FieldFinder | None = None,
    calibration: Calibration | None = None,
) -> Decoded:
    """The decoder's answer with the features behind each probability: what calibration is fitted on."""
    chosen = finder or best_finder()
    found, rows = chosen.candidates(reading, doctype), chosen.rows(reading, doctype)
    return decode(found, rows, doctype, reading, calibration)


def _read(
    path: str | Path,
    engine: str,
    device: str,
    models: str | Path | None,
    korean: str,
    password: str | None,
    limits: Limits | None,
) -> Reading:
    from ocr.reading import read_one  # engines load when first used

    return read_one(
        path, engine=engine, device=device, models=models or None, korean=korean, password=password, limits=limits
    )


def _loaded(doctype: str | Path | Doctype, reading: Reading | None) -> Doctype:
    if isinstance(doctype, Doctype):
        return doctype
    if str(doctype) == "auto":
        return load_doctype(classify(reading).doctype if reading is not None else "invoice")
    return load_doctype(doctype)


def _doubted(extraction: Extraction, doctype: str | Path | Doctype, reading: Reading) -> Extraction:
    """Where the page had to say what it is and did not say it clearly, a person decides."""
    if str(doctype) != "auto" or isinstance(doctype, Doctype) or (kind := classify(reading)).known:
        return extraction
    message = (
        f"It is not clear what this document is: {kind.doctype} with a probability of {kind.probability:.2f}."
    )
    finding = Finding("doctype-uncertain", "warning", message)
    return replace(extraction, findings=(*extraction.findings, finding), needs_review=True)


def _with_xml(xml: bytes, page: Extraction, doctype: Doctype) -> Extraction:
    """The e-invoice's values, compared with the page's; a broken e-invoice is reported and the page
    counts.
    """
    try:
        einvoice = read_einvoice(xml)
    except DocumentError as error:
        finding = Finding(
            "xml-unreadable", "warning", f"The e-invoice inside the file was not used: {error.message}"
        )
        return replace(page, findings=(*page.findings, finding))
    return compare(extraction_of_xml(einvoice, doctype, page.file, reading=page.reading), page)
