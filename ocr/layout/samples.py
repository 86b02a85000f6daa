"""Training pages: synthetic ones, and real ones whose keys are matched to their words."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ocr.layout.match import Sequenced, Span, bare, date_spans, text_spans, total_words
from ocr.layout.tags import INDEX, PARTS, ROLES, field_tag
from ocr.synthetic.document import SyntheticDocument, TruthWord

IGNORE = -100


@dataclass(frozen=True, slots=True)
class Sample:
    """One page with labels for each word, in the order it was read.

    `boxes` in an isotropic unit; `lines` numbers the printed line; `tags` index `TAGS` (IGNORE: say nothing);
    `begins` marks where a value starts, `rows` where a line item starts (IGNORE as before); `known` are the
    tags that were labelled: any other may hide behind an `O`. None: all of them.
    """

    name: str
    doctype: str
    texts: tuple[str, ...]
    boxes: NDArray[np.float64]
    lines: NDArray[np.int64]
    tags: NDArray[np.int64]
    begins: NDArray[np.int64]
    rows: NDArray[np.int64]
    roles: NDArray[np.int64]
    parts: NDArray[np.int64]
    known: tuple[int, ...] | None = None
    first: bool = True
    last: bool = True
    group: str = ""
    truth: Mapping[str, str] | None = None


def of_synthetic(document: SyntheticDocument, printed: Sequence[TruthWord] | None = None) -> Iterator[Sample]:
    """A sample for each page of a made document; `printed`: with other words than its own."""
    pages = document.sheet.pages
    for number, page in enumerate(pages, 1):
        words = [w for w in (printed or document.truth.words) if w.page == number]
        if words:
            size = np.array([page.width, page.height] * 2)
            boxes = np.array([w.box for w in words]) * size
            yield _labelled(document, words, boxes, number == 1, number == len(pages))


def _labelled(
    document: SyntheticDocument, words: list[TruthWord], boxes: NDArray[np.float64], first: bool, last: bool
) -> Sample:
    tags = np.array([_tag(word) for word in words], dtype=np.int64)
    begins, rows = np.zeros(len(words), dtype=np.int64), np.zeros(len(words), dtype=np.int64)
    seen: set[int] = set()
    for i, word in enumerate(words):
        before = words[i - 1] if i else None
        begins[i] = bool(tags[i]) and (before is None or tags[i] != tags[i - 1] or word.row != before.row)
        if word.row is not None and word.row not in seen:
            seen.add(word.row)
            rows[i] = 1
    return Sample(
        document.name,
        document.doctype,
        tuple(word.text for word in words),
        boxes,
        np.array([word.line for word in words], dtype=np.int64),
        tags,
        begins,
        rows,
        np.array([ROLES.index(word.role) for word in words], dtype=np.int64),
        np.array([PARTS.index(word.part or "none") for word in words], dtype=np.int64),
        None,
        first,
        last,
    )


def _tag(word: TruthWord) -> int:
    if word.field is None:
        return 0
    tag = field_tag(word.field, row=word.row is not None)
    return INDEX[tag] if tag else 0


# ---- real receipts ---------------------------------------------------------------------------------------


def words_of_segments(segments: Iterable[Mapping[str, Any]]) -> Sequenced:
    """Words of text lines, each with the part of its line's box that its letters take."""
    texts: list[str] = []
    lines: list[int] = []
    boxes: list[tuple[float, float, float, float]] = []
    for number, segment in enumerate(segments):
        x0, y0, x1, y1 = segment["box"]
        text, at = segment["text"], 0
        for word in text.split():
            at = text.index(word, at)
            left, right = at / len(text), (at + len(word)) / len(text)
            texts.append(word)
            lines.append(number)
            boxes.append((x0 + (x1 - x0) * left, y0, x0 + (x1 - x0) * right, y1))
            at += len(word)
    return Sequenced(texts, lines, boxes)


def _address_spans(page: Sequenced, value: str) -> list[Span]:
    return text_spans(page, value, least=70.0)


_FINDERS: tuple[tuple[str, Callable[[Sequenced, str], list[Span]]], ...] = (
    ("address", _address_spans),
    ("company", text_spans),
    ("date", date_spans),
)


def of_row(row: Mapping[str, Any]) -> Sample | None:
    """A page of a `truth.jsonl` row that carries `segments` and the keys company, date, address, total."""
    page = words_of_segments(row["segments"])
    if not page.texts:
        return None
    fields = row["fields"]
    tags = np.zeros(len(page.texts), dtype=np.int64)
    begins = np.zeros_like(tags)
    for name, find in _FINDERS:
        if fields.get(name):
            _mark(tags, begins, find(page, fields[name]), INDEX[field_tag(name) or ""])
    if fields.get("total"):
        chosen, others = total_words(page, fields["total"])
        tags[others] = IGNORE
        _mark(tags, begins, [(i, i + 1) for i in chosen], INDEX["gross"])
    known = tuple(INDEX[tag] for name in fields if (tag := field_tag(name)) is not None)
    blank = np.full_like(tags, IGNORE)
    return Sample(
        row["id"],
        row["doctype"],
        tuple(page.texts),
        np.array(page.boxes),
        np.array(page.lines, dtype=np.int64),
        tags,
        np.where(tags == IGNORE, IGNORE, begins),
        blank,
        blank,
        blank,
        known,
        group=bare(fields.get("company") or row["id"]),
        truth={k: v for k, v in fields.items() if isinstance(v, str)},
    )


def _mark(tags: NDArray[np.int64], begins: NDArray[np.int64], spans: list[Span], tag: int) -> None:
    for start, end in spans:
        tags[start:end] = tag
        begins[start:end] = 0
        begins[start] = 1


def of_folder(folder: Path) -> list[Sample]:
    """All rows of a folder's `truth.jsonl` that carry text with boxes."""
    rows = (json.loads(line) for line in (folder / "truth.jsonl").read_text("utf-8").splitlines())
    made = (of_row(row) for row in rows if row.get("segments") and "words" not in row)
    return [sample for sample in made if sample is not None]


def without_labels(sample: Sample) -> Sample:
    """The page alone."""
    return replace(sample, tags=np.zeros_like(sample.tags))
