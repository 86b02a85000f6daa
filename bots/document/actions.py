"""`document.…`: from a file to text and checked fields. The document stage itself lives in `ocr/`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict, cast

from bots.base import Context
from bots.document.memory import finder_with_memory
from bots.document.outputs import extraction_outputs
from bots.document.plainform import extraction_data
from flows.action import action
from flows.data import Secret
from flows.failures import Kind


class PageOutput(TypedDict):
    number: int
    text: str


class ReadOutput(TypedDict):
    """Text of a document, page by page."""

    text: str
    pages: list[PageOutput]
    engine: str
    source: str


DOCUMENT_FAILURES: dict[str, Kind] = {
    "file-missing": "flow", "file-empty": "business", "pdf-encrypted": "business", "pdf-broken": "business",
    "file-unsupported": "business", "image-too-large": "business", "image-broken": "business",
    "engine-missing": "engine", "document-timeout": "business",
}


@action("document.read", main="file", timeout="60s", fails=DOCUMENT_FAILURES,
        examples=('document.read: "${item.path}"',))
def read(
    ctx: Context, *, file: str, engine: str | None = None, password: Secret | str | None = None
) -> ReadOutput:
    """Reads the text of a document: the PDF's text layer where it is usable, OCR elsewhere.

    `engine` overrides the project's reading engine (auto, batched, paddleocr, tesseract). `password` opens an
    encrypted PDF.
    """
    from ocr.reading import read_one

    reading = read_one(ctx.path(file), **_reading_options(ctx, engine, password))
    pages: list[PageOutput] = [
        {"number": p.number, "text": "\n".join(line.text for line in p.lines)} for p in reading.pages
    ]
    return {"text": reading.text, "pages": pages, "engine": reading.engine, "source": reading.rung}


@action("document.extract", main="file", timeout="120s", fails={**DOCUMENT_FAILURES, "doctype-unknown": "flow"},
        outputs_of=extraction_outputs,
        examples=('document.extract: {file: "${item.path}", doctype: invoice}',))
def extract(ctx: Context, *, file: str, doctype: str = "invoice", engine: str | None = None,
            embedded_xml: bool = True, password: Secret | str | None = None) -> Any:
    """Turns an invoice, receipt or form into checked fields with evidence and confidence.

    `doctype` names what to look for (invoice, receipt, tax_invoice_kr, …, or a YAML file of the project).
    `embedded_xml: false` reads the page even when the PDF carries an e-invoice. `password` opens an encrypted PDF.
    Outputs: `fields` (typed values), `details` (raw text, confidence, boxes, checks), `lines`, `findings`,
    `needs_review`.
    """
    from ocr.extract import extract as extract_document

    options = _reading_options(ctx, engine, password)
    extraction = extract_document(
        ctx.path(file),
        _doctype(ctx, doctype),
        embedded_xml=embedded_xml,
        finder=finder_with_memory(ctx),
        **options,
    )
    _keep_pictures(ctx, extraction)
    return extraction_data(extraction)


def _doctype(ctx: Context, doctype: str) -> str:
    return str(ctx.path(doctype)) if doctype.endswith((".yaml", ".yml")) else doctype


def _reading_options(ctx: Context, engine: str | None, password: Secret | str | None) -> dict[str, Any]:
    options: Mapping[str, Any] = ctx.options
    return {
        "engine": engine or str(options.get("engine") or "auto"),
        "device": str(options.get("device") or "cpu"),
        "models": options.get("models") or None,
        "korean": str(options.get("korean") or "auto"),
        "password": password.reveal() if isinstance(password, Secret) else password,
    }


def _keep_pictures(ctx: Context, extraction: Any) -> None:
    """Keeps the marked pages, and the place of each doubtful value, so that a person can answer by looking."""
    if not extraction.needs_review:
        return
    from ocr.overlay import crops, overlay_pages

    for number, data in enumerate(overlay_pages(extraction), 1):
        ctx.save("overlay", f"overlay-{number}.png", data, "image/png")
    for name, data in crops(extraction).items():
        ctx.save("crop", f"{name}.png", data, "image/png")


class Hint(TypedDict):
    """Something odd: a code, how grave (error, warning, info), what it is, the fields it is about."""

    code: str
    severity: str
    message: str
    fields: list[str]


class HintsOutput(TypedDict):
    """`hints` ranked, the gravest first; `worst` is the severity of the first, or empty."""

    hints: list[Hint]
    worst: str


@action("document.hints", main="extraction", timeout="60s",
        examples=('document.hints: {extraction: "${reading}", key: "${item.key}"}',))
def hints(ctx: Context, *, extraction: dict[str, Any], key: str | None = None) -> HintsOutput:
    """Says what is odd about an invoice beside those that came before, and remembers it for the next ones.

    The same paper or the same number again, a bank account that is new for the supplier, an unusual amount, sums
    that do not hold, missing numbers. Reasons to look, never a block: the flow decides what follows. `key` tells
    this invoice from others (default: its file), so that a replay is not taken for a second one.
    """
    from bots.document.past import STATE, invoice_of, past, remember
    from ocr.fields.hints import hints as odd

    file = str(extraction.get("file") or "")
    invoice = invoice_of(extraction, key or file, ctx.path(file) if file else None)
    with ctx.state(STATE) as known:
        found = odd(invoice, past(known, but=invoice.id))
        remember(known, invoice)
    for one in found:
        if one.severity != "info":
            ctx.warn(f"hint-{one.code}", **one.details)
    told: list[Hint] = [
        {"code": f.code, "severity": f.severity, "message": f.message, "fields": list(f.fields)} for f in found
    ]
    told = sorted([*told, *_sums(extraction)], key=lambda hint: ("error", "warning", "info").index(hint["severity"]))
    return {"hints": told, "worst": told[0]["severity"] if told else ""}


def _sums(extraction: Mapping[str, Any]) -> list[Hint]:
    """What the extraction itself found odd (sums that do not hold, …), for one list."""
    return [cast(Hint, dict(one)) for one in extraction.get("findings") or ()]


__all__ = ["extract", "hints", "read"]
