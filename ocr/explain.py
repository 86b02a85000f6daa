"""An extraction in words: what was found, where, how, how surely, and what does not hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ocr.extraction_json import value_to_json
from ocr.fields.confidence import shipped_calibration
from ocr.values import Check, Extraction, Field, Missing

_MARKS = {True: "holds", False: "FAILS", None: "open"}


def summary(extraction: Extraction) -> str:
    """A short table: one line for each field, the number of line items, the findings."""
    lines = [_head(extraction)]
    gate = shipped_calibration().gate(extraction.doctype)
    lines += [_short(name, item, gate) for name, item in extraction.fields.items()]
    lines += [f"  line {index}: {_cells(line)}" for index, line in enumerate(extraction.lines, 1)]
    lines += [f"  {finding.severity}: {finding.message}" for finding in extraction.findings]
    return "\n".join(lines)


def explain(extraction: Extraction) -> str:
    """For every value: page, box, words, way it was found, scores, checks with their numbers,
    alternatives.
    """
    parts = [_head(extraction)]
    for name, item in extraction.fields.items():
        parts += (
            [f"  {name}: missing, {item.reason}"] if isinstance(item, Missing) else list(_field(name, item))
        )
    for index, line in enumerate(extraction.lines, 1):
        parts.append(f"  line {index}: {_cells(line)}")
        parts += [f"      {_check(c)}" for c in _line_checks(line)]
    parts += [f"  {finding.severity} {finding.code}: {finding.message}" for finding in extraction.findings]
    return "\n".join(parts)


def _head(extraction: Extraction) -> str:
    verdict = "needs a person" if extraction.needs_review else "passes"
    return f"{extraction.doctype} from {extraction.source}: {verdict} ({extraction.seconds:.2f} s)"


def _short(name: str, item: Field | Missing, gate: float) -> str:
    if isinstance(item, Missing):
        return f"  {name:24} –"
    sign = " " if item.confidence >= gate else "?"
    return f"  {name:24} {value_to_json(item.value)}  {sign} {item.confidence:.2f}"


def _cells(line: Mapping[str, Field | Missing]) -> str:
    return " | ".join(str(value_to_json(c.value)) for c in line.values() if isinstance(c, Field))


def _line_checks(line: Mapping[str, Field | Missing]) -> list[Check]:
    return list(dict.fromkeys(check for c in line.values() if isinstance(c, Field) for check in c.checks))


def _field(name: str, item: Field) -> Iterator[str]:
    yield f"  {name}: {value_to_json(item.value)}"
    yield f"      printed «{item.raw}», probability {item.confidence:.3f}, found by {item.evidence.how}"
    for box in item.evidence.boxes:
        yield f"      page {box.page}, box {box.as_list()}"
    scores = ", ".join(f"{key} {value:g}" for key, value in item.evidence.scores.items() if value)
    if scores:
        yield f"      scores: {scores}"
    for check in item.checks:
        yield f"      {_check(check)}"
    for other in item.alternatives:
        yield f"      or {value_to_json(other.value)} («{other.raw}», {other.confidence:.3f})"


def _check(check: Check) -> str:
    return f"check {check.name}: {_MARKS[check.passed]} ({check.detail})"
