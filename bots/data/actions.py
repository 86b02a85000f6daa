"""`data.…`: values, assertions, messages; and rows from a database or the project's own files."""

from __future__ import annotations

import sqlite3
from decimal import Decimal
from typing import Any

from bots.base import Context
from flows.action import action
from flows.failures import BusinessFailure, FlowFailure


@action(
    "data.set", main="value", passes="value", examples=('data.set: "${bill.fields.net_total + bill.fields.tax_total}"',)
)
def set_(ctx: Context, *, value: Any) -> Any:
    """Gives a value a name: the step's id."""
    return value


@action(
    "data.assert",
    main="that",
    fails={"assertion-failed": "business"},
    examples=('data.assert: {that: "${bill.fields.gross_total < 10000}", message: Too large for a bot}',),
)
def assert_(ctx: Context, *, that: bool, message: str = "", code: str = "assertion-failed") -> None:
    """Ends the item as a business failure unless `that` is true."""
    if not that:
        raise BusinessFailure(code, message, details={"message": message})


@action("data.fail", main="message", fails={"stopped": "business"}, examples=("data.fail: This supplier is blocked",))
def fail(ctx: Context, *, message: str, code: str = "stopped") -> None:
    """Ends the item as a business failure with this message."""
    raise BusinessFailure(code, message, details={"message": message})


@action("data.log", main="message", examples=('data.log: "Posted ${bill.fields.invoice_number}"',))
def log(ctx: Context, *, message: str) -> None:
    """Writes a line into the run's record."""
    ctx.log(message)


@action(
    "data.query",
    main="sql",
    fails={"query-failed": "flow", "file-missing": "flow"},
    examples=('data.query: {database: books.sqlite, sql: "select * from bills where open = 1"}',),
)
def query(
    ctx: Context, *, sql: str, database: str, parameters: list[Any] | None = None, limit: int = 100_000
) -> list[dict[str, Any]]:
    """Rows of a SQLite database, opened read-only. Values go in by `parameters` (`?`), never into the
    text."""
    path = ctx.path(database)
    if not path.is_file():
        raise FlowFailure("file-missing", details={"path": str(path)})
    connection = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=ctx.remaining())
    try:
        cursor = connection.execute(sql, [_bound(p) for p in parameters or []])
        names = [c[0] for c in cursor.description or []]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchmany(limit)]
    except sqlite3.Error as error:
        raise FlowFailure("query-failed", str(error), details={"reason": str(error)}) from error
    finally:
        connection.close()


def _bound(value: Any) -> Any:
    return str(value) if isinstance(value, Decimal) else value
