"""Scores of one document, and their sums."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from ocr.doctypes.model import Doctype
from ocr.evaluate.compare import right, right_description, right_strictly
from ocr.evaluate.truth import FAULTS, Truth
from ocr.values import Extraction, Field, Missing

Verdict: TypeAlias = Literal["right", "wrong", "missing", "extra", "none"]


@dataclass(frozen=True, slots=True)
class FieldScore:
    """One field of one document. `fault` is the known fault of the truth, if any."""

    document: str
    name: str
    verdict: Verdict
    strict: bool
    truth: str
    value: str
    confidence: float
    fault: str | None


@dataclass(frozen=True, slots=True)
class LineScore:
    """Line items of one document: how many of the truth's were matched with all their numbers right."""

    expected: int
    found: int
    matched: int
    cells: Mapping[str, tuple[int, int, int]]
    """Per column: right, expected, found."""


@dataclass(slots=True)
class DocumentScore:
    id: str
    group: str
    vendor: str
    extraction: Extraction
    fields: list[FieldScore] = field(default_factory=list)
    lines: LineScore | None = None
    required: tuple[str, ...] = ()

    @property
    def passes(self) -> bool:
        return not self.extraction.needs_review

    @property
    def required_right(self) -> bool:
        return all(
            s.verdict in ("right", "none") for s in self.fields if s.name in self.required and not s.fault
        )

    @property
    def weakest(self) -> float:
        """The lowest confidence among the required fields; 0 where one is missing or a check failed."""
        if any(f.severity == "error" for f in self.extraction.findings):
            return 0.0
        values = [self.extraction.fields[name] for name in self.required]
        return min((v.confidence if isinstance(v, Field) else 0.0 for v in values), default=0.0)


def score_document(extraction: Extraction, truth: Truth, doctype: Doctype, vendor: str) -> DocumentScore:
    """All fields and lines of one document against its truth."""
    required = tuple(name for name in doctype.required if name in truth.fields)
    scored = DocumentScore(truth.id, truth.group, vendor, extraction, required=required)
    for name, accepted in truth.fields.items():
        if name in doctype.fields:
            scored.fields.append(_field(extraction.fields.get(name), name, accepted, truth, doctype))
    if truth.lines is not None and (truth.id, "lines") not in FAULTS:
        scored.lines = score_lines(extraction.lines, truth.lines, doctype)
    return scored


def _field(
    found: Field | Missing | None, name: str, accepted: tuple[str, ...], truth: Truth, doctype: Doctype
) -> FieldScore:
    fault = FAULTS.get((truth.id, name))
    shown = " / ".join(accepted)
    if found is None or isinstance(found, Missing):
        return FieldScore(truth.id, name, "missing" if accepted else "none", False, shown, "", 0.0, fault)
    value = str(found.value)
    if not accepted:
        return FieldScore(truth.id, name, "extra", False, shown, value, found.confidence, fault)
    verdict: Verdict = "right" if right(found.value, doctype.fields[name].type, accepted) else "wrong"
    return FieldScore(
        truth.id, name, verdict, right_strictly(found, accepted), shown, value, found.confidence, fault
    )


# --- line items ---------------------------------------------------------------------------------------


def score_lines(
    found: Sequence[Mapping[str, Field | Missing]], expected: Sequence[Mapping[str, str]], doctype: Doctype
) -> LineScore:
    """The assignment of found to expected rows, both in reading order, that agrees in most cells."""
    columns = [name for name in doctype.columns if any(name in line for line in expected)]
    agreed = [[_agreeing(ours, theirs, columns, doctype) for theirs in expected] for ours in found]
    pairs = _align([[len(cell) for cell in row] for row in agreed])
    cells = {name: [0, 0, 0] for name in columns}
    for name in columns:
        cells[name][1] = sum(name in line for line in expected)
        cells[name][2] = sum(isinstance(row.get(name), Field) for row in found)
    matched = 0
    for i, j in pairs:
        for name in agreed[i][j]:
            cells[name][0] += 1
        numbers = {
            n for n in expected[j] if n in columns and doctype.columns[n].type in ("money", "quantity")
        }
        matched += bool(numbers) and numbers <= agreed[i][j]
    return LineScore(len(expected), len(found), matched, {n: (c[0], c[1], c[2]) for n, c in cells.items()})


def _agreeing(
    ours: Mapping[str, Field | Missing], theirs: Mapping[str, str], columns: Sequence[str], doctype: Doctype
) -> set[str]:
    agreeing = set()
    for name in columns:
        cell, truth = ours.get(name), theirs.get(name)
        if not isinstance(cell, Field) or truth is None:
            continue
        kind = doctype.columns[name].type
        if right_description(cell.value, truth) if kind == "text" else right(cell.value, kind, (truth,)):
            agreeing.add(name)
    return agreeing


def _align(weights: Sequence[Sequence[int]]) -> list[tuple[int, int]]:
    """The order-preserving assignment of greatest weight (dynamic programming over both lists)."""
    rows, columns = len(weights), len(weights[0]) if weights else 0
    best = [[0] * (columns + 1) for _ in range(rows + 1)]
    for i in range(rows - 1, -1, -1):
        for j in range(columns - 1, -1, -1):
            best[i][j] = max(best[i + 1][j], best[i][j + 1], best[i + 1][j + 1] + weights[i][j])
    pairs, i, j = [], 0, 0
    while i < rows and j < columns:
        if weights[i][j] and best[i][j] == best[i + 1][j + 1] + weights[i][j]:
            pairs.append((i, j))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1
    return pairs
