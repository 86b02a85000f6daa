"""Arbitrary forms: questions and their answers, found by the shape of the print alone."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

from ocr.doctypes.model import Doctype
from ocr.fields.finder import merge_boxes
from ocr.fields.sheet import Segment, SheetPage, make_sheet
from ocr.values import Evidence, Extraction, Field, Missing, Reading, Word

_SURE, _LIKELY = 0.85, 0.6
_REACH_RIGHT = 18
_REACH_BELOW = 1.6

Pair: TypeAlias = Mapping[str, Field | Missing]


def find_pairs(reading: Reading, doctype: Doctype) -> Extraction:
    """The pairs of a form as lines of `question` and `answer`; a question left blank has a missing answer."""
    began = time.perf_counter()
    lines = tuple(line for page in make_sheet(reading).pages for line in _page_pairs(page))
    return Extraction(
        file=reading.file,
        doctype=doctype.name,
        source=reading.rung,
        fields={},
        lines=lines,
        findings=(),
        needs_review=True,
        seconds=reading.seconds + time.perf_counter() - began,
        load_seconds=reading.load_seconds,
        reading=reading,
    )


def _page_pairs(page: SheetPage) -> Iterator[Pair]:
    answers: set[int] = set()
    for segment in page.segments:
        if id(segment) in answers:
            continue
        inner = _colon(segment)
        if inner is not None:
            yield pair(_words(segment, 0, inner), _words(segment, inner + 1, len(segment.text)), _SURE)
        elif _is_question(segment):
            answer = _right(page, segment) or _under(page, segment)
            if answer is not None:
                answers.add(id(answer))
            yield pair(segment.words, answer.words if answer else (), _SURE if answer else _LIKELY)


def _colon(segment: Segment) -> int | None:
    """Where `Question: answer` parts, in one segment."""
    at = segment.text.find(":")
    if at <= 1 or not any(ch.isalpha() for ch in segment.text[:at]) or at > 60:
        return None
    rest = segment.text[at + 1 :].strip()
    return (
        at
        if rest and not segment.text[at + 1 : at + 3].startswith("//") and not segment.text[at - 1].isdigit()
        else None
    )


def _is_question(segment: Segment) -> bool:
    text = segment.text.rstrip()
    return text.endswith((":", "?")) and any(ch.isalpha() for ch in text) and len(text) <= 80


def _right(page: SheetPage, segment: Segment) -> Segment | None:
    row = page.rows[segment.row]
    for other in row[row.index(segment) + 1 :]:
        if other.x0 - segment.x1 > _REACH_RIGHT * page.unit or _is_question(other) or _colon(other):
            return None
        return other
    return None


def _under(page: SheetPage, segment: Segment) -> Segment | None:
    for row in page.rows[segment.row + 1 : segment.row + 3]:
        for other in row:
            near = other.y0 - segment.y1 <= _REACH_BELOW * page.unit
            if (
                near
                and abs(other.x0 - segment.x0) <= 2 * page.unit
                and not _is_question(other)
                and not _colon(other)
            ):
                return other
    return None


def _words(segment: Segment, start: int, end: int) -> tuple[Word, ...]:
    return segment.words_in(start, end)


def pair(question: Sequence[Word], answer: Sequence[Word], score: float, how: str = "pair") -> Pair:
    """A line of `question` and `answer` from their words; one word may hold both, parted by a colon."""
    label = _text(question).rstrip(" :")
    found = _text(answer)
    if question and answer and question[-1] is answer[0]:
        found = found.split(":", 1)[-1].strip()
        label = label.split(":", 1)[0]
    blank = Missing("answer", "the question is not answered")
    return {
        "question": _field("question", label, question, score, how),
        "answer": _field("answer", found, answer, score, how) if found else blank,
    }


def _text(words: Sequence[Word]) -> str:
    return " ".join(word.text for word in words)


def _field(name: str, text: str, words: Sequence[Word], score: float, how: str) -> Field:
    boxes = merge_boxes([word.box for word in words])
    return Field(name, text, text, score, Evidence(boxes, tuple(words), how, {"finder": score}))
