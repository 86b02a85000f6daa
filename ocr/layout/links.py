"""Which answer belongs to which question: the link head, on what the network thinks of each word. No torch here.

Every word is called part of a question, of an answer, or neither. Neighbours of one kind are entities; the head
scores every pair of a question and an answer by where they stand to each other and by the
network's hidden states of their first words. An answer takes the question it fits best, or none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ocr.errors import DocumentError
from ocr.layout.encode import Encoded
from ocr.layout.page import PageView

LABEL, VALUE = 1, 2
"""Places of the two kinds in `ocr.layout.tags.PARTS`."""
GEOMETRY = 12
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Entity:
    """Neighbouring words of one stretch that are parts of a question, or of an answer. `box` in page units."""

    words: tuple[int, ...]
    box: tuple[float, float, float, float]
    belief: float

    @property
    def middle(self) -> float:
        return (self.box[1] + self.box[3]) / 2


def entities(page: Encoded, parts: Floats, kind: int) -> list[Entity]:
    """Runs of words of one stretch that are `kind`. `parts`: (words, 3) probabilities."""
    chosen = kinds(page, parts) == kind
    groups: list[list[int]] = []
    for i in np.nonzero(chosen)[0].tolist():
        if groups and groups[-1][-1] == i - 1 and page.stretch[i] == page.stretch[i - 1]:
            groups[-1].append(i)
        else:
            groups.append([i])
    return [_entity(page, group, parts[:, kind]) for group in groups]


CHANGE, CHANGE_AT_COLON = 2.5, 0.3
"""What a change of kind inside a stretch costs, in logarithms of probability."""


def kinds(page: Encoded, parts: Floats) -> NDArray[np.int64]:
    """The likeliest kind of every word where a stretch seldom changes its kind, save behind a colon (Viterbi)."""
    logs = np.log(np.maximum(parts, 1e-6))
    found = np.zeros(len(parts), dtype=np.int64)
    for stretch in np.unique(page.stretch):
        places = np.nonzero(page.stretch == stretch)[0]
        found[places] = _path(logs[places], [page.tokens[i].text.endswith(":") for i in places.tolist()])
    return found


def _path(logs: Floats, colons: Sequence[bool]) -> list[int]:
    """The best sequence of kinds for the words of one stretch."""
    best, came = logs[0], []
    for row, colon in zip(logs[1:], colons, strict=False):
        moves = best[:, None] - (1 - np.eye(len(row))) * (CHANGE_AT_COLON if colon else CHANGE)
        came.append(moves.argmax(axis=0))
        best = row + moves.max(axis=0)
    path = [int(best.argmax())]
    for back in reversed(came):
        path.append(int(back[path[-1]]))
    return path[::-1]


def _entity(page: Encoded, words: Sequence[int], belief: Floats) -> Entity:
    tokens = [page.tokens[i] for i in words]
    box = (
        min(t.x0 for t in tokens),
        min(t.y0 for t in tokens),
        max(t.x1 for t in tokens),
        max(t.y1 for t in tokens),
    )
    return Entity(tuple(words), box, float(np.mean(belief[list(words)])))


def geometry(questions: Sequence[Entity], answers: Sequence[Entity], height: float) -> Floats:
    """(questions, answers, GEOMETRY): how each answer stands to each question, in text heights, squeezed."""
    found = np.zeros((len(questions), len(answers), GEOMETRY), dtype=np.float32)
    for j, a in enumerate(answers):
        beside = _nearest([_gap_left(q, a, height) for q in questions])
        above = _nearest([_gap_above(q, a, height) for q in questions])
        for i, q in enumerate(questions):
            found[i, j] = (*_place(q, a, height), float(beside == i), float(above == i))
    return found


def _place(q: Entity, a: Entity, height: float) -> tuple[float, ...]:
    left, gap = (a.box[0] - q.box[0]) / height, (a.box[0] - q.box[2]) / height
    down, drop = (a.middle - q.middle) / height, (a.box[1] - q.box[3]) / height
    shared = min(a.box[2], q.box[2]) - max(a.box[0], q.box[0])
    return (
        *(float(np.tanh(v / 8)) for v in (left, gap, down)),
        *(float(np.tanh(v)) for v in (left, gap, down, drop)),
        float(abs(down) < 0.5),
        float(shared > 0),
        float(abs(left) < 1),
    )


def _gap_left(q: Entity, a: Entity, height: float) -> float:
    """How far the question stands to the left in the answer's row; infinite where it does not."""
    gap = (a.box[0] - q.box[2]) / height
    return gap if abs(a.middle - q.middle) < 0.7 * height and gap > -0.5 else np.inf


def _gap_above(q: Entity, a: Entity, height: float) -> float:
    """How far the question stands above the answer in its column; infinite where it does not."""
    shared = min(a.box[2], q.box[2]) - max(a.box[0], q.box[0])
    drop = (a.box[1] - q.box[3]) / height
    return drop if (shared > 0 or abs(a.box[0] - q.box[0]) < height) and drop > -0.5 else np.inf


def _nearest(gaps: Sequence[float]) -> int | None:
    best = int(np.argmin(gaps)) if len(gaps) else 0
    return best if len(gaps) and np.isfinite(gaps[best]) else None


class LinkHead:
    """The trained head. `weights`: `wide` (hidden, w), `wide_bias` (w), `part` (w, 3), `part_bias` (3),
    `question` and `answer` (hidden, d), `inner` (GEOMETRY, k), `inner_bias` (k), `outer` (k), `none` (1).
    """

    def __init__(self, weights: Mapping[str, Floats]) -> None:
        self.weights = {name: np.asarray(value, dtype=np.float32) for name, value in weights.items()}

    @classmethod
    def of_file(cls, file: Path) -> LinkHead:
        """Raises `DocumentError` (`layout-weights-missing`)."""
        if not file.exists():
            raise DocumentError(
                "layout-weights-missing",
                f"The weights that link questions and answers are not at {file}.",
                "Reinstall the package, or train a model: rpa train.",
                kind="engine",
            )
        with np.load(file) as kept:
            return cls({name: kept[name] for name in kept.files})

    def parts(self, hidden: Floats) -> Floats:
        """(words, 3): how likely each word is neither, of a question, of an answer."""
        w = self.weights
        fit = np.maximum(hidden @ w["wide"] + w["wide_bias"], 0.0) @ w["part"] + w["part_bias"]
        grown = np.exp(fit - fit.max(axis=1, keepdims=True))
        return np.asarray(grown / grown.sum(axis=1, keepdims=True), dtype=np.float32)

    def scores(self, asked: Floats, told: Floats, places: Floats) -> Floats:
        """(1 + questions, answers) logits; row 0 is «no question». `asked`, `told`: hidden states of first words."""
        w = self.weights
        q, a = asked @ w["question"], told @ w["answer"]
        inner = np.maximum(places @ w["inner"] + w["inner_bias"], 0.0)
        fit = q @ a.T / np.sqrt(q.shape[1]) + inner @ w["outer"]
        return np.vstack([np.full((1, len(told)), w["none"][0], dtype=np.float32), fit])


@dataclass(frozen=True, slots=True)
class Link:
    """A question and its answers, places of their words in reading order; no answers: it was left blank."""

    question: tuple[int, ...]
    answer: tuple[int, ...]
    score: float


def link(view: PageView, page: Encoded, hidden: Floats, head: LinkHead) -> list[Link]:
    """The page's questions with their answers, from the top down. `hidden`: (words, size) states."""
    parts = head.parts(hidden)
    questions, answers = entities(page, parts, LABEL), entities(page, parts, VALUE)
    taken: dict[int, list[tuple[Entity, float]]] = {}
    if questions and answers:
        places = geometry(questions, answers, view.height)
        fit = head.scores(_first(hidden, questions), _first(hidden, answers), places)
        belief = np.exp(fit - fit.max(axis=0))
        belief = belief / belief.sum(axis=0)
        for j, answer in enumerate(answers):
            best = int(fit[:, j].argmax())
            if best:
                taken.setdefault(best - 1, []).append((answer, float(belief[best, j])))
    return [_link(question, taken.get(i, [])) for i, question in enumerate(questions)]


def _first(hidden: Floats, items: Sequence[Entity]) -> Floats:
    return hidden[[item.words[0] for item in items]]


def _link(question: Entity, answers: Sequence[tuple[Entity, float]]) -> Link:
    words = tuple(i for answer, _ in answers for i in answer.words)
    score = min([question.belief, *(s * a.belief for a, s in answers)])
    return Link(question.words, words, score)
