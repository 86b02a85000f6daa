"""`rpa hints`: what is odd about invoices beside those that came before."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Optional

import typer

from rpa.cli.state import STATE

if TYPE_CHECKING:
    from ocr.values import Finding

Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
Files = Annotated[
    Optional[list[Path]],
    typer.Argument(help="Documents to compare with what is remembered; default: all that is remembered."),
]
Kind = Annotated[str, typer.Option(help="Type of the documents.")]


def add_to(app: typer.Typer) -> None:
    app.command()(hints)


def hints(files: Files = None, doctype: Kind = "auto", json: Json = False) -> None:
    """Says what is odd about invoices: copies, a changed bank account, unusual amounts, missing numbers.

    Flows remember invoices by the action document.hints; files that are only asked about here are not remembered.
    """
    from bots.document.past import STATE as NAME
    from rpa.cli.show import as_json, say, say_nothing

    known = dict(STATE.project().ledger.get_state(NAME) or {})
    found = _of_files(files, doctype, known) if files else _of_all(known)
    if json:
        as_json({"invoices": [{"invoice": key, "hints": [_data(f) for f in odd]} for key, odd in found]})
        return
    for key, odd in found:
        say(key)
        for finding in odd:
            say(f"  {_words(finding)}")
    if not found:
        say_nothing()


def _of_all(known: Mapping[str, Any]) -> list[tuple[str, list[Finding]]]:
    """Each against those that came before it; only the odd ones, the newest first."""
    from bots.document.past import past
    from ocr.fields.hints import hints as odd

    invoices = past(known)
    told = [(one.id, odd(one, invoices[:number])) for number, one in enumerate(invoices)]
    return [(key, found) for key, found in reversed(told) if found]


def _of_files(files: list[Path], doctype: str, known: Mapping[str, Any]) -> list[tuple[str, list[Finding]]]:
    from bots.document.past import invoice_of, past
    from bots.document.plainform import extraction_data
    from ocr.extract import extract
    from ocr.fields.hints import hints as odd

    told = []
    for file in files:
        extraction = extract(file, doctype, engine=STATE.settings().engine)
        invoice = invoice_of(extraction_data(extraction), str(file), file)
        told.append((str(file), [*odd(invoice, past(known)), *extraction.findings]))
    return told


def _data(finding: Finding) -> dict[str, Any]:
    return {"code": finding.code, "severity": finding.severity, "message": finding.message, "fields": list(finding.fields)}


def _words(finding: Finding) -> str:
    """In the chosen language where the catalogue tells it."""
    from flows.catalogue import known, text
    from rpa.cli.show import said

    code = f"hint-{finding.code}"
    message = text(code, STATE.lang, **finding.details) if known(code) else finding.message
    return f"{said(finding.severity)}: {message}"
