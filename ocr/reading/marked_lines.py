"""Lines where marks lie: which of them a mark itself says, and what was only guessed of those that it covers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from ocr.reading.lines import FoundMark, ReadLine, Span, part_of
from ocr.reading.quads import Quad

_SURE = 0.8
_SURE_IN_A_MARK, _SURE_ALONE = 0.9, 0.97
"""Words of made stamps were read with scores from 0.96; what was invented from seals with up to 0.84, single
characters with up to 0.93."""
_INSIDE = 0.6
"""Share of a line's rectangle that lies in the mark it belongs to; less is print that the mark touches."""


def kinded(line: ReadLine, marks: Sequence[FoundMark]) -> ReadLine:
    """What a mark says with the mark's kind, where it is sure; a printed line without what was guessed in a mark's
    place."""
    inside = next((mark.kind for mark in marks if _share_inside(line.quad, mark) >= _INSIDE), None)
    if inside is None:
        return _without_guesses(line, marks)
    said = line.score >= (_SURE_IN_A_MARK if len(line.text) > 1 else _SURE_ALONE)
    return replace(line, kind=inside, spans=line.spans if said else ())


def _share_inside(quad: Quad, mark: FoundMark) -> float:
    """Share of the quad's rectangle that lies in the mark's."""
    (x0, y0), (x1, y1) = quad.min(0), quad.max(0)
    left, top, right, bottom = mark.box
    width, height = min(x1, right) - max(x0, left), min(y1, bottom) - max(y0, top)
    return float(max(0.0, width) * max(0.0, height) / max(1e-6, (x1 - x0) * (y1 - y0)))


def _without_guesses(line: ReadLine, marks: Sequence[FoundMark]) -> ReadLine:
    """Without the characters in a mark's place that are not sure; what is left on either side is a word."""
    there = [mark for mark in marks if _share_inside(line.quad, mark) > 0]
    if not there or not line.spans:
        return line
    kept = [part for word, letters in _words(line) for part in _parts(line, word, letters, there)]
    return replace(line, spans=tuple(kept))


def _words(line: ReadLine) -> Iterator[tuple[Span, tuple[Span, ...]]]:
    """Each word and its characters; the word as one where the engine does not tell them."""
    letters = iter(line.letters)
    told = "".join(letter.text for letter in line.letters) == "".join(span.text for span in line.spans)
    for span in line.spans:
        yield span, tuple(next(letters) for _ in span.text) if told else (span,)


def _parts(line: ReadLine, word: Span, letters: Sequence[Span], marks: Sequence[FoundMark]) -> Iterator[Span]:
    """The word, or what stands around its guessed characters; a lone covered one is guessed with them."""
    covered = [_is_covered(line, letter, marks) for letter in letters]
    guessed = [hidden and letter.score < _SURE for hidden, letter in zip(covered, letters, strict=True)]
    if not any(guessed):
        yield word
        return
    for left_out, run in groupby(range(len(letters)), guessed.__getitem__):
        places = list(run)
        alone = len(places) == 1 and covered[places[0]]
        if not left_out and not alone:
            yield _joined([letters[i] for i in places])


def _is_covered(line: ReadLine, letter: Span, marks: Sequence[FoundMark]) -> bool:
    x, y = (float(value) for value in part_of(line.quad, letter.start, letter.end, line.stands).mean(0))
    return any(x0 <= x <= x1 and y0 <= y <= y1 for x0, y0, x1, y1 in (mark.box for mark in marks))


def _joined(letters: Sequence[Span]) -> Span:
    text = "".join(letter.text for letter in letters)
    return Span(text, letters[0].start, letters[-1].end, sum(letter.score for letter in letters) / len(letters))
