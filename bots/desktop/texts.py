"""The second rung: text as it stands on the screen. What did not change since the last look is not read
again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

import numpy as np

from bots.desktop.changes import changed_boxes, spread
from bots.desktop.geometry import Box
from bots.desktop.screen import Pixels, fingerprint
from bots.desktop.words import loose, part, same

if TYPE_CHECKING:
    from ocr.pages.page import Picture
    from ocr.values import Word

MOST_CHANGED = 0.6
KEPT_FRAMES = 24
GAP = 1.1
FINE_GAP = 0.73
"""Heights of the line between two words from which they are two things, and from which they may be: entries of
a menu bar stand 0.76 to 0.95 apart, words of a typewriter face up to 0.71."""
RULE_EVEN, RULE_CONTRAST = 8, 40
"""Grey levels within a vertical rule, and between it and what is beside it."""
RULE_INSIDE = 3
"""Pixels of a rule that a word's box may hold."""
SURE = 0.9
DOUBTFUL = 0.6
"""Below it a reading is a guess, and nothing is clicked on a guess (`twins` still looks for doubles)."""
_CONFUSED = str.maketrans(
    {
        "0": "o",
        "1": "l",
        "i": "l",
        "|": "l",
        "!": "l",
        "5": "s",
        "8": "b",
        "—": "-",
        "–": "-",
        "−": "-",
        "’": "'",
        "×": "x",
    }
)


@dataclass(frozen=True, slots=True)
class Seen:
    """A run of text as read: its box in pixels of the picture, its score from 0 to 1, the boxes of its
    words."""

    text: str
    box: Box
    score: float
    words: tuple[tuple[str, Box], ...] = ()

    def moved(self, dx: int, dy: int) -> Seen:
        words = tuple((w, b.moved(dx, dy)) for w, b in self.words)
        return replace(self, box=self.box.moved(dx, dy), words=words)


class Eyes(Protocol):
    """What reads pictures: runs of text for each, in pixels of that picture."""

    def read(self, pictures: Sequence[Pixels]) -> list[list[Seen]]: ...


class OcrEyes:
    """Eyes by the project's reading engines. The engine is loaded at the first look."""

    def __init__(self, engine: str, *, hangul: bool = True) -> None:
        self.engine, self.hangul = engine, hangul

    def read(self, pictures: Sequence[Pixels]) -> list[list[Seen]]:
        from ocr.pages.page import Picture
        from ocr.reading.engines import open_reader
        from ocr.reading.reader import ReaderOptions

        reader = open_reader(self.engine, ReaderOptions(hangul=self.hangul, screen=True))
        numbered = [Picture(i + 1, p) for i, p in enumerate(pictures)]
        pages = [page for one in _parts(numbered, reader.batch) for page in reader.read(one)]
        return [
            [run for line in page.lines for run in _runs([_word(w, picture) for w in line.words], picture.pixels)]
            for page, picture in zip(pages, numbered, strict=True)
        ]


class ScreenText:
    """Reads parts of the screen and remembers what it read, wherever on the screen it stands."""

    def __init__(self, eyes: Eyes) -> None:
        self.eyes = eyes
        self.pixels_read = 0
        self._frames: OrderedDict[str, tuple[Pixels, list[Seen]]] = OrderedDict()

    def look(self, pixels: Pixels) -> list[Seen]:
        """The runs of text in a picture, in its pixels."""
        if not pixels.size:
            return []
        mark = fingerprint(pixels)
        if mark not in self._frames:
            self._frames[mark] = (pixels, self._read(pixels))
        self._frames.move_to_end(mark)
        while len(self._frames) > KEPT_FRAMES:
            self._frames.popitem(last=False)
        return self._frames[mark][1]

    def _read(self, pixels: Pixels) -> list[Seen]:
        before = self._likest(pixels)
        if before is None:
            return self._fresh([(pixels, 0, 0)])
        old, lines = before
        changed = spread(changed_boxes(old, pixels), [s.box for s in lines], pixels)
        if sum(b.area for b in changed) > MOST_CHANGED * pixels.shape[0] * pixels.shape[1]:
            return self._fresh([(pixels, 0, 0)])
        kept = [s for s in lines if not any(s.box.common(b).area for b in changed)]
        return kept + self._fresh([(_cut(pixels, b), b.x, b.y) for b in changed])

    def _likest(self, pixels: Pixels) -> tuple[Pixels, list[Seen]] | None:
        """The last frame of the same size."""
        same_size = (f for f in reversed(self._frames.values()) if f[0].shape == pixels.shape)
        return next(same_size, None)

    def _fresh(self, parts: Sequence[tuple[Pixels, int, int]]) -> list[Seen]:
        self.pixels_read += sum(p.shape[0] * p.shape[1] for p, _, _ in parts)
        read = self.eyes.read([p for p, _, _ in parts])
        return [s.moved(x, y) for found, (_, x, y) in zip(read, parts, strict=True) for s in found]


def _cut(pixels: Pixels, box: Box) -> Pixels:
    return np.ascontiguousarray(pixels[box.y : box.bottom, box.x : box.right])


# ---- from words to runs ----
@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    box: Box
    score: float


def _word(word: Word, picture: Picture) -> _Word:
    x, y = round(word.box.x0 * picture.width), round(word.box.y0 * picture.height)
    right, bottom = round(word.box.x1 * picture.width), round(word.box.y1 * picture.height)
    return _Word(word.text, Box(x, y, right - x, bottom - y), word.score)


def _runs(words: list[_Word], pixels: Pixels) -> list[Seen]:
    """A line cut where the gap is wider than between words, or a rule stands in it: two buttons side by side
    are two runs."""
    return [_run(group) for group in _groups(words, lambda a, b: _far(a, b, GAP) or _ruled(pixels, a.box, b.box))]


def _groups(words: list[_Word], apart: Callable[[_Word, _Word], bool]) -> list[list[_Word]]:
    """Words from left to right, parted between two that are `apart`."""
    groups: list[list[_Word]] = []
    for word in sorted(words, key=lambda w: w.box.x):
        if not groups or apart(groups[-1][-1], word):
            groups.append([word])
        else:
            groups[-1].append(word)
    return groups


def _far(first: _Word, other: _Word, gap: float) -> bool:
    return other.box.x - first.box.right > gap * max(first.box.height, other.box.height)


def _ruled(pixels: Pixels, left: Box, right: Box) -> bool:
    """Whether a line stands between two words, over their whole height, with room on both sides."""
    top, bottom = max(0, max(left.y, right.y)), min(left.bottom, right.bottom)
    first, last = max(0, left.right - RULE_INSIDE), max(0, right.x + RULE_INSIDE)
    room = pixels[top:bottom, first:last].astype(np.int16)
    if room.shape[0] < 6 or room.shape[1] < 3:
        return False
    columns = room[0]
    even = np.abs(room - columns).max(axis=(0, 2)) <= RULE_EVEN
    paper = np.median(columns, axis=0)
    other = np.abs(columns - paper).max(axis=1) >= RULE_CONTRAST
    return bool((even & other)[1:-1].any() and (even & ~other).sum() >= 2)


def _run(words: list[_Word]) -> Seen:
    box = words[0].box
    for word in words[1:]:
        box = box.around(word.box)
    score = min(w.score for w in words)
    return Seen(" ".join(w.text for w in words), box, score, tuple((w.text, w.box) for w in words))


def _parts(items: Sequence[Picture], size: int) -> Iterable[Sequence[Picture]]:
    return (items[i : i + size] for i in range(0, len(items), max(1, size)))


# ---- finding a phrase ----
def phrase(lines: Iterable[Seen], wanted: str, *, contains: bool = False) -> list[Seen]:
    """Runs that are `wanted` (or contain it), the best reading only: letter by letter, else in any case,
    else with characters that are easily confused."""
    lines = list(lines)
    if contains:
        return [_narrowed(s, wanted) for s in lines if part(wanted, s.text)]
    tests: tuple[Callable[[str], bool], ...] = (
        lambda text: text.strip() == wanted.strip(),
        lambda text: same(wanted, text),
        lambda text: confusable(wanted, text),
    )
    sure = [s for s in lines if s.score >= DOUBTFUL]
    sure += [piece for s in sure for piece in _pieces(s)]
    return next((found for fits in tests if (found := [s for s in sure if fits(s.text)])), [])


def _pieces(seen: Seen) -> list[Seen]:
    """A run in the pieces that may be things of their own; none for a run that is one piece, or that falls into
    signs (`+/-`)."""
    words = [_Word(text, box, seen.score) for text, box in seen.words]
    groups = _groups(words, lambda a, b: _far(a, b, FINE_GAP))
    found = [_run(group) for group in groups]
    wordy = all(sum(map(str.isalnum, piece.text)) > 1 for piece in found)
    return found if len(found) > 1 and wordy else []


def _narrowed(seen: Seen, wanted: str) -> Seen:
    """The words of a run that make up `wanted`, where they do."""
    count = len(wanted.split())
    for start in range(len(seen.words) - count + 1):
        some = seen.words[start : start + count]
        if part(wanted, " ".join(w for w, _ in some)):
            box = some[0][1]
            for _, other in some[1:]:
                box = box.around(other)
            return replace(seen, box=box)
    return seen


def confusable(first: str, other: str) -> bool:
    """Whether two texts differ only in characters that readers confuse (0 and O, 1 and l, rn and m)."""
    return _folded(first) == _folded(other)


def _folded(text: str) -> str:
    return loose(text).replace("rn", "m").replace(" ", "").translate(_CONFUSED)


def twins(pixels: Pixels, found: Seen, lines: Sequence[Seen], least: float = 0.88) -> list[Box]:
    """Other places that look like `found` though they were not read like it: a misread second «Save» must
    not make the first one unique. Places surely read as something else are not twins."""
    from bots.desktop.images import peaks

    margin = max(2, found.box.height // 4)
    whole = Box(0, 0, pixels.shape[1], pixels.shape[0])
    crop = _cut(pixels, found.box.grown(margin).common(whole))
    alike = [m.box for m in peaks(pixels, crop, least, 12) if not m.box.common(found.box).area]
    return [box for box in alike if not _surely_other(box.grown(-margin), found, lines)]


def _surely_other(core: Box, found: Seen, lines: Sequence[Seen]) -> bool:
    """`core` is the twin without its margin. A sign inside a longer word (the + of +/-) is that word."""
    there = [s for s in lines if s.box.common(core).area * 2 > min(s.box.area, core.area)]
    return any(
        (s.score >= SURE and not confusable(s.text, found.text))
        or (s.score >= DOUBTFUL and any(_is_in_word(core, text, box, found) for text, box in s.words))
        for s in there
    )


def _is_in_word(core: Box, text: str, box: Box, found: Seen) -> bool:
    inside = box.common(core).area * 10 >= core.area * 9
    return inside and len(text) > len(found.text) and box.width >= 1.5 * found.box.width
