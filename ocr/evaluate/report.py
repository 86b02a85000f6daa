"""The figures of a measurement, with the protocol they were taken under."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ocr.evaluate.score import DocumentScore, FieldScore

ERROR_ALLOWED = 0.025
BINS = 10


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts of one field, or of all: precision = right / (right + wrong + false fills), recall =
    right / stated.
    """

    right: int = 0
    strict: int = 0
    wrong: int = 0
    missing: int = 0
    extra: int = 0
    none: int = 0

    @property
    def precision(self) -> float:
        return self.right / max(1, self.right + self.wrong + self.extra)

    @property
    def recall(self) -> float:
        return self.right / max(1, self.right + self.wrong + self.missing)

    @property
    def f1(self) -> float:
        return _f1(self.precision, self.recall)

    @property
    def strict_f1(self) -> float:
        found = max(1, self.right + self.wrong + self.extra)
        stated = max(1, self.right + self.wrong + self.missing)
        return _f1(self.strict / found, self.strict / stated)


def _f1(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


@dataclass(frozen=True, slots=True)
class Calibration:
    """`error`: expected calibration error over `BINS` bins of equal size; `bins`: (mean confidence,
    share right, count).
    """

    error: float
    bins: tuple[tuple[float, float, int], ...]
    values: int


@dataclass(frozen=True, slots=True)
class Report:
    folder: str
    protocol: str
    documents: tuple[DocumentScore, ...]
    unreadable: tuple[tuple[str, str], ...]
    complete: bool
    seen_vendors: frozenset[str]

    def field_scores(
        self, *, faults: bool = False, keep: Callable[[DocumentScore], bool] = lambda _: True
    ) -> list[FieldScore]:
        """All field scores of the documents kept; those with a known fault of the truth only on demand."""
        return [s for d in self.documents if keep(d) for s in d.fields if faults or s.fault is None]


def figures(scores: Iterable[FieldScore], *, complete: bool) -> Figures:
    """Counts of verdicts. Extras count against precision only where the truth is complete."""
    tally = {"right": 0, "wrong": 0, "missing": 0, "extra": 0, "none": 0}
    strict = 0
    for score in scores:
        if score.verdict == "extra" and not complete:
            continue
        tally[score.verdict] += 1
        strict += score.strict and score.verdict == "right"
    return Figures(strict=strict, **tally)


def by_field(scores: Sequence[FieldScore], *, complete: bool) -> dict[str, Figures]:
    names = dict.fromkeys(score.name for score in scores)
    return {name: figures([s for s in scores if s.name == name], complete=complete) for name in names}


def calibration(scores: Sequence[FieldScore]) -> Calibration:
    """How far stated confidence lies from the share that is right, over all filled fields with a truth."""
    judged = [s for s in scores if s.verdict in ("right", "wrong")]
    # By confidence alone: sorting ties by verdict would pile the wrong ones into one bin.
    points = [(s.confidence, s.verdict == "right") for s in sorted(judged, key=lambda s: s.confidence)]
    if not points:
        return Calibration(0.0, (), 0)
    bins, size = [], max(1, -(-len(points) // BINS))
    for start in range(0, len(points), size):
        part = points[start : start + size]
        bins.append((sum(c for c, _ in part) / len(part), sum(ok for _, ok in part) / len(part), len(part)))
    error = sum(abs(mean - share) * count for mean, share, count in bins) / len(points)
    return Calibration(error, tuple(bins), len(points))


def coverage(documents: Sequence[DocumentScore], allowed: float = ERROR_ALLOWED) -> float:
    """The greatest share of documents that could pass, surest first, with at most `allowed` of their required
    fields wrong."""
    ranked = sorted(documents, key=lambda d: -d.weakest)
    best, wrong, asked = 0, 0, 0
    for index, document in enumerate(ranked, 1):
        if document.weakest == 0.0:
            break
        judged = [s for s in document.fields if s.name in document.required and not s.fault]
        asked += len(judged)
        wrong += sum(s.verdict != "right" for s in judged)
        if wrong <= allowed * max(1, asked):
            best = index
    return best / max(1, len(documents))


def passing(documents: Sequence[DocumentScore]) -> tuple[int, int]:
    """How many documents pass without a person, and how many of them have a wrong required field."""
    passed = [d for d in documents if d.passes]
    return len(passed), sum(not d.required_right for d in passed)


def wrong_among_passing(documents: Sequence[DocumentScore]) -> tuple[int, int]:
    """Of the documents that pass without a person: wrong required fields, and required fields in all."""
    judged = [s for d in documents if d.passes for s in d.fields if s.name in d.required and not s.fault]
    return sum(s.verdict not in ("right", "none") for s in judged), len(judged)


def line_figures(documents: Sequence[DocumentScore]) -> dict[str, Figures]:
    """Line items: whole rows (all numbers right) and each column."""
    tallies: dict[str, list[int]] = {}
    for document in documents:
        if document.lines is None:
            continue
        rows = tallies.setdefault("rows", [0, 0, 0])
        for index, count in enumerate(
            (document.lines.matched, document.lines.expected, document.lines.found)
        ):
            rows[index] += count
        for name, cells in document.lines.cells.items():
            tally = tallies.setdefault(name, [0, 0, 0])
            for index, count in enumerate(cells):
                tally[index] += count
    return {name: _line_figures(*tally) for name, tally in tallies.items()}


def _line_figures(right: int, expected: int, found: int) -> Figures:
    paired = min(expected, found)
    return Figures(
        right=right,
        strict=right,
        wrong=max(0, paired - right),
        missing=max(0, expected - paired),
        extra=max(0, found - paired),
    )


def report_to_json(report: Report) -> dict[str, Any]:
    """The figures as plain data, `"schema": 1`."""
    scores = report.field_scores()
    passed, wrong = passing(report.documents)
    faulty, asked = wrong_among_passing(report.documents)
    return {
        "schema": 1,
        "folder": report.folder,
        "protocol": report.protocol,
        "documents": len(report.documents),
        "unreadable": [{"id": name, "error": message} for name, message in report.unreadable],
        "all": _plain(figures(scores, complete=report.complete)),
        "all_with_faults": _plain(figures(report.field_scores(faults=True), complete=report.complete)),
        "fields": {name: _plain(f) for name, f in by_field(scores, complete=report.complete).items()},
        "lines": {name: _plain(f) for name, f in line_figures(report.documents).items()},
        "groups": {name: _plain(f) for name, f in groups(report).items()},
        "calibration": {
            "error": round(calibration(scores).error, 4),
            "bins": [list(b) for b in calibration(scores).bins],
        },
        "coverage": round(coverage(report.documents), 4),
        "passed": passed,
        "passed_wrong": wrong,
        "passed_wrong_fields": round(faulty / max(1, asked), 4),
        "false_fills": false_fills(report),
    }


def groups(report: Report) -> dict[str, Figures]:
    """Figures by the documents' group (layout, degradation) and by vendors seen in training or not."""
    found = {}
    names = sorted({d.group for d in report.documents})
    if len(names) > 1:
        for name in names:
            scores = report.field_scores(keep=lambda d, name=name: d.group == name)  # type: ignore[misc]
            found[name] = figures(scores, complete=report.complete)
    if report.seen_vendors:
        for title, seen in (("vendors seen", True), ("vendors unseen", False)):
            scores = report.field_scores(keep=lambda d, seen=seen: (d.vendor in report.seen_vendors) == seen)  # type: ignore[misc]
            found[title] = figures(scores, complete=report.complete)
    return found


def false_fills(report: Report) -> dict[str, Any]:
    """Fields filled although the truth states none, of all fields without a value in the truth."""
    scores = report.field_scores()
    filled = [s for s in scores if s.verdict == "extra"]
    empty = len(filled) + sum(s.verdict == "none" for s in scores)
    return {"filled": len(filled), "of": empty, "share": round(len(filled) / max(1, empty), 4)}


def _plain(f: Figures) -> Mapping[str, Any]:
    return {
        "precision": round(f.precision, 4),
        "recall": round(f.recall, 4),
        "f1": round(f.f1, 4),
        "f1_strict": round(f.strict_f1, 4),
        "right": f.right,
        "wrong": f.wrong,
        "missing": f.missing,
        "extra": f.extra,
    }
