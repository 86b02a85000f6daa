"""Scores on made pages that no model was trained on: `python -m ocr.layout.held_out --kind invoice`.

Synthetic pages prove nothing about real ones; they show what a finder does with layouts and languages that we
have no real pages of. Values are compared as `ocr.evaluate` does.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ocr.doctypes import load_doctype
from ocr.evaluate.compare import right
from ocr.extract import extract_reading
from ocr.fields.finder import FieldFinder
from ocr.fields.label_finder import LabelFinder
from ocr.layout.finder import LayoutFinder
from ocr.layout.rerank import Reranked
from ocr.layout.runtime import LayoutRunner, shipped
from ocr.synthetic.corpus import CorpusSpec, documents
from ocr.synthetic.document import SyntheticDocument, TruthWord
from ocr.synthetic.document import Truth as DocumentTruth
from ocr.synthetic.maker import KINDS
from ocr.values import Box, Field, Line, PageText, Reading, Word

SEED = 987
"""Not among the seeds of training."""


def reading_of(document: SyntheticDocument, truth: DocumentTruth | None = None) -> Reading:
    """The made document as if read without a fault; `truth`: with other words than its own."""
    printed = (truth or document.truth).words
    pages = []
    for number, page in enumerate(document.sheet.pages, 1):
        lines = tuple(_lines([w for w in printed if w.page == number]))
        pages.append(PageText(number, page.width, page.height, lines, "text"))
    return Reading(document.name, tuple(pages), "given", "text")


def _lines(words: list[TruthWord]) -> Iterator[Line]:
    groups: dict[int, list[Word]] = {}
    for word in words:
        groups.setdefault(word.line, []).append(Word(word.text, Box(word.page, *word.box)))
    for group in groups.values():
        yield Line(tuple(group), Box.union([w.box for w in group]), " ".join(w.text for w in group))


def score(finder: FieldFinder, kind: str, count: int, languages: tuple[str, ...] | None) -> dict[str, Any]:
    """Header fields pooled and by name (precision, recall, F1), false fills, line items wholly right."""
    doctype = load_doctype(KINDS[kind].doctype)
    tallies: dict[str, list[int]] = {}
    absent = filled = rows = rows_right = 0
    spec = CorpusSpec(count=count, kinds={kind: 1.0}, languages=languages, damaged=0.3)
    for document in documents(spec, SEED):
        answer = extract_reading(reading_of(document), doctype, finder=finder)
        truth = document.truth
        for name, field in doctype.fields.items():
            found, wanted = answer.fields.get(name), truth.fields.get(name)
            given = isinstance(found, Field)
            absent, filled = absent + (wanted is None), filled + (wanted is None and given)
            good = (
                isinstance(found, Field) and wanted is not None and right(found.value, field.type, (wanted,))
            )
            counts = tallies.setdefault(name, [0, 0, 0])
            for i, add in enumerate((good, given, wanted is not None)):
                counts[i] += int(add)
        rows += len(truth.rows)
        rows_right += _rows_right(answer.lines, truth.rows, doctype)
    pooled = [sum(t[i] for t in tallies.values()) for i in range(3)]
    return {
        "f1": _f1(pooled),
        "false_fills": round(filled / max(1, absent), 4),
        "rows": rows,
        "rows_right": round(rows_right / max(1, rows), 4),
        "fields": {name: _f1(counts) for name, counts in tallies.items()},
    }


def _f1(counts: list[int]) -> float:
    return round(2 * counts[0] / max(1, counts[1] + counts[2]), 4)


def _rows_right(found: Any, expected: tuple[Mapping[str, str], ...], doctype: Any) -> int:
    """Rows of which every printed column is right, in order."""
    hits = 0
    for ours, theirs in zip(found, expected, strict=False):
        cells = [(ours.get(n), v, doctype.columns[n].type) for n, v in theirs.items() if n in doctype.columns]
        hits += all(
            isinstance(cell, Field) and right(cell.value, kind, (value,)) for cell, value, kind in cells
        )
    return hits


def main() -> int:
    """The command line: label rules, model, and both together."""
    parser = argparse.ArgumentParser(prog="python -m ocr.layout.held_out", description=__doc__)
    parser.add_argument("--kind", choices=tuple(KINDS), default="invoice")
    parser.add_argument("--count", type=int, default=60)
    parser.add_argument("--lang", action="append")
    parser.add_argument("--model", type=Path)
    parser.add_argument("--finder", action="append", choices=("labels", "model", "both"))
    asked = parser.parse_args()
    model = LayoutFinder(LayoutRunner(asked.model) if asked.model else shipped())
    finders: dict[str, FieldFinder] = {
        "labels": LabelFinder(),
        "model": model,
        "both": Reranked(LabelFinder(), model),
    }
    for name in asked.finder or finders:
        languages = tuple(asked.lang) if asked.lang else None
        print(
            json.dumps(
                {
                    "finder": name,
                    "kind": asked.kind,
                    **score(finders[name], asked.kind, asked.count, languages),
                }
            )
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
