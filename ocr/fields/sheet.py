"""A reading as geometry: segments (runs of words without a wide gap) in rows, in one isotropic unit.

Boxes come as fractions of the page's width and height; distances need one scale, so all coordinates here
are page units (points or pixels, as the reading has them).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from statistics import median

from ocr.values import Line, PageText, Reading, Word

WIDE_GAP = 1.0
"""A gap wider than this many text heights parts two words of one line."""
NARROW_GAP = 0.6
"""A gap up to this many text heights joins two lines that the reader gave apart."""
OVERLAP = 0.3
"""What overlaps its neighbour by more than this many text heights is a stamp over it, not its next word."""


@dataclass(frozen=True, slots=True, eq=False)
class Segment:
    """Words that belong together on one line. `starts[i]` is where word i begins in `text`.

    `folded` is `text` in small letters without accents, character by character, so that positions agree.
    """

    page: int
    row: int
    words: tuple[Word, ...]
    text: str
    folded: str
    starts: tuple[int, ...]
    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def height(self) -> float:
        return self.y1 - self.y0

    @property
    def mid(self) -> float:
        return (self.y0 + self.y1) / 2

    def words_in(self, start: int, end: int) -> tuple[Word, ...]:
        """The words that the characters `start` to `end` touch."""
        return tuple(
            word
            for word, at in zip(self.words, self.starts, strict=True)
            if at < end and at + len(word.text) > start
        )

    def x_at(self, start: int, end: int, width: float) -> tuple[float, float]:
        """Left and right edge of the characters `start` to `end`, in page units, letters taken as
        equally wide.
        """
        inside = [
            (w, at)
            for w, at in zip(self.words, self.starts, strict=True)
            if at < end and at + len(w.text) > start
        ]
        if not inside:
            return self.x0, self.x1
        (first, at0), (last, at1) = inside[0], inside[-1]
        left = first.box.x0 + first.box.width * max(0, start - at0) / max(1, len(first.text))
        right = last.box.x1 - last.box.width * max(0, at1 + len(last.text) - end) / max(1, len(last.text))
        return left * width, right * width


@dataclass(frozen=True, slots=True)
class SheetPage:
    """One page's segments in reading order, grouped in rows; `unit` is the usual text height."""

    number: int
    width: float
    height: float
    unit: float
    rows: tuple[tuple[Segment, ...], ...]

    @property
    def segments(self) -> tuple[Segment, ...]:
        return tuple(segment for row in self.rows for segment in row)


@dataclass(frozen=True, slots=True)
class Sheet:
    pages: tuple[SheetPage, ...]
    text: str = field(default="")

    @property
    def segments(self) -> tuple[Segment, ...]:
        return tuple(segment for page in self.pages for segment in page.segments)

    def page(self, number: int) -> SheetPage:
        return next(page for page in self.pages if page.number == number)


@lru_cache(maxsize=4096)
def _fold_char(ch: str) -> str:
    wide = unicodedata.normalize("NFKC", ch)
    if len(wide) != 1:
        return ch
    if not "가" <= wide <= "힣":
        wide = unicodedata.normalize("NFD", wide)[0]
    lowered = wide.lower()
    return lowered if len(lowered) == 1 else wide


def fold(text: str) -> str:
    """Small letters, no accents, full-width forms made narrow; as many characters as before."""
    return "".join(map(_fold_char, text))


def make_sheet(reading: Reading) -> Sheet:
    """The geometry of a whole reading."""
    pages = tuple(_page(page) for page in reading.pages)
    text = "\n".join("   ".join(s.text for s in row) for page in pages for row in page.rows)
    return Sheet(pages, text)


def _page(page: PageText) -> SheetPage:
    heights = [word.box.height * page.height for word in page.words if word.text.strip()]
    unit = median(heights) if heights else 1.0
    runs = [run for line in page.lines for run in _split(line, page, unit)]
    rows = _rows([run for run in runs if not _is_sideways(run, page, unit)])
    segments = tuple(
        tuple(_segment(run, page, number) for run in _joined(row, page, unit))
        for number, row in enumerate(rows)
    )
    return SheetPage(page.number, page.width, page.height, unit, segments)


def _split(line: Line, page: PageText, unit: float) -> list[list[Word]]:
    """The line's words, parted at wide gaps."""
    words = sorted((w for w in line.words if w.text.strip()), key=lambda w: w.box.x0)
    runs: list[list[Word]] = []
    for word in words:
        widest = WIDE_GAP * max(unit * 0.8, word.box.height * page.height)
        if runs and -OVERLAP * unit <= _gap(runs[-1][-1], word, page) <= widest:
            runs[-1].append(word)
        else:
            runs.append([word])
    return runs


def _joined(row: list[list[Word]], page: PageText, unit: float) -> list[list[Word]]:
    """The row's runs from left to right; what a reader parted without a visible gap is put together."""
    joined: list[list[Word]] = []
    for run in sorted(row, key=lambda run: run[0].box.x0):
        if joined and -OVERLAP * unit <= _gap(joined[-1][-1], run[0], page) <= NARROW_GAP * max(
            unit * 0.8, _height(run) * page.height
        ):
            joined[-1] = joined[-1] + run
        else:
            joined.append(run)
    return joined


def _height(run: Sequence[Word]) -> float:
    return median(word.box.height for word in run)


def _gap(left: Word, right: Word, page: PageText) -> float:
    return (right.box.x0 - left.box.x1) * page.width


def _is_sideways(run: Sequence[Word], page: PageText, unit: float) -> bool:
    """Print that runs up the margin: tall, narrow and of several letters."""
    high = max(w.box.y1 for w in run) - min(w.box.y0 for w in run)
    wide = max(w.box.x1 for w in run) - min(w.box.x0 for w in run)
    letters = sum(len(w.text) for w in run)
    return letters > 2 and high * page.height > 3 * unit and high * page.height > 1.5 * wide * page.width


def _rows(runs: list[list[Word]]) -> list[list[list[Word]]]:
    """Runs grouped by height on the page: a run joins the row whose last member it overlaps by half."""
    rows: list[list[list[Word]]] = []
    for run in sorted(runs, key=lambda run: (_middle(run), run[0].box.x0)):
        home = next((row for row in reversed(rows[-4:]) if _beside(row, run)), None)
        if home is None:
            rows.append([run])
        else:
            home.append(run)
    return sorted(rows, key=lambda row: min(_middle(run) for run in row))


def _beside(row: list[list[Word]], run: list[Word]) -> bool:
    """Whether `run` stands on the line of its nearest neighbour in `row`, and on nobody's place."""
    nearest = min(row, key=lambda other: abs(_x_gap(other, run)))
    top, bottom = _span(nearest)
    top2, bottom2 = _span(run)
    overlap = min(bottom, bottom2) - max(top, top2)
    return overlap > 0.5 * min(bottom - top, bottom2 - top2) and all(
        _x_gap(other, run) > -0.005 for other in row
    )


def _x_gap(a: list[Word], b: list[Word]) -> float:
    """Space between two runs from side to side; negative where they overlap."""
    return max(b[0].box.x0 - max(w.box.x1 for w in a), a[0].box.x0 - max(w.box.x1 for w in b))


def _middle(run: Iterable[Word]) -> float:
    top, bottom = _span(run)
    return (top + bottom) / 2


def _span(run: Iterable[Word]) -> tuple[float, float]:
    words = list(run)
    return median(w.box.y0 for w in words), median(w.box.y1 for w in words)


def _segment(run: Sequence[Word], page: PageText, row: int) -> Segment:
    starts, text = [], ""
    for word in run:
        text = f"{text} " if text else ""
        starts.append(len(text))
        text += word.text
    return Segment(
        page=page.number,
        row=row,
        words=tuple(run),
        text=text,
        folded=fold(text),
        starts=tuple(starts),
        x0=min(w.box.x0 for w in run) * page.width,
        y0=min(w.box.y0 for w in run) * page.height,
        x1=max(w.box.x1 for w in run) * page.width,
        y1=max(w.box.y1 for w in run) * page.height,
    )
