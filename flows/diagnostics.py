"""Problems of a flow with their place: file, line, column, source line, caret, reason, fix."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeAlias

from flows.catalogue import fix, text
from flows.marks import Mark

Severity: TypeAlias = Literal["error", "warning"]
LINE_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
SHOWN_COLUMNS = 100


@dataclass(frozen=True)
class Said:
    """A phrase of the catalogue inside a message (`a step`, `a whole number`): told in the reader's
    language."""

    code: str
    details: Mapping[str, Any] = field(default_factory=dict)

    def text(self, lang: str) -> str:
        return text(self.code, lang, **localised(self.details, lang))

    def __str__(self) -> str:
        return self.text("en")


@dataclass(frozen=True)
class Diagnostic:
    """One problem. `details` fill the catalogue's message; `near` is the «did you mean»; `line` the source
    line."""

    code: str
    mark: Mark
    severity: Severity = "error"
    details: Mapping[str, Any] = field(default_factory=dict)
    near: str = ""
    line: str = ""


def with_lines(found: Iterable[Diagnostic], sources: Mapping[str, str]) -> list[Diagnostic]:
    """The same with their source lines, sorted by place, each problem once."""
    lines = {name: LINE_BREAK.split(source) for name, source in sources.items()}
    ordered = sorted(found, key=lambda d: (d.mark.file, d.mark.line, d.mark.column, d.code))
    once = {(d.code, d.mark, str(sorted(d.details.items(), key=str))): d for d in ordered}
    return [replace(d, line=_source_line(lines.get(d.mark.file, []), d.mark.line)) for d in once.values()]


def _source_line(lines: Sequence[str], number: int) -> str:
    return lines[number - 1] if 0 < number <= len(lines) else ""


def localised(details: Mapping[str, Any], lang: str) -> dict[str, Any]:
    """`details` with their phrases in the reader's language."""
    return {k: v.text(lang) if isinstance(v, Said) else v for k, v in details.items()}


def message(d: Diagnostic, lang: str = "en") -> str:
    return text(d.code, lang, **localised(d.details, lang))


def advice(d: Diagnostic, lang: str = "en") -> str:
    """What to do, the probable meaning first."""
    said = fix(d.code, lang, **localised(d.details, lang))
    return f"{text('did-you-mean', lang, near=d.near)} {said}".strip() if d.near else said


def width(shown: str) -> int:
    """Columns on a terminal: Hangul and other wide letters take two, combining marks none."""
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in shown
    )


def render(found: Sequence[Diagnostic], lang: str = "en") -> str:
    """For people: one block a problem, then the count."""
    errors = sum(d.severity == "error" for d in found)
    count = text("check-summary", lang, errors=errors, warnings=len(found) - errors)
    return "\n\n".join([*(block(d, lang) for d in found), count])


def block(d: Diagnostic, lang: str = "en") -> str:
    """One problem: place and reason, the source line with a caret, the fix."""
    place = f"{d.mark.file}:{d.mark.line}:{d.mark.column}"
    lines = [f"{place}: {text(d.severity, lang)} [{d.code}] {message(d, lang)}"]
    if d.line.strip():
        lines += _quoted_source(d)
    said = advice(d, lang)
    return "\n".join([*lines, *([f"      → {said}"] if said else [])])


def _quoted_source(d: Diagnostic) -> list[str]:
    line, column = _window(d.line.expandtabs(1), d.mark.column)
    gutter = f"{d.mark.line:>5} | "
    marked = line[column - 1 :][: max(1, d.mark.length)]
    caret = " " * width(line[: column - 1]) + "^" * max(1, width(marked))
    return [gutter + line, " " * len(gutter) + caret]


def _window(line: str, column: int) -> tuple[str, int]:
    """A long line is shown around the place."""
    if len(line) <= SHOWN_COLUMNS:
        return line, column
    start = max(0, min(column - 1 - SHOWN_COLUMNS // 3, len(line) - SHOWN_COLUMNS))
    shown = line[start : start + SHOWN_COLUMNS]
    head, tail = "…" if start else "", "…" if start + SHOWN_COLUMNS < len(line) else ""
    return head + shown[len(head) :] + tail, column - start


def to_json(found: Sequence[Diagnostic], lang: str = "en") -> dict[str, Any]:
    """For programs."""
    return {"schema": 1, "diagnostics": [_as_data(d, lang) for d in found]}


def _as_data(d: Diagnostic, lang: str) -> dict[str, Any]:
    return {
        "code": d.code,
        "severity": d.severity,
        "file": d.mark.file,
        "line": d.mark.line,
        "column": d.mark.column,
        "length": d.mark.length,
        "message": message(d, lang),
        "fix": advice(d, lang),
        "near": d.near,
        "source": d.line,
    }
