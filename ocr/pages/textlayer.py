"""The words of a PDF page's text layer, built from its characters by geometry.

The order of characters in a PDF says little, and spaces may be missing or drawn as movements. So characters
are joined where they touch and parted where there is room, per writing direction.
"""

from __future__ import annotations

import ctypes
import itertools
import math
from collections import Counter
from dataclasses import dataclass, replace

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from ocr.pages.order import ordered
from ocr.values import Box, Line, PageText, Word

_WORD_GAP = 0.16
"""Room between characters that parts words, in heights of the line: a space is 0.2 to 0.3, tracking below
0.1."""
_SEGMENT_GAP = 0.9
"""Room between words that parts lines: columns of a table, label and value."""
_INVISIBLE = 3
"""Text render mode «neither fill nor stroke» (ISO 32000-1, table 106): the text under a scan."""
_GRID = 1_000_000

_LIGATURES = {
    0xFB00: "ff",
    0xFB01: "fi",
    0xFB02: "fl",
    0xFB03: "ffi",
    0xFB04: "ffl",
    0xFB05: "st",
    0xFB06: "st",
}
_HYPHENS = (0x02, 0xAD, 0xFFFE)
"""pdfium marks a hyphen at a line's end by U+0002 or U+FFFE; U+00AD is the soft hyphen, printed when
present."""


@dataclass(frozen=True, slots=True)
class Glyph:
    """One character. (u0, u1) runs along the writing direction, (v0, v1) across it, in points of the
    upright page."""

    text: str
    u0: float
    v0: float
    u1: float
    v1: float
    turn: int

    @property
    def size(self) -> float:
        return self.v1 - self.v0


@dataclass(frozen=True, slots=True)
class Layer:
    """The text layer with what tells its worth: characters in all, those without a meaning, those not
    printed."""

    text: PageText
    characters: int
    unmapped: int
    invisible: int


def text_layer(page: pdfium.PdfPage, number: int) -> Layer:
    """Words and lines of the page's text layer; boxes in fractions of the upright (rotated as shown) page."""
    textpage = page.get_textpage()
    try:
        reader = _Characters(page, textpage)
        glyphs = reader.glyphs()
    finally:
        textpage.close()
    width, height = page.get_size()
    counts = Counter(glyph.turn for glyph in glyphs)
    lines = [
        line
        for turn, _ in counts.most_common()
        for line in _in_order(_lines(_unique([g for g in glyphs if g.turn == turn]), number, width, height), turn)
    ]
    text = PageText(number, width, height, ordered(lines) if set(counts) <= {0} else tuple(lines), "text")
    return Layer(text, reader.count, reader.unmapped, reader.invisible)


def _in_order(lines: list[Line], turn: int) -> list[Line]:
    """In reading order for someone who turns the paper until they stand upright."""
    upright = [(line, _turned((line.box.x0, line.box.y0, line.box.x1, line.box.y1), turn)) for line in lines]
    seen = [(replace(line, box=Box(line.box.page, *box)), line) for line, box in upright]
    by_line = {id(moved): line for moved, line in seen}
    return [by_line[id(moved)] for moved in ordered([moved for moved, _ in seen])]


class _Characters:
    """Reads pdfium's characters into glyphs, counting what is odd."""

    def __init__(self, page: pdfium.PdfPage, textpage: pdfium.PdfTextPage) -> None:
        self._raw, self._affine = textpage.raw, _to_points(page)
        self._rotation, self._size = page.get_rotation(), page.get_size()
        self._box = raw.FS_RECTF()
        self._modes: dict[int, int] = {}
        self.count = self.unmapped = self.invisible = 0

    def glyphs(self) -> list[Glyph]:
        made = (self._glyph(index) for index in range(raw.FPDFText_CountChars(self._raw)))
        return [glyph for glyph in made if glyph is not None]

    def _glyph(self, index: int) -> Glyph | None:
        code = raw.FPDFText_GetUnicode(self._raw, index)
        text = _text_of(code)
        if text.isspace() or raw.FPDFText_IsGenerated(self._raw, index) == 1:
            return None
        self.count += 1
        if _meaningless(code) or raw.FPDFText_HasUnicodeMapError(self._raw, index) == 1:
            self.unmapped += 1
        if self._mode(index) == _INVISIBLE:
            self.invisible += 1
        if not text or not raw.FPDFText_GetLooseCharBox(self._raw, index, self._box):
            return None
        return self._placed(text, index)

    def _mode(self, index: int) -> int:
        handle = raw.FPDFText_GetTextObject(self._raw, index)
        key = ctypes.addressof(handle.contents) if handle else 0
        if key not in self._modes:
            self._modes[key] = raw.FPDFTextObj_GetTextRenderMode(handle) if handle else 0
        return self._modes[key]

    def _placed(self, text: str, index: int) -> Glyph | None:
        a, b, c, d, e, f = self._affine
        box = self._box
        xs, ys = zip(
            *(
                (a * x + c * y + e, b * x + d * y + f)
                for x in (box.left, box.right)
                for y in (box.top, box.bottom)
            ),
            strict=True,
        )
        x0, x1, y0, y1 = min(xs), max(xs), min(ys), max(ys)
        if not self._on_page((x0 + x1) / 2, (y0 + y1) / 2):
            return None
        angle = raw.FPDFText_GetCharAngle(self._raw, index)
        turn = (round(angle / (math.pi / 2)) + self._rotation // 90) % 4 if angle >= 0 else 0
        return Glyph(text, *_turned((x0, y0, x1, y1), turn), turn)

    def _on_page(self, x: float, y: float) -> bool:
        """False for what is printed outside the paper, and for places that are no numbers."""
        width, height = self._size
        return bool(0 <= x <= width and 0 <= y <= height)


def _to_points(page: pdfium.PdfPage) -> tuple[float, float, float, float, float, float]:
    """The affine map from PDF space to points of the page as shown, y down, rotation and crop applied."""
    width, height = page.get_size()
    x, y = ctypes.c_int(), ctypes.c_int()

    def at(px: float, py: float) -> tuple[float, float]:
        raw.FPDF_PageToDevice(page.raw, 0, 0, _GRID, _GRID, 0, px, py, x, y)
        return x.value * width / _GRID, y.value * height / _GRID

    (e, f), (ax, ay), (cx, cy) = at(0, 0), at(100, 0), at(0, 100)
    return (ax - e) / 100, (ay - f) / 100, (cx - e) / 100, (cy - f) / 100, e, f


def _turned(box: tuple[float, float, float, float], turn: int) -> tuple[float, float, float, float]:
    """(x0, y0, x1, y1) as (u0, v0, u1, v1) of text turned clockwise by `turn` quarters."""
    x0, y0, x1, y1 = box
    return ((x0, y0, x1, y1), (y0, -x1, y1, -x0), (-x1, -y1, -x0, -y0), (-y1, x0, -y0, x1))[turn]


def _back(box: tuple[float, float, float, float], turn: int) -> tuple[float, float, float, float]:
    u0, v0, u1, v1 = box
    return ((u0, v0, u1, v1), (-v1, u0, -v0, u1), (-u1, -v1, -u0, -v0), (v0, -u1, v1, -u0))[turn]


def _text_of(code: int) -> str:
    if code in _HYPHENS:
        return "-"
    if code in _LIGATURES:
        return _LIGATURES[code]
    return chr(code) if 31 < code < 0x110000 else ""


def _meaningless(code: int) -> bool:
    private = 0xE000 <= code <= 0xF8FF or code >= 0xF0000
    return code in (0, 0xFFFD) or private or (code < 32 and code not in (2, 9, 10, 13)) or 0x80 <= code < 0xA0


def _unique(glyphs: list[Glyph]) -> list[Glyph]:
    """Without the copies that fake bold and shadows leave: the same character, drawn again almost on the
    spot.

    The two letters of a ligature (tt, ff) share one box and follow each other; they are no copies.
    """
    seen: dict[tuple[str, int], list[Glyph]] = {}
    kept: list[Glyph] = []
    for glyph in glyphs:
        level = round(glyph.v0 / 4)
        near = (other for i in (-1, 0, 1) for other in seen.get((glyph.text, level + i), ()))
        ligature = bool(kept) and glyph == kept[-1] and glyph.text in "ft"
        if glyph.size > 0 and (ligature or not any(_same_spot(glyph, other) for other in near)):
            kept.append(glyph)
            seen.setdefault((glyph.text, level), []).append(glyph)
    return kept


def _same_spot(a: Glyph, b: Glyph) -> bool:
    return abs(a.u0 - b.u0) < 0.4 * max(a.u1 - a.u0, 0.5) and abs(a.v0 - b.v0) < 0.2 * a.size


def _lines(glyphs: list[Glyph], number: int, width: float, height: float) -> list[Line]:
    rows: list[list[Glyph]] = []
    for glyph in sorted(glyphs, key=lambda g: (g.v0 + g.v1, g.u0)):
        row = next((r for r in reversed(rows[-4:]) if _same_row(r, glyph)), None)
        if row is None:
            rows.append([glyph])
        else:
            row.append(glyph)
    made = []
    for row in rows:
        for segment in _split(sorted(row, key=lambda g: g.u0), _SEGMENT_GAP):
            words = tuple(_word(part, number, width, height) for part in _split(segment, _WORD_GAP))
            made.append(Line(words, Box.union(w.box for w in words), " ".join(w.text for w in words)))
    return made


def _same_row(row: list[Glyph], glyph: Glyph) -> bool:
    """Middles close to the row's first glyph: a tall heading beside two small lines must not tie them
    together."""
    first = row[0]
    apart = abs((first.v0 + first.v1) - (glyph.v0 + glyph.v1)) / 2
    return apart < 0.4 * min(first.size, glyph.size) and 0.4 < first.size / glyph.size < 2.5


def _split(glyphs: list[Glyph], gap: float) -> list[list[Glyph]]:
    parts = [[glyphs[0]]]
    for before, glyph in itertools.pairwise(glyphs):
        if glyph.u0 - before.u1 > gap * max(before.size, glyph.size):
            parts.append([])
        parts[-1].append(glyph)
    return parts


def _word(glyphs: list[Glyph], number: int, width: float, height: float) -> Word:
    box = (
        min(g.u0 for g in glyphs),
        min(g.v0 for g in glyphs),
        max(g.u1 for g in glyphs),
        max(g.v1 for g in glyphs),
    )
    x0, y0, x1, y1 = _back(box, glyphs[0].turn)
    fractions = (max(0.0, x0 / width), max(0.0, y0 / height), min(1.0, x1 / width), min(1.0, y1 / height))
    return Word("".join(g.text for g in glyphs), Box(number, *fractions))
