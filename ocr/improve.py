"""Improve a doctype by corrected examples: which words stand beside the values that were missed or wrong.

Ten examples are enough to teach a doctype the words of a new kind of page. What was learned is measured on
examples that it was not learned from, and is kept only for fields where it helped there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ocr.doctypes import Doctype, load_doctype, parse_doctype
from ocr.doctypes.loader import doctype_file, text_with_labels
from ocr.errors import DocumentError
from ocr.evaluate.report import figures
from ocr.evaluate.run import given_reading
from ocr.evaluate.score import DocumentScore, FieldScore, score_document
from ocr.evaluate.truth import Truth, read_truth
from ocr.extract import extract_reading
from ocr.fields.memory import shared_labels, with_labels
from ocr.reading import read_one
from ocr.values import Extraction, Reading

PARTS = 5
"""Learned from four parts of the examples, tested on the fifth."""
Labels = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Example:
    """A document whose fields are known, and what its doctype made of it."""

    truth: Truth
    reading: Reading
    extraction: Extraction
    corrections: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Improvement:
    """`labels` are new; `before` and `after` are normalised F1 by field and for `all`, `after` on examples
    that nothing was learned from."""

    text: str
    labels: Labels
    examples: int
    before: Mapping[str, float]
    after: Mapping[str, float]


def improve(doctype: str | Path, folder: str | Path, *, engine: str = "auto") -> Improvement:
    """What the examples of a folder (`truth.jsonl`) teach a doctype.

    Raises `DocumentError`: `doctype-unknown`, `truth-missing`, `examples-too-few` (under four).
    """
    known = load_doctype(doctype)
    truths = [t for t in read_truth(Path(folder)) if t.doctype == known.name or len(t.fields)]
    if len(truths) < 4:
        raise DocumentError(
            "examples-too-few",
            f"{folder} holds {len(truths)} examples; at least 4 are needed.",
            "Correct a few more documents; ten are a good number.",
            kind="flow",
            details={"folder": str(folder), "count": len(truths)},
        )
    return improve_by([_example(t, known, _reading(t, engine)) for t in truths], known, doctype_file(doctype))


def improve_by(examples: Sequence[Example], known: Doctype, file: Path) -> Improvement:
    """The same from examples that are read already; `file` is the doctype's YAML."""
    learned = _learned(known, examples)
    before = _scores((e, known) for e in examples)
    held_out = _scores(
        (example, with_labels(known, _learned(known, _others(examples, index))))
        for index, example in enumerate(examples)
    )
    names = [n for n in learned if _f1(held_out, n) > _f1(before, n)]
    labels = {name: learned[name] for name in names}
    text = text_with_labels(file.read_text("utf-8"), labels)
    parse_doctype(text)
    kept = _scores(
        (example, with_labels(known, _only(_learned(known, _others(examples, index)), names)))
        for index, example in enumerate(examples)
    )
    return Improvement(text, labels, len(examples), _table(before), _table(kept))


def _reading(truth: Truth, engine: str) -> Reading:
    return given_reading(truth) if "segments" in truth.record else read_one(truth.file, engine=engine)


def _example(truth: Truth, doctype: Doctype, reading: Reading) -> Example:
    extraction = extract_reading(reading, doctype)
    scored = score_document(extraction, truth, doctype, "")
    wrong = {s.name for s in scored.fields if s.verdict in ("wrong", "missing")}
    return Example(truth, reading, extraction, {n: truth.fields[n][0] for n in wrong})


def _others(examples: Sequence[Example], index: int) -> list[Example]:
    return [e for at, e in enumerate(examples) if at % PARTS != index % PARTS]


def _learned(doctype: Doctype, examples: Sequence[Example]) -> dict[str, list[str]]:
    return shared_labels(doctype, [(e.extraction, e.corrections) for e in examples])


def _only(labels: Labels, names: Sequence[str]) -> Labels:
    return {name: labels[name] for name in names if name in labels}


def _scores(asked: Iterable[tuple[Example, Doctype]]) -> list[FieldScore]:
    scored: list[DocumentScore] = [
        score_document(extract_reading(e.reading, doctype), e.truth, doctype, "") for e, doctype in asked
    ]
    return [s for document in scored for s in document.fields]


def _f1(scores: Sequence[FieldScore], name: str) -> float:
    return figures([s for s in scores if s.name == name], complete=False).f1


def _table(scores: Sequence[FieldScore]) -> dict[str, float]:
    names = dict.fromkeys(s.name for s in scores)
    return {
        **{n: round(_f1(scores, n), 4) for n in names},
        "all": round(figures(scores, complete=False).f1, 4),
    }
