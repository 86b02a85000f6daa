"""`tables.…`: read and write CSV and Excel, match and total rows."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal, TypedDict

from bots.base import Context
from bots.files.actions import FileOutput, described, write_whole
from bots.tables.reading import EXCEL, columns_of, read_rows
from flows.action import action
from flows.failures import FlowFailure, Kind

FAILURES: dict[str, Kind] = {
    "file-missing": "flow",
    "table-invalid": "flow",
    "encoding-wrong": "flow",
    "path-outside": "flow",
}
AMOUNT = re.compile(r"-?(0|[1-9]\d*|[1-9]\d{0,2}(,\d{3})+)(\.\d+)?")


@action("tables.read", main="file", fails=FAILURES, examples=("tables.read: {file: orders.xlsx, sheet: May}",))
def read(
    ctx: Context,
    *,
    file: str,
    sheet: str | None = None,
    header: int = 1,
    delimiter: str | None = None,
    encoding: str | None = None,
) -> list[dict[str, Any]]:
    """Rows of a CSV or Excel file as a list of {column: value}."""
    return list(read_rows(ctx.path(file), sheet=sheet, header=header, delimiter=delimiter, encoding=encoding))


@action(
    "tables.write",
    main="rows",
    acts="outside",
    repeatable=True,
    fails=FAILURES,
    examples=('tables.write: {rows: "${lines.results}", file: out/report.xlsx}',),
)
def write(
    ctx: Context, *, rows: list[dict[str, Any]], file: str, columns: list[str] | None = None, sheet: str = "Sheet1"
) -> FileOutput:
    """Writes rows as CSV or Excel (by the file's ending), whole. Texts that begin like a formula stay
    text."""
    target = ctx.path(file, write=True)
    names = columns or columns_of(list(rows))
    data = _workbook(rows, names, sheet) if target.suffix.lower() in EXCEL else _csv(rows, names)
    write_whole(target, data)
    return described(target)


@action(
    "tables.append",
    main="row",
    acts="outside",
    fails=FAILURES,
    examples=('tables.append: {file: journal.csv, row: {date: "${today()}", amount: "${bill.fields.gross_total}"}}',),
)
def append(ctx: Context, *, row: dict[str, Any], file: str, sheet: str | None = None) -> FileOutput:
    """Adds a row to a CSV or Excel file (made when missing). Belongs into a write block."""
    target = ctx.path(file, write=True)
    rows = list(read_rows(target, sheet=sheet)) if target.exists() else []
    names = columns_of([*rows, row])
    rows.append(row)
    data = _workbook(rows, names, sheet or "Sheet1") if target.suffix.lower() in EXCEL else _csv(rows, names)
    write_whole(target, data)
    return described(target)


@action(
    "tables.find",
    main="where",
    probes=True,
    fails=FAILURES,
    examples=('tables.find: {file: journal.csv, where: {number: "4711"}}',),
)
def find(ctx: Context, *, where: dict[str, Any], file: str, sheet: str | None = None) -> bool:
    """Whether a row has these values (compared as text); a file that is not there has none."""
    target = ctx.path(file)
    if not target.exists():
        return False
    return any(_matches(row, where) for row in read_rows(target, sheet=sheet))


def _matches(row: Mapping[str, Any], where: Mapping[str, Any]) -> bool:
    missing = [name for name in where if name not in row]
    if missing:
        raise FlowFailure("table-invalid", details={"path": "rows", "reason": f"no column {missing[0]}"})
    return all(_text(row[name]) == _text(value) for name, value in where.items())


class MatchOutput(TypedDict):
    """What agrees and what stands on one side only."""

    matched: list[dict[str, Any]]
    only_left: list[dict[str, Any]]
    only_right: list[dict[str, Any]]
    different: list[dict[str, Any]]


@action(
    "tables.match",
    fails={"table-invalid": "flow"},
    examples=('tables.match: {left: "${bank}", right: "${books}", on: [reference], compare: [amount]}',),
)
def match(
    ctx: Context,
    *,
    left: list[dict[str, Any]],
    right: list[dict[str, Any]],
    on: list[str],
    compare: list[str] | None = None,
) -> MatchOutput:
    """Reconciles two tables by key columns; rows with the same key are paired once each, in order."""
    waiting: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for row in right:
        waiting.setdefault(_key(row, on), []).append(row)
    found: MatchOutput = {"matched": [], "only_left": [], "only_right": [], "different": []}
    for row in left:
        partners = waiting.get(_key(row, on))
        if not partners:
            found["only_left"].append(row)
            continue
        partner = partners.pop(0)
        unequal = [c for c in compare or [] if _text(row.get(c)) != _text(partner.get(c))]
        pair = {"left": row, "right": partner, "columns": unequal}
        found["different" if unequal else "matched"].append(pair)
    found["only_right"] = [row for rows in waiting.values() for row in rows]
    return found


def _key(row: Mapping[str, Any], on: list[str]) -> tuple[str, ...]:
    missing = [c for c in on if c not in row]
    if missing:
        raise FlowFailure("table-invalid", details={"path": "rows", "reason": f"no column {missing[0]}"})
    return tuple(_text(row[c]) for c in on)


def _text(value: Any) -> str:
    """Numbers compare by value: 10, 10.00 and "10.0" are one; "007" and "1E3" are names, not numbers."""
    if value is None:
        return ""
    if isinstance(value, date | datetime):
        return value.isoformat()
    text = str(value).strip()
    return format(Decimal(text.replace(",", "")).normalize(), "f") if AMOUNT.fullmatch(text) else text


@action("tables.filter", main="rows", examples=('tables.filter: {rows: "${orders}", where: {status: open}}',))
def filter_(ctx: Context, *, rows: list[dict[str, Any]], where: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows that have these values."""
    return [row for row in rows if _matches(row, where)]


@action("tables.total", main="rows", examples=('tables.total: {rows: "${lines}", column: amount, by: account}',))
def total(
    ctx: Context,
    *,
    rows: list[dict[str, Any]],
    column: str,
    by: str | None = None,
    how: Literal["sum", "count", "min", "max"] = "sum",
) -> list[dict[str, Any]]:
    """Totals a column, for all rows or for each value of `by`.

    Empty cells are left out; `count` counts the others, whatever they hold.
    """
    groups: dict[str, list[Any]] = {}
    for row in rows:
        values = groups.setdefault(str(row.get(by)) if by else "", [])
        if row.get(column) not in (None, ""):
            values.append(row[column] if how == "count" else _number(row[column], column))
    hows: dict[str, Callable[[list[Any]], Any]] = {
        "sum": lambda v: sum(v, Decimal(0)), "count": len,
        "min": lambda v: min(v, default=None), "max": lambda v: max(v, default=None),
    }  # fmt: skip
    return [{by or "all": name, column: hows[how](values)} for name, values in groups.items()]


def _number(value: Any, column: str) -> Decimal:
    try:
        return Decimal(str(value).replace(",", ""))
    except ArithmeticError:
        reason = f"{value!r} in column {column} is no number"
        raise FlowFailure("table-invalid", details={"path": "rows", "reason": reason}) from None


def _csv(rows: list[dict[str, Any]], names: list[str]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(names)
    for row in rows:
        writer.writerow([_cell_text(row.get(n)) for n in names])
    return out.getvalue().encode("utf-8-sig")


def _cell_text(value: Any) -> str:
    """A text that a spreadsheet would run as a formula gets an apostrophe in front (numbers keep their
    sign)."""
    if value is None:
        return ""
    text = (
        value.isoformat()
        if isinstance(value, date)
        else format(value, "f")
        if isinstance(value, Decimal)
        else str(value)
    )
    if isinstance(value, str) and text[:1] in "=+-@\t\r" and not _is_number(text):
        return "'" + text
    return text


def _is_number(text: str) -> bool:
    try:
        Decimal(text)
    except ArithmeticError:
        return False
    return True


def _workbook(rows: list[dict[str, Any]], names: list[str], sheet: str) -> bytes:
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font

    book = Workbook(write_only=True)
    page = book.create_sheet(sheet[:31])
    head = [WriteOnlyCell(page, value=n) for n in names]
    for cell in head:
        cell.font = Font(bold=True)
    page.append(head)
    for row in rows:
        page.append([_excel_cell(page, row.get(n)) for n in names])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _excel_cell(page: Any, value: Any) -> Any:
    from openpyxl.cell import WriteOnlyCell

    if isinstance(value, str):
        cell = WriteOnlyCell(page, value=value)
        cell.data_type = "s"  # never a formula
        return cell
    return value if value is None or isinstance(value, int | Decimal | date | bool) else str(value)
