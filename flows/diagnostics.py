"""Problems of a flow with their place: file, line, column, source line, caret, reason, fix."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from flows.catalogue import fix, text
from flows.model import Mark

Severity = Literal["error", "warning"]


@dataclass(frozen=True)
class Diagnostic:
    """One problem. `details` fill the catalogue's message; `near` is the «did you mean»; `line` the source line."""

    code: str
    mark: Mark
    severity: Severity = "error"
    details: Mapping[str, Any] = field(default_factory=dict)
    near: str = ""
    line: str = ""


def with_lines(found: Iterable[Diagnostic], sources: Mapping[str, str]) -> list[Diagnostic]:
    """The same with their source lines, sorted by place, each problem once."""
    from dataclasses import replace

    lines = {name: source.splitlines() for name, source in sources.items()}
    seen: set[tuple[str, Mark, str]] = set()
    result = []
    for d in sorted(found, key=lambda d: (d.mark.file, d.mark.line, d.mark.column, d.code)):
        identity = (d.code, d.mark, str(sorted(d.details.items(), key=str)))
        if identity in seen:
            continue
        seen.add(identity)
        own = lines.get(d.mark.file, [])
        result.append(replace(d, line=own[d.mark.line - 1] if 0 < d.mark.line <= len(own) else ""))
    return result


def message(d: Diagnostic, lang: str) -> str:
    return text(d.code, lang, **d.details)


def advice(d: Diagnostic, lang: str) -> str:
    said = fix(d.code, lang, **d.details)
    return f"{_near(d.near, lang)} {said}".strip() if d.near else said


def _near(near: str, lang: str) -> str:
    return text("did-you-mean", lang, near=near)


def width(shown: str) -> int:
    """Columns on a terminal: Hangul and other wide letters take two."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in shown)


def render(found: Sequence[Diagnostic], lang: str = "en") -> str:
    """For people: one block a problem."""
    blocks = [_block(d, lang) for d in found]
    errors = sum(d.severity == "error" for d in found)
    return "\n\n".join([*blocks, text("check-summary", lang, errors=errors, warnings=len(found) - errors)])


def _block(d: Diagnostic, lang: str) -> str:
    head = f"{d.mark.file}:{d.mark.line}:{d.mark.column}: {text(d.severity, lang)} [{d.code}] {message(d, lang)}"
    shown = d.line.replace("\t", " ")
    lines = [head]
    if shown.strip():
        gutter = f"{d.mark.line:>5} | "
        caret = " " * width(shown[: d.mark.column - 1]) + "^" * max(1, width(shown[d.mark.column - 1 :][: d.mark.length]))
        lines += [gutter + shown, " " * len(gutter) + caret]
    said = advice(d, lang)
    return "\n".join([*lines, *([f"      → {said}"] if said else [])])


def to_json(found: Sequence[Diagnostic], lang: str = "en") -> dict[str, Any]:
    """For programs."""
    return {
        "schema": 1,
        "diagnostics": [
            {
                "code": d.code, "severity": d.severity, "file": d.mark.file, "line": d.mark.line,
                "column": d.mark.column, "length": d.mark.length, "message": message(d, lang),
                "fix": advice(d, lang), "source": d.line,
            }
            for d in found
        ],
    }
