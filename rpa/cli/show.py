"""Printing: tables and lines for people, one JSON value for programs."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from flows.data import simple

if TYPE_CHECKING:
    from flows.diagnostics import Diagnostic

STATUS_STYLE = {
    "succeeded": "green", "failed": "red", "running": "cyan", "waiting": "yellow", "queued": "dim",
    "cancelled": "dim", "abandoned": "red", "in_doubt": "bold red", "failed_business": "magenta",
    "failed_application": "red", "failed_flow": "red", "new": "dim",
}


def say(text: str) -> None:
    print(text)


def said(english: str, /, **details: Any) -> str:
    """A short text in the chosen language (`flows.catalogue.phrase`)."""
    from flows.catalogue import phrase
    from rpa.cli.state import STATE

    return phrase(english, STATE.lang, **details)


def as_json(value: Any) -> None:
    """One JSON value with `"schema": 1` on stdout."""
    data = simple(value)
    if isinstance(data, dict):
        data = {"schema": 1, **data}
    print(json.dumps(data, ensure_ascii=False))


def local(moment: datetime | None) -> str:
    return moment.astimezone().strftime("%Y-%m-%d %H:%M:%S") if moment else ""


def table(columns: Sequence[str], rows: Iterable[Sequence[Any]], *, title: str = "") -> None:
    """In colour and folded to its width on a terminal; else plain, one line a row, as other programs like it."""
    rows, headings = list(rows), [said(column) for column in columns]
    if not rows:
        say_nothing()
    elif sys.stdout.isatty():
        _coloured(headings, rows, title)
    else:
        say("\n".join([*([title] if title else []), *_aligned([headings, *([_cell(c) for c in row] for row in rows)])]))


def _coloured(headings: Sequence[str], rows: Iterable[Sequence[Any]], title: str) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    made = Table(*headings, title=title or None, title_justify="left", box=None, pad_edge=False, header_style="bold")
    for row in rows:
        made.add_row(*(Text(_cell(c), style=STATUS_STYLE.get(str(c), "")) for c in row))
    Console(highlight=False).print(made)


def _aligned(rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Lines with columns under each other; a Hangul sign takes two places."""
    flat = [[" ".join(cell.split("\n")) for cell in row] for row in rows]
    widest = [max(map(_places, column)) for column in zip(*flat, strict=True)]
    for row in flat:
        padded = (cell + " " * (most - _places(cell)) for cell, most in zip(row, widest, strict=True))
        yield "  ".join(padded).rstrip()


def _places(text: str) -> int:
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width

    return sum(0 if combining(sign) else 2 if east_asian_width(sign) in "WF" else 1 for sign in text)


def _cell(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_cell(one)}" for name, one in value.items())
    if isinstance(value, StrEnum):
        return said(str(value))
    return "" if value is None else str(value)


def say_nothing() -> None:
    """Instead of a list that is empty."""
    from flows.catalogue import text
    from rpa.cli.state import STATE

    say(text("list-empty", STATE.lang))


def print_diagnostics(diagnostics: Sequence[Diagnostic], *, as_json: bool) -> None:
    from flows.diagnostics import render, to_json
    from rpa.cli.state import STATE

    if as_json:
        print(json.dumps(to_json(diagnostics, STATE.lang), ensure_ascii=False))
    else:
        print(render(diagnostics, STATE.lang), file=sys.stderr)
