"""Rows of CSV and Excel files, as dicts of text, numbers and dates; never guessed from the look of a text."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from datetime import datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

from flows.failures import FlowFailure

MAX_BYTES = 200_000_000
ENCODINGS = ("utf-8-sig", "cp949", "cp1252")
EXCEL = {".xlsx", ".xlsm"}


def read_rows(
    file: Path, *, sheet: str | None = None, header: int = 1, delimiter: str | None = None, encoding: str | None = None
) -> Iterator[dict[str, Any]]:
    """The rows below line `header`, keyed by its texts. CSV cells are text, Excel cells typed.

    Raises FlowFailure `file-missing`, `table-invalid`, `file-too-large`.
    """
    if not file.is_file():
        raise FlowFailure("file-missing", details={"path": str(file)})
    if file.stat().st_size > MAX_BYTES:
        raise FlowFailure("file-too-large", details={"path": str(file), "limit": "200 MB"})
    rows = _excel(file, sheet) if file.suffix.lower() in EXCEL else _csv(file, delimiter, encoding)
    return _keyed(rows, header, file)


def _keyed(rows: Iterator[list[Any]], header: int, file: Path) -> Iterator[dict[str, Any]]:
    names: list[str] | None = None
    for number, row in enumerate(rows, 1):
        if number == header:
            names = _names(row, file)
        elif names is not None and any(cell not in (None, "") for cell in row):
            cells = [*row, *[None] * (len(names) - len(row))]
            yield {name: cell for name, cell in zip(names, cells, strict=False) if name}
    if names is None:
        raise FlowFailure("table-invalid", details={"path": str(file), "reason": f"it has no line {header}"})


def _names(row: list[Any], file: Path) -> list[str]:
    names = ["" if c is None else str(c).strip() for c in row]
    doubled = sorted({n for n in names if n and names.count(n) > 1})
    if doubled:
        raise FlowFailure(
            "table-invalid", details={"path": str(file), "reason": f"two columns are called {doubled[0]}"}
        )
    return names


def _csv(file: Path, delimiter: str | None, encoding: str | None) -> Iterator[list[Any]]:
    text = _decoded(file, encoding)
    if delimiter is None:
        head = text[:8192].split("\n", 1)[0]
        delimiter = max(",;\t|", key=head.count)
    yield from csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)


def _decoded(file: Path, encoding: str | None) -> str:
    data = file.read_bytes()
    for name in (encoding,) if encoding else ENCODINGS:
        try:
            return data.decode(name)
        except (UnicodeDecodeError, LookupError):
            continue
    raise FlowFailure(
        "encoding-wrong", details={"path": str(file), "encoding": encoding or "utf-8", "reason": "it does not decode"}
    )


def _excel(file: Path, sheet: str | None) -> Iterator[list[Any]]:
    from zipfile import BadZipFile

    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = load_workbook(file, read_only=True, data_only=True)
    except (BadZipFile, InvalidFileException, KeyError, OSError) as error:
        raise FlowFailure("table-invalid", details={"path": str(file), "reason": str(error)}) from error
    try:
        if sheet is not None and sheet not in book.sheetnames:
            raise FlowFailure(
                "table-invalid",
                details={"path": str(file), "reason": f"no sheet {sheet}; there are {', '.join(book.sheetnames)}"},
            )
        for row in (book[sheet] if sheet else book.worksheets[0]).iter_rows(values_only=True):
            yield [_cell(c) for c in row]
    finally:
        book.close()


def _cell(value: Any) -> Any:
    if isinstance(value, float):
        return Decimal(repr(value)).normalize() if value % 1 else int(value)
    if isinstance(value, datetime) and value.time() == time():
        return value.date()
    return value


def columns_of(rows: list[Mapping[str, Any]]) -> list[str]:
    """All keys in order of first appearance."""
    return list(dict.fromkeys(key for row in rows for key in row))
