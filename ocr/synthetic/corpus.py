"""Folders of synthetic documents with `truth.jsonl`, in the form our real test data has."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from ocr.synthetic.document import SyntheticDocument, Truth, TruthWord
from ocr.synthetic.maker import KINDS, make


@dataclass(frozen=True, slots=True)
class CorpusSpec:
    """What to write: how many documents, the share of each kind, the languages (None: all of a kind; one
    named twice is drawn twice as often), the share of damaged ones, and whether clean ones are PDFs with a
    text layer (`pdf`) or pictures."""

    count: int = 100
    kinds: Mapping[str, float] = field(default_factory=lambda: dict.fromkeys(KINDS, 1.0))
    languages: tuple[str, ...] | None = None
    damaged: float = 0.5
    pdf: bool = True
    dpi: float = 150.0


def documents(spec: CorpusSpec, seed: int) -> Iterator[SyntheticDocument]:
    """The documents of a corpus, one after the other."""
    rng = Random(f"{seed}/corpus")
    kinds, weights = list(spec.kinds), list(spec.kinds.values())
    for index in range(spec.count):
        kind = rng.choices(kinds, weights)[0]
        known = KINDS[kind].languages
        allowed = [c for c in spec.languages if c in known] if spec.languages else known
        harm = "any" if rng.random() < spec.damaged else None
        if allowed:
            language = rng.choice(allowed)
            yield make(kind, lang=language, seed=seed * 1_000_003 + index, degrade=harm, dpi=spec.dpi)


def write_corpus(folder: Path, spec: CorpusSpec, seed: int) -> int:
    """Write the files and `truth.jsonl`; returns how many documents there are."""
    folder.mkdir(parents=True, exist_ok=True)
    count = 0
    with (folder / "truth.jsonl").open("w", encoding="utf-8") as out:
        for document in documents(spec, seed):
            file = write_document(document, folder, pdf=spec.pdf)
            out.write(json.dumps(truth_row(document, file), ensure_ascii=False) + "\n")
            count += 1
    return count


def write_document(document: SyntheticDocument, folder: Path, *, pdf: bool) -> str:
    """One file: a PDF for clean or many-paged documents, else PNG or JPEG. Returns its name."""
    if (pdf and document.harm is None) or len(document.sheet.pages) > 1:
        name, data = f"{document.name}.pdf", document.pdf_bytes()
    elif document.harm in (None, "fax"):
        name, data = f"{document.name}.png", document.picture_bytes()
    else:
        name, data = f"{document.name}.jpg", document.picture_bytes(form="JPEG")
    (folder / name).write_bytes(data)
    return name


def truth_row(document: SyntheticDocument, file: str) -> dict[str, Any]:
    """One line of `truth.jsonl`. `segments` boxes are pixels of the picture, `words` boxes fractions."""
    truth = document.truth
    scale = document.dpi / 72.0
    pages = [[round(p.width * scale), round(p.height * scale)] for p in document.sheet.pages]
    fields: dict[str, Any] = dict(truth.fields)
    if truth.rows:
        fields["lines"] = [dict(row) for row in truth.rows]
    return {
        "id": document.name,
        "doctype": truth.doctype,
        "kind": truth.kind,
        "language": truth.language,
        "synthetic": True,
        "seed": document.seed,
        "damage": document.harm,
        "consistent": truth.consistent,
        "file": file,
        "width": pages[0][0],
        "height": pages[0][1],
        "scale": 1.0,
        "page_sizes": pages,
        "fields": fields,
        "segments": segments(truth, pages),
        "words": [_word(word) for word in truth.words],
        "pairs": pairs(truth),
    }


def _word(word: TruthWord) -> dict[str, Any]:
    row: dict[str, Any] = {"text": word.text, "page": word.page, "box": _rounded(word.box), "role": word.role}
    optional = {"field": word.field, "row": word.row, "part": word.part, "link": word.link}
    return row | {name: value for name, value in optional.items() if value is not None}


def _rounded(box: tuple[float, float, float, float]) -> list[float]:
    return [round(v, 5) for v in box]


def _lines(words: tuple[TruthWord, ...]) -> Iterator[list[TruthWord]]:
    line: list[TruthWord] = []
    for word in words:
        if line and (word.line, word.page) != (line[-1].line, line[-1].page):
            yield line
            line = []
        line.append(word)
    if line:
        yield line


def _union(words: list[TruthWord]) -> tuple[float, float, float, float]:
    boxes = [w.box for w in words]
    return (
        min(b[0] for b in boxes),
        min(b[1] for b in boxes),
        max(b[2] for b in boxes),
        max(b[3] for b in boxes),
    )


def segments(truth: Truth, pages: list[list[int]]) -> list[dict[str, Any]]:
    """The printed stretches with boxes in pixels."""
    found = []
    for line in _lines(truth.words):
        (width, height), box = pages[line[0].page - 1], _union(line)
        pixels = [
            round(box[0] * width),
            round(box[1] * height),
            round(box[2] * width),
            round(box[3] * height),
        ]
        found.append({"text": " ".join(w.text for w in line), "page": line[0].page, "box": pixels})
    return found


def pairs(truth: Truth) -> list[dict[str, Any]]:
    """Labels with their values; an empty answer is null."""
    sides: dict[int, dict[str, list[TruthWord]]] = {}
    for word in truth.words:
        if word.link is not None and word.part is not None:
            sides.setdefault(word.link, {"label": [], "value": []})[word.part].append(word)
    return [_pair(side["label"], side["value"]) for side in sides.values() if side["label"]]


def _pair(label: list[TruthWord], value: list[TruthWord]) -> dict[str, Any]:
    return {
        "page": label[0].page,
        "question": " ".join(w.text for w in label),
        "answer": " ".join(w.text for w in value) or None,
        "question_box": _rounded(_union(label)),
        "answer_box": _rounded(_union(value)) if value else None,
    }
