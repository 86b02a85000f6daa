"""From candidates to an answer: choose jointly, check, calibrate, abstain, decide whether a person
must look.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ocr.doctypes.model import Doctype
from ocr.fields.checks import Outcome, run_checks
from ocr.fields.choose import Choice, choose, promote
from ocr.fields.confidence import Calibration, features_of, shipped_calibration
from ocr.fields.finder import LIMIT, Candidate, Row, same_value_key
from ocr.fields.names import together
from ocr.fields.sheet import fold
from ocr.fields.typed import find_resident_numbers
from ocr.values import Alternative, Box, Check, Evidence, Field, Finding, Missing, Reading, Value

LEAST_SCORE = 0.12
"""What its own finder believes in less is no candidate: calibration has seen too few of them to judge."""
ABSTAIN = 0.3
ABSTAIN_REQUIRED = 0.12
"""Below these we rather say that we have not found the field; a required one is shown to a person anyway."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """The answer, and for every chosen value the features that its probability came from."""

    fields: Mapping[str, Field | Missing]
    lines: tuple[Mapping[str, Field | Missing], ...]
    findings: tuple[Finding, ...]
    needs_review: bool
    features: Mapping[str, Mapping[str, float]]


def decode(
    found: Mapping[str, Sequence[Candidate]],
    rows: Sequence[Row],
    doctype: Doctype,
    reading: Reading,
    calibration: Calibration | None = None,
) -> Decoded:
    """The fields of a document from what finders proposed; `calibration` replaces the shipped one."""
    known = calibration or shipped_calibration()
    read = _how_well_read(reading)
    worthy = {name: [_whole(c, doctype) for c in items if c.score >= LEAST_SCORE] for name, items in found.items()}
    choice = choose(worthy, rows, doctype)
    choice = Choice(_stand_ins(choice.ranked, doctype, reading), choice.rate_taxes)
    features, confidence = _judge(choice, rows, doctype, known, read)
    kept = {n: c for n, c in choice.ranked.items() if confidence[n] >= _least(n, doctype)}
    if len(kept) < len(choice.ranked):
        choice = Choice(kept, choice.rate_taxes)
        features, confidence = _judge(choice, rows, doctype, known, read)
    outcomes = _outcomes(choice, rows, doctype)
    fields: dict[str, Field | Missing] = {
        name: _field(name, choice, confidence, outcomes, found) for name in doctype.fields
    }
    findings = tuple(_findings(outcomes, choice, reading))
    lines = tuple(_line(row, index, outcomes, doctype) for index, row in enumerate(rows))
    return Decoded(
        fields, lines, findings, _needs_review(fields, findings, doctype, known.gate(doctype.name)), features
    )


def _least(name: str, doctype: Doctype) -> float:
    return ABSTAIN_REQUIRED if doctype.fields[name].required else ABSTAIN


def _stand_ins(
    ranked: Mapping[str, tuple[Candidate, ...]], doctype: Doctype, reading: Reading
) -> dict[str, tuple[Candidate, ...]]:
    """Where a doctype says so, a field without a label of its own takes another one's words."""
    result = dict(ranked)
    text = fold(reading.text)
    for name, spec in doctype.fields.items():
        if spec.same_as is None or name in ranked or spec.same_as not in ranked:
            continue
        if not any(fold(word) in text for word in spec.same_unless):
            result[name] = (promote(ranked[spec.same_as][0], name, f"same-as-{spec.same_as}", 0.95),)
    return result


def _values(choice: Choice) -> dict[str, Value]:
    return {name: items[0].value for name, items in choice.ranked.items()}


def _outcomes(choice: Choice, rows: Sequence[Row], doctype: Doctype) -> list[Outcome]:
    lines = [{name: c.value for name, c in row.items()} for row in rows]
    return run_checks(doctype, _values(choice), lines, choice.rate_taxes)


def _judge(
    choice: Choice, rows: Sequence[Row], doctype: Doctype, known: Calibration, read: float
) -> tuple[dict[str, dict[str, float]], dict[str, float]]:
    """Features and probability of every chosen value."""
    outcomes = _outcomes(choice, rows, doctype)
    features, confidence = {}, {}
    for name, items in choice.ranked.items():
        tested = {o.check.name: o.check.passed for o in outcomes if o.line is None and name in o.fields and _tells(o)}
        features[name] = features_of(items[0], _margin(items), tested, read)
        confidence[name] = known.probability(doctype.name, name, doctype.fields[name].type, features[name])
    return features, confidence


def _whole(item: Candidate, doctype: Doctype) -> Candidate:
    """Spaces that a reader set between the syllables of a name are no part of it; `raw` keeps them."""
    if not isinstance(item.value, str) or doctype.fields[item.name].type not in ("name", "text", "address"):
        return item
    value = together(item.value)
    return item if value == item.value else replace(item, value=value)


def _how_well_read(reading: Reading) -> float:
    """The mean score of all words."""
    scores = [word.score for word in reading.words]
    return sum(scores) / len(scores) if scores else 1.0


def _tells(outcome: Outcome) -> bool:
    """Checks that nearly every value passes prove nothing when they pass."""
    return (
        outcome.check.passed is False
        or outcome.check.name in ("totals-add-up", "lines-add-up", "identifier-valid")
        or (outcome.check.name.startswith("line-taxes"))
    )


def _margin(items: Sequence[Candidate]) -> float:
    """How far the chosen one leads the next different value; negative where it was preferred for its sum."""
    others = [c.score for c in items[1:] if same_value_key(c.value) != same_value_key(items[0].value)]
    return items[0].score - max(others, default=0.0)


def _field(
    name: str,
    choice: Choice,
    confidence: Mapping[str, float],
    outcomes: Sequence[Outcome],
    found: Mapping[str, Sequence[Candidate]],
) -> Field | Missing:
    if name not in choice.ranked:
        return Missing(name, _reason(name, choice, found))
    items = choice.ranked[name]
    best = items[0]
    return Field(
        name=name,
        value=best.value,
        raw=best.raw,
        confidence=round(confidence[name], 4),
        evidence=Evidence(best.boxes, best.words, best.how, {"finder": round(best.score, 4), **best.features}),
        checks=tuple(_checks_of(name, outcomes)),
        alternatives=tuple(_alternatives(items, confidence[name])),
    )


def _reason(name: str, choice: Choice, found: Mapping[str, Sequence[Candidate]]) -> str:
    if choice.rate_taxes and found.get(name):
        return "only its parts are printed, not their sum"
    if found.get(name):
        return f"nothing certain enough: the best of {len(found[name])} candidates was too doubtful"
    return "no label and no value of this kind found"


def _checks_of(name: str, outcomes: Sequence[Outcome]) -> list[Check]:
    return [o.check for o in outcomes if o.line is None and name in o.fields]


def _alternatives(items: Sequence[Candidate], confidence: float) -> list[Alternative]:
    """The next candidates; they share what probability the first one leaves, by their scores."""
    best = items[0]
    others = [(c.value, c.raw, c.score, c.boxes[0]) for c in items[1:LIMIT]]
    if best.other_value is not None:
        others.insert(0, (best.other_value, best.raw, best.score / 2, best.boxes[0]))
    total = sum(score for _, _, score, _ in others) or 1.0
    left = 1.0 - confidence
    return [_alternative(value, raw, left * score / total * 0.9, box) for value, raw, score, box in others]


def _alternative(value: Value, raw: str, confidence: float, box: Box) -> Alternative:
    return Alternative(value, raw, round(confidence, 4), box)


def _line(row: Row, index: int, outcomes: Sequence[Outcome], doctype: Doctype) -> Mapping[str, Field | Missing]:
    """One line item. Its numbers are surer where quantity times price gives the amount."""
    tested = [o for o in outcomes if o.line == index]
    cells: dict[str, Field | Missing] = {}
    for name in doctype.columns:
        if name not in row:
            cells[name] = Missing(name, "the row has nothing in this column")
            continue
        item = row[name]
        checks = tuple(o.check for o in tested if name in o.fields)
        confidence = 0.97 if any(c.passed for c in checks) else item.score * 0.95
        evidence = Evidence(item.boxes, item.words, item.how, {"finder": round(item.score, 4)})
        cells[name] = Field(name, item.value, item.raw, round(confidence, 4), evidence, checks)
    return cells


def _findings(outcomes: Sequence[Outcome], choice: Choice, reading: Reading) -> list[Finding]:
    findings = [
        Finding("check-failed", "error", f"{o.check.name}: {o.check.detail}", o.fields)
        for o in outcomes
        if o.check.passed is False
    ]
    for name, items in choice.ranked.items():
        if items[0].other_value is not None:
            message = f"«{items[0].raw}» could also mean {items[0].other_value}"
            findings.append(Finding("date-ambiguous", "info", message, (name,)))
    if any(find_resident_numbers(line.text) for page in reading.pages for line in page.lines):
        message = "The document shows a resident registration number (주민등록번호); mask it before passing it on."
        findings.append(Finding("personal-number", "warning", message))
    return findings


def _needs_review(
    fields: Mapping[str, Field | Missing], findings: Sequence[Finding], doctype: Doctype, gate: float
) -> bool:
    """A person looks unless every required field passes the gate and nothing is wrong."""
    for name in doctype.required:
        item = fields[name]
        if isinstance(item, Missing) or item.confidence < gate:
            return True
    return any(finding.severity == "error" for finding in findings)
