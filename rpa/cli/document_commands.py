"""`rpa read`, `extract`, `evaluate`, `models`: the document stage from the command line."""

from __future__ import annotations

import itertools
import json as js
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any, Optional, TextIO

import typer

from rpa.cli.state import STATE

Files = Annotated[list[Path], typer.Argument(help="PDF or image files.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON line per file, in input order.")]
Engine = Annotated[Optional[str], typer.Option(help="auto, batched, paddleocr or tesseract.")]
Device = Annotated[Optional[str], typer.Option(help="cpu or gpu:0.")]
Models = Annotated[Optional[Path], typer.Option(help="Folder of reading weights.")]
PasswordFile = Annotated[
    Optional[typer.FileText], typer.Option(help="Its first line opens encrypted PDFs; - reads standard input.")
]
MaxPages = Annotated[Optional[int], typer.Option(min=1, help="Refuse documents with more pages (default: 1000).")]
MaxSeconds = Annotated[Optional[float], typer.Option(min=0.001, help="Refuse documents that take longer (default: 300).")]


def add_to(app: typer.Typer) -> None:
    for command in (read, extract, evaluate):
        app.command()(command)


def read(
    files: Files,
    engine: Engine = None,
    device: Device = None,
    models: Models = None,
    password_file: PasswordFile = None,
    max_pages: MaxPages = None,
    max_seconds: MaxSeconds = None,
    processes: Annotated[int, typer.Option(min=1, help="Read so many documents at once.")] = 1,
    json: Json = False,
) -> None:
    """Reads the text of documents."""
    from ocr.errors import DocumentError
    from ocr.reading.jsonform import reading_to_json

    chosen = _reading_options(engine, device, models, password_file, max_pages, max_seconds)

    readings = _readings(files, processes, chosen)

    def one(_: Path) -> Any:
        reading = next(readings)
        if isinstance(reading, DocumentError):
            raise reading
        return reading_to_json(reading), reading.text

    raise typer.Exit(_each(files, one, json))


def extract(
    files: Files,
    doctype: Annotated[str, typer.Option(help="invoice, receipt, tax_invoice_kr, purchase_order, bank_slip, form, auto, or a YAML file.")] = "invoice",
    no_embedded_xml: Annotated[bool, typer.Option("--no-embedded-xml", help="Do not use an e-invoice inside the PDF.")] = False,
    overlay: Annotated[Optional[Path], typer.Option(help="Write pictures with the values marked into this folder.")] = None,
    explain: Annotated[bool, typer.Option("--explain", help="Say for each value where and how it was found.")] = False,
    split: Annotated[bool, typer.Option("--split", help="Files are stacks of several documents: part them first.")] = False,
    engine: Engine = None,
    device: Device = None,
    models: Models = None,
    password_file: PasswordFile = None,
    max_pages: MaxPages = None,
    max_seconds: MaxSeconds = None,
    json: Json = False,
) -> None:
    """Turns documents into checked fields."""
    from ocr.extract import extract as extract_document
    from ocr.extract import extraction_to_json

    chosen = _reading_options(engine, device, models, password_file, max_pages, max_seconds)
    if split:
        raise typer.Exit(_each(files, lambda file: _stack(file, doctype, chosen, overlay, explain, json), json))

    def one(file: Path) -> Any:
        extraction = extract_document(file, doctype, embedded_xml=not no_embedded_xml, **chosen)
        if overlay:
            _write_overlays(extraction, file, overlay)
        return extraction_to_json(extraction), _told(extraction, explain)

    raise typer.Exit(_each(files, one, json))


def _readings(files: list[Path], processes: int, chosen: dict[str, Any]) -> Iterator[Any]:
    """The reading of each file, or why there is none."""
    from ocr.errors import DocumentError
    from ocr.reading import read_one
    from ocr.reading.failed import FailedReading

    if processes > 1:
        from ocr.reading.parallel import read_in_processes

        try:
            found = read_in_processes(files, processes, **chosen)
            yield from (one.error if isinstance(one, FailedReading) else one for one in found)
        except DocumentError as error:  # no engine, a dead process: so it is for all that are left
            yield from itertools.repeat(error)
        return
    for file in files:
        try:
            yield read_one(file, **chosen)
        except DocumentError as error:
            yield error


def _reading_options(
    engine: str | None,
    device: str | None,
    models: Path | None,
    password_file: TextIO | None,
    max_pages: int | None,
    max_seconds: float | None,
) -> dict[str, Any]:
    """What the command line says, else the settings."""
    from ocr.pages import Limits

    settings, usual = STATE.settings(), Limits()
    return {
        "password": password_file.readline().rstrip("\r\n") if password_file else None,
        "limits": Limits(pages=max_pages or usual.pages, seconds=max_seconds or usual.seconds),
        "engine": engine or settings.engine,
        "device": device or settings.device,
        "models": models or settings.models or None,
        "korean": settings.korean,
    }


def _stack(file: Path, doctype: str, chosen: dict[str, Any], overlay: Path | None, explain: bool, json: bool) -> tuple[Any, str]:
    """All documents of a stack: one JSON object with `documents`, each with its `pages`."""
    from ocr.extract import extract_stack, extraction_to_json

    parts = extract_stack(file, doctype, **chosen)
    for part in parts if overlay else ():
        assert overlay is not None
        _write_overlays(part.extraction, file, overlay, part.first, part.last)
    told = "\n".join(f"pages {p.first} to {p.last}: {_told(p.extraction, explain)}" for p in parts)
    documents = [{**extraction_to_json(p.extraction), "pages": [p.first, p.last]} for p in parts] if json else []
    return {"schema": 1, "file": str(file), "documents": documents}, told


def _write_overlays(extraction: Any, file: Path, folder: Path, first: int = 1, last: int | None = None) -> None:
    from ocr.overlay import overlay_pages

    folder.mkdir(parents=True, exist_ok=True)
    for number, data in enumerate(overlay_pages(extraction, first, last), first):
        (folder / f"{file.stem}-{number}.png").write_bytes(data)


def _told(extraction: Any, explain: bool) -> str:
    from ocr.explain import explain as explain_extraction
    from ocr.explain import summary

    return explain_extraction(extraction) if explain else summary(extraction)


def _each(files: list[Path], one: Callable[[Path], tuple[Any, str]], json: bool) -> int:
    """Every file gets its line, also an unreadable one; exit 1 when any could not be read."""
    from ocr.errors import DocumentError
    from rpa.cli.edge import describe_document

    status = 0
    for file in files:
        try:
            data, text = one(file)
        except DocumentError as error:
            status = 1
            message, fix = describe_document(error)
            if json:
                told = {"code": error.code, "message": message, "fix": fix}
                print(js.dumps({"schema": 1, "file": str(file), "error": told}, ensure_ascii=False), flush=True)
            else:
                print(f"{file}: [{error.code}] {message}\n  → {fix}", file=sys.stderr)
            continue
        if json:
            print(js.dumps(data, ensure_ascii=False), flush=True)
        else:
            print(f"── {file}\n{text}" if len(files) > 1 else text, flush=True)
    return status


def evaluate(
    folder: Annotated[Path, typer.Argument(help="Folder with truth.jsonl.")],
    doctype: Annotated[Optional[str], typer.Option(help="Only documents of this type.")] = None,
    given_text: Annotated[bool, typer.Option("--given-text", help="Use the text of truth.jsonl; measure fields alone.")] = False,
    limit: Annotated[Optional[int], typer.Option(min=1)] = None,
    html: Annotated[Optional[Path], typer.Option(help="Write a page with every error.")] = None,
    engine: Engine = None,
    checkpoint: Annotated[Optional[str], typer.Option(help="Measure this published layout checkpoint beside the label rules.")] = None,
    accept_licence: Annotated[bool, typer.Option("--accept-licence", help="The licence of its weights allows this use.")] = False,
    json: Json = False,
) -> None:
    """Measures extraction against truth: per field, lines, calibration, documents that pass alone."""
    from ocr.evaluate import evaluate_folder, render_html, render_text, report_to_json

    finder = _published(checkpoint, accept_licence) if checkpoint else None
    report = evaluate_folder(
        folder, doctype=doctype, given_text=given_text, limit=limit, engine=engine or STATE.settings().engine, finder=finder
    )
    if html:
        html.write_text(render_html(report), "utf-8")
    print(js.dumps(report_to_json(report), ensure_ascii=False) if json else render_text(report))


def _published(checkpoint: str, accepted: bool) -> Any:
    """The checkpoint beside the label rules; its licence is told on the error stream."""
    from ocr.fields.finder import Joined
    from ocr.fields.label_finder import label_finder
    from ocr.layout.published import PublishedFinder

    finder = PublishedFinder(checkpoint, accept_licence=accepted)
    typer.echo(f"{finder.name}: {finder.licence}", err=True)
    return Joined((label_finder(), finder))
